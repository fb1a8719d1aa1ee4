"""One claim as a picture: the effect of its arm with its interval, a row for each architecture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from ablations.claims import OWN_INTERVALS, Claim
from reports.figures.axes import Axis, effect_axis
from reports.figures.lanes import lane, lanes
from reports.figures.theme import themed
from reports.figures.tips import told
from reports.figures.wording import shortened
from reports.inference.claims import EVERYWHERE, JudgedClaim
from reports.inference.intervals import Interval
from reports.inference.verdicts import same_within
from reports.numbers import MINUS
from reports.words.claims import effect_in_short

KINDS = {"supported": "helps", "refuted": "hurts"}
"""Shape and colour, as of an arm that does so; all else is open."""
CLAIM_SHAPES_SAY = "circle: supported, square: refuted, diamond: undecided; band: differences too small to matter"
TIPS = told(arm="arm:N", effect="effect:N", verdict="verdict:N")
WIDTH = 300
"""Narrow enough to be read on a phone."""
EMPTY = Axis(-1, 1)
"""Where every number is 0, and no data say how long an axis should be."""


def has_claim_figure(rows: Sequence[JudgedClaim]) -> bool:
    """Whether anything was compared that is a number, and is not counted and the same."""
    return any(row.effect.n and not (row.claim.compared.exact and row.effect.mean == 1) for row in rows)


def claim_figure(rows: Sequence[JudgedClaim], margin: float) -> alt.TopLevelMixin:
    """The effects of one claim's arm, in its measure's unit or, of ratios, in percent of the other."""
    known = [row for row in rows if row.effect.n]
    intervals = [_on_axis(row) for row in known]
    near = _near(rows[0].claim, margin)
    axis = effect_axis(intervals, [], near[1])
    axis = axis if axis.high > axis.low else EMPTY
    drawn = [
        lane(_name(row), interval, KINDS.get(row.verdict, "open"), axis, _told(row))
        for row, interval in zip(known, intervals, strict=True)
    ]
    return themed(lanes(drawn, axis, near, _title(rows[0]), TIPS).properties(width=WIDTH))


def _on_axis(row: JudgedClaim) -> Interval:
    """Of ratios, the change in percent."""
    effect = row.effect
    if not row.claim.compared.ratio:
        return effect
    mean, low, high = (100 * (value - 1) for value in (effect.mean, effect.low, effect.high))
    return effect._replace(mean=mean, low=low, high=high)


def _near(claim: Claim, margin: float) -> tuple[float, float]:
    """From where to where differences are too small to matter, on the axis; nowhere where nothing says so."""
    near = same_within(claim, margin) if claim.direction == "same" else margin * (claim.measure in OWN_INTERVALS)
    return (100 * math.expm1(-near), 100 * math.expm1(near)) if claim.compared.ratio else (-near, near)


def _name(row: JudgedClaim) -> str:
    """The architecture, or the arm where there is one architecture only."""
    return "all together" if row.model == EVERYWHERE else shortened(row.model or row.claim.arm, 24)


def _told(row: JudgedClaim) -> dict[str, str]:
    return {"effect": effect_in_short(row), "verdict": row.verdict}


def _title(row: JudgedClaim) -> list[str]:
    """What is on the axis, and what is subtracted from what."""
    claim, measure = row.claim, row.claim.compared
    unit = "%" if measure.ratio else measure.unit
    what = f"{measure.named(row.score)}{f', {unit}' if unit else ''}"
    level = claim.than if isinstance(claim.than, str) else f"{claim.than:,g}".replace("-", MINUS)
    return [what, f"{shortened(claim.arm, 24)} less {shortened(level, 24)}"]
