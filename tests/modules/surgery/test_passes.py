import pytest
import torch
from torch import nn
from torch.nn import functional as F

from modules.surgery.passes import Shapes, like, seen_shapes, training_pass, trial_pass

IMAGES = torch.rand(2, 3, 8, 8)


def network():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Sequential(nn.Flatten(), nn.Linear(144, 5))
    )


@pytest.mark.parametrize("run", [trial_pass, training_pass])
def test_a_pass_leaves_no_trace(run):
    model = network()
    model[1].eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    modes, dice = [module.training for module in model.modules()], torch.get_rng_state()
    run(model, IMAGES)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), dice)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


class Counting(nn.Module):
    """Statistics of its own, kept whatever the mode, and dropout that is always on."""

    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        self.seen += 1
        return F.dropout(x)


@pytest.mark.parametrize("run", [trial_pass, training_pass])
def test_buffers_of_somebodys_own_and_the_dice_are_put_back(run):
    model, dice = (
        nn.Sequential(Counting(), nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 3, 1))),
        torch.get_rng_state(),
    )
    state = {name: value.clone() for name, value in model.state_dict().items()}
    run(model, IMAGES)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), dice)


@pytest.mark.parametrize("run", [trial_pass, training_pass])
def test_the_module_that_cannot_run_is_named_and_everything_is_put_back(run):
    model = network().eval()
    model[3][1] = nn.Linear(7, 5)
    with pytest.raises(ValueError, match=r"Linear '3.1' cannot take what reaches it \(RuntimeError"):
        run(model, IMAGES)
    assert not model.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_root_without_a_name_is_named_by_its_class():
    with pytest.raises(ValueError, match=r"^Conv2d cannot take what reaches it"):
        trial_pass(nn.Conv2d(4, 4, 3), IMAGES)


class Failing(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.layer(x).view(-1, 7)


def test_code_between_children_is_its_parents():
    with pytest.raises(ValueError, match=r"^Failing '1' cannot take"):
        trial_pass(nn.Sequential(nn.Identity(), Failing()), IMAGES)


def test_shapes_are_those_of_the_first_call_and_before_hooks():
    shared = nn.Conv2d(3, 3, 3)
    model = nn.Sequential(shared, nn.Sequential(shared))
    shared.register_forward_hook(lambda module, args, output: output[:, :, 1:])
    shapes = seen_shapes(model, IMAGES)
    assert shapes[shared] == Shapes((2, 3, 8, 8), (2, 3, 6, 6))
    assert shapes[model] == Shapes((2, 3, 8, 8), (2, 3, 2, 4))


def test_what_is_not_called_is_not_seen_and_no_tensor_has_no_shape():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.idle, self.inner = nn.ReLU(), nn.Identity()

        def forward(self, x):
            return self.inner({"x": x})["x"]

    model = Odd()
    assert seen_shapes(model, IMAGES) == {model: Shapes((2, 3, 8, 8), (2, 3, 8, 8)), model.inner: Shapes(None, None)}


def test_training_mode_sees_what_is_called_while_training():
    class Sided(nn.Module):
        def __init__(self):
            super().__init__()
            self.side = nn.ReLU()

        def forward(self, x):
            return (x, self.side(x)) if self.training else x

    model = Sided()
    assert model.side not in seen_shapes(model, IMAGES)
    assert model.side in seen_shapes(model, IMAGES, training_pass)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_example_becomes_like_the_network(dtype):
    assert like(IMAGES, nn.Conv2d(3, 3, 1).to(dtype)).dtype == dtype
    assert like(IMAGES, nn.Conv2d(3, 3, 1, device="meta")).device.type == "meta"
    assert like(IMAGES, nn.ReLU()) is IMAGES


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_lazy_layers_are_built_by_a_pass():
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(5))
    assert trial_pass(model, IMAGES).shape == (2, 5)
