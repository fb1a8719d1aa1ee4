"""Places and shares as a part of the page: which rank each arm may have, how much of the gap it closes, what is left
to do."""

from __future__ import annotations

from ablations.arms import SHAM
from reports.inference.effects import Effect, effects
from reports.inference.gap_closed import GapClosed
from reports.inference.intervals import MOST_SEEDS
from reports.inference.ranks import Rank, ranks
from reports.numbers import MINUS, NONE
from reports.pages.sections.table import MODEL, Heading, Table, plain_table
from reports.study import Study

NUMBERS = ("Rank", "Better in", "Gap closed", "Seeds needed")
HEADINGS = (Heading("Arm", "name"), MODEL, *map(Heading, NUMBERS))
NOTE = (
    "Rank: the places by test {score} that paired t cannot rule out, the baseline among them, simultaneous over all "
    "pairs of arms. Gap closed: 1 less the ratio of mean gaps, with its interval (delta method, t; level as in the "
    "main table); left out where the baseline's gap is not clearly above 0. Seeds needed: in all, to settle an "
    "undecided effect were mean and spread to stay what they are."
)


def place_table(study: Study) -> Table | None:
    """Every arm that has an interval."""
    found = [effect for effect in effects(study) if effect.accuracy.tested and effect.arm != SHAM]
    rows = [_row(effect, ranks(study).get((effect.model, effect.arm))) for effect in found]
    note = NOTE.format(score=study.score)
    return plain_table(study, "places", "Ranks, gap closed, seeds needed", HEADINGS, rows, note)


def _row(effect: Effect, rank: Rank | None) -> list[str]:
    place = NONE if rank is None else " to ".join(map(str, dict.fromkeys(rank)))
    better = f"{effect.better} of {effect.accuracy.n}"
    return [effect.arm, effect.model, place, better, _share(effect.gap_closed), _needed(effect)]


def _share(closed: GapClosed) -> str:
    if not closed.known:
        return NONE
    share, low, high = (f"{round(100 * value) + 0}".replace("-", MINUS) for value in closed)
    return f"{share} % ({low} to {high})"


def _needed(effect: Effect) -> str:
    if effect.verdict != "undecided":
        return NONE
    needed = effect.seeds_needed
    return f"{needed:,}" if needed else f"over {MOST_SEEDS:,}"
