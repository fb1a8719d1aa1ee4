"""Claims with all numbers in full: claims.csv."""

from __future__ import annotations

import math

import pandas as pd

from reports.inference.claims import JudgedClaim, judged_claims
from reports.study import Study
from reports.words.claims import said

CLAIM_COLUMNS = [
    "claim", "korean", "source", "model", "arm", "than", "measure", "direction", "n", "effect", "low", "high", "unit",
    "verdict",
]  # fmt: skip
"""The columns of claims.csv, which others read."""


def claims_frame(study: Study) -> pd.DataFrame:
    """A row for each claim and architecture: of ratios the ratio, else the difference, in the unit beside it."""
    return pd.DataFrame([_row(one) for one in judged_claims(study)], columns=CLAIM_COLUMNS)


def _row(one: JudgedClaim) -> list[object]:
    claim, effect = one.claim, one.effect
    named = [said(claim, one.score), claim.korean, claim.source, one.model]
    if claim.check:
        return [*named, "", "", f"check {claim.check}", "", 0, math.nan, math.nan, math.nan, "", one.verdict]
    compared = [claim.arm, str(claim.than), claim.measure, claim.direction]
    unit = "times" if claim.compared.ratio else claim.compared.unit
    return [*named, *compared, effect.n, effect.mean, effect.low, effect.high, unit, one.verdict]
