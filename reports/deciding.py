"""More seeds in the middle of an ablation: the rule that its spec declares, applied to what is recorded so far."""

from __future__ import annotations

from collections.abc import Mapping

from reports.inference.looks import next_counts
from reports.sources.recorded import recorded_study
from runs.plan import Cell, Plan
from runs.records import Record
from runs.results import Results


def more_seeds(plan: Plan, records: Mapping[str, Record]) -> dict[Cell, int]:
    """How many seeds each arm is to have in all: decided by the very intervals that the report will show.

    For `runs.execute`, which asks after every stage; `records` are those of the plan's runs, by fingerprint.
    """
    known = {key: {**record, "run_id": record["id"], "curves": {}} for key, record in records.items()}
    return next_counts(recorded_study(plan, Results(known), command=""))
