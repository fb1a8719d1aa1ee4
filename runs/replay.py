"""Replay: a recorded run trained again, compared bit for bit."""

from __future__ import annotations

from typing import Any, NamedTuple

from ablations.factors import recipe_from_data
from modules.fingerprint import fingerprint
from runs.home import Home
from runs.records import Record, Records, versions

CLOCKED = frozenset({"seconds", "seconds_per_image", "peak_memory_mb"})
"""Measured by a clock or an allocator, so not the same twice."""


class NotReplayable(ValueError):
    """There is no such run, or it left nothing to compare with."""


class Compared(NamedTuple):
    """A number as recorded and as found again."""

    measure: str
    recorded: Any
    again: Any

    @property
    def equal(self) -> bool:
        return self.recorded == self.again


class Replay(NamedTuple):
    """A run done twice."""

    record: Record
    compared: list[Compared]
    reasons: list[str]
    """What is not as it was: code, libraries, device. Differences are no surprise then."""

    @property
    def equal(self) -> bool:
        return all(one.equal for one in self.compared)


def replay(run_id: str, home: Home) -> Replay:
    """Trains a run again, in this process on one thread, and compares every metric and every epoch of its curves.

    `run_id` is MLflow's, or the fingerprint. Raises NotReplayable.
    """
    record = find_record(run_id, home)
    recipe = recipe_from_data(record["recipe"])
    import torch

    from modules.training import train

    torch.set_num_threads(1)
    again = train(recipe, record["seed"], "cpu" if record["device"] == "cpu" else "cuda")
    changed = fingerprint(recipe, record["seed"]) != record["fingerprint"]
    reasons = ["the code that it passes through has changed"] if changed else []
    reasons += [f"{k} was {record['versions'].get(k)}, is {v}" for k, v in versions().items()
                if record["versions"].get(k) != v]  # fmt: skip
    if again.device != record["device"]:
        reasons.append(f"it was trained on {record['device']}, now on {again.device}")
    return Replay(record, _compare(record, again.metrics, again.curves), reasons)


def find_record(run_id: str, home: Home) -> Record:
    """The record of a run that finished or diverged; raises NotReplayable."""
    record = Records(home).find(run_id)
    if record is None and home.root.exists():
        from runs.tracking import record_of

        record = record_of(home, run_id)
    if record is None:
        raise NotReplayable(
            f"{run_id}: no such run in {home.root}; its id stands in runs.csv (run_id) and in the MLflow UI"
        )
    if record["status"] == "failed":
        raise NotReplayable(f"{run_id}: failed ({record['reason']}), so there is nothing to compare with; run it again")
    return record


def _compare(record: Record, metrics: dict[str, float], curves: dict[str, list[float]]) -> list[Compared]:
    scalars = [
        Compared(name, record["metrics"].get(name), metrics.get(name))
        for name in sorted(record["metrics"].keys() | metrics.keys() - CLOCKED)
        if name not in CLOCKED
    ]
    return scalars + [
        Compared(f"{name} per epoch", record["curves"].get(name), curves.get(name))
        for name in sorted(record["curves"].keys() | curves.keys())
    ]
