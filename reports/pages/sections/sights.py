"""What each arm sees: a few test images of the first seed, with what is there and what was found, as boxes or as
masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ablations.arms import SHAM
from reports.numbers import MINUS
from reports.study import Study


class Box(NamedTuple):
    """A rectangle in an image, in its pixels."""

    left: float
    top: float
    width: float
    height: float
    name: str
    """The class of the thing."""


class Sight(NamedTuple):
    """One image as an arm sees it."""

    png: str
    """In base 64."""
    side: int
    true: tuple[Box, ...]
    found: tuple[Box, ...]
    masks: tuple[str, ...]
    """The class of every pixel, true and found, as pictures; none where there are boxes."""
    words: str
    """The same for whoever cannot see it."""


class Seen(NamedTuple):
    """The images of an arm."""

    title: str
    images: tuple[Sight, ...]


def sights(study: Study) -> list[Seen]:
    """Every arm that left such images but the sham, in the order of the plan."""
    several = len(study.models) > 1
    return [
        Seen(f"{arm} · {model}" if several else arm, tuple(map(_sight, images)))
        for (model, arm), images in study.sights.items()
        if arm != SHAM
    ]


def _sight(image: Mapping[str, Any]) -> Sight:
    if "masks" in image:
        said = (", ".join(image[kind]) or "nothing" for kind in ("true", "found"))
        return Sight(image["png"], image["side"], (), (), tuple(image["masks"]), "There: {}. Found: {}.".format(*said))
    true, found = (tuple(map(_box, image[kind])) for kind in ("true", "found"))
    scores = [f"{name} ({_score(score)})" for *_, name, score in image["found"]]
    there = ", ".join(box.name for box in true) or "nothing"
    return Sight(
        image["png"], image["side"], true, found, (), f"There: {there}. Found: {', '.join(scores) or 'nothing'}."
    )


def _box(row: Sequence[Any]) -> Box:
    left, top, right, bottom, name = row[:5]
    return Box(left, top, round(right - left, 1), round(bottom - top, 1), name)


def _score(score: float) -> str:
    return f"{score:.2f}".replace("-", MINUS)
