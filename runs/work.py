"""One run carried out: claimed, trained, written down, ticked off. The same in this process and in a worker's."""

from __future__ import annotations

import time
from collections.abc import Callable

from modules.fingerprint import fingerprint
from runs.events import Began, Claim, Ended, Event, Point
from runs.files import read_json
from runs.home import Home
from runs.plan import Run
from runs.queue import Queue
from runs.records import Record, Records, failure, make_record
from runs.written import plan_from_data

MAX_ATTEMPTS = 3
"""Times that a run is begun before a worker that dies under it is taken for the run's own fault."""


class ChangedCode(RuntimeError):
    """What a worker would train is no longer what was planned."""


class Workbench:
    """What a worker needs: the queue, the plan and the records of one ablation."""

    def __init__(self, home: Home, name: str, worker: str, device: str = "cpu"):
        self.home, self.name, self.worker, self.device = home, name, worker, device
        self.queue = Queue(home.journal(name), name)
        self.records = Records(home)
        self.runs = self._planned()

    def work_one(self, tell: Callable[[Event], None]) -> bool:
        """Carries out the next waiting run; False where none waits."""
        claim = self.queue.claim(self.worker)
        if claim is None:
            return False
        tell(Began(self.worker, claim))
        record = self._carried_out(claim, tell)
        self.records.write(record)
        self.queue.complete(claim, score(record))
        tell(Ended(self.worker, claim.key, record["id"]))
        return True

    def _planned(self) -> dict[str, Run]:
        return plan_from_data(read_json(self.home.plan(self.name))).by_fingerprint

    def _run(self, key: str) -> Run:
        if key not in self.runs:  # a plan grows while settings are searched
            self.runs = self._planned()
        return self.runs[key]

    def _carried_out(self, claim: Claim, tell: Callable[[Event], None]) -> Record:
        run, started = self._run(claim.key), time.time()
        try:
            return self._trained(run, claim, started, tell)
        except Exception as error:  # an error of one run is that run's result; the others go on
            return make_record(run, self.name, claim.attempt, "failed", started, **failure(error))

    def _trained(self, run: Run, claim: Claim, started: float, tell: Callable[[Event], None]) -> Record:
        import torch

        from modules.training import train

        if fingerprint(run.recipe, run.seed) != run.fingerprint:
            raise ChangedCode("the code has changed since the ablation was started; stop it and run it again")
        outcome = train(
            run.recipe, run.seed, self.device, lambda epoch, point: tell(Point(self.worker, claim.key, epoch, point))
        )
        weights = self.home.weights / f"{claim.key}.{claim.attempt}.pt"
        torch.save(outcome.weights, weights)
        return make_record(
            run, self.name, claim.attempt, outcome.status, started,
            metrics=outcome.metrics, curves=outcome.curves, device=outcome.device, files=[str(weights)],
        )  # fmt: skip


def score(record: Record) -> float | None:
    """What the queue is told of a run: its validation accuracy, None where it failed."""
    return None if record["status"] == "failed" else record["metrics"]["val_accuracy"]


def lost(run: Run, name: str, attempt: int, reason: str) -> Record:
    """The record of a run under which worker after worker died."""
    return make_record(
        run, name, attempt, "failed", time.time(), reason=f"{reason}, {MAX_ATTEMPTS} times under this run"
    )
