"""The tables: a row an experiment, a column an outcome, each rate with its error and, where they differ, its goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Column, Table

from tests.calibrate.experiment import Experiment, Goal, Rate

Found = Sequence[tuple[Experiment, Mapping[str, Rate]]]


def table(found: Found) -> Table:
    outcomes = list(dict.fromkeys(name for _, rates in found for name in rates))
    common = {name: goals.pop() for name in outcomes if len(goals := _goals(found, name)) == 1}
    heads = [f"{name}\n{common.get(name) or ''}" for name in outcomes]
    made = Table(Column(no_wrap=True), *heads, box=None, pad_edge=False, header_style="bold")
    for experiment, rates in found:
        cells = [_cell(rates.get(name), experiment.goals.get(name), name not in common) for name in outcomes]
        made.add_row(experiment.setting, *cells)
    return made


def _goals(found: Found, name: str) -> set[Goal | None]:
    return {experiment.goals.get(name) for experiment, rates in found if name in rates}


def _cell(rate: Rate | None, goal: Goal | None, goal_shown: bool) -> str:
    if rate is None:
        return ""
    said = f"{_short(rate.value)} ±{_short(rate.error)}"
    if goal is None:
        return said
    wanted = f" ({goal})" if goal_shown else ""
    return f"{said}{wanted}{_mark(rate, goal)}"


def _short(value: float) -> str:
    return f"{value:.1f}" if value >= 2 else f"{value:.3f}".removeprefix("0")


def _mark(rate: Rate, goal: Goal) -> str:
    if rate.meets(goal):
        return ""
    return " known" if goal.known else " FAIL"
