"""What a person sees of a plan before anything is run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ablations.seeds import Looks, Stein
from ablations.tune import Tune
from ablations.views import View
from reports.words.searched import budget
from runs.forecast import duration
from runs.outlook import Outlook
from runs.plan import Plan
from runs.stages import reached
from runs.trials import searched_cells


def console() -> Console:
    """Standard output; a width that fits files and pipes where there is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, soft_wrap=False)


def plain(text: str) -> str:
    """Text in which rich finds no markup."""
    return text.replace("[", "\\[")


def print_plan(found: Outlook, seconds: Sequence[float], slots: int) -> None:
    """Every arm with its proved difference, the number of runs, the expected time: of those that are missing, and of
    those that a rule may add."""
    plan, out = found.plan, console()
    out.print(_arms(plan.view))
    out.print(f"\n{_search(plan, plan.spec.tune)}" if plan.spec.tune else "", markup=False)
    out.print(f"{_runs(found)} {_left(len(found.missing), seconds[0], slots)}", markup=False)
    if plan.spec.rule:
        out.print(_added(found, plan.spec.rule, sum(seconds)), markup=False)


def _arms(view: View) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    for column in view.columns:
        table.add_column(column.heading, justify="right" if column.numeric else "left", no_wrap=column.numeric)
    for row in view.rows:
        table.add_row(*(plain(cell.text) for cell in row))
    return table


def _runs(found: Outlook) -> str:
    plan = found.plan
    seeds = reached(plan) or f"{len(plan.spec.seeds)} seeds"
    searched = ", and the search" if plan.spec.tune else ""
    return f"{found.runs} runs ({len(plan.arms)} arms, {seeds}{searched}), {len(found.done)} of them done;"


def _left(missing: int, seconds: float, slots: int) -> str:
    if not missing:
        return "nothing is left to run."
    return f"the other {missing} take about {duration(seconds)} on {slots} at a time."


def _added(found: Outlook, rule: Looks | Stein, seconds: float) -> str:
    """What the rule may come to."""
    most = f"at most {found.most} runs, about {duration(seconds)}" if found.later else "nothing is added after these"
    return f"Seeds: {rule.words}; {most}."


def _search(plan: Plan, tune: Tune) -> str:
    """What a search may cost, the same for every arm."""
    searches = len(searched_cells(plan))
    runs = searches * tune.trials * len(tune.seeds)
    pruned = "" if tune.pruning == "none" else ", each at a ninth and a third of its length first, where it may end"
    return (
        f"Searched before: {', '.join(tune.search)}; {budget(tune)} for each of {searches} arms, {runs} runs{pruned}."
    )
