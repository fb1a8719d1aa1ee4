"""What the table looks like in a terminal."""

import io

import pytest
from rich.console import Console

from reports.terminal.table import study_table

LONG = "optimizer sgd, lr=0.003, momentum=0.9, nesterov=True"


@pytest.fixture
def study(studies):
    return studies.study(studies.runs({"baseline": (0.0, 0.0), LONG: (8.0, -20.0), "sham": (0.0, 0.0)}), claims=())


@pytest.mark.parametrize("width", [100, 120, 200])
def test_a_long_name_of_an_arm_leaves_room_for_the_verdict(study, width):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(study_table(study, width))
    shown = console.export_text()
    assert max(map(len, shown.splitlines())) <= width
    assert "reduces overfitting and" in shown
    assert "…" not in shown
