"""Runs in this very process, one after the other: for breakpoints and tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from runs.events import Event, Quiet
from runs.home import Home
from runs.slots import Slot


class Inline:
    """Carries out the waiting runs one after the other, on the first slot."""

    def __init__(self, home: Home, name: str, slots: list[Slot]):
        self.home, self.name, self.slot = home, name, slots[0]

    def __enter__(self) -> Self:
        import torch

        from runs.work import Workbench

        torch.set_num_threads(1)  # as the other workers do: the number of threads moves the last bits
        self.bench = Workbench(self.home, self.name, "inline", self.slot.device)
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def events(self) -> Iterator[Event]:
        while True:
            happened: list[Event] = []
            self.bench.work_one(happened.append)
            yield from happened or [Quiet()]
