"""Which images can be used, and as what: whatever cannot stops the plan with its name, or is skipped and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from modules.data.settings import Data

NAMED = 3
"""Faults that a message names."""


class Fault(NamedTuple):
    """Something that cannot be used, and why; `images` are the numbers of the images that go with it."""

    name: str
    reason: str
    images: tuple[int, ...] = ()
    classless: bool = False
    """Whether it is an image that has no number because it has no class."""


class Usable(NamedTuple):
    """What is left."""

    kept: np.ndarray
    """(N,): the numbers of the images that are left."""
    labels: np.ndarray
    """(N,), int64, 0 to K - 1."""
    parts: np.ndarray
    """(N,): `train`, `val`, `test`, or empty text where nothing is ready."""
    class_names: tuple[str, ...]
    skipped: int


def usable(
    data: Data, labels: np.ndarray, parts: np.ndarray, faults: Sequence[Fault], names: Sequence[str] | None = None
) -> Usable:
    """Leaves out what is at fault, where the data may skip it, and numbers the classes of the rest in sorted order.

    `labels` are numbers or text; `names` are what numbers stand for. Raises ValueError where something is at fault
    and must not be skipped, or where fewer than two classes are left.
    """
    _stop(data, faults)
    kept = _without(np.arange(len(labels)), faults)
    if parts.any():
        missing = _classes_of_one_part(labels[kept], parts[kept], kept, names)
        _stop(data, missing)
        kept = _without(kept, missing)
    values, numbered = np.unique(labels[kept], return_inverse=True)
    if len(values) < 2:
        found = f"only class {_name(values[0], names)!r}" if len(values) else "no image that can be used"
        raise ValueError(f"{data.place}: there is {found}; there must be images of two classes or more")
    skipped = len(labels) - len(kept) + sum(fault.classless for fault in faults)
    class_names = tuple(_name(value, names) for value in values)
    return Usable(kept, numbered.astype(np.int64), parts[kept], class_names, skipped)


def _name(value: np.generic, names: Sequence[str] | None) -> str:
    return names[int(value)] if names is not None else str(value)


def _without(kept: np.ndarray, faults: Sequence[Fault]) -> np.ndarray:
    gone = [image for fault in faults for image in fault.images]
    return kept[~np.isin(kept, gone)]


def _classes_of_one_part(
    labels: np.ndarray, parts: np.ndarray, numbers: np.ndarray, names: Sequence[str] | None
) -> list[Fault]:
    """Classes that cannot be trained on or cannot be tested."""
    there = {part: set(labels[parts == part].tolist()) for part in ("train", "val", "test")}
    faults = []
    for value in sorted(there["train"] ^ there["test"] | there["val"] - there["train"]):
        lacking = "test" if value in there["train"] else "training"
        images = tuple(numbers[labels == value].tolist())
        faults.append(Fault(f"class {_name(value, names)!r}", f"is missing in the {lacking} part", images))
    return faults


def _stop(data: Data, faults: Sequence[Fault]) -> None:
    if not faults or data.bad_files == "skip":
        return
    first = ", ".join(f"{fault.name} ({fault.reason})" for fault in faults[:NAMED])
    more = f" and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    raise ValueError(
        f"{data.place}: {len(faults)} cannot be used: {first}{more}; repair or remove them, or say bad_files: skip"
    )
