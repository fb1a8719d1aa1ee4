"""Where names stand beside their points so that none hides another."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

FONT = 11
"""Pixels of a letter's height."""
CLEAR = 7
"""Pixels about a point that a name keeps free."""


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


class Place(NamedTuple):
    """Where a name stands: its anchor's distance from the point in pixels, and which end of it is there."""

    dx: float
    dy: float
    align: str


PLACES = (
    Place(7, -10, "left"), Place(-7, -10, "right"), Place(7, 10, "left"), Place(-7, 10, "right"),
    Place(11, 0, "left"), Place(-11, 0, "right"), Place(0, -14, "center"), Place(0, 14, "center"),
)  # fmt: skip
"""In the order in which they are tried: between the arms of the point's cross first."""


def places(points: Sequence[tuple[float, float]], names: Sequence[str], frame: tuple[int, int]) -> list[Place | None]:
    """A place for each name beside its point, in pixels from the top left; the first names choose first.

    A name that fits nowhere has none. `points` beyond the names are kept free like the others.
    """
    taken = [Box(x - CLEAR, y - CLEAR, x + CLEAR, y + CLEAR) for x, y in points]
    inside, found = Box(0, 0, *frame), list[Place | None]()
    for (x, y), name in zip(points, names, strict=False):
        boxes = {place: _box(x, y, name, place) for place in PLACES}
        free = [place for place, box in boxes.items() if _fits(box, inside, taken)]
        taken += [boxes[place] for place in free[:1]]
        found.append(free[0] if free else None)
    return found


def _fits(box: Box, inside: Box, taken: Sequence[Box]) -> bool:
    within = inside.left <= box.left and box.right <= inside.right
    return within and inside.top <= box.top and box.bottom <= inside.bottom and not any(map(box.meets, taken))


def _box(x: float, y: float, name: str, place: Place) -> Box:
    width = text_width(name)
    left = x + place.dx - {"left": 0, "center": width / 2, "right": width}[place.align]
    return Box(left, y + place.dy - FONT / 2 - 1, left + width, y + place.dy + FONT / 2 + 1)


def text_width(name: str) -> float:
    """Pixels of a line of text, wide enough for the fonts there are."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in name)
    return FONT * (0.62 * (len(name) - wide) + 1.05 * wide)
