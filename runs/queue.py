"""The queue of runs, kept by Optuna: trials wait, are claimed by one worker each, and are told how they ended.

The one file that knows Optuna, so the searcher is here, too. Storage is a journal file: SQLite hands one waiting
trial to several workers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import optuna
from filelock import FileLock
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from ablations.tune import Range, Space, Tune, holds
from runs.events import Claim

optuna.logging.set_verbosity(optuna.logging.ERROR)


class _KernelLock:
    """Optuna's own file locks outlive a killed holder by 30 s; the kernel lets go of this one at once."""

    def __init__(self, path: Path):
        self._lock = FileLock(str(path))

    def acquire(self) -> bool:
        self._lock.acquire()
        return True

    def release(self) -> None:
        self._lock.release()


class Queue:
    """Runs that wait, by key. Every process opens its own by path and name; only one of them offers."""

    def __init__(self, path: Path, name: str):
        lock = _KernelLock(path.with_suffix(".journal.lock"))
        storage = JournalStorage(JournalFileBackend(str(path), lock_obj=lock))  # type: ignore[arg-type]
        self._study = optuna.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)

    def offer(self, keys: Iterable[str], attempts: dict[str, int] | None = None) -> None:
        """Adds the keys that are not waiting already, in this order."""
        waiting = {trial.user_attrs.get("run") for trial in self._trials(TrialState.WAITING)}
        for key in keys:
            if key not in waiting:
                self._enqueue(key, (attempts or {}).get(key, 1))

    def withdraw(self) -> None:
        """Takes back all that waits: what an interrupted ablation left, of which not all may still be wanted."""
        while (claim := self.claim("withdrawn")) is not None:
            self.complete(claim, None)

    def claim(self, worker: str) -> Claim | None:
        """Takes the next waiting run, which no other worker gets; None where nothing waits."""
        if not self._trials(TrialState.WAITING):
            return None
        trial = self._study.ask()
        key = trial.user_attrs.get("run")
        if key is None:  # another worker took the last one in between, so Optuna made a trial up
            self._study.tell(trial, state=TrialState.FAIL)
            return None
        trial.set_user_attr("worker", worker)
        return Claim(trial.number, key, trial.user_attrs["attempt"])

    def complete(self, claim: Claim, value: float | None) -> None:
        """The run ended, with `value` its validation accuracy, None where it failed."""
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        self._study.tell(claim.number, value, state=state, skip_if_finished=True)

    def release(self, claim: Claim) -> None:
        """The worker died of something outside the run: back to the queue, as the next attempt."""
        self.complete(claim, None)
        self._enqueue(claim.key, claim.attempt + 1)

    def running(self) -> list[Claim]:
        """What is claimed and has not ended."""
        return [
            Claim(trial.number, trial.user_attrs["run"], trial.user_attrs["attempt"])
            for trial in self._trials(TrialState.RUNNING)
            if "run" in trial.user_attrs
        ]

    def _enqueue(self, key: str, attempt: int) -> None:
        self._study.enqueue_trial({}, user_attrs={"run": key, "attempt": attempt})

    def _trials(self, state: TrialState) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False, states=(state,))


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
