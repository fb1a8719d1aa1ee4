"""What an arm's mark says, and what the interactive figure tells when it is pointed at."""

from __future__ import annotations

from typing import Any

import altair as alt

from ablations.arms import SHAM
from reports.inference.effects import Effect
from reports.numbers import plus_minus


def told(**fields: str) -> list[alt.Tooltip]:
    """Title -> field, with its type."""
    return [alt.Tooltip(field, title=title.replace("_", " ")) for title, field in fields.items()]


KINDS = {"helps": "helps", "hurts": "hurts", "no effect larger than the margin": "within"}
"""What is decided of an arm; all else is open."""
EFFECT_TIPS = told(arm="arm:N", effect="effect:N", verdict="verdict:N", gap_change="gap:N", seeds="n:Q")


def effect_told(e: Effect) -> dict[str, Any]:
    """The fields of EFFECT_TIPS, beside the arm's name."""
    return {
        "effect": plus_minus(e.accuracy.mean, e.accuracy.half), "gap": plus_minus(e.gap.mean, e.gap.half),
        "verdict": e.summary, "n": e.accuracy.n,
    }  # fmt: skip


def kind_of(e: Effect) -> str:
    """The key of its colour and shape; the sham is a control and neither helps nor hurts."""
    return "open" if e.arm == SHAM and e.verdict in ("helps", "hurts") else KINDS.get(e.verdict, "open")
