"""The queue of runs, kept by Optuna: trials wait, are claimed by one worker each, and are told how they ended.

The one file that knows Optuna, so the searcher is here, too. Storage is a journal file or PostgreSQL: SQLite hands one
waiting trial to several workers.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeVar

import optuna
from filelock import FileLock
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.pruners import BasePruner, HyperbandPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from ablations.tune import Range, Space, Tune, holds
from runs.events import Claim

optuna.logging.set_verbosity(optuna.logging.ERROR)
T = TypeVar("T")


class _KernelLock:
    """Optuna's own file locks outlive a killed holder by 30 s; the kernel lets go of this one at once."""

    def __init__(self, path: Path):
        self._lock = FileLock(str(path), poll_interval=0.001)  # held for less than that

    def acquire(self) -> bool:
        self._lock.acquire()
        return True

    def release(self) -> None:
        self._lock.release()


class _Journal(JournalFileBackend):
    """Optuna's journal, in which a line that was torn in the writing does not spoil the next one.

    Nothing is synced: after a power cut the queue is of no use to anybody, since records tell what is left to do.
    """

    def __init__(self, path: Path):
        self._kernel_lock = _KernelLock(path.with_name(f"{path.name}.lock"))
        super().__init__(str(path), lock_obj=self._kernel_lock)  # type: ignore[arg-type]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = b"".join(json.dumps(log, separators=(",", ":")).encode() + b"\n" for log in logs)
        self._kernel_lock.acquire()
        try:
            with open(self._file_path, "r+b") as file:
                _cut_torn_line(file)
                file.write(lines)
        finally:
            self._kernel_lock.release()


def _cut_torn_line(file: BinaryIO) -> None:
    """Leaves the file at its end, behind its last whole line."""
    end = file.seek(0, os.SEEK_END)
    while end and file.seek(end - 1) >= 0 and file.read(1) != b"\n":
        end -= 1
    file.seek(end)
    file.truncate()


class Look(NamedTuple):
    """The queue at a moment."""

    waiting: set[str]
    running: list[Held]
    ended: list[Claim]
    """Those that ended since it was looked at before."""

    def held_by(self, worker: str) -> list[Claim]:
        """What a worker has claimed and not ended."""
        return [held.claim for held in self.running if held.worker == worker]


class Held(NamedTuple):
    """A claimed run."""

    claim: Claim
    worker: str | None
    """Who holds it; None in the moment before it said so."""


def journal_queue(path: Path, name: str) -> Queue:
    """A queue in a file, for processes of one machine."""
    return Queue(JournalStorage(_Journal(path)), name, window=lambda workers: max(64, 4 * workers))


def database_queue(url: str, settings: dict[str, Any], name: str, patiently: Patiently) -> Queue:
    """A queue in a PostgreSQL database. Few runs wait in it at a time, since all of them are read for every claim."""
    return Queue(_database(url, json.dumps(settings)), name, lambda workers: max(8, 4 * workers), patiently)


@cache
def _database(url: str, settings: str) -> RDBStorage:
    """One for all queues of a process, which need no more than one connection together."""
    return RDBStorage(url, json.loads(settings))


class Patiently(Protocol):
    """Does what may have to be done again, because a database is away; it must not matter whether it was done twice."""

    def __call__(self, do: Callable[[], T]) -> T: ...


def at_once(do: Callable[[], T]) -> T:
    """For what is always there."""
    return do()


LENGTH = 1000
"""Runs in one of Optuna's studies: it goes through all trials of a study for every claim."""


class Queue:
    """Runs that wait, by key. Every process opens its own; only one of them offers.

    It is a means of handing out work, no record of it: what is lost here is offered again, what is claimed twice is
    recorded once. It is a chain of studies, of which the last is offered to, so that a claim costs the same however
    many have gone before.
    """

    def __init__(self, storage: BaseStorage, name: str, window: Callable[[int], int], patiently: Patiently = at_once):
        self.window = window
        """How many runs should wait, for so many workers."""
        self._storage, self._name, self._patiently = storage, name, patiently
        self._links: list[_Link] = []
        self._add_link()
        self._claimed = self._looked = 0
        """Of the first links, those in which nothing waits, and those in which all has ended."""

    def offer(self, key: str, attempt: int) -> None:
        """Adds a run at the end."""
        if self._links[-1].length >= LENGTH:
            self._patiently(self._add_link)
        last, about = self._links[-1], {"run": key, "attempt": attempt}
        self._patiently(lambda: last.study.add_trial(create_trial(state=TrialState.WAITING, user_attrs=about)))
        last.length += 1

    def claim(self, worker: str) -> Claim | None:
        """Takes the next waiting run, which no other worker gets; None where nothing waits."""
        return self._patiently(lambda: self._claim(worker))

    def _claim(self, worker: str) -> Claim | None:
        """As `Study.ask` does it, which would make a trial up where nothing waits, and read everything twice."""
        while True:
            for trial in self._links[self._claimed].trials(TrialState.WAITING):
                with contextlib.suppress(UpdateFinishedTrialError):  # others were faster, or it was taken back already
                    if self._storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING):
                        self._storage.set_trial_user_attr(trial._trial_id, "worker", worker)
                        return _claim_of(trial)
            if self._claimed + 1 == len(self._links) and not self._follow():
                self._claimed = max(0, len(self._links) - 2)  # who led until a moment ago may offer to the one before
                return None
            self._claimed += 1

    def complete(self, claim: Claim, value: float | None) -> None:
        """The run ended, with `value` its validation accuracy, None where it failed."""
        self._patiently(lambda: self._complete(claim, value))

    def _complete(self, claim: Claim, value: float | None) -> None:
        with contextlib.suppress(UpdateFinishedTrialError):  # it was taken back
            if value is None:
                self._storage.set_trial_state_values(claim.number, TrialState.FAIL)
            else:
                self._storage.set_trial_state_values(claim.number, TrialState.COMPLETE, [value])

    def look(self) -> Look:
        """What waits, who holds what, and what has ended."""
        found = Look(set(), [], [])
        for link, trials in self._patiently(self._read):
            link.see(trials, found)
        while self._looked + 1 < len(self._links) and self._links[self._looked].has_ended:
            self._looked += 1
        return found

    def _read(self) -> list[tuple[_Link, list[FrozenTrial]]]:
        while self._follow():
            pass
        return [(link, link.trials()) for link in self._links[self._looked :]]

    def _follow(self) -> bool:
        """Whether somebody has added a link."""
        try:
            self._storage.get_study_id_from_name(self._next_name)
        except KeyError:
            return False
        self._add_link()
        return True

    def _add_link(self) -> None:
        self._links.append(_Link(self._storage, self._next_name))

    @property
    def _next_name(self) -> str:
        return f"{self._name}.{len(self._links)}"


