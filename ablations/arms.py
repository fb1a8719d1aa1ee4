"""Arms: named sets of edits on the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ablations.edit import Edit, apply_all
from modules.recipe import Recipe

BASELINE = "baseline"
SHAM = "sham"


class Arm(NamedTuple):
    """A named set of edits; the baseline has none."""

    name: str
    edits: tuple[Edit, ...] = ()

    @property
    def factor(self) -> str:
        """The factors switched, `+` between them; the arm's own name where there are none."""
        return " + ".join(edit.factor for edit in self.edits) or self.name

    @property
    def level(self) -> str:
        """The settings as they are read in a table: `p=0.5`."""
        return ", ".join(shown(edit.told()) for edit in self.edits)

    def recipe(self, baseline: Recipe) -> Recipe:
        """The baseline with this arm's edits; raises Conflict where two of them claim one thing."""
        return apply_all(self.edits, baseline)


def shown(settings: Mapping[str, Any]) -> str:
    """Settings for a reader: names stand for themselves, numbers carry theirs."""
    return ", ".join(_shown_one(key, value) for key, value in settings.items())


def _shown_one(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"


def level_names(factor: str, levels: Sequence[Edit]) -> list[str]:
    """One name per level: the factor's where it has one level, else the factor and what differs."""
    if len(levels) == 1:
        return [factor]
    settings = [level.told() for level in levels]
    keys = dict.fromkeys(key for one in settings for key in one)
    differing = [key for key in keys if len({repr(one.get(key)) for one in settings}) > 1]
    return [f"{factor} {shown({k: one[k] for k in differing if k in one})}".strip() for one in settings]
