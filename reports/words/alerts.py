"""Alerts: what a reader has to know before trusting a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ablations.arms import BASELINE, SHAM
from ablations.designs import PLAIN
from ablations.seeds import Stein
from reports.inference.collapse import collapsed_counts
from reports.inference.effects import effects
from reports.inference.intervals import FEWEST, paired_interval
from reports.inference.looks import next_counts
from reports.numbers import few, signed
from reports.study import Study
from reports.words.unpaired import MOST_NAMED, unpaired

FEW = 5
"""Seeds below which intervals are wider than most people think."""


def alerts(study: Study) -> list[str]:
    """One sentence each, the gravest first; empty where there is nothing to warn of."""
    return [
        *_unfinished(study),
        *_nothing_to_compare_with(study),
        *unpaired(study),
        *_other_code(study),
        *_working_sham(study),
        *_not_overfitting(study),
        *_collapsed(study),
        *_few_seeds(study),
        *_looks(study),
        *_commits(study),
    ]


def _unfinished(study: Study) -> Iterator[str]:
    status = study.runs["status"].value_counts()
    if missing := status.get("missing", 0):
        cure = "; the same `ablate run` goes on with them" if study.ours else ""
        yield f"{missing} of {len(study.runs)} runs are missing{cure}."
    failed = study.runs[study.runs["status"] == "failed"]
    if len(failed):
        first = failed.iloc[0]
        reason = f": {first['reason']}" if isinstance(first["reason"], str) else ""
        named = f"{first['arm']} seed {first['seed']}{reason}"
        yield f"{len(failed)} of {len(study.runs)} runs failed; the first, {named}."
    if study.trouble:
        yield f"The tracker could not be asked ({study.trouble}); the numbers are those recorded on this machine."


def _nothing_to_compare_with(study: Study) -> Iterator[str]:
    if study.comparable and (lost := [model for model in study.models if model not in study.comparable]):
        yield f"Nothing is compared on {', '.join(lost)}, whose baseline left no numbers."


def _other_code(study: Study) -> Iterator[str]:
    others = study.runs[study.runs["other_code"].eq(True)]
    if len(others):
        commits = ", ".join(sorted(others["commit"].dropna().unique())) or "an unknown commit"
        yield (
            f"{len(others)} of {len(study.runs)} runs were trained with other code than was planned ({commits}), as "
            "`--other-code` allows: a difference between arms may be one of code."
        )


def _commits(study: Study) -> Iterator[str]:
    commits = sorted(study.runs["commit"].dropna().unique())
    if study.ours and len(commits) > 1:
        yield (
            f"The runs are from {len(commits)} commits ({few(commits, MOST_NAMED)}); by their fingerprints, what "
            "training passes through is the same in all of them."
        )


def _working_sham(study: Study) -> Iterator[str]:
    for effect in effects(study):
        if effect.arm == SHAM and effect.verdict in ("helps", "hurts"):
            yield (
                f"The sham, which changes nothing, {effect.verdict} on {effect.model} "
                f"({signed(effect.accuracy.mean)} points): effects of that size here may be chance."
            )


def _not_overfitting(study: Study) -> Iterator[str]:
    arm, said = (PLAIN, "plain recipe") if study.full_set else (BASELINE, "baseline")
    if arm not in study.row_of:  # of one factor alone there is no arm without all of them
        return
    gaps = study.grid("gap")[:, study.row_of[arm]]
    for model, values in zip(study.models, gaps, strict=True):
        gap = paired_interval(values[np.isfinite(values)])
        found = f"gap {signed(gap.low)} to {signed(gap.high)}"
        if gap.tested and gap.high < study.margin:
            yield f"The {said} does not overfit on {model} ({found}): there is nothing to remedy."
        elif gap.tested and gap.low <= 0:
            yield f"The {said} is not shown to overfit on {model} ({found}), so there may be nothing to remedy."


def _collapsed(study: Study) -> Iterator[str]:
    for model in study.models:
        counts = {arm: collapsed_counts(study)[model, arm] for arm in study.arm_names}
        shown = [f"{arm} {out} of {n}" for arm, (out, n) in counts.items() if out]
        if shown:
            yield f"Collapsed runs (diverged, at chance, or far from their arm) on {model}: {few(shown, MOST_NAMED)}."


def _few_seeds(study: Study) -> Iterator[str]:
    seeds = max((effect.accuracy.n for effect in effects(study)), default=FEW)
    if seeds < FEW:
        yield f"Only {seeds} seed{'s' * (seeds != 1)}: intervals are wide, and below {FEWEST} nothing is tested."


def _looks(study: Study) -> Iterator[str]:
    """What was declared about seeds, how far it went, and which runs no look has taken in."""
    if study.sampling is None:
        return
    yield f"Seeds were added by a rule declared before the runs: {study.sampling.words}. {_taken(study)}"
    yield from _asked_for(study)
    if unused := sum(study.count(effect.model, effect.arm) - effect.runs for effect in effects(study)):
        yield f"{unused} runs lie beyond the last look that is complete for their arm, and are not used."


def _asked_for(study: Study) -> Iterator[str]:
    """Arms that lack seeds which the rule wants them to have."""
    counts = next_counts(study)
    short = [f"{arm} {wanted}" for (arm, model), wanted in counts.items() if not study.carried_out(model, arm, wanted)]
    if short:
        yield f"By that rule there are seeds to come, in all: {few(short, MOST_NAMED)}."


def _taken(study: Study) -> str:
    found = [effect for effect in effects(study) if effect.arm != SHAM]
    if isinstance(study.sampling, Stein):
        counts = [effect.accuracy.n for effect in found]
        return f"Arms have {min(counts)} to {max(counts)} seeds."
    ended = sorted(Counter(len(effect.looks) for effect in found).items())
    return f"They ended: {', '.join(f'{arms} at look {look}' for look, arms in ended)}."
