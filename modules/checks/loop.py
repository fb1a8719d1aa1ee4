"""What the training loop does, in its own steps: how many there are, and where bad initialisations lead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn

from modules.batches import Batches
from modules.build import build
from modules.checks import Checked
from modules.data.splits import Part, Splits, make_splits
from modules.recipe import Recipe
from modules.steps import Steps
from modules.streams import Streams

IMAGES = 60
BATCHES = (1, 7, 16, 20, 59, 60, 100)


def epoch_is_batches() -> Checked:
    """An epoch shows each image once, in ceil(N / B) steps; a single image left over joins the batch before it."""
    recipe = _recipe("perceptron", IMAGES)
    taken = {size: _one_epoch(recipe, size) for size in BATCHES}
    expected = {size: steps_of_an_epoch(IMAGES, size) for size in BATCHES}
    listed = ", ".join(f"{steps} of {size}" for size, (steps, _) in taken.items())
    once = all(each for _, each in taken.values())
    wanted = ", ".join(f"{steps} of {size}" for size, steps in expected.items())
    says = f"An epoch over {IMAGES} images is ceil(N / B) steps and shows each image once (one left over joins a batch)"
    return Checked(says, f"{listed}{'' if once else '; not each once'}", wanted,
                   once and {size: steps for size, (steps, _) in taken.items()} == expected)  # fmt: skip


def steps_of_an_epoch(images: int, batch: int) -> int:
    """Full batches, and one more for a rest; a rest of one image is none beside a full batch."""
    alone = images % batch == 1 and images > batch > 1
    return math.ceil(images / batch) - alone


def _one_epoch(recipe: Recipe, size: int) -> tuple[int, bool]:
    """Steps of an epoch, and whether each image was shown once."""
    splits, network = make_splits(recipe.data, Streams(0)), build(recipe, 0)
    steps = Steps(recipe, network, Streams(0), splits, 10, 1)
    numbered = Part(torch.arange(len(splits.train.labels)), splits.train.labels)
    shown = []
    for places, labels in Batches(numbered, size, Streams(0).torch("order")):
        steps.take(splits.train.images[places], labels)
        shown += places.tolist()
    return steps.taken, sorted(shown) == list(range(len(numbered.labels)))


class Trained(NamedTuple):
    """A network after some epochs, and what it was trained on."""

    network: nn.Module
    before: dict[str, torch.Tensor]
    splits: Splits

    @property
    def moved(self) -> set[str]:
        """The tensors that are not what they were."""
        now = self.network.state_dict()
        return {name for name, tensor in self.before.items() if not torch.equal(tensor, now[name])}

    @property
    def accuracy(self) -> float:
        """Percent right of the images that it was trained on."""
        images, labels = self.splits.train
        with torch.no_grad():
            return 100 * float((self.network.eval()(images).argmax(1) == labels).double().mean())

    @property
    def majority(self) -> float:
        """Percent right of whoever says the most frequent class."""
        return 100 * float(torch.bincount(self.splits.train.labels).max()) / len(self.splits.train.labels)


def zero_init() -> Checked:
    """With all weights zero nothing comes in and nothing goes back: only the last bias learns."""
    recipe = _recipe("lenet5", IMAGES)
    found = [trained(recipe, seed, nn.init.zeros_, epochs=3) for seed in range(3)]
    right = sum(abs(one.accuracy - one.majority) < 1e-9 for one in found)
    moved = set.union(*(one.moved for one in found))
    measured = f"the majority's share in {right} of 3 seeds; moved: {', '.join(sorted(moved))}"
    says = "From zero weights only the last bias moves, and the network says the most frequent class"
    return Checked(says, measured, "3 of 3; fc3.bias", right == 3 and moved == {"fc3.bias"})


def constant_init_rank() -> Checked:
    """Each weight the inverse of the number of inputs, 1 / 512: a unit says the mean of what it sees."""
    recipe = _recipe("mlp", 200)
    one = trained(recipe, 0, lambda weight: nn.init.constant_(weight, 0.002), epochs=15)
    rank = int(torch.linalg.matrix_rank(one.network.state_dict()["fc1.weight"].double(), rtol=1e-6))
    above = one.accuracy - one.majority
    says = "From constant weights the first layer keeps rank 1, yet the network leaves chance"
    measured = f"rank {rank}, {above:+.0f} points over the majority"
    return Checked(says, measured, "rank 1, above 0", rank == 1 and above > 0)


def trained(recipe: Recipe, seed: int, draw: Callable[[torch.Tensor], object], epochs: int) -> Trained:
    """The recipe's network, its weights drawn anew and its biases zero, after some epochs."""
    network, splits, streams = build(recipe, seed), make_splits(recipe.data, Streams(seed)), Streams(seed)
    for parameter in network.parameters():
        draw(parameter) if parameter.dim() > 1 else nn.init.zeros_(parameter)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    batches = Batches(splits.train, recipe.trainer.batch_size, streams.torch("order"))
    steps = Steps(recipe, network, streams, splits, 10, epochs * len(batches))
    for _ in range(epochs):
        for images, labels in batches:
            steps.take(images, labels)
    return Trained(network, before, splits)


def _recipe(model: str, images: int) -> Recipe:
    return Recipe.model_validate({"model": {"name": model}, "data": {"train_size": images, "image_size": 16}})
