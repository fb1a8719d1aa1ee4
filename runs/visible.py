"""Which GPUs a value of CUDA_VISIBLE_DEVICES leaves, read as CUDA reads it (CUDA Programming Guide, 5.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

KINDS = ("GPU-", "MIG-")
"""How uuids begin, of cards and of instances of a card that is split up."""


def visible(mask: str | None, cards: Mapping[str, Sequence[str]]) -> list[str]:
    """What may be used, by uuid, in the order of the mask; all where there is no mask.

    `cards` tells of each card of the machine what CUDA can use of it: itself or, where it is split up (MIG), its
    instances. Entries of the mask are numbers, or all of them uuids of cards or of instances, abbreviated or not. The
    first that names nothing hides all after it; where one comes twice, everything is hidden. What the guide leaves open
    (repeats, mixtures, what a number ends with) is read as torch reads it.

    A number is nvidia-smi's, which counts along the PCI bus. CUDA counts from the fastest on unless CUDA_DEVICE_ORDER
    is PCI_BUS_ID, by a rule that NVIDIA keeps to itself; where cards are alike, the two agree.
    """
    if mask is None:
        return [part for parts in cards.values() for part in parts]
    entries = list(_entries(mask))
    named = takewhile(lambda parts: parts is not None, (_named(entry, cards) for entry in entries))
    found = [part for parts in named for part in parts or ()]
    return [] if _repeats(entries) or _repeats(found) else found


def _entries(mask: str) -> Iterator[int | str]:
    """Up to the first that is no number or, where the mask begins with a uuid, no uuid of that kind."""
    kind = mask[:4] if mask.startswith(KINDS) else ""
    for text in mask.split(","):
        entry = text if kind and text.startswith(kind) else None if kind else _number(text)
        if entry is None:
            return
        yield entry


def _number(text: str) -> int | None:
    """As C's strtoul reads it, which does not mind what comes behind; None where it is negative or there is none."""
    digits = re.match(r"[+-]?[0-9]+", text.strip())
    return int(digits[0]) if digits and int(digits[0]) >= 0 else None


def _named(entry: int | str, cards: Mapping[str, Sequence[str]]) -> Sequence[str] | None:
    """What can be used of the one card or instance that an entry stands for."""
    if isinstance(entry, int):
        return list(cards.values())[entry] if entry < len(cards) else None
    parts = {part: [part] for parts in cards.values() for part in parts}
    found = [usable for uuid, usable in (parts | dict(cards)).items() if uuid.startswith(entry)]
    return found[0] if len(found) == 1 else None


def _repeats(entries: Sequence[int | str]) -> bool:
    return len(set(entries)) < len(entries)
