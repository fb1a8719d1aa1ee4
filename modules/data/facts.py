"""What is known of the images of a recipe before any is trained on: how many, of which classes, in which parts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from modules.catalog import DATASETS

if TYPE_CHECKING:
    from modules.data.settings import Data
    from modules.tasks import TaskName


class Sizes(NamedTuple):
    """Images in each part; `pool` is what may be trained on, of which `train_size` takes a share."""

    pool: int
    val: int
    test: int


class DataFacts(NamedTuple):
    """What is known of a data set."""

    source: str
    """Where the images are from."""
    checksum: str
    """16 hex digits of the content: another one when any image or label changes, the same wherever it lies."""
    images: int
    classes: int
    channels: int
    """1 or 3: of the images as they are trained on."""
    class_names: tuple[str, ...]
    """In the order of the labels 0 to K - 1."""
    counts: tuple[int, ...]
    """Images of each class among those that are to be split, all or the ready training part; where the task is another,
    images in which the class is to be seen, or boxes of it."""
    ready: Sizes | None = None
    """Where the data come in parts; `val` is 0 where it has yet to be cut from the training part."""
    task: TaskName = "classification"
    """What the labels are for."""
    skipped: int = 0
    """Files or images that were left out, as `bad_files: skip` allows."""


def data_facts(data: Data) -> DataFacts:
    """Facts of a recipe's images, found once a process; what ships is looked up and not loaded.

    Raises ValueError, in one line, where the images cannot be used or cannot be split as the recipe asks.
    """
    facts = card_facts(data) if data.name in DATASETS else _read_facts(data.source)
    check_sizes(data, facts)
    return facts


def card_facts(data: Data) -> DataFacts:
    """Facts of a data set that ships, from the catalog."""
    card = DATASETS[data.name]
    names = tuple(map(str, range(card.classes)))
    channels = data.channels or card.channels
    return DataFacts(card.source, card.checksum, card.images, card.classes, channels, names, card.counts)


def _least(facts: DataFacts) -> int:
    """Images that every part must have."""
    return facts.classes if facts.task == "classification" else 1


def _total(facts: DataFacts) -> int:
    """Images that are to be split."""
    return sum(facts.counts) if facts.task == "classification" else facts.images


def _read_facts(source: Data) -> DataFacts:
    from modules.data.source import images_and_labels  # numpy can wait until there is something to read

    return images_and_labels(source).facts


def split_sizes(data: Data, facts: DataFacts) -> Sizes:
    """Images in each part; where a part is ready, the share that would have cut it says nothing."""
    if facts.ready is None:
        val, test = round(data.val_share * facts.images), math.ceil(data.test_share * facts.images)
        return Sizes(facts.images - val - test, val, test)
    if facts.ready.val:
        return facts.ready
    val = round(data.val_share * facts.ready.pool)
    return facts.ready._replace(pool=facts.ready.pool - val, val=val)


def check_sizes(data: Data, facts: DataFacts) -> None:
    """Raises ValueError where a part would be too small."""
    sizes, shares = split_sizes(data, facts), _cut_by(facts)
    if data.train_size and sizes.pool < data.train_size:
        advice = " or ".join(["it", *shares])
        raise ValueError(f"train_size is {data.train_size}, but {_left(data, facts, sizes)}; lower {advice}")
    for share in shares:
        size = getattr(sizes, share.removesuffix("_share"))
        if size < _least(facts):
            raise ValueError(
                f"{share} is {getattr(data, share)}, that is {size} of {_total(facts)} images of {data.place}, "
                f"{_too_few(facts)}; raise it"
            )
    if shares and sizes.pool < _least(facts):
        advice = " or ".join(shares)
        needed = (
            f"there are {facts.classes} classes" if facts.task == "classification" else "training needs one at least"
        )
        raise ValueError(f"{needed}, but {_left(data, facts, sizes)}; lower {advice}")
    if shares and facts.task == "classification":
        _check_classes(data, facts, sizes)


def _too_few(facts: DataFacts) -> str:
    return f"fewer than the {facts.classes} classes" if facts.task == "classification" else "but it needs one at least"


def _cut_by(facts: DataFacts) -> tuple[str, ...]:
    """The shares that say how large a part is."""
    if facts.ready is None:
        return "val_share", "test_share"
    return () if facts.ready.val else ("val_share",)


def _left(data: Data, facts: DataFacts, sizes: Sizes) -> str:
    left, shares = max(sizes.pool, 0), _cut_by(facts)
    if not shares:
        return f"the training part of {data.place} has {left} images"
    cut = "validation and test leave" if len(shares) == 2 else "validation leaves"
    images = "images" if facts.ready is None else "training images"
    return f"{cut} {left} of {_total(facts)} {images} of {data.place}"


def _check_classes(data: Data, facts: DataFacts, sizes: Sizes) -> None:
    """A class needs two images at each cut and one to train on; a stratified cut gives it its share, rounded down."""
    total, rest = sum(facts.counts), sizes.pool + sizes.val
    for name, count in zip(facts.class_names, facts.counts, strict=True):
        uncut = count * rest // total
        if uncut < 2 or uncut * sizes.pool // rest < 1:
            raise ValueError(
                f"class {name!r} of {data.place} has {count} of {total} images, too few for every part to have some; "
                "add images, lower the shares, or take the class out"
            )
