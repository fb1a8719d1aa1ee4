"""The queue of runs, kept by Optuna: trials wait, are claimed by one worker each, and are told how they ended.

The one file that knows Optuna. Storage is a journal file: SQLite hands one waiting trial to several workers.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import optuna
from filelock import FileLock
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

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
