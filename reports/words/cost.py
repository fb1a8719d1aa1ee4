"""What a study cost, in time."""

from __future__ import annotations

import math

from ablations.arms import SHAM
from reports.inference.effects import effects
from reports.study import Study


def cost(study: Study) -> str:
    """All training together, and what an arm takes beside the baseline; empty where nobody took the time."""
    seconds = float(study.runs["seconds"].sum())
    if not seconds:
        return ""
    ratios = [e.time_ratio for e in effects(study) if e.arm != SHAM and not math.isnan(e.time_ratio)]
    timed = int(study.runs["seconds"].notna().sum())
    total = f"{duration(seconds)} of training in {timed:,} run{'s' * (timed != 1)}"
    return f"{total}; {_beside(min(ratios), max(ratios))}." if ratios else f"{total}."


def _beside(least: float, most: float) -> str:
    low, high = f"{least:.1f}", f"{most:.1f}"
    return f"an arm takes {low if low == high else f'{low} to {high}'} times as long as the baseline"


def duration(seconds: float) -> str:
    """As people say it: in the largest unit of which there are two or more."""
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
