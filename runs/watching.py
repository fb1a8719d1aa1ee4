"""How far an ablation is, told once or watched until nothing is left to do."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from runs.plan import Plan
from runs.standing import counts, is_done, is_over, left, lines, table, troubles
from runs.status import STATES, Onlooker, Status

EVERY = 1.0
"""Seconds between two looks."""
PLAN_EVERY = 5
"""Looks between two readings of a plan that may grow."""
WIDTH = 120
"""Characters of a line where there is no terminal."""


def tell(found: Status) -> None:
    """All that is known."""
    out = _console()
    for line in lines(found):
        out.print(line, soft_wrap=True)
    out.print(table(found["arms"]))


def watch(onlooker: Onlooker, plan: Plan, again: Callable[[], Plan]) -> None:
    """Shows it until every run has ended and nobody is at work: a picture on a terminal, a line per change elsewhere.
    `again` gives the plan as it has become."""
    out, looks = _console(), _looks(onlooker, plan, again)
    if not out.is_terminal:
        for line in news(looks):
            out.print(line, soft_wrap=True, markup=False)
            sys.stdout.flush()
        return
    with Live(console=out, auto_refresh=False) as live:
        for found in looks:
            live.update(picture(found, out.height), refresh=True)


def _console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)


def _looks(onlooker: Onlooker, plan: Plan, again: Callable[[], Plan]) -> Iterator[Status]:
    for number in count(1):
        yield (found := onlooker.look(plan))
        if is_over(found):
            return
        time.sleep(EVERY)
        if number % PLAN_EVERY == 0 and (plan.searching or plan.counts is not None):
            plan = again()


def news(looks: Iterable[Status]) -> Iterator[str]:
    """A line whenever something has changed, and what came to nothing since."""
    before, told = list[int](), Counter[str]()
    for found in looks:
        now = [*(found[state] for state in STATES), len(found["workers"])]
        if now != before:
            yield f"{time.strftime('%H:%M:%S')} {counts(found)}; {left(found)}"
        yield from (known := Counter(troubles(found))) - told
        before, told = now, known


def picture(found: Status, height: int) -> Group:
    """As much as a terminal has room for, first those arms that are not done."""
    above = [Text(line.plain, line.style, no_wrap=True, overflow="ellipsis") for line in lines(found)]
    arms = sorted(found["arms"], key=is_done)
    room = len(arms) if (free := height - len(above) - 2) >= len(arms) else max(0, free - 1)
    rest = [Text(f" and {len(arms) - room} more arms")] if room < len(arms) else []
    return Group(*above, table(arms[:room]), *rest)
