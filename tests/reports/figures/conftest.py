"""What a chart was drawn from."""

import altair as alt
import pytest


@pytest.fixture
def rows():
    """All rows of all data that a chart holds."""

    def of(chart):
        with alt.data_transformers.enable("default", max_rows=None):
            return [row for rows in chart.to_dict()["datasets"].values() for row in rows]

    return of