class _Link:
    """One of the studies of a queue."""

    def __init__(self, storage: BaseStorage, name: str):
        self.study = optuna.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)
        self.length = 0
        """Runs that were offered, as far as is known."""
        self._ended: set[int] = set()

    @property
    def has_ended(self) -> bool:
        return len(self._ended) == self.length

    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False, states=states or None)

    def see(self, trials: list[FrozenTrial], found: Look) -> None:
        """Adds all of its trials to what is found, those that have ended once."""
        self.length = len(trials)
        for trial in trials:
            if trial._trial_id in self._ended:
                continue
            claim = _claim_of(trial)
            if trial.state == TrialState.WAITING:
                found.waiting.add(claim.key)
            elif trial.state == TrialState.RUNNING:
                found.running.append(Held(claim, trial.user_attrs.get("worker")))
            else:
                self._ended.add(trial._trial_id)
                found.ended.append(claim)


def _claim_of(trial: FrozenTrial) -> Claim:
    return Claim(trial._trial_id, trial.user_attrs["run"], trial.user_attrs["attempt"])


class Searcher:
    """One search: asks for settings, is told what they are worth.

    It is kept in memory and remembers nothing: told the same, one of the same name asks for the same again.
    """

    def __init__(self, name: str, space: Mapping[str, Space], tune: Tune):
        self._where = space
        self._space = {key: _distribution(where) for key, where in space.items()}
        self._study = optuna.create_study(
            study_name=name, sampler=_sampler(name, tune), pruner=_pruner(tune), direction="maximize"
        )

    def learn(self, settings: Mapping[str, Any], value: float) -> None:
        """Tells it of settings that it did not ask for; those that lie outside of its space teach it nothing."""
        if all(holds(where, settings[key]) for key, where in self._where.items()):
            self._study.add_trial(create_trial(params=dict(settings), distributions=self._space, value=value))

    def ask(self) -> dict[str, Any]:
        """The next settings to try."""
        self._trial = self._study.ask(self._space)
        return {key: _readable(self._trial.params[key], where) for key, where in self._where.items()}

    def goes_on(self, value: float, rung: int) -> bool:
        """Whether the settings it asked for last are worth a longer training, after the lengths up to `rung`."""
        self._trial.report(value, REDUCTION**rung)
        return not self._trial.should_prune()

    def tell(self, value: float | None) -> None:
        """What the settings it asked for last are worth; None where they were given up."""
        self._study.tell(self._trial, value, TrialState.PRUNED if value is None else TrialState.COMPLETE)


REDUCTION = 3
"""Each length of training is so many times the one before."""


def _readable(value: Any, where: Space) -> Any:
    """A number with four digits, so that what a report says is what was trained."""
    if not isinstance(value, float) or not isinstance(where, Range):
        return value
    return min(max(float(f"{value:.4g}"), where.low), where.high)


def _sampler(name: str, tune: Tune) -> BaseSampler:
    seed = zlib.crc32(name.encode())
    if tune.sampler == "random":
        return RandomSampler(seed)
    # Optuna draws 10 settings at random before it models anything, which would be the whole of a small budget.
    return TPESampler(n_startup_trials=max(1, min(10, tune.trials // 3)), seed=seed)


def _pruner(tune: Tune) -> BasePruner:
    if tune.pruning == "none":
        return NopPruner()
    return HyperbandPruner(min_resource=1, max_resource=REDUCTION**2, reduction_factor=REDUCTION)


def _distribution(space: Space) -> BaseDistribution:
    if not isinstance(space, Range):
        return CategoricalDistribution(space)
    if isinstance(space.low, int) and isinstance(space.high, int):
        return IntDistribution(space.low, space.high, space.log)
    return FloatDistribution(space.low, space.high, space.log)
