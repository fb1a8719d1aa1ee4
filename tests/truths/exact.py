"""Facts that hold exactly, whatever the machine: each is a function that measures it."""

import copy

import numpy as np
import torch
from scipy.optimize import linprog
from torch import nn
from torch.nn import functional as F

from ablations.factors import FACTORS
from ablations.factors.init import Init
from modules.build import build
from modules.convolutions import shuffled_group, spatially_separable
from modules.data.splits import make_splits
from modules.optimizers import make_optimizer
from modules.recipe import Recipe
from modules.settings import Adam, AdamW, Sgd
from modules.streams import Streams
from modules.training import train
from tests.truths.truth import Truth

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])
SHORT = {"data": {"train_size": 60, "image_size": 16}, "trainer": {"epochs": 3, "batch_size": 60}}


def unit(weights, bias, inputs):
    """A threshold unit (Rosenblatt 1958)."""
    return (inputs @ np.array(weights) + bias > 0).astype(int)


def xor_takes_two_layers() -> Truth:
    nand, either = unit([-1, -1], 1.5, INPUTS), unit([1, 1], -0.5, INPUTS)
    right = int((unit([1, 1], -1.5, np.stack([nand, either], 1)) == XOR).sum())
    return Truth("XOR = AND(NAND, OR), by three perceptrons", f"{right} of 4 right", "4 of 4", right == 4)


def no_perceptron_learns_xor() -> Truth:
    """A perceptron that gets a set of points right is a solution of linear inequalities: sign (w x + b) >= 1."""
    best = max(bin(chosen).count("1") for chosen in range(16) if _separable([i for i in range(4) if chosen >> i & 1]))
    return Truth("No single perceptron gets XOR right", f"at best {best} of 4", "3 of 4", best == 3)


def _separable(points: list[int]) -> bool:
    signs = 2 * XOR[points] - 1
    rows = -signs[:, None] * np.column_stack([INPUTS[points], np.ones(len(points))])
    return not points or linprog(np.zeros(3), rows, -np.ones(len(points)), bounds=[(None, None)] * 3).status == 0


def decay_of_one_step() -> Truth:
    """From w = 1 with no gradient, learning rate .1 and weight decay .1."""
    kinds = (Sgd(name="sgd", lr=0.1, weight_decay=0.1), Adam(name="adam", lr=0.1, weight_decay=0.1),
             AdamW(name="adamw", lr=0.1, weight_decay=0.1))  # fmt: skip
    after = [round(_stepped(kind), 6) for kind in kinds]
    return Truth(
        "Weight decay of one step: SGD, Adam, AdamW", str(after), "[0.99, 0.9, 0.99]", after == [0.99, 0.9, 0.99]
    )


def _stepped(optimizer) -> float:
    layer = nn.Linear(1, 1)
    nn.init.ones_(layer.weight)
    for parameter in layer.parameters():
        parameter.grad = torch.zeros_like(parameter)
    make_optimizer(optimizer, layer).step()
    return layer.weight.item()


def convolution_identities() -> Truth:
    farthest = max(_adjoint(), _block_diagonal(), _rank_one(), _unshuffled())
    claim = "Convolutions: <conv x, y> = <x, conv' y>; grouped = block-diagonal; rank 1 = k x 1 after 1 x k; unshuffle"
    return Truth(claim, f"{farthest:.1e}", "below 1e-10", farthest < 1e-10)


def _draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def _adjoint() -> float:
    x, w = _draw(2, 3, 8, 8), _draw(4, 3, 3, 3)
    forth = F.conv2d(x, w, stride=2, padding=1)
    y = _draw(*forth.shape)
    back = F.conv_transpose2d(y, w, stride=2, padding=1, output_padding=1)
    return abs(float((forth * y).sum() - (x * back).sum()))


def _block_diagonal() -> float:
    x, w = _draw(2, 4, 6, 6), _draw(6, 2, 3, 3)
    whole = torch.zeros(6, 4, 3, 3, dtype=torch.float64)
    whole[:3, :2], whole[3:, 2:] = w[:3], w[3:]
    return float((F.conv2d(x, w, groups=2) - F.conv2d(x, whole)).abs().max())


