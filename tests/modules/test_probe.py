"""What a probe sees, against formulas and by hand, and that nothing notices it."""

import pytest
import torch
from torch import nn

from ablations.factors.init import Init
from modules.data.splits import Part
from modules.losses import make_loss
from modules.probe import probe
from modules.recipe import Data, Model, Recipe
from modules.settings import CrossEntropy, Trainer
from modules.training import train

LOSS = make_loss(CrossEntropy())
BATCH = Part(torch.randn(64, 1, 8, 8), torch.randint(10, (64,)))


def recipe(probe: bool, model: str = "lenet5", epochs: int = 2) -> Recipe:
    trainer = Trainer(epochs=epochs, probe=probe)
    return Recipe(data=Data(train_size=40, image_size=16), model=Model(name=model), trainer=trainer)


def net(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), *layers, nn.Linear(64, 10))


def spreads(model: nn.Module) -> dict[str, dict[str, float]]:
    return probe(model, BATCH, LOSS, "float32", 0)


def test_it_finds_the_spreads_that_autograd_gives_by_hand():
    model = net(nn.Linear(64, 64), nn.ReLU())
    hidden = model[1](BATCH.images.flatten(1)).detach().requires_grad_()
    logits = model[3](hidden.relu())
    gradients = torch.autograd.grad(LOSS(logits, BATCH.labels), (hidden, logits))
    found = spreads(model)
    assert list(found) == ["1", "3"]
    for one, values, gradient in zip(found.values(), (hidden, logits), gradients, strict=True):
        assert one["activations"] == pytest.approx(float(values.detach().std(correction=0)), rel=1e-5)
        assert one["gradients"] == pytest.approx(float(gradient.std(correction=0)), rel=1e-5)


def test_what_is_done_in_place_afterwards_does_not_count():
    torch.manual_seed(1)
    plain = net(nn.Linear(64, 64), nn.ReLU())
    torch.manual_seed(1)
    assert spreads(net(nn.Linear(64, 64), nn.ReLU(inplace=True))) == spreads(plain)


def test_it_leaves_weights_gradients_statistics_modes_and_generators_as_they_were():
    model = net(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.Dropout(0.5)).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}, torch.get_rng_state()
    found = spreads(model)
    assert found == spreads(model)
    assert all(torch.equal(before[0][name], tensor) for name, tensor in model.state_dict().items())
    assert torch.equal(before[1], torch.get_rng_state())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module.training or module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("model", ["lenet5", "cifar_resnet20"])
def test_training_gives_the_same_numbers_with_and_without_it_bit_for_bit(model):
    probed, plain = train(recipe(True, model), 3), train(recipe(False, model), 3)
    assert plain.probe is None
    assert all(torch.equal(probed.weights[name], plain.weights[name]) for name in plain.weights)
    assert probed.curves == plain.curves
    assert {**probed.metrics, "seconds": 0} == {**plain.metrics, "seconds": 0}
    assert probed.probe.keys() == {"start", "end"}
    assert probed.probe["start"] != probed.probe["end"]


def test_through_thirty_layers_he_carries_gradients_and_xavier_does_not():
    schemes = ("he_normal", "xavier_normal")
    start = {one: train(Init(scheme=one).apply(recipe(True, "deep_mlp", 1)), 0).probe["start"] for one in schemes}
    shares = {one: layers["fc1"]["gradients"] / layers["head"]["gradients"] for one, layers in start.items()}
    assert shares["he_normal"] > 1e-2
    assert shares["xavier_normal"] < 1e-4


def test_all_zeros_let_nothing_through():
    start = train(Init(scheme="zeros").apply(recipe(True, epochs=1)), 0).probe["start"]
    assert {spreads["activations"] for spreads in start.values()} == {0.0}
