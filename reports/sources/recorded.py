"""A study from what was planned and recorded."""

from __future__ import annotations

import math
import platform
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from ablations.arms import BASELINE
from ablations.catalog import factor_card
from ablations.doses import baseline_settings
from ablations.measures import MEASURES, MEMBER, MEMBERS, UNSTEADINESS
from modules.data.facts import DataFacts
from modules.recipe import Recipe
from modules.values import flatten
from reports.study import (
    COUNTS,
    CURVE_COLUMNS,
    MEMBER_COLUMNS,
    MORE_COLUMNS,
    PROBE_COLUMNS,
    RUN_COLUMNS,
    ArmCard,
    FactorCard,
    Study,
)
from reports.words.cost import duration
from reports.words.searched import tuned
from runs.plan import Plan, PlannedArm, Run
from runs.results import Results
from runs.trials import findings

ALWAYS = ("train_accuracy", "train_accuracy_clean", "val_accuracy", "test_accuracy", "gap", "test_loss", "seconds")


def recorded_study(plan: Plan, results: Results, command: str) -> Study:
    """Every planned run exactly once, with what is recorded of it; `command` is what to type for the same again."""
    spec = plan.spec
    further = _further_measures(plan, results)
    rows = [_row(run, results.records.get(run.fingerprint), further) for run in plan.runs]
    names = [*RUN_COLUMNS, *MORE_COLUMNS, *further]
    runs = pd.DataFrame(rows, columns=names).astype({name: "Int64" for name in COUNTS})
    return Study(
        name=spec.name,
        question=spec.question,
        margin=spec.margin,
        runs=runs.astype({name: float for name in (*ALWAYS, *further)}),
        arms=_arms(plan),
        factors=tuple(map(_factor, _switched(plan))),
        full_set=tuple(edit.factor for edit in plan.arms[0].arm.edits),
        claims=spec.claims,
        checks=results.checks,
        score=plan.score,
        curve=plan.curve,
        curves=pd.DataFrame(_points(plan, results), columns=CURVE_COLUMNS),
        probes=pd.DataFrame(_probes(plan, results), columns=PROBE_COLUMNS),
        members=pd.DataFrame(_members(plan, results), columns=MEMBER_COLUMNS),
        sights=_sights(plan, results),
        provenance=_provenance(plan, results, command),
        searches=tuple(findings(plan, results.records)),
        chance=100 / plan.data.classes if plan.score == "accuracy" else None,
        sampling=spec.rule,
        trouble=results.trouble,
    )


def _further_measures(plan: Plan, results: Results) -> list[str]:
    """What any run left or claims are about, and no column has; unsteadiness is in no record, but in the curves."""
    left = set().union(*(record["metrics"] for record in results.records.values()))
    wanted = [name for name in MEASURES if name in left] + [claim.measure for claim in plan.spec.claims]
    return [name for name in dict.fromkeys(wanted) if name not in (*RUN_COLUMNS, *MORE_COLUMNS, UNSTEADINESS)]


def _row(run: Run, record: dict[str, Any] | None, further: Collection[str]) -> dict[str, Any]:
    known = {"fingerprint": run.fingerprint, **run.labels, "parameters": run.planned.parameters}
    if record is None:
        return {**known, "status": "missing"}
    metrics = {name: value for name, value in record["metrics"].items() if math.isfinite(value)}
    status = {"run_id": record["run_id"], "status": record["status"], "reason": record["reason"]}
    code = {"commit": record.get("commit"), "other_code": record.get("other_code", False)}
    measured = {name: metrics[name] for name in (*ALWAYS, *COUNTS, *further) if name in metrics}
    return {**known, **measured, **status, **code}


def _arms(plan: Plan) -> tuple[ArmCard, ...]:
    baselines = {planned.model: planned.recipe for planned in plan.arms if planned.arm.name == BASELINE}
    return tuple(_arm(planned, baselines[planned.model]) for planned in plan.arms)


def _arm(planned: PlannedArm, baseline: Recipe) -> ArmCard:
    arm = planned.arm
    own = baseline_settings(arm.switched[0], planned.recipe, baseline) if len(arm.switched) == 1 else {}
    return ArmCard(arm.name, arm.factor, arm.level, planned.model, planned.differs, arm.switched, own)


