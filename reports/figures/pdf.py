"""The same PDF for the same picture: the converter numbers and orders fonts by chance, here they get their turns."""

from __future__ import annotations

import re

ENTRY = re.compile(rb"^(\d{10}) 00000 n", re.MULTILINE)
REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
NAMES = re.compile(rb"<<\n((?:\s+/\w+ \d+ 0 R\n)+)")
STREAM = b"stream\n"


def in_order(pdf: bytes) -> bytes:
    """The same document, its objects numbered and written in the order in which they are referred to, from the root on;
    tables of names are by name (ISO 32000, 7.5)."""
    start = pdf.rindex(b"\nxref\n") + 1
    offsets = [int(found[1]) for found in ENTRY.finditer(pdf[start:])]
    ends = dict(zip(sorted(offsets), [*sorted(offsets)[1:], start], strict=True))
    objects = {number: _by_name(pdf[at : ends[at]]) for number, at in enumerate(offsets, start=1)}
    trailer = pdf[pdf.index(b"trailer", start) : pdf.index(b"startxref", start)]
    numbers = {old: new for new, old in enumerate(_turns(objects, trailer), start=1)}
    return _written(pdf[: min(offsets)], [_renumbered(objects[old], numbers) for old in numbers], trailer, numbers)


def _by_name(content: bytes) -> bytes:
    return NAMES.sub(lambda found: b"<<\n" + b"".join(sorted(found[1].splitlines(keepends=True))), content)


def _turns(objects: dict[int, bytes], trailer: bytes) -> list[int]:
    """The numbers of objects as a reader comes upon them."""
    turns: dict[int, None] = {}
    waiting = _references(trailer)
    while waiting:
        number = waiting.pop(0)
        if number not in turns:
            turns[number] = None
            waiting += _references(objects[number].partition(STREAM)[0])
    return [*turns, *(number for number in objects if number not in turns)]


def _references(content: bytes) -> list[int]:
    return [int(found[1]) for found in REFERENCE.finditer(content)]


def _renumbered(content: bytes, numbers: dict[int, int]) -> bytes:
    """An object under its new number, its references too; what is in its stream stays."""
    head, mark, stream = content.partition(STREAM)
    head = REFERENCE.sub(lambda found: b"%d 0 R" % numbers[int(found[1])], head)
    head = re.sub(rb"^(\d+) 0 obj", lambda found: b"%d 0 obj" % numbers[int(found[1])], head)
    return head + mark + stream


def _written(head: bytes, objects: list[bytes], trailer: bytes, numbers: dict[int, int]) -> bytes:
    """The file, with the table of places that a reader starts from."""
    places, at = [], len(head)
    for content in objects:
        places.append(at)
        at += len(content)
    table = b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n\r\n" % place for place in places)
    return head + b"".join(objects) + table + _renumbered(trailer, numbers) + b"startxref\n%d\n%%%%EOF" % at
