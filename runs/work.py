"""One run carried out: claimed, trained, written down, ticked off. The same in this process and in a worker's."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.fingerprint import fingerprint
from modules.recipe import Recipe
from runs.campaign import Campaign, campaign_of
from runs.events import Began, Claim, Crowded, Ended, Event, Late, Point
from runs.files import write_whole
from runs.gpus import GpuMeter
from runs.home import Home
from runs.plan import Run
from runs.presence import Lease, Presence
from runs.records import LOST, Record, Records, failure, make_record
from runs.shared import PATIENCE, open_shared
from runs.slots import Slot
from runs.written import plan_from_data

if TYPE_CHECKING:
    from modules.training import Outcome

Train = Callable[[Recipe, int, str, Callable[[int, dict[str, float]], None]], "Outcome"]
"""Trains a recipe under a seed on a device, telling of every epoch."""
Tell = Callable[[Event], None]
LOOK_AROUND = 5.0
"""Seconds between two times that an idle worker reads the plan again."""


class ChangedCode(RuntimeError):
    """What a worker would train is no longer what was planned."""


class Workbench:
    """What a worker needs: a lease, and the queue, the plan and the records of one ablation."""

    def __init__(
        self, home: Home, name: str, worker: str, slot: Slot, member: str = "", train: Train | None = None,
        other_code: bool = False,
    ):  # fmt: skip
        self.home, self.name, self.worker, self.slot = home, name, worker, slot
        self.shared, self.records = open_shared(home, PATIENCE), Records(home)
        self.lease = Lease(self.shared, Presence(worker, name, slot.device, member or worker, os.getpid()))
        self._train, self._other_code = train, other_code
        self._written: dict[str, Any] | None = None
        self._campaign: Campaign | None = None
        self.refresh()

    def refresh(self) -> None:
        """Reads the plan again: it grows while settings are searched, and others may have begun a new campaign."""
        written = self.shared.read_plan(self.name)
        assert written is not None, self.name
        self._next_look = time.monotonic() + LOOK_AROUND
        if written == self._written:
            return
        self._written = written
        self.runs: dict[str, Run] = plan_from_data(written).by_fingerprint
        if (campaign := campaign_of(written)) != self._campaign:
            self._campaign = campaign
            self.queue = self.shared.queue(self.name, campaign.id)

    def work_one(self, tell: Tell) -> bool:
        """Carries out the next waiting run; False where none waits."""
        claim = self.queue.claim(self.worker)
        if claim is None:
            return False
        if self.records.get(claim.id) is None:
            self._carry_out(claim, tell)
        else:  # it was offered twice
            self.queue.complete(claim, None)
        return True

    def _carry_out(self, claim: Claim, tell: Tell) -> None:
        self.lease.take(claim)
        tell(Began(self.worker, claim))
        record = self._attempted(claim, tell)
        kept = self.records.write(record)
        self.lease.put_down()
        self.queue.complete(claim, score(record))
        if not kept:
            tell(Late(self.worker, claim.key))
        elif record["status"] == LOST:
            tell(Crowded(self.worker, claim.key, record["reason"]))
        else:
            tell(Ended(self.worker, claim.key, record["id"], self._used(record)))

    def _used(self, record: Record) -> tuple[float, float | None] | None:
        if "peak_memory_mb" not in record["metrics"]:
            return None
        return record["metrics"]["peak_memory_mb"] * 2**20, record["utilisation"]

    def look_around(self) -> None:
        """What an idle worker does now and then: sees whether others have begun a new campaign."""
        if time.monotonic() >= self._next_look:
            self.refresh()

    def _run(self, key: str) -> Run:
        if key not in self.runs:
            self.refresh()
        return self.runs[key]

    def _attempted(self, claim: Claim, tell: Tell) -> Record:
        run, started = self._run(claim.key), time.time()
        try:
            outcome, utilisation = self._trained(run, claim, tell)
        except Exception as error:  # an error of one run is that run's result; the others go on
            how = {"status": LOST, "crowded": True} if self._is_crowded(error) else {"status": "failed"}
            return self._record(run, claim, started=started, **how, **failure(error))
        return self._record(
            run, claim, outcome.status, started, metrics=outcome.metrics, curves=outcome.curves,
            device=outcome.device, utilisation=utilisation, files=[str(self._kept(claim, outcome))],
            **({"pictures": list(outcome.pictures)} if outcome.pictures else {}),
            **({"probe": outcome.probe} if outcome.probe else {}),
        )  # fmt: skip

    def _is_crowded(self, error: Exception) -> bool:
        """Too little memory is the neighbours' fault, as long as there are some; anything else is the run's."""
        from modules.memory import is_out_of_memory

        return self.slot.per_gpu > 1 and is_out_of_memory(error)

    def _trained(self, run: Run, claim: Claim, tell: Tell) -> tuple[Outcome, float | None]:
        if not self._other_code and fingerprint(run.recipe, run.seed) != run.fingerprint:
            raise ChangedCode("the code has changed since the ablation was started; stop it and run it again")
        with GpuMeter(self.slot.gpu) as meter:
            outcome = self._training()(run.recipe, run.seed, self.slot.device, self._hears(claim, tell))
        return outcome, meter.utilisation

    def _kept(self, claim: Claim, outcome: Outcome) -> Path:
        """The file of the weights. A disk that is full is no fault of the run: that error goes through."""
        import torch

        content = BytesIO()
        torch.save(outcome.weights, content)
        write_whole(path := self.home.weights_of(claim.id), content.getvalue())
        return path

    def _training(self) -> Train:
        if self._train is not None:
            return self._train
        from modules.training import train

        return train

    def _hears(self, claim: Claim, tell: Tell) -> Callable[[int, dict[str, float]], None]:
        def hear(epoch: int, point: dict[str, float]) -> None:
            self.lease.at_epoch(epoch)
            tell(Point(self.worker, claim.key, epoch, point))

        return hear

    def _record(self, run: Run, claim: Claim, status: str, started: float, **found: Any) -> Record:
        assert self._campaign is not None
        by = {"worker": self.worker, "member": self.lease.member, "campaign": self._campaign.id}
        others = {"other_code": True} if self._other_code else {}
        return make_record(run, self.name, claim.attempt, status, started, **by, **others, **found)


def score(record: Record) -> float | None:
    """What the queue is told of a run: its validation accuracy, None where it came to nothing."""
    return None if record["status"] in ("failed", LOST) else record["metrics"]["val_accuracy"]
