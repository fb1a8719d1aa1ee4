"""Claims of others, judged."""

from __future__ import annotations

from reports.inference.claims import JudgedClaim, judged_claims
from reports.pages.sections.table import MODEL, Cell, Heading, Table, plain_table
from reports.study import Study
from reports.words.claims import asserted, claims_method, effect_in_short

TERM = Heading("Term", "text")
HEADINGS = (
    Heading("Claim", "name"), TERM, Heading("Judged by", "text"), Heading("Source", "text"), MODEL,
    Heading("n"), Heading("Found", "text"), Heading("Verdict", "text"),
)  # fmt: skip


def claim_table(study: Study) -> Table | None:
    """Every claim over all models and on each; without the columns that no claim fills."""
    rows = [_row(one) for one in judged_claims(study)]
    filled = [place for place in range(len(HEADINGS)) if any(_text(row[place]) for row in rows)]
    headings = [HEADINGS[place] for place in filled]
    shown = ([row[place] for place in filled] for row in rows)
    note = f"Judged {claims_method(study)}."
    return plain_table(study, "claims", "Claims, judged", headings, shown, note)


def _text(entry: str | Cell) -> str:
    return entry.text if isinstance(entry, Cell) else entry


def _row(one: JudgedClaim) -> list[str | Cell]:
    claim, compared = one.claim, asserted(one.claim, one.score)
    return [
        claim.says or compared, claim.korean, compared if claim.says else "", claim.source, one.model,
        str(one.effect.n) if one.effect.n else "", effect_in_short(one), Cell(one.verdict, decided=True),
    ]  # fmt: skip
