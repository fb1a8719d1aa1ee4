"""Parts that come ready, by whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized

PARTS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip


def ready_parts(names: Iterable[str]) -> dict[str, str]:
    """The part (`train`, `val`, `test`) that each name stands for; none where there is no training part with another.

    Names that stand for no part are left out. Where the only other part is for validation, it is the test part.
    """
    by_part = {PARTS[name.lower()]: name for name in names if name.lower() in PARTS}
    if "train" not in by_part or len(by_part) == 1:
        return {}
    if "test" not in by_part:
        by_part["test"] = by_part.pop("val")
    return {name: part for part, name in by_part.items()}


def located(parts: Mapping[str, Sized], index: int) -> tuple[str, int]:
    """The part, and the index in it, of image `index` where all are counted through, one part after another."""
    for part, images in parts.items():
        if index < len(images):
            return part, index
        index -= len(images)
    raise IndexError(index)
