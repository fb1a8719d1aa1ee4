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


class Died(NamedTuple):
    """A worker is gone, of something outside its run as far as can be seen."""

    worker: str
    reason: str


class Broken(NamedTuple):
    """A worker cannot write what it found, so that going on would lose runs."""

    worker: str
    reason: str


class Quiet(NamedTuple):
    """Nothing happened for a moment."""


Event = Offered | Began | Point | Ended | Died | Broken | Quiet