def _switched(plan: Plan) -> list[str]:
    """The factors that some arm switches, in the order of the arms."""
    return list(dict.fromkeys(edit.factor for planned in plan.arms for edit in planned.arm.switched))


def _factor(name: str) -> FactorCard:
    card = factor_card(name)
    return FactorCard(name, card["about"], card["source"], card["expect"], card["pitfall"], tuple(card["cites"]))


def _points(plan: Plan, results: Results) -> Iterator[tuple[Any, ...]]:
    for run in plan.runs:
        record = results.records.get(run.fingerprint, {"curves": {}})
        for measure, values in record["curves"].items():
            for epoch, value in enumerate(values, start=1):
                yield run.planned.model, run.planned.arm.name, run.seed, epoch, measure, value


def _probes(plan: Plan, results: Results) -> Iterator[tuple[Any, ...]]:
    for run in plan.runs:
        probed = results.records.get(run.fingerprint, {}).get("probe", {})
        for moment, layers in probed.items():
            for number, (layer, spreads) in enumerate(layers.items(), start=1):
                for measure, value in spreads.items():
                    yield run.planned.model, run.planned.arm.name, run.seed, moment, number, layer, measure, value


def _members(plan: Plan, results: Results) -> Iterator[tuple[Any, ...]]:
    for run in plan.runs:
        metrics = results.records.get(run.fingerprint, {"metrics": {}})["metrics"]
        numbers = sorted({int(found[1]) for found in map(MEMBER.fullmatch, metrics) if found})
        for number in numbers:
            scores = (metrics.get(f"member_{number}_{name}", math.nan) for name in MEMBERS)
            yield run.planned.model, run.planned.arm.name, run.seed, number, *scores


def _sights(plan: Plan, results: Results) -> dict[tuple[str, str], Any]:
    """The images that runs of the first seed left."""
    first = [run for run in plan.runs if run.seed == plan.spec.seeds[0]]
    left = {run.planned.cell: results.records.get(run.fingerprint, {}).get("pictures") for run in first}
    return {(model, arm): images for (arm, model), images in left.items() if images}


def _provenance(plan: Plan, results: Results, command: str) -> dict[str, str]:
    spec, records = plan.spec, list(results.records.values())
    data = plan.data
    versions = sorted({f"{name} {version}" for record in records for name, version in record["versions"].items()})
    commits = sorted({record["commit"] for record in records if record.get("commit")})
    devices = sorted({record["device"] for record in records if "device" in record})
    said = {
        "Again": command,
        "Data": _about(spec.baseline.data.name, data),
        "Seeds": _seeds(plan),
        "Baseline": _flat(spec.resolved()["baseline"]),
        "Versions": ", ".join(versions),
        **({"Commit": ", ".join(commits)} if commits else {}),
        "Trained on": ", ".join(devices) + f"; {platform.machine()} {platform.system()}",
        "Training time": _duration(sum(record["metrics"].get("seconds", 0) for record in records)),
        **({"Carried out": _span(records)} if records else {}),
        "Tuned": tuned(plan),
    }
    reused = sorted({record["reused_from"] for record in records if record.get("reused_from")})
    return said | ({"Runs shared with": ", ".join(reused)} if reused else {})


def _seeds(plan: Plan) -> str:
    """Those that some arm had, and the rule by which it got them."""
    seeds = ", ".join(map(str, dict.fromkeys(run.seed for run in plan.runs)))
    return f"{seeds} ({plan.spec.rule.words})" if plan.spec.rule else seeds


def _about(name: str, data: DataFacts) -> str:
    skipped = f"; {data.skipped:,} left out as unreadable or unlabelled" if data.skipped else ""
    what = f"{data.images:,} images of {data.classes} classes ({data.source})"
    return f"{name}: {what}, checksum {data.checksum}{skipped}"


def _flat(tree: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in flatten(tree).items())


def _span(records: list[dict[str, Any]]) -> str:
    """From the start of the first run to the end of the last."""
    first, last = min(record["started"] for record in records), max(record["ended"] for record in records)
    start, end = (datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M") for moment in (first, last))
    return f"{start} to {end} UTC ({duration(last - first)})"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s in all runs together" if seconds < 600 else f"{seconds / 60:.0f} min in all runs together"
