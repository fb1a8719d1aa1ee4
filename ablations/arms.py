"""Arms: named sets of edits on the plain recipe."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ablations.edit import Edit, apply_all
from modules.recipe import Recipe

BASELINE = "baseline"
SHAM = "sham"
OFF = "off"


class Arm(NamedTuple):
    """A named set of edits on the plain recipe, compared with the arm that is named baseline."""

    name: str
    edits: tuple[Edit, ...] = ()
    reference: tuple[Edit, ...] = ()
    """The edits of the arm that it is compared with: none, but where the baseline has remedies of its own."""

    @property
    def added(self) -> tuple[Edit, ...]:
        """The edits that it has and its reference has not."""
        return tuple(edit for edit in self.edits if edit not in self.reference)

    @property
    def left_out(self) -> tuple[Edit, ...]:
        """The edits that its reference has and it has not."""
        return tuple(edit for edit in self.reference if edit not in self.edits)

    @property
    def switched(self) -> tuple[Edit, ...]:
        """The edits in which it differs from its reference; none in the baseline."""
        return (*self.added, *self.left_out)

    @property
    def factor(self) -> str:
        """The factors switched, `+` between them; the arm's own name where there are none."""
        return " + ".join(dict.fromkeys(edit.factor for edit in self.switched)) or self.name

    @property
    def level(self) -> str:
        """The settings as they are read in a table: `p=0.5`; `off` where all that is switched is left out."""
        return ", ".join(shown(edit.told()) for edit in self.added) or (OFF if self.left_out else "")

    @property
    def title(self) -> str:
        """The name, and the level where that says more: `dropout p=0.5`."""
        return self.name if self.level == OFF or self.level in self.name else f"{self.name} {self.level}"

    def recipe(self, plain: Recipe) -> Recipe:
        """The plain recipe with this arm's edits; raises Conflict where two of them claim one thing."""
        return apply_all(self.edits, plain)

    def baseline(self, plain: Recipe) -> Recipe:
        """The plain recipe with the edits of its reference."""
        return apply_all(self.reference, plain)

    def common(self, plain: Recipe) -> Recipe:
        """The plain recipe with the edits that both have."""
        return apply_all(tuple(edit for edit in self.edits if edit in self.reference), plain)


def shown(settings: Mapping[str, Any]) -> str:
    """Settings for a reader: names stand for themselves, numbers carry theirs."""
    return ", ".join(_shown_one(key, value) for key, value in settings.items())


def _shown_one(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"


def level_names(factor: str, levels: Sequence[Edit], searched: Collection[str] = ()) -> list[str]:
    """One name per level: the factor's where it has one level, else the factor and what differs, but for what is
    searched (`optimizer.lr`), of which a level has only where the search begins.
    """
    if len(levels) == 1:
        return [factor]
    settings = [level.told() for level in levels]
    keys = dict.fromkeys(key for one in settings for key in one)
    differing = [key for key in keys if len({repr(one.get(key)) for one in settings}) > 1]
    lasting = [key for key in differing if f"{factor}.{key}" not in searched]
    names = _names(factor, settings, lasting)
    return names if len({*names}) == len(names) else _names(factor, settings, differing)


def _names(factor: str, settings: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[str]:
    return [f"{factor} {shown({key: one[key] for key in keys if key in one})}".strip() for one in settings]
