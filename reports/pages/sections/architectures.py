"""Effects over all architectures as a part of the page."""

from __future__ import annotations

from ablations.arms import SHAM
from reports.inference.architectures import Overall, overall
from reports.inference.verdicts import DECIDED
from reports.numbers import plus_minus
from reports.pages.sections.table import Cell, Heading, Table, plain_table
from reports.study import Study

NUMBERS = ("n", "Effect", "Change of gap", "Better on", "Over architectures")
HEADINGS = (Heading("Arm", "name"), *map(Heading, NUMBERS), Heading("Verdict", "words"), Heading("Holds for", "words"))
NOTE = (
    "The mean over the {models} architectures within each seed, then as in the main table: a claim about these "
    "architectures, simultaneous over the {arms} arms, which are a family of their own. Over architectures: the same "
    "mean with an interval in which architectures are what is drawn (t with {df} degrees of freedom); where it leaves "
    "out 0, too, the claim holds beyond them."
)


def architecture_table(study: Study) -> Table | None:
    """Every arm that was run on all of several architectures."""
    found = overall(study)
    if not found:
        return None
    models, arms = found[0].models, sum(one.arm != SHAM for one in found)
    note = NOTE.format(models=models, arms=arms, df=models - 1)
    return plain_table(study, "architectures", "Over all architectures", HEADINGS, map(_row, found), note)


def _row(one: Overall) -> list[str | Cell]:
    effect, gap = (
        Cell(plus_minus(interval.mean, interval.half), verdict in DECIDED and one.arm != SHAM)
        for interval, verdict in ((one.accuracy, one.verdict), (one.gap, one.gap_verdict))
    )
    return [
        one.arm, str(one.accuracy.n), effect, gap, f"{one.better} of {one.models}",
        plus_minus(one.beyond.mean, one.beyond.half), one.phrase, one.reach,
    ]  # fmt: skip
