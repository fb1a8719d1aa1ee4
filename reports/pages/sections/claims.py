"""Claims of others, judged."""

from __future__ import annotations

from collections.abc import Iterator

from ablations.spec import Claim
from reports.inference.architectures import Overall, overall
from reports.inference.effects import Effect, effects
from reports.inference.verdicts import judge
from reports.numbers import plus_minus
from reports.pages.sections.table import MODEL, Cell, Heading, Table, plain_table
from reports.study import Study

HEADINGS = (Heading("Claim", "name"), Heading("Source", "text"), MODEL, Heading("Found"), Heading("Verdict", "text"))


def claim_table(study: Study) -> Table | None:
    """Every claim over all models and on each, by the intervals of the tables above."""
    rows = (row for claim in study.claims for row in _rows(study, claim))
    return plain_table(study, "claims", "Claims, judged by the same intervals", HEADINGS, rows)


def _rows(study: Study, claim: Claim) -> Iterator[tuple[str | Cell, ...]]:
    over: list[tuple[str, Effect | Overall]] = [("all of them", one) for one in overall(study)]
    said = f"{claim.arm}: {'gap' if claim.measure == 'gap' else 'test accuracy'} {claim.direction}"
    for model, effect in [*over, *((one.model, one) for one in effects(study))]:
        if effect.arm == claim.arm:
            interval = effect.gap if claim.measure == "gap" else effect.accuracy
            verdict = Cell(judge(claim, effect.accuracy, effect.gap), decided=True)
            yield said, claim.source, model, plus_minus(interval.mean, interval.half), verdict
