"""Images in a folder for every class: `<class>/*.png`, or in parts: `train/<class>/*.png`, `test/<class>/*.png`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from modules.data.images import ImageSet, image_set
from modules.data.parts import ready_parts
from modules.data.pictures import Unreadable, decode
from modules.data.scan import Seen, scan
from modules.data.usable import Fault, usable
from modules.values import digest

if TYPE_CHECKING:
    from modules.data.settings import Data

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})


class File(NamedTuple):
    """An image file with a class."""

    path: str
    """Below the root, with slashes."""
    part: str
    """`train`, `val`, `test`, or empty."""
    label: str


class Files:
    """Images by number, read from their files."""

    def __init__(self, root: Path, files: list[File]):
        self.root, self.files = root, files

    def content(self, index: int) -> bytes:
        return (self.root / self.files[index].path).read_bytes()

    def image(self, index: int, size: int) -> np.ndarray:
        try:
            return decode(self.content(index), size)
        except (OSError, Unreadable) as error:
            path = self.root / self.files[index].path
            raise ValueError(f"{path}: {error}; was it changed since the plan was made?") from error


def read(data: Data) -> ImageSet:
    """Finds and looks at every image file below the path; raises ValueError where they cannot be used."""
    root = Path(str(data.path)).expanduser().absolute()
    if not root.is_dir():
        raise ValueError(f"{data.path}: there is no such folder; name one that has a folder of images for every class")
    files, faults = list_files(root)
    pixels = Files(root, files)
    seen = scan(_state(root, files), len(files), pixels.content)
    faults += [Fault(files[number].path, one.fault, (number,)) for number, one in enumerate(seen) if one.fault]
    left = usable(data, _texts(file.label for file in files), _texts(file.part for file in files), faults)
    channels = max(seen[number].channels for number in left.kept)
    return image_set(data, str(root), _checksum(files, seen, left.kept), channels, left, pixels)


def list_files(root: Path) -> tuple[list[File], list[Fault]]:
    """Every image file with its class, sorted by part, class and path, and what has no class or no image."""
    folders = _folders(root)
    if folders == ["train"]:
        raise ValueError(f"{root}: has a folder train but none for testing; add test, or name {root / 'train'}")
    parts = ready_parts(folders)
    classes = [(part, below, label) for below, part in (parts or {"": ""}).items() for label in _folders(root / below)]
    files: list[File] = []
    faults = [Fault(path, "lies in no class folder", classless=True) for path in _strays(root, parts)]
    for part, below, label in sorted(classes):
        folder = f"{below}/{label}" if below else label
        found = [File(path, part, label) for path in _images(root, folder)]
        files += found
        faults += [] if found else [Fault(f"{folder}/", "holds no image")]
    return files, faults


def _strays(root: Path, parts: Mapping[str, str]) -> Iterator[str]:
    yield from _images(root, "", deep=False)
    for folder in _folders(root) if parts else ():
        yield from _images(root, folder, deep=folder not in parts)


def _folders(root: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(root) if entry.is_dir() and not _hidden(entry.name))


def _images(root: Path, below: str, deep: bool = True) -> list[str]:
    """Image files in a folder, and in those below it, as paths from the root."""
    found = []
    for folder, below_it, names in os.walk(root / below, followlinks=True):
        below_it[:] = [name for name in below_it if deep and not _hidden(name)]
        found += [Path(folder, name).relative_to(root).as_posix() for name in names if _is_image(name)]
    return sorted(found)


def _is_image(name: str) -> bool:
    return not _hidden(name) and os.path.splitext(name)[1].lower() in ENDINGS


def _hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))


def _state(root: Path, files: list[File]) -> str:
    """Changes whenever a file does, by all that can be told without reading it."""
    return digest([str(root), [[file.path, *_size_and_time(root / file.path)] for file in files]])


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:  # a link to nowhere, which the scan will tell of
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _checksum(files: list[File], seen: list[Seen], kept: np.ndarray) -> str:
    """Of classes, parts and the bytes of files in their order, not of what they are called or where they lie."""
    return digest([[files[number].part, files[number].label, seen[number].digest] for number in kept])


def _texts(texts: Iterable[str]) -> np.ndarray:
    return np.array(list(texts), dtype=np.str_)
