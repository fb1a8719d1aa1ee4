"""What a person sees of a plan before anything is run."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from ablations import Arm
from ablations.tune import Tune
from reports.searched import budget
from runs.plan import Plan
from runs.trials import expected_runs, searched_cells


def console() -> Console:
    """Standard output; a width that fits files and pipes where there is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, soft_wrap=False)


def plain(text: str) -> str:
    """Text in which rich finds no markup."""
    return text.replace("[", "\\[")


def print_plan(plan: Plan, done: int, seconds: float, slots: int) -> None:
    """Every arm with its proved difference, the number of runs, the expected time."""
    out = console()
    several = len({one.model for one in plan.arms}) > 1
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    for name in ["Arm", *(["Model"] if several else []), "Parameters", "Differs from the baseline in"]:
        table.add_column(name, justify="right" if name == "Parameters" else "left", no_wrap=name.startswith("P"))
    for one in plan.arms:
        differs = "; ".join(one.differs) or _itself(one.arm)
        model = [one.model] if several else []
        table.add_row(plain(one.arm.name), *model, f"{one.parameters:,}", plain(differs))
    out.print(table)
    runs, tune = expected_runs(plan), plan.spec.tune
    left = runs - done
    out.print(f"\n{_search(plan, tune)}" if tune else "", markup=False)
    out.print(
        f"{runs} runs ({len(plan.arms)} arms, {len(plan.spec.seeds)} seeds{', and the search' if tune else ''}), "
        f"{done} of them done; "
        + (
            f"the other {left} take about {duration(seconds)} on {slots} at a time."
            if left
            else "nothing is left to run."
        ),
        markup=False,
    )


def _search(plan: Plan, tune: Tune) -> str:
    """What a search may cost, the same for every arm."""
    searches = len(searched_cells(plan))
    runs = searches * tune.trials * len(tune.seeds)
    pruned = "" if tune.pruning == "none" else ", each at a ninth and a third of its length first, where it may end"
    return (
        f"Searched before: {', '.join(tune.search)}; {budget(tune)} for each of {searches} arms, {runs} runs{pruned}."
    )


def _itself(arm: Arm) -> str:
    carried = f", with {', '.join(edit.factor for edit in arm.edits)}" if arm.edits else ""
    return f"(the baseline itself{carried})"


def duration(seconds: float) -> str:
    """Rounded as people say it."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
