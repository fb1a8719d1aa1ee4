"""What a person sees of a plan before anything is run."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from runs.plan import Plan


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
        differs = "; ".join(one.differs) or "(the baseline itself)"
        model = [one.model] if several else []
        table.add_row(plain(one.arm.name), *model, f"{one.parameters:,}", plain(differs))
    out.print(table)
    left = len(plan.runs) - done
    out.print(
        f"\n{len(plan.runs)} runs ({len(plan.arms)} arms, {len(plan.spec.seeds)} seeds), {done} of them done; "
        + (
            f"the other {left} take about {duration(seconds)} on {slots} at a time."
            if left
            else "nothing is left to run."
        ),
        markup=False,
    )


def duration(seconds: float) -> str:
    """Rounded as people say it."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
