"""What engines report while runs are carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from runs.plan import Plan, Run


class Claim(NamedTuple):
    """A run held by one worker."""

    number: int
    """The queue's own name for it."""
    key: str
    """The run's fingerprint."""
    attempt: int

    @property
    def id(self) -> str:
        """The name of its record."""
        return f"{self.key}.{self.attempt}"


class Joined(NamedTuple):
    """This command takes part in a campaign that goes on already."""

    workers: int
    """Those that it has."""


class Offered(NamedTuple):
    """A batch of runs is about to be carried out: a round of a search, a stage, or all that are reported."""

    plan: Plan
    runs: Sequence[Run]
    done: Mapping[str, dict[str, Any]]
    """The records of those that are not trained, or not again."""


class Began(NamedTuple):
    """A worker has taken a run."""

    worker: str
    claim: Claim


class Point(NamedTuple):
    """A run has finished an epoch."""

    worker: str
    key: str
    epoch: int
    measures: dict[str, float]


class Ended(NamedTuple):
    """A run's record is on disk."""

    worker: str
    key: str
    record_id: str
    used: tuple[float, float | None] | None = None
    """Of a GPU, if it had one: bytes, and how busy all who share it kept it, in percent, as far as that is known."""


class Died(NamedTuple):
    """A worker is gone, of something outside its run as far as can be seen."""

    worker: str
    reason: str


class TakenBack(NamedTuple):
    """A run goes back to the queue, since whoever held it is gone, or has given no sign of life for long."""

    worker: str
    key: str
    reason: str


class Late(NamedTuple):
    """A worker has ended a run that was taken back from it; what it found is dropped."""

    worker: str
    key: str


class Crowded(NamedTuple):
    """A run did not fit beside others on its GPU; it goes back to the queue."""

    worker: str
    key: str
    reason: str


class Broken(NamedTuple):
    """A worker cannot write what it found, so that going on would lose runs."""

    worker: str
    reason: str


class Shipping(NamedTuple):
    """All has been trained; MLflow has yet to take so many of the records."""

    waiting: int


class Quiet(NamedTuple):
    """Nothing happened for a moment."""


Event = Joined | Offered | Began | Point | Ended | Died | TakenBack | Late | Crowded | Broken | Shipping | Quiet
