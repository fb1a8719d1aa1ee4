"""Scenes: real handwritten digits on canvases of our own, with the class of every pixel and a box around each digit.

A digit's picture is not used again before all of its class were, 174 to 183 of them. As long as there are no more of a
class in all, that is images x mean of objects / classes, the digits tested on are not those trained on; where there are
more, some digits tested on were trained on, at another size, in another colour and elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from modules.data.annotated import box_set, mask_set
from modules.data.canvases import canvas, resampled
from modules.data.digits import load
from modules.data.generated import Scenes
from modules.data.images import ImageSet

if TYPE_CHECKING:
    from modules.data.settings import Data

SOURCE = "made here: UCI handwritten digits (Alpaydin and Kaynak 1998) on textured canvases"
CONTRAST = 0.35
"""Least difference in brightness between a digit and the mean of what is behind it; its tint may take .1 of it away."""
INK = 0.5
"""Opacity from which on a pixel belongs to a digit."""
OVERLAP = 0.1
"""Largest share of a digit's box that another may cover; where there is no such place, it is left out."""
TRIES = 50


class Scene(NamedTuple):
    """A picture and what is true of it."""

    image: np.ndarray
    """(3, S, S), uint8."""
    mask: np.ndarray
    """(S, S), int64: 0 is the background, 1 the digit 0, and so on."""
    boxes: np.ndarray
    """(M, 5), float32: left, top, right, bottom in pixels, of which the latter two are outside, and the digit. The
    boxes hold whole digits, of which a later one may hide some pixels."""


def read_masks(data: Data) -> ImageSet:
    """The scenes with the class of every pixel."""
    settings, scenes = _made(data)
    names = ("background", *map(str, range(settings.classes)))
    return mask_set(data, SOURCE, _images(scenes), np.stack([scene.mask for scene in scenes]), names)


def read_boxes(data: Data) -> ImageSet:
    """The scenes with a box around each digit."""
    settings, scenes = _made(data)
    names = tuple(map(str, range(settings.classes)))
    return box_set(data, SOURCE, _images(scenes), [scene.boxes for scene in scenes], names)


def _made(data: Data) -> tuple[Scenes, list[Scene]]:
    settings = Scenes.model_validate(dict(data.arguments))
    return settings, make_scenes(settings)


def _images(scenes: list[Scene]) -> np.ndarray:
    return np.stack([scene.image for scene in scenes])


def make_scenes(settings: Scenes) -> list[Scene]:
    """The scenes; the same settings, the same scenes."""
    glyphs = _Glyphs(settings)
    return [
        _scene(settings, glyphs, np.random.default_rng([settings.seed, number])) for number in range(settings.images)
    ]


def pictures_used(settings: Scenes) -> np.ndarray:
    """The numbers of the digits' pictures that the scenes may show: as if each held the most that it can."""
    glyphs = _Glyphs(settings)
    return np.unique([glyphs.turn()[1] for _ in range(settings.images * settings.objects[1])])


def _scene(settings: Scenes, glyphs: _Glyphs, rng: np.random.Generator) -> Scene:
    picture = canvas(settings.canvas, settings.size, rng)
    mask = np.zeros((settings.size, settings.size), dtype=np.int64)
    boxes: list[tuple[float, ...]] = []
    for _ in range(rng.integers(settings.objects[0], settings.objects[1] + 1)):
        digit, ink = glyphs.draw(rng)
        place = _place(ink, boxes, settings.size, rng)
        if place is not None:
            boxes.append((*_paint(picture, mask, ink, place, digit, rng), digit))
    image = np.ascontiguousarray((255 * picture).round().astype(np.uint8).transpose(2, 0, 1))
    return Scene(image, mask, np.array(boxes, dtype=np.float32).reshape(-1, 5))


class _Glyphs:
    """Digits in turn: the classes equally often, and every picture of a class before one is used again."""

    def __init__(self, settings: Scenes):
        self._settings, rng = settings, np.random.default_rng([settings.seed, 2**31])
        self._images, labels = load()
        self._turns = [_forever(np.flatnonzero(labels == digit), rng) for digit in range(settings.classes)]
        self._digits = _forever(np.arange(settings.classes), rng)

    def turn(self) -> tuple[int, int]:
        """A digit and the number of its picture."""
        digit = int(next(self._digits))
        return digit, int(next(self._turns[digit]))

    def draw(self, rng: np.random.Generator) -> tuple[int, np.ndarray]:
        """A digit and its opacity (H, W), 0 to 1, cut to what can be seen of it."""
        digit, number = self.turn()
        smallest, largest = (share * self._settings.size for share in self._settings.scale)
        side = max(8, round(rng.uniform(smallest, largest)))
        pixels = self._images[number, 0].astype(np.float32)
        ink = np.clip(resampled(pixels / pixels.max(), side) * 1.5 - 0.25, 0, 1)
        rows, columns = (np.flatnonzero((ink >= INK).any(axis)) for axis in (1, 0))
        return digit, ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _forever(numbers: np.ndarray, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(numbers)


def _place(
    ink: np.ndarray, boxes: list[tuple[float, ...]], size: int, rng: np.random.Generator
) -> tuple[int, int] | None:
    """Left and top of where a digit does not cover others."""
    height, width = ink.shape
    for _ in range(TRIES):
        left, top = int(rng.integers(size - width + 1)), int(rng.integers(size - height + 1))
        if all(_covered((left, top, left + width, top + height), box) <= OVERLAP for box in boxes):
            return left, top
    return None


def _covered(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The larger share of one box that is covered by the other."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(width, 0) * max(height, 0) / smaller


def _paint(
    picture: np.ndarray, mask: np.ndarray, ink: np.ndarray, place: tuple[int, int], digit: int, rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """Draws a digit in a colour that can be told from what is behind it; returns its box."""
    (left, top), (height, width) = place, ink.shape
    window = np.s_[top : top + height, left : left + width]
    behind = float(picture[window].mean())
    lower, higher = behind - CONTRAST, 1 - behind - CONTRAST
    bright = rng.random() < max(higher, 0) / max(max(higher, 0) + max(lower, 0), 1e-9)
    level = rng.uniform(behind + CONTRAST, 1) if bright else rng.uniform(0, max(lower, 0))
    colour = np.clip(level + rng.uniform(-0.1, 0.1, size=3), 0, 1)
    picture[window] += ink[..., None] * (colour - picture[window])
    mask[window][ink >= INK] = digit + 1
    return left, top, left + width, top + height
