"""A trace is used where it says all of what a forward does, and nowhere else."""

import collections.abc
import copy
import functools
import pickle
import random
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import fx, nn
from torch.nn import functional as F

from modules.surgery.tracing import composites, has_own_forward, own_graph, set_forward

ROWS = torch.randn(5, 4)


class Base(nn.Module):
    """One layer, and what the examples below need."""

    def __init__(self):
        super().__init__()
        self.layer, self.norm = nn.Linear(4, 4), nn.BatchNorm1d(4)
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
        self.scale, self.power = nn.Parameter(torch.rand(4)), 2.0
        self.register_buffer("shift", torch.rand(4))
        self.cut = nn.Dropout(0.5)
        self.unregistered, self.seen = [nn.Linear(4, 4)], []
        self.calls = 0


class Pair(NamedTuple):
    one: torch.Tensor
    two: torch.Tensor


def helper(x):
    return F.relu(x) + 1


class Plain(Base):
    def forward(self, x):
        return F.relu(self.layer(x)) + torch.exp(self.shift) * self.scale**self.power


class Mode(Base):
    def forward(self, x):
        x = F.dropout(self.layer(x), 0.5, self.training)
        return F.dropout(x, 0.3, not self.training, inplace=False)


class Statistics(Base):
    def forward(self, x):
        mean, var = self.norm.running_mean, self.norm.running_var
        return F.batch_norm(x, mean, var, training=self.training or mean is None)


class AlwaysOn(Base):
    def forward(self, x):
        return F.dropout(x, 0.5, training=True) + F.dropout(x, 0.5, training=False)


class Looping(Base):
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Helped(Base):
    def _inner(self, x):
        return self.layer(x).relu_()

    def forward(self, x):
        return helper(self._inner(x))


class ByTorchsAttention(Base):
    """It asks for types itself."""

    def forward(self, x):
        x = self.layer(x)[None]
        return F.scaled_dot_product_attention(x, x, x)


class Reshaping(Base):
    def forward(self, x):
        rows, columns = x.shape
        return x.view(x.size(0), -1)[:, : columns - 1].reshape(rows, -1).T


class Several(Base):
    def forward(self, x, y, factor: float = 2.0, *, offset=1.0):
        return self.layer(x) * factor + y - offset


class ManyWays(Base):
    def forward(self, x):
        x = self.layer(x)
        return {"a": x, "b": (x, [x.relu()]), "c": Pair(x, x + 1)}


class PassesItsDefaultOn(Base):
    def forward(self, x, weight=None):
        return F.binary_cross_entropy_with_logits(x, torch.sigmoid(x), weight, reduction="none")


class Subclass(Plain):
    def forward(self, x):
        return super().forward(x) * 2


class Inplace(Base):
    def forward(self, x):
        y = self.layer(x)
        y += x
        F.relu_(y)
        return y


class AskingForOtherTypes(Base):
    """And what is never reached does not matter."""

    def forward(self, x):
        if not self.layers:
            with torch.no_grad():
                return x if isinstance(x, torch.Tensor) else x[0]
        for layer in self.layers:
            x = layer(x) if isinstance(layer, nn.Linear) and hasattr(self, "norm") else x
        with torch.profiler.record_function("last"):
            return x.type(torch.float32)


FAITHFUL = [
    AskingForOtherTypes,
    ByTorchsAttention,
    Plain,
    Mode,
    Statistics,
    AlwaysOn,
    Looping,
    Helped,
    Reshaping,
    ManyWays,
    PassesItsDefaultOn,
    Subclass,
    Inplace,
]


def numbers(returned):
    return [leaf.detach() for leaf in torch.utils._pytree.tree_leaves(returned)]


def same(one, other, *args, **kwargs):
    """Whether two modules return the same, in training mode and in eval mode."""
    for mode in (True, False):
        returned = []
        for module in (one, other):
            torch.manual_seed(1)
            returned.append(numbers(module.train(mode)(*args, **kwargs)))
        if not all(map(torch.equal, *returned)):
            return False
    return True


def rewritten(module):
    """A copy that runs by its graph."""
    edited = copy.deepcopy(module)
    set_forward(edited, own_graph(edited))
    return edited


@pytest.mark.parametrize("kind", FAITHFUL)
def test_a_traced_forward_does_what_the_forward_did_in_both_modes(kind):
    module = kind()
    assert same(rewritten(module), module, ROWS)


