"""The lectures: which of the shipped ablations belong to which, in their order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from ablations.loading import shipped_specs
from modules.names import unknown_name

NAME = re.compile(r"lecture-(\d+)(?:-.+)?")
"""What a shipped ablation of a lecture is called: `lecture-6`, `lecture-6-upsampling`."""


class Lecture(NamedTuple):
    """A lecture, and the ablations by which its claims are judged."""

    number: int
    ablations: tuple[str, ...]
    """By name; the one that is named after the lecture alone comes first."""

    @property
    def name(self) -> str:
        return f"lecture-{self.number}"

    @property
    def title(self) -> str:
        return f"Lecture {self.number}"

    @property
    def reading(self) -> str:
        """The page that says what each of its claims rests on, from the project's root."""
        return f"docs/lectures/{self.name}.md"


def shipped_lectures() -> tuple[Lecture, ...]:
    """All of them, by number."""
    found: dict[int, list[str]] = defaultdict(list)
    for name in sorted(shipped_specs()):
        if fits := NAME.fullmatch(name):
            found[int(fits[1])].append(name)
    return tuple(Lecture(number, tuple(names)) for number, names in sorted(found.items()))


def chosen_ablations(names: Sequence[str]) -> tuple[str, ...]:
    """The ablations of the lectures that are named, in their order; of all where none is.

    A name is that of a lecture, `lecture-6` or `6`, or of one of its ablations. Raises ValueError for another one.
    """
    lectures = shipped_lectures()
    every = [name for lecture in lectures for name in lecture.ablations]
    known = {name: {name} for name in every}
    for lecture in lectures:
        known |= {called: set(lecture.ablations) for called in (lecture.name, str(lecture.number))}
    for name in names:
        if name not in known:
            unknown_name("lecture", name, known)
    wanted = set().union(*(known[name] for name in names))
    return tuple(name for name in every if name in wanted or not names)
