"""The table's numbers in full: table.csv."""

from __future__ import annotations

import pandas as pd

from ablations.arms import BASELINE
from reports.inference.effects import Effect, effects
from reports.inference.ranks import ranks
from reports.study import Study

MEASURED = ("parameters", "macs", "seconds")


def table_frame(study: Study) -> pd.DataFrame:
    """The table's numbers in full, the baseline among them."""
    lines = [
        {"model": model, "arm": BASELINE, "n": study.count(model, BASELINE),
         **_means(study, model, BASELINE, "test_accuracy", "gap", *MEASURED), **_place(study, model, BASELINE)}
        for model in study.models
    ] + [
        {"model": e.model, "arm": e.arm, "n": e.accuracy.n, "test_accuracy": e.test_accuracy, "effect": e.accuracy.mean,
         "low": e.accuracy.low, "high": e.accuracy.high, "verdict": e.verdict, "gap": e.mean_gap,
         "gap_effect": e.gap.mean,
         "gap_low": e.gap.low, "gap_high": e.gap.high, "gap_verdict": e.gap_verdict, "summary": e.summary,
         "better_seeds": e.better, "collapsed": e.collapsed, "time_ratio": e.time_ratio,
         **_means(study, e.model, e.arm, *MEASURED),
         **_share(e), **_place(study, e.model, e.arm), "looks": len(e.looks), "seeds_needed": e.seeds_needed}
        for e in effects(study)
    ]  # fmt: skip
    names = [
        "model", "arm", "n", "test_accuracy", "effect", "low", "high", "verdict", "gap", "gap_effect", "gap_low",
        "gap_high", "gap_verdict", "summary", "better_seeds", "collapsed", "parameters", "macs", "seconds",
        "time_ratio", "gap_closed", "gap_closed_low", "gap_closed_high", "rank_best", "rank_worst", "looks",
        "seeds_needed",
    ]  # fmt: skip
    counts = ("rank_best", "rank_worst", "looks", "seeds_needed")
    return pd.DataFrame(lines, columns=names).astype(dict.fromkeys(counts, "Int64"))


def _share(effect: Effect) -> dict[str, float]:
    """Of the baseline's gap, where that means anything."""
    closed = effect.gap_closed
    return {"gap_closed": closed.share, "gap_closed_low": closed.low, "gap_closed_high": closed.high}


def _place(study: Study, model: str, arm: str) -> dict[str, int]:
    rank = ranks(study).get((model, arm))
    return {"rank_best": rank.best, "rank_worst": rank.worst} if rank else {}


def _means(study: Study, model: str, arm: str, *names: str) -> dict[str, float]:
    return {name: study.mean(name, model, arm) for name in names}
