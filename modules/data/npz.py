"""Images in a .npz file, as numpy's `savez` writes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from modules.data.images import ImageSet
from modules.data.labelled import labelled_set
from modules.data.parts import PARTS, ready_parts

if TYPE_CHECKING:
    from modules.data.settings import Data

IMAGES = ("images", "image", "x")
LABELS = ("labels", "label", "y", "masks", "mask")


def read(data: Data) -> ImageSet:
    """Loads the file; raises ValueError where it holds no images with labels."""
    path = Path(str(data.path)).expanduser().absolute()
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = list(file.files)
            given = {part: (file[images], file[labels]) for part, (images, labels) in named_arrays(names).items()}
    except FileNotFoundError:
        raise ValueError(f"{data.path}: there is no such file; name a .npz with images and labels") from None
    except Exception as error:  # a file of another kind can make numpy raise almost anything
        raise ValueError(f"{data.path}: is no .npz of plain arrays; write it with numpy.savez ({error})") from error
    if not given:
        raise ValueError(
            f"{data.path}: holds {', '.join(names) or 'nothing'}; it must hold images and labels, or x and y, or "
            "images and masks, or those of ready parts: x_train, y_train, x_test, y_test"
        )
    _refuse_two(str(data.path), names)
    return labelled_set(data, str(path), given)


def named_arrays(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The names of images and labels by part; empty where there are none that belong together."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        part, kind = _meaning(name)
        if kind:
            found.setdefault(part, {}).setdefault(kind, name)
    pairs = {part: (both["images"], both["labels"]) for part, both in found.items() if len(both) == 2}
    if parts := ready_parts(pairs):
        return {part: pairs[name] for name, part in parts.items()}
    return {"": pairs[""]} if "" in pairs else {}


def _refuse_two(path: str, names: Iterable[str]) -> None:
    labels: dict[str, str] = {}
    for name in names:
        part, kind = _meaning(name)
        if kind == "labels" and labels.setdefault(part, name) != name:
            raise ValueError(
                f"{path}: holds {labels[part]} and {name}, of which one alone can be learnt; leave one out"
            )


def _meaning(name: str) -> tuple[str, str]:
    """`x_train` and `train_images` are images of `train`, `labels` are labels of no part."""
    words = name.lower().split("_")
    part = "".join(word for word in words if word in PARTS)
    kinds = {"images" if word in IMAGES else "labels" for word in words if word in (*IMAGES, *LABELS)}
    return part, kinds.pop() if len(kinds) == 1 and len(words) == 1 + bool(part) else ""
