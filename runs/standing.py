"""How far an ablation is, in words: a line, the troubles, who is at work, the arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from runs.forecast import duration
from runs.presence import shown
from runs.status import STATES, Status


def lines(found: Status) -> Iterator[Text]:
    """Everything but the arms, what matters most first."""
    yield Text(counts(found), "bold")
    when = left(found)
    yield Text(f"{when[0].upper()}{when[1:]}.")
    yield from (Text(f"  {line}", "red") for line in troubles(found))
    yield from (Text(f"  {line}") for line in _at_work(found["workers"]))


def counts(found: Status) -> str:
    told = ", ".join(f"{found[state]} {state}" for state in STATES)
    return f"{found['name']}: {found['runs']} runs: {told}"


def is_over(found: Status) -> bool:
    """Whether every run has ended and nobody is there to add any."""
    return not (found["missing"] or found["running"] or found["workers"])


def left(found: Status) -> str:
    """When it will be done, or why that cannot be told."""
    if is_over(found):
        return "nothing is left to do"
    if not found["workers"]:
        return f"nobody is at work; `ablate run {found['name']}` goes on"
    if not found["missing"] and not found["running"]:
        return "all runs have ended; what is left is to ship them, or to see whether more are added"
    workers = sum(not one["is_command"] for one in found["workers"])
    if not workers:
        return "the workers are being started"
    if found["eta_seconds"] is None:
        return f"{_workers(workers)} at work; how long it takes shows when the first runs have ended"
    return f"about {duration(found['eta_seconds'])} left with {_workers(workers)}"


def troubles(found: Status) -> Iterator[str]:
    """What failed, for each reason once, by the run that failed of it first; then what was taken back."""
    failures = sorted(found["failures"], key=lambda one: one["first_ended"])
    runs = Counter((one["first_reason"], one["reason"]) for one in failures)
    for (first, last), count in runs.items():
        title = next(one["title"] for one in failures if (one["first_reason"], one["reason"]) == (first, last))
        told = first if first == last else f"{first}; when tried again: {last}"
        yield f"failed: {title}: {told}" if count == 1 else f"failed: {count} runs: {told} (first: {title})"
    for one in found["lost"]:
        yield f"{one['attempts']} attempt{'s' * (one['attempts'] != 1)} taken back: {one['reason']}"


def _at_work(workers: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Every command, followed by its workers."""
    order = sorted(workers, key=lambda one: (one["member"], not one["is_command"], len(one["worker"]), one["worker"]))
    theirs = Counter(one["member"] for one in workers if not one["is_command"])
    for one in order:
        yield _command(one, theirs[one["member"]]) if one["is_command"] else f"  {_worker(one)}"


def _command(one: dict[str, Any], workers: int) -> str:
    host = shown(one["worker"], host=True).partition("@")[2]
    return f"`ablate run` on {host}, process {one['pid']}: {_workers(workers)}"


def _workers(number: int) -> str:
    return f"{number or 'no'} worker{'s' * (number > 1)}"


def _worker(one: dict[str, Any]) -> str:
    doing = "waits for a run"
    if one["run"]:
        doing = f"{one['run']}, epoch {one['epoch']} of {one['epochs']}"
    return f"{shown(one['worker'], host=True)}, {one['device']}: {doing}; {one['done']} ended"


def table(arms: Sequence[dict[str, Any]]) -> Table:
    """Ended runs of every arm, and how long one worker still has to train for it."""
    several = len({one["model"] for one in arms}) > 1
    made = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("Arm", *(["Model"] if several else [])):
        made.add_column(heading, no_wrap=True, overflow="ellipsis")
    for heading in ("Runs", "Failed", "Training left"):
        made.add_column(heading, justify="right", no_wrap=True)
    for one in arms:
        made.add_row(Text(one["arm"]), *([one["model"]] if several else []), *_numbers(one))
    return made


def _numbers(one: dict[str, Any]) -> tuple[str, str, str]:
    seconds = one["seconds_left"]
    time_left = "" if is_done(one) else "?" if seconds is None else duration(seconds)
    return f"{_ended(one)}/{one['runs']}", str(one["failed"] or ""), time_left


def is_done(arm: dict[str, Any]) -> bool:
    return _ended(arm) == arm["runs"]


def _ended(arm: dict[str, Any]) -> int:
    return arm["finished"] + arm["diverged"] + arm["failed"]