def _rank_one() -> float:
    conv = nn.Conv2d(1, 1, 3, padding=1, bias=False, dtype=torch.float64)
    pair = spatially_separable(conv, middle=1).double()
    columns, rows = (layer.weight.detach() for layer in pair.modules() if isinstance(layer, nn.Conv2d))
    with torch.no_grad():
        conv.weight.copy_(columns[0, 0] * rows[0, 0])
        images = _draw(1, 1, 7, 7)
        return float((pair(images) - conv(images)).abs().max())


def _unshuffled() -> float:
    conv = nn.Conv2d(6, 6, 1)
    shuffle = next(m for m in shuffled_group(conv, groups=2).modules() if isinstance(m, nn.ChannelShuffle))
    x = _draw(1, 6, 2, 2)
    return float((nn.ChannelShuffle(6 // shuffle.groups)(shuffle(x)) - x).abs().max())


def zero_weights_learn_the_majority() -> Truth:
    recipe = Recipe.model_validate(SHORT)
    accuracies = {seed: train(Init(scheme="zeros").apply(recipe), seed) for seed in range(3)}
    moved = [name for one in accuracies.values() for name, weight in one.weights.items() if weight.any()]
    right = all(one.metrics["train_accuracy"] == _majority(recipe, seed) for seed, one in accuracies.items())
    measured = f"the majority's share in {'all' if right else 'not all'} of 3 seeds; {len(set(moved))} tensor moves"
    return Truth("From zero weights only the last bias moves", measured, "all; 1", right and set(moved) == {"fc3.bias"})


def _majority(recipe: Recipe, seed: int) -> float:
    labels = make_splits(recipe.data, Streams(seed)).train.labels
    return 100 * float((labels == torch.bincount(labels).argmax()).double().mean())


def equal_weights_stay_equal() -> Truth:
    """Each weight the inverse of the number of inputs, 1 / 512: a unit says the mean of what it sees."""
    recipe = Recipe.model_validate({
        "data": {"train_size": 200, "image_size": 16}, "model": {"name": "mlp"}, "trainer": {"epochs": 30}
    })  # fmt: skip
    outcome = train(Init(scheme="constant", value=0.002).apply(recipe), 0)
    rank = int(torch.linalg.matrix_rank(outcome.weights["fc1.weight"].double(), rtol=1e-6))
    above = outcome.metrics["train_accuracy"] - _majority(recipe, 0)
    measured = f"rank {rank}, {above:+.0f} points over the majority"
    return Truth("Constant weights: the first layer keeps rank 1, yet leaves chance", measured, "1, above 0",
                 rank == 1 and above > 0)  # fmt: skip


def null_doses_change_nothing() -> Truth:
    """Recipes equal, and so do the networks that they build, weight by weight."""
    recipe = Recipe.model_validate(SHORT)
    base = build(recipe, 1).state_dict()
    nulls = {name: factor.null().apply(recipe) for name, factor in FACTORS.items()}
    unequal = [name for name, one in nulls.items() if one != recipe or not _same(build(one, 1).state_dict(), base)]
    measured = f"{len(FACTORS) - len(unequal)} of {len(FACTORS)}"
    return Truth("The null dose of every factor is the baseline", measured, "all", not unequal)


def _same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def averaging_never_hurts_the_likelihood() -> Truth:
    """Jensen: minus the logarithm of a mean is at most the mean of the minus logarithms."""
    recipe = Recipe.model_validate({**copy.deepcopy(SHORT), "ensemble": {"members": 3}})
    excess = []
    for seed in range(3):
        metrics = train(recipe, seed).metrics
        members = [metrics[f"member_{number}_test_loss"] for number in (1, 2, 3)]
        excess.append(metrics["test_loss"] - sum(members) / 3)
    worst = max(excess)
    return Truth("An ensemble's loss is at most its members' mean", f"{worst:+.4f} at most", "0", worst <= 1e-6)


EXACT = (
    xor_takes_two_layers, no_perceptron_learns_xor, decay_of_one_step, convolution_identities,
    zero_weights_learn_the_majority, equal_weights_stay_equal, null_doses_change_nothing,
    averaging_never_hurts_the_likelihood,
)  # fmt: skip
