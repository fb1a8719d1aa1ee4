"""Images of the Hugging Face hub, or in a folder that `save_to_disk` of its library wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from modules.data.images import ImageSet, image_set
from modules.data.parts import located, ready_parts
from modules.data.pictures import Unreadable, decode
from modules.data.scan import scan
from modules.data.usable import Fault, usable
from modules.names import in_a_line, nearest, unknown
from modules.values import digest

if TYPE_CHECKING:
    from modules.data.settings import Data


class Known(NamedTuple):
    """Where a well-known data set lies on the hub."""

    id: str
    config: str
    label: str = "label"


KNOWN = {
    "cifar10": Known("uoft-cs/cifar10", "plain_text"),
    "cifar100": Known("uoft-cs/cifar100", "cifar100", "fine_label"),
    "mnist": Known("ylecun/mnist", "mnist"),
    "fashion_mnist": Known("zalando-datasets/fashion_mnist", "fashion_mnist"),
    "svhn": Known("ufldl-stanford/svhn", "cropped_digits"),
}


class Rows:
    """Images by number, from the rows of one part after another."""

    def __init__(self, parts: Mapping[str, Any], column: str):
        self.parts, self.column = dict(parts), column

    def content(self, index: int) -> bytes:
        part, row = located(self.parts, index)
        stored = self.parts[part][row][self.column]
        if stored is None:
            raise OSError("there is no image")
        return stored["bytes"] or Path(stored["path"]).read_bytes()

    def image(self, index: int, size: int) -> np.ndarray:
        try:
            return decode(self.content(index), size)
        except (OSError, Unreadable) as error:
            raise ValueError(f"{self.called(index)}: {error}") from error

    def called(self, index: int) -> str:
        part, row = located(self.parts, index)
        return f"row {row} of {part}" if part else f"row {row}"


def read(data: Data) -> ImageSet:
    """Loads, downloading what is not there yet, and looks at every image; raises ValueError where it cannot."""
    library, settings = _library(), dict(data.arguments)
    source, loaded = _loaded(library, str(data.path), settings)
    parts = _parts(loaded)
    features = next(iter(parts.values())).features
    image = settings.get("image") or _only(data, features, library.Image, "image")
    label = settings.get("label") or _only(data, features, library.ClassLabel, "label")
    for column in (image, label):
        if column not in features:
            raise ValueError(f"{data.place}: {unknown('column', column, features)}")
    rows = Rows({part: one.cast_column(image, library.Image(decode=False)) for part, one in parts.items()}, image)
    names = features[label].names if isinstance(features[label], library.ClassLabel) else None
    return _image_set(data, source, rows, [value for one in parts.values() for value in one[label][:]], names)


def _image_set(data: Data, source: str, rows: Rows, labels: list[Any], names: list[str] | None) -> ImageSet:
    seen = scan(_state(rows), len(labels), rows.content)
    reasons = (one.fault or _unlabelled(value, names) for one, value in zip(seen, labels, strict=True))
    faults = [Fault(rows.called(number), reason, (number,)) for number, reason in enumerate(reasons) if reason]
    blank = "" if any(isinstance(value, str) for value in labels) else -1
    values = np.array([blank if value is None else value for value in labels])
    lengths = [len(one) for one in rows.parts.values()]
    left = usable(data, values, np.repeat(np.array(list(rows.parts), dtype=np.str_), lengths), faults, names)
    channels = max(seen[number].channels for number in left.kept)
    checksum = digest([[seen[i].digest, left.parts[n], int(left.labels[n])] for n, i in enumerate(left.kept)])
    return image_set(data, source, checksum, channels, left, rows)


def _unlabelled(value: Any, names: list[str] | None) -> str:
    if value is None or (names is not None and value == -1):
        return "has no label"
    if names is not None and not 0 <= value < len(names):
        return f"has label {value}, there are 0 to {len(names) - 1}"
    return ""


def _loaded(library: ModuleType, path: str, settings: Mapping[str, Any]) -> tuple[str, Any]:
    """What to call it, and a data set or a mapping of its splits."""
    folder = Path(path).expanduser()
    known = KNOWN.get(path)
    try:
        if known is None and folder.is_dir():
            return str(folder.absolute()), library.load_from_disk(str(folder.absolute()))
        name = known.id if known else path
        config = settings.get("config") or (known.config if known else None)
        source = f"{name} ({config})" if config else name
        return source, library.load_dataset(name, config, revision=settings.get("revision"))
    except Exception as error:  # the library, the network and the cache each raise their own
        near = nearest(path, KNOWN)
        raise ValueError(f"{path}: cannot be loaded from the hub or from disk: {in_a_line(error)}; {near}") from error


def _parts(loaded: Any) -> dict[str, Any]:
    if not isinstance(loaded, Mapping):
        return {"": loaded}
    parts = ready_parts(loaded)
    if parts:
        return {part: loaded[name] for name, part in parts.items()}
    return {"": loaded["train"] if "train" in loaded else next(iter(loaded.values()))}


def _only(data: Data, features: Mapping[str, Any], kind: type, argument: str) -> str:
    found = [name for name, feature in features.items() if isinstance(feature, kind)]
    known = KNOWN.get(str(data.path))
    if argument == "label" and known and known.label in found:
        return known.label
    if len(found) != 1:
        said = f"{len(found)} columns ({', '.join(found)})" if found else "no column"
        raise ValueError(
            f"{data.place}: has {said} of type {kind.__name__} among {', '.join(features)}; name the one to take "
            f"under arguments: {argument}"
        )
    return found[0]


def _state(rows: Rows) -> str:
    """Changes whenever the data do, by all that can be told without reading them."""
    files = [Path(file["filename"]) for one in rows.parts.values() for file in one.cache_files]
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return digest([rows.column, {part: len(one) for part, one in rows.parts.items()}, stats])


def _library() -> ModuleType:
    try:
        import datasets
    except ImportError:
        raise ValueError("data of the hub need the library datasets; pip install 'ablations[hub]'") from None
    return datasets
