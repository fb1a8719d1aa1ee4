"""Ensembles against their members, as a part of the page."""

from __future__ import annotations

from reports.inference.members import AgainstMembers, against_members
from reports.numbers import plus_minus
from reports.pages.sections.table import MODEL, Heading, Table, plain_table
from reports.study import Study

NUMBERS = ("Members", "n", "Test {score}", "Mean of members", "Gain", "Better", "Test loss, change")
NOTE = (
    "What averaging the members' probabilities does, against the mean of the members' own scores under the same seed. "
    "The loss of the average is never above the mean of the losses (Jensen). ± as above, simultaneous over {}; "
    "exploratory, so no verdict. An ensemble's parameters, MACs and time count all its members."
)


def member_table(study: Study) -> Table | None:
    """Every ensemble that left the scores of its members."""
    found = against_members(study)
    headings = (Heading("Arm", "name"), MODEL, *(Heading(name.format(score=study.score)) for name in NUMBERS))
    over = f"{len(found)} ensemble{'s' * (len(found) > 1)}"
    return plain_table(
        study, "members", "Ensembles, against their members", headings, map(_row, found), NOTE.format(over)
    )


def _row(one: AgainstMembers) -> list[str]:
    """Losses have two more digits, being small numbers."""
    gain, loss = one.gain, one.loss
    return [
        one.arm, one.model, str(one.members), str(gain.n), f"{one.test_accuracy:.1f}", f"{one.members_accuracy:.1f}",
        plus_minus(gain.mean, gain.half), f"{one.better} of {gain.n}", plus_minus(loss.mean, loss.half, digits=3),
    ]  # fmt: skip
