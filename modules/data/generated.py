"""Data that are made here, to any amount and with all that is true of them: their settings, as plain data."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from modules.values import Value

Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=0, le=20)]


class Points(Value):
    """XOR: points around (0, 0), (0, 1), (1, 0), (1, 1), of class 1 where one coordinate is 1 and the other 0."""

    side: ClassVar[int] = 1

    points: int = Field(400, ge=40, le=1_000_000)
    """How many, a quarter around each corner."""
    spread: float = Field(0.0, ge=0, le=10)
    """Standard deviation of their distance from the corner along each axis; 0 is XOR itself, .25 noisy XOR."""
    seed: int = Field(0, ge=0)
    """Draws them; another seed, other points."""


class Scenes(Value):
    """Pictures of handwritten digits on textured canvases, with what is true of every pixel, or boxes."""

    images: int = Field(300, ge=10, le=1_000_000)
    """How many; where images x mean of `objects` is above 174 for each class, some handwritten digits come again, so
    that digits tested on were trained on."""
    size: int = Field(64, ge=24, le=512)
    """Side of the canvas in pixels."""
    objects: Annotated[tuple[Count, Count], Field(strict=False)] = (1, 3)
    """Least and most digits in a picture."""
    scale: Annotated[tuple[Share, Share], Field(strict=False)] = (0.3, 0.5)
    """Smallest and largest side of a digit, as a share of the canvas."""
    classes: int = Field(10, ge=1, le=10)
    """The digits that there are, from 0 on."""
    canvas: Literal["plain", "noise", "stripes", "clouds", "mixed"] = "mixed"
    """What is behind them; `mixed` draws one of the others for every picture."""
    seed: int = Field(0, ge=0)
    """Draws them; another seed, other pictures."""

    @property
    def side(self) -> int:
        """Pixels a side of the images as they are made."""
        return self.size

    @model_validator(mode="after")
    def _in_order(self) -> Scenes:
        for name in ("objects", "scale"):
            least, most = getattr(self, name)
            if least > most:
                raise ValueError(f"{name} is {[least, most]}, least and most: put the smaller number first")
        if self.objects[1] == 0:
            raise ValueError("objects is [0, 0], so there would be nothing to find; let the second be 1 or more")
        return self


GENERATED: dict[str, type[Points] | type[Scenes]] = {"xor": Points, "digit_masks": Scenes, "digit_boxes": Scenes}
"""Settings of generated data by name, given as `arguments`."""
