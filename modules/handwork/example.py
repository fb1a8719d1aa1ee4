"""What one step of back-propagation is shown for: a small network, its numbers, and what it should have said."""

from __future__ import annotations

import random
from typing import Annotated, Any, Literal, NoReturn

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from modules.values import Value

LARGEST = 1e6
"""Of the numbers that are given: of larger ones sums and products soon have no digits left."""
Number = Annotated[float, Field(strict=True, ge=-LARGEST, le=LARGEST)]
Vector = Annotated[tuple[Number, ...], Field(strict=False)]
Matrix = Annotated[tuple[Vector, ...], Field(strict=False)]
Size = Annotated[int, Field(strict=True, ge=1, le=5)]


class Example(Value):
    """A sigmoid network, one example, and one step. What is not given is drawn by the seed, to two decimals."""

    sizes: tuple[Size, ...] = Field((2, 2, 1), strict=False)
    """Numbers in, then the units of each layer, of which the last are the outputs."""
    inputs: Vector | None = None
    """The example, x; one for each number in."""
    targets: Vector | None = None
    """What the outputs should be, y, from 0 to 1; by default 1 for the first and 0 for all others."""
    weights: tuple[Matrix, ...] | None = Field(None, strict=False)
    """For each layer a row for each of its units, which holds one weight for each number that comes in."""
    biases: tuple[Vector, ...] | None = Field(None, strict=False)
    """For each layer one for each of its units."""
    lr: Annotated[float, Field(strict=True, gt=0, le=1000)] = 0.5
    """Learning rate of the step."""
    loss: Literal["squared", "cross_entropy"] = "squared"
    """1/2 (y-hat - y)^2, or - y ln y-hat - (1 - y) ln (1 - y-hat); summed over the outputs."""
    seed: Annotated[int, Field(strict=True, ge=0)] = 0

    @model_validator(mode="after")
    def _shapes_fit(self) -> Example:
        if not 2 <= len(self.sizes) <= 4:
            _refuse(("sizes",), f"must hold 2 to 4: numbers in, units of each layer, not {len(self.sizes)}")
        _count(("inputs",), self.inputs, self.sizes[0], "numbers, as `sizes` begins")
        _count(("targets",), self.targets, self.sizes[-1], "numbers, as `sizes` ends")
        for place, target in enumerate(self.targets or ()):
            if not 0 <= target <= 1:
                _refuse(("targets", place), f"must be from 0 to 1, as a sigmoid is, not {target:g}; rescale it")
        _count(("weights",), self.weights, len(self.sizes) - 1, "layers, one fewer than `sizes`")
        _count(("biases",), self.biases, len(self.sizes) - 1, "layers, one fewer than `sizes`")
        for layer, (before, units) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            _count(("biases", layer), self.biases and self.biases[layer], units, "numbers, one for each unit")
            rows = self.weights and self.weights[layer]
            _count(("weights", layer), rows, units, "rows, one for each unit")
            for place, row in enumerate(rows or ()):
                _count(("weights", layer, place), row, before, "numbers, one for each that comes in")
        return self

    def drawn(self) -> Drawn:
        """All the numbers; those of each kind are drawn whether they are needed or not, so that giving some changes no
        other."""
        draw = random.Random(self.seed)
        pairs = list(zip(self.sizes, self.sizes[1:], strict=False))
        inputs = _draws(draw, self.sizes[0])
        weights = tuple(tuple(_draws(draw, before) for _ in range(units)) for before, units in pairs)
        biases = tuple(_draws(draw, units) for _, units in pairs)
        targets = (1.0, *(0.0,) * (self.sizes[-1] - 1))
        return Drawn(
            inputs=inputs if self.inputs is None else self.inputs,
            targets=targets if self.targets is None else self.targets,
            weights=weights if self.weights is None else self.weights,
            biases=biases if self.biases is None else self.biases,
            lr=self.lr, loss=self.loss,
        )  # fmt: skip


class Drawn(Value):
    """An example of which every number is there."""

    inputs: Vector
    targets: Vector
    weights: tuple[Matrix, ...]
    biases: tuple[Vector, ...]
    lr: float
    loss: Literal["squared", "cross_entropy"]


def _draws(draw: random.Random, count: int) -> Vector:
    return tuple(round(draw.uniform(-1, 1), 2) for _ in range(count))


def _count(location: tuple[str | int, ...], given: tuple[Any, ...] | None, wanted: int, what: str) -> None:
    if given is not None and len(given) != wanted:
        _refuse(location, f"must hold {wanted} {what}, not {len(given)}; add or leave out some, or change `sizes`")


def _refuse(location: tuple[str | int, ...], message: str) -> NoReturn:
    """In the form that tells a reader of a file the line."""
    raise PydanticCustomError("located", "{message}", {"message": message, "location": location})
