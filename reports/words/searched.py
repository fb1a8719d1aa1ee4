"""What was tuned, for a reader: the budget, and what was chosen for every arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ablations.arms import shown
from ablations.space import is_control
from ablations.tune import Tune
from runs.plan import Plan
from runs.trials import Found, searched_cells

SAMPLERS = {"tpe": "TPE", "random": "at random"}
PRUNING = {
    "none": "",
    "hyperband": ", Hyperband: a ninth and a third of the epochs first, and what did badly then was given up",
}
HEADINGS = ("Arm", "Model", "Chosen", "Validation", "With the spec's own", "Trials", "Given up", "Bad runs", "Epochs")


def tuned(plan: Plan) -> str:
    """What was searched, by what, and with what budget."""
    tune = plan.spec.tune
    if tune is None:
        return "nothing was tuned: every arm has the settings named in the spec"
    said = (
        f"{', '.join(tune.search)}, on validation {plan.score} alone; {budget(tune)} "
        f"({', '.join(map(str, tune.seeds))}, none of them reported) for every arm, "
        f"{SAMPLERS[tune.sampler]}{PRUNING[tune.pruning]}; the first trial is the spec's own setting"
    )
    return "; ".join([said, *_exceptions(plan), *_names(plan, tune)])


def budget(tune: Tune) -> str:
    """What is spent on an arm."""
    return f"{tune.trials} trials x {len(tune.seeds)} seed{'s' * (len(tune.seeds) > 1)}"


def _exceptions(plan: Plan) -> Iterator[str]:
    searched = {arm for arm, _ in searched_cells(plan)}
    others = {one.arm.name: is_control(one.arm) for one in plan.arms if one.arm.name not in searched}
    if shams := [name for name, control in others.items() if control]:
        yield f"{', '.join(shams)}: as chosen for the baseline"
    if idle := [name for name, control in others.items() if not control]:
        yield f"nothing to search in: {', '.join(idle)}"


def _names(plan: Plan, tune: Tune) -> Iterator[str]:
    """A name leaves out what is searched, but where the path of the recipe has another name than the setting."""
    told = (one.arm for one in plan.arms if "=" in one.arm.name)
    edits = [edit for arm in told for edit in arm.switched]
    if any(key in edit.fields and not key.startswith(f"{edit.factor}.") for edit in edits for key in tune.search):
        yield "arms are called by the settings that the spec gives them, not by those that were chosen"


def searched_table(searches: Sequence[Found]) -> list[list[str]]:
    """The headings, then a row for every search; empty where nothing was searched. What was moved says from where."""
    table = [list(HEADINGS), *map(_row, searches)] if searches else []
    several = len({model for _, model in (one.cell for one in searches)}) > 1
    return table if several else [[arm, *rest] for arm, _, *rest in table]


def _row(one: Found) -> list[str]:
    counts = (one.trials, one.pruned, one.bad_runs, one.epochs)
    return [*one.cell, _chosen(one), f"{one.value:.1f} %", f"{one.own_value:.1f} %", *(f"{n:,}" for n in counts)]


def _chosen(one: Found) -> str:
    return "; ".join(_setting(key, value, one.own[key]) for key, value in one.chosen.items())


def _setting(key: str, value: Any, own: Any) -> str:
    as_in_spec = "as in the spec" if value == own else f"was {_number(own)}"
    return f"{key} {_number(value)} ({as_in_spec})"


def _number(value: Any) -> str:
    return shown({"": value}).removeprefix("=")
