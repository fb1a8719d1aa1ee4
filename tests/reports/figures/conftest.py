"""What a chart was drawn from."""

from collections.abc import Iterator, Mapping

import altair as alt
import pytest

from reports.study import ArmCard


def _data(tree) -> Iterator[list]:
    """All data that stand anywhere in a specification."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key == "datasets":
                yield from value.values()
            elif key == "data":
                yield value.get("values", [])
            else:
                yield from _data(value)
    if isinstance(tree, list):
        for value in tree:
            yield from _data(value)


@pytest.fixture
def rows():
    """All rows of all data that a chart holds."""

    def of(chart):
        with alt.data_transformers.enable("default", max_rows=None):
            return [row for rows in _data(chart.to_dict()) for row in rows]

    return of


@pytest.fixture
def many(studies):
    """A study with more arms than any figure has room for: effects from 0 up to the given size, both ways."""

    def of(arms=200, size=20.0, models=("lenet5",), seeds=3):
        effects = {f"arm {at}": ((-1) ** at * size * at / arms, -at / 10) for at in range(arms)}
        runs = studies.runs({"baseline": (0, 0), **effects, "sham": (0, 0)}, models=models, seeds=seeds, spread=0.2)
        cells = runs[["arm", "factor", "level", "model"]].drop_duplicates()
        return studies.study(runs, claims=(), arms=tuple(ArmCard(*cell) for cell in cells.itertuples(index=False)))

    return of
