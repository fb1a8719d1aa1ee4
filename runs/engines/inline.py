"""Runs in this very process, one after the other: for breakpoints and tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from runs.events import Event, Quiet
from runs.home import Home
from runs.packing import Packing, slots_in
from runs.presence import new_name
from runs.slots import Slot

if TYPE_CHECKING:
    from runs.work import Train


class Inline:
    """Carries out the waiting runs one after the other, on the first slot."""

    def __init__(
        self, home: Home, name: str, places: Sequence[Slot] | Packing, member: str = "", train: Train | None = None,
        other_code: bool = False,
    ):  # fmt: skip
        self.home, self.name, self.told = home, name, (member, train, other_code)
        self.slot = slots_in(places)[0]
        self._held = ExitStack()

    def __enter__(self) -> Self:
        import torch

        from runs.work import Workbench

        torch.set_num_threads(1)  # as the other workers do: the number of threads moves the last bits
        worker = new_name("inline")
        self.bench = Workbench(self.home, self.name, worker, self.slot, *self.told)
        self._held.enter_context(self.bench.lease)
        return self

    def __exit__(self, *exception: object) -> None:
        self._held.close()

    def events(self) -> Iterator[Event]:
        while True:
            happened: list[Event] = []
            self.bench.work_one(happened.append)
            yield from happened or [Quiet()]
