"""Optuna's studies in a database, removed by their tables: Optuna would read and delete the trials one by one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Engine, delete, func, select

from runs.shared.reaching import SCHEMA


def drop_studies(engine: Engine, prefix: str, keep: str) -> None:
    """Removes the studies whose names begin so, but those whose names begin like those to keep."""
    found = sa.MetaData(schema=SCHEMA)
    with engine.begin() as connection:
        found.reflect(connection)
        studies, trials = (found.tables[f"{SCHEMA}.{name}"] for name in ("studies", "trials"))
        old = func.starts_with(studies.c.study_name, prefix) & ~func.starts_with(studies.c.study_name, keep)
        gone = connection.scalars(select(studies.c.study_id).where(old)).all()
        theirs = select(trials.c.trial_id).where(trials.c.study_id.in_(gone))
        for table in reversed(found.sorted_tables):
            if table is not trials and "trial_id" in table.c:
                connection.execute(delete(table).where(table.c.trial_id.in_(theirs)))
            elif "study_id" in table.c:
                connection.execute(delete(table).where(table.c.study_id.in_(gone)))
