"""The tables of the page: a file each, and a line here."""

from __future__ import annotations

from collections.abc import Callable

from reports.pages.sections.architectures import architecture_table as architecture_table
from reports.pages.sections.claims import claim_table
from reports.pages.sections.comparison import comparison as comparison
from reports.pages.sections.failures import failure_table
from reports.pages.sections.interactions import interaction_table
from reports.pages.sections.looks import look_table
from reports.pages.sections.members import member_table
from reports.pages.sections.places import place_table
from reports.pages.sections.settings import chosen_settings as chosen_settings
from reports.pages.sections.table import Table
from reports.study import Study

FURTHER: tuple[Callable[[Study], Table | None], ...] = (
    interaction_table, claim_table, place_table, look_table, member_table, failure_table,
)  # fmt: skip
"""What comes after the main table and the figures, in the order of the page."""


def further_tables(study: Study) -> list[Table]:
    """Those for which the study has data."""
    return [table for make in FURTHER if (table := make(study)) is not None]