@pytest.mark.parametrize("kind", FAITHFUL)
def test_it_learns_the_same(kind):
    module = kind().train()
    edited = rewritten(module)
    for one in (module, edited):
        torch.manual_seed(1)
        sum(
            leaf.square().sum() for leaf in torch.utils._pytree.tree_leaves(one(ROWS.clone().requires_grad_() * 1))
        ).backward()
    for ours, theirs in zip(edited.parameters(), module.parameters(), strict=True):
        assert (ours.grad is None) == (theirs.grad is None)
        assert ours.grad is None or torch.equal(ours.grad, theirs.grad)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((ROWS, ROWS), {}),
        ((ROWS, ROWS, 3.0), {"offset": 0.5}),
        ((ROWS,), {"y": ROWS, "factor": 0.5}),
        ((), {"y": ROWS, "x": ROWS}),
    ],
)
def test_arguments_are_passed_in_every_way(args, kwargs):
    module = Several()
    assert same(rewritten(module), module, *args, **kwargs)


def test_the_mode_is_read_when_it_runs():
    edited = rewritten(Mode())
    assert not torch.equal(edited.train()(ROWS), edited(ROWS))
    assert (edited(ROWS) == 0).any()
    evaluated = edited.eval()(ROWS)
    assert 0.1 < (evaluated == 0).float().mean() < 0.6


class Branching(Base):
    def forward(self, x):
        return F.relu(x) if x.sum() > 0 else x


class Counting(Base):
    def forward(self, x):
        for _ in range(int(x.max())):
            x = x + 1
        return x


class OtherWhileTraining(Base):
    def forward(self, x):
        return F.relu(x) if self.training else x


class OtherStrength(Base):
    def forward(self, x):
        return F.dropout(x, 0.5 if self.training else 0.1)


class Masked(Base):
    def forward(self, x, mask=None):
        return x if mask is None else x * mask


class Switched(Base):
    def forward(self, x, twice=False):
        return x * 2 if twice else x


class AskingForTypes(Base):
    def forward(self, x):
        return x if isinstance(x, torch.Tensor) else x[0]


class AskingInAHelper(Base):
    def _first(self, x):
        return x if torch.is_tensor(x) else x[0]

    def forward(self, x):
        return self._first(x)


class AskingForTheClass(Base):
    def forward(self, x):
        return x if x.__class__ is torch.Tensor else x[0]


class AskingThroughALibrary(Base):
    def forward(self, x):
        return x if isinstance(x, collections.abc.Sized) else x[0]


class InHalfPrecision(Base):
    def forward(self, x):
        with torch.autocast("cpu", torch.bfloat16):
            return self.layer(x).float()


class Frozen(Base):
    def forward(self, x):
        with torch.no_grad():
            return self.layer(x)


class FrozenByDecorator(Base):
    @torch.no_grad()
    def forward(self, x):
        return self.layer(x)


class FrozenHelper(Base):
    @torch.no_grad()
    def _features(self, x):
        return self.layer(x)

    def forward(self, x):
        return self._features(x)


class Drawing(Base):
    def forward(self, x):
        return x + torch.rand(1)


class DrawingInPython(Base):
    def forward(self, x):
        return x if random.random() < 0.5 else x + 1


class DrawingInNumpy(Base):
    def forward(self, x):
        return x * np.random.rand()


class Remembering(Base):
    def forward(self, x):
        self.calls += 1
        return x * self.calls


class Collecting(Base):
    def forward(self, x):
        self.seen.append(x)
        return x


class OfConstants(Base):
    def forward(self, x):
        return x * torch.arange(4)


class OfUnregistered(Base):
    def forward(self, x):
        return self.unregistered[0](x)


class ForEachRow(Base):
    def forward(self, x):
        return torch.stack([row * 2 for row in x])


OPAQUE = [
    Branching, Counting, OtherWhileTraining, OtherStrength, AskingForTypes, AskingInAHelper, AskingForTheClass,
    AskingThroughALibrary, InHalfPrecision, Frozen,
    FrozenByDecorator, FrozenHelper, Drawing, DrawingInPython, DrawingInNumpy, Remembering, Collecting, OfConstants,
    OfUnregistered, ForEachRow,
]  # fmt: skip


@pytest.mark.parametrize("kind", [Masked, Switched])
def test_a_forward_that_asks_what_it_got_is_that_of_calls_that_leave_it_out(kind):
    module = kind()
    edited = rewritten(module)
    name = next(name for name in ("mask", "twice") if name in kind.forward.__code__.co_varnames)
    default = kind.forward.__defaults__[0]
    assert same(edited, module, ROWS)
    assert same(edited, module, ROWS, default)
    assert same(edited, module, ROWS, **{name: default})
    for given in (torch.ones(4), True):
        with pytest.raises(ValueError, match=f"edited for calls that leave out `{name}`"):
            edited(ROWS, given)


