import copy

import pytest
import torch
from torch import nn
from torch._inductor.exc import InductorError

from modules.compiling import compiled
from tests.modules.test_steps import batches, steps, weights_of


class Net(nn.Module):
    """With a module that hangs on another by a hook, as surgery adds them."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body, self.norm, self.head = nn.Linear(16, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)
        self.body.dropout = nn.Dropout(0.5)
        self.body.register_forward_hook(lambda body, args, out: body.dropout(out))

    def forward(self, images):
        return self.head(torch.tanh(self.norm(self.body(images.flatten(1)))))


def images(count):
    return torch.randn(count, 1, 4, 4, generator=torch.Generator().manual_seed(count))


@pytest.fixture
def by(monkeypatch):
    """Lets torch compile with another backend, which is handed the graphs."""
    real = torch.compile

    def chosen(backend):
        monkeypatch.setattr(
            torch, "compile", lambda network, dynamic, options: real(network, dynamic=dynamic, backend=backend)
        )

    return chosen


@pytest.fixture
def graphs(by):
    """Those that were made, one for each shape of images; they are carried out as they are."""
    made = []
    by(lambda graph, inputs: made.append(graph) or graph.forward)
    return made


def found(passed, network):
    """Outputs and gradients of passes with masks from one seed."""
    torch.manual_seed(3)
    outputs = [passed(images(count)) for count in (6, 4, 6)]
    sum(output.square().sum() for output in outputs).backward()
    return [*outputs, *(parameter.grad for parameter in network.parameters()), *network.buffers()]


def test_a_compiled_network_finds_what_it_finds_otherwise_with_the_same_masks(graphs):
    plain, network = Net(), Net()
    ours, theirs = found(compiled(network), network), found(plain, plain)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
    assert len(graphs) == 2


def test_the_network_itself_stays_as_it_is(graphs):
    network = Net()
    names, kinds = list(network.state_dict()), [type(module) for module in network.modules()]
    compiled(network)(images(6))
    assert list(network.state_dict()) == names
    assert [type(module) for module in network.modules()] == kinds
    copy.deepcopy(network)(images(5))
    network(images(4))
    assert len(graphs) == 1


def test_what_was_compiled_before_does_not_show(graphs):
    network = Net()
    compiled(network)(images(6))
    compiled(network)(images(6))
    assert len(graphs) == 2


def test_modes_are_seen(graphs):
    network = Net()
    passed = compiled(network)
    passed(images(6))
    network.eval()
    assert torch.equal(passed(images(6)), network(images(6)))


@pytest.mark.parametrize("sam", [0.0, 0.05])
def test_steps_are_those_without_compiling(sam, graphs):
    plain, ours = (
        steps(network=Net(), regularization={"sam": sam}, trainer={"compile": compile}) for compile in (False, True)
    )
    for made in (plain, ours):
        torch.manual_seed(1)
        for one in batches():
            made.take(*one)
    assert len(graphs) == 1
    assert weights_of(plain).keys() == weights_of(ours).keys()
    assert all(torch.equal(tensor, weights_of(ours)[name]) for name, tensor in weights_of(plain).items())


def test_where_no_code_can_be_made_one_line_says_what_to_do(by):
    def broken(graph, inputs):
        raise InductorError(RuntimeError("No working C++ compiler found\nSet TORCHDYNAMO_VERBOSE=1"), None)

    by(broken)
    with pytest.raises(
        ValueError, match=r"^compile: true, .*: No working C\+\+ [^\n]*; install .* or set compile: false$"
    ):
        compiled(Net())(images(6))


def test_an_error_of_the_networks_own_is_its_own(by):
    by("eager")
    with pytest.raises(RuntimeError, match=r"\[6, 16\] X \[5, 3\]"):
        compiled(nn.Sequential(nn.Flatten(), nn.Linear(5, 3)))(images(6))


of_torch_about_itself = pytest.mark.filterwarnings("ignore:.*script_method.* is deprecated")


@of_torch_about_itself
@pytest.mark.slow
def test_code_that_is_really_compiled_draws_the_same_masks_and_finds_the_same_again():
    network, again, plain = Net(), Net(), Net()
    ours, theirs = found(compiled(network), network), found(plain, plain)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)
    assert all(torch.equal(*pair) for pair in zip(ours, found(compiled(again), again), strict=True))


@of_torch_about_itself
@pytest.mark.slow
def test_a_machine_without_a_c_compiler_is_told_so(monkeypatch, tmp_path):
    from torch._inductor.config import cpp

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(cpp, "cxx", (None, "/no/such/g++"))
    with pytest.raises(ValueError, match=r"No working C\+\+ compiler found"):
        compiled(Net())(images(6))
