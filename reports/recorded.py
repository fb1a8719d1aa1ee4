"""A study from what was planned and recorded."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ablations.catalog import factor_card
from ablations.factors import FACTORS
from modules.data.facts import DataFacts
from reports.study import CURVE_COLUMNS, RUN_COLUMNS, ArmCard, Study
from runs.plan import Plan, PlannedArm, Run
from runs.results import Results

MEASURES = ("train_accuracy", "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss", "seconds")
COUNTS = ("epochs", "parameters", "macs")


def recorded_study(plan: Plan, results: Results, command: str) -> Study:
    """Every planned run exactly once, with what is recorded of it; `command` is what to type for the same again."""
    spec = plan.spec
    rows = [_row(run, results.records.get(run.fingerprint)) for run in plan.runs]
    runs = pd.DataFrame(rows, columns=[*RUN_COLUMNS, "reason"]).astype({name: "Int64" for name in COUNTS})
    return Study(
        name=spec.name,
        question=spec.question,
        margin=spec.margin,
        runs=runs.astype({name: float for name in MEASURES}),
        arms=tuple(map(_card, plan.arms)),
        claims=spec.claims,
        curves=pd.DataFrame(_points(plan, results), columns=CURVE_COLUMNS),
        provenance=_provenance(plan, results, command),
        chance=100 / plan.data.classes,
        trouble=results.trouble,
    )


def _row(run: Run, record: dict[str, Any] | None) -> dict[str, Any]:
    known = {"fingerprint": run.fingerprint, **run.labels, "parameters": run.planned.parameters}
    if record is None:
        return {**known, "status": "missing"}
    metrics = {name: value for name, value in record["metrics"].items() if math.isfinite(value)}
    status = {"run_id": record["run_id"], "status": record["status"], "reason": record["reason"]}
    return {**known, **{name: metrics[name] for name in (*MEASURES, *COUNTS) if name in metrics}, **status}


def _card(planned: PlannedArm) -> ArmCard:
    arm = planned.arm
    cards = [factor_card(edit.factor) for edit in arm.edits if edit.factor in FACTORS]
    return ArmCard(
        arm.name, arm.factor, arm.level, planned.model, planned.differs,
        " ".join(card["about"] for card in cards), "; ".join(card["source"] for card in cards),
    )  # fmt: skip


def _points(plan: Plan, results: Results) -> Iterator[tuple[Any, ...]]:
    for run in plan.runs:
        record = results.records.get(run.fingerprint, {"curves": {}})
        for measure, values in record["curves"].items():
            for epoch, value in enumerate(values, start=1):
                yield run.planned.model, run.planned.arm.name, run.seed, epoch, measure, value


def _provenance(plan: Plan, results: Results, command: str) -> dict[str, str]:
    spec, records = plan.spec, list(results.records.values())
    data = plan.data
    versions = sorted({f"{name} {version}" for record in records for name, version in record["versions"].items()})
    devices = sorted({record["device"] for record in records if "device" in record})
    said = {
        "Again": command,
        "Data": _about(spec.baseline.data.name, data),
        "Seeds": ", ".join(map(str, spec.seeds)),
        "Baseline": _flat(spec.resolved()["baseline"]),
        "Versions": ", ".join(versions),
        "Trained on": ", ".join(devices) + f"; {platform.machine()} {platform.system()}",
        "Training time": _duration(sum(record["metrics"].get("seconds", 0) for record in records)),
        "Tuned": "nothing was tuned: every arm has the settings named in the spec",
    }
    reused = sorted({record["reused_from"] for record in records if record.get("reused_from")})
    return said | ({"Runs shared with": ", ".join(reused)} if reused else {})


def _about(name: str, data: DataFacts) -> str:
    skipped = f"; {data.skipped:,} left out as unreadable or unlabelled" if data.skipped else ""
    what = f"{data.images:,} images of {data.classes} classes ({data.source})"
    return f"{name}: {what}, checksum {data.checksum}{skipped}"


def _flat(tree: dict[str, Any]) -> str:
    from modules.values import flatten

    return ", ".join(f"{key} {value}" for key, value in flatten(tree).items())


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s in all runs together" if seconds < 600 else f"{seconds / 60:.0f} min in all runs together"