@pytest.mark.parametrize("kind", OPAQUE)
def test_there_is_no_graph_of_what_a_trace_would_get_wrong(kind):
    assert own_graph(kind()) is None


@pytest.mark.parametrize("kind", [*FAITHFUL, *OPAQUE])
def test_looking_changes_nothing(kind):
    module = kind().eval()
    before = {name: copy.copy(value) for name, value in vars(module).items()}
    dice = torch.get_rng_state(), random.getstate(), str(np.random.get_state())
    own_graph(module)
    after = torch.get_rng_state(), random.getstate(), str(np.random.get_state())
    assert {name: str(value) for name, value in vars(module).items()} == {
        name: str(value) for name, value in before.items()
    }
    assert torch.equal(after[0], dice[0])
    assert after[1:] == dice[1:]


def test_a_forward_that_was_put_on_the_module_itself_is_not_looked_into():
    module = Plain()
    module.forward = functools.partial(F.relu)
    assert has_own_forward(module)
    assert own_graph(module) is None


@pytest.mark.parametrize(("frozen", "traced"), [("with torch.no_grad():", False), ("if True:", True)])
def test_code_without_source_is_traced_like_any_other(frozen, traced):
    scope = {"nn": nn, "torch": torch, "__name__": "somewhere"}
    exec(f"class Hidden(nn.Module):\n    def forward(self, x):\n        {frozen}\n            return x * 2", scope)
    assert (own_graph(scope["Hidden"]()) is not None) is traced


def test_edits_of_a_traced_forward_add_up():
    edited = rewritten(Plain())
    for _ in range(2):
        graph = own_graph(edited)
        output = next(node for node in graph.nodes if node.op == "output")
        with graph.inserting_before(output):
            doubled = graph.call_function(torch.mul, (output.args[0], 2))
        output.args = (doubled,)
        set_forward(edited, graph)
    torch.manual_seed(0)
    assert torch.equal(edited(ROWS), 4 * type(edited).forward(edited, ROWS))


def test_the_graph_handed_out_is_nobody_elses():
    edited = rewritten(Plain())
    graph = own_graph(edited)
    for node in reversed(list(graph.nodes)):
        graph.erase_node(node)
    assert edited(ROWS).shape == (5, 4)


def test_copies_run_with_their_own_weights():
    edited = rewritten(Plain())
    twin = copy.deepcopy(edited)
    twin.scale.data.zero_()
    assert not torch.equal(twin(ROWS), edited(ROWS))
    assert torch.equal(twin(ROWS), F.relu(twin.layer(ROWS)))


def test_weights_are_saved_and_loaded_under_their_old_names(tmp_path):
    module, edited = Plain(), rewritten(Plain())
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    edited.load_state_dict(torch.load(tmp_path / "weights.pt"))
    assert torch.equal(edited(ROWS), module(ROWS))


def test_pickling_is_refused_since_the_class_would_bring_the_old_forward_back():
    with pytest.raises(TypeError, match=r"a Plain with an edited forward cannot be pickled; save its state_dict\(\)"):
        pickle.dumps(rewritten(Plain()))


def test_hooks_are_called_as_before():
    module, seen = Plain(), []
    module.register_forward_hook(lambda module, args, output: seen.append("after") or output * 2)
    module.register_forward_pre_hook(lambda module, args: seen.append("before"))
    edited = rewritten(module)
    assert torch.equal(edited(ROWS), module(ROWS))
    assert seen == ["before", "after"] * 2


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_dtypes_and_devices_pass(dtype):
    edited = rewritten(Plain().to(dtype))
    assert edited(ROWS.to(dtype)).dtype == dtype
    assert edited.to("meta")(ROWS.to("meta")).device.type == "meta"


def test_torchs_own_layers_and_containers_are_not_looked_into():
    class Stack(nn.Sequential):
        pass

    model = Stack(nn.Conv2d(1, 1, 1), nn.ReLU(), nn.ModuleList([Plain()]), nn.TransformerEncoderLayer(4, 2))
    assert [type(module) for module in composites(model)] == [Plain]


def test_a_parametrised_module_of_ones_own_is_looked_into():
    module = Plain()
    nn.utils.parametrize.register_parametrization(module, "scale", nn.Softplus())
    assert module in composites(module)


def test_a_graph_module_is_looked_into():
    assert own_graph(fx.symbolic_trace(Plain())) is not None
