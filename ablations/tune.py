"""Equal footing: which settings are searched for every arm, and with what budget (Melis et al. 2018)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from ablations.seeds import APART, SeedsApart
from modules.values import Value

Number = Annotated[float | int, Field(allow_inf_nan=False)]
Choice = bool | int | float | str | None


class Range(Value):
    """Numbers from low to high, both included; whole ones where the setting takes only those."""

    low: Number
    high: Number
    log: bool = False
    """Whether every order of magnitude is looked at alike, as fits learning rates."""

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low must be below high, but {self.low} is not below {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a log range has no end at or below 0; raise low above 0, it is {self.low}")
        return self

    @property
    def ends(self) -> tuple[Choice, ...]:
        return (self.low, self.high)

    def fitting(self, own: Choice) -> Range:
        """The range in the numbers of the setting that has `own`: 1 stands for 1.0 where it takes any number."""
        if not isinstance(own, float):
            return self
        return self.model_copy(update={"low": float(self.low), "high": float(self.high)})


def _differing(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    if len(choices) < 2:
        raise ValueError("a list must hold at least two values to choose from")
    if twice := [one for one in choices if choices.count(one) > 1]:
        raise ValueError(f"{twice[0]!r} is listed twice")
    return choices


Choices = Annotated[
    tuple[Choice, ...],
    Field(strict=False, json_schema_extra={"minItems": 2, "uniqueItems": True}),
    AfterValidator(_differing),
]
Space = Range | Choices
"""Where a setting is searched: a range, or one of a list."""


def holds(space: Space, value: Any) -> bool:
    """Whether a value lies where a setting is searched."""
    if not isinstance(space, Range):
        return value in space
    return isinstance(value, int | float) and space.low <= value <= space.high


def _spaces(search: Any) -> Any:
    """Each as what it is, so that what is wrong with a range is not said of a list as well."""
    return {key: _space(key, given) for key, given in search.items()} if isinstance(search, dict) else search


def _space(key: Any, given: Any) -> Any:
    kind: Any = Choices if isinstance(given, list | tuple) else Range
    return TypeAdapter(dict[str, kind]).validate_python({key: given})[key]


class Tune(BaseModel):
    """A search of settings for every arm on its own, all with one budget, on validation data and seeds of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    search: Annotated[dict[str, Space], BeforeValidator(_spaces)] = Field(min_length=1)
    """Setting -> range or list. A path of the recipe (`optimizer.lr`) is searched in every arm that has it, the
    baseline too; a setting of a factor (`dropout.p`) in the arms that switch the factor on."""
    trials: int = Field(10, ge=2, le=1000)
    """Settings tried for each arm; the first is the arm's own, as the spec has it."""
    seeds: SeedsApart = (APART, APART + 1)
    """Under which each setting is trained: a count or a list. They must not be among those reported."""
    sampler: Literal["tpe", "random"] = "tpe"
    """How settings are chosen: by a tree-structured Parzen estimator (Bergstra et al. 2011), or at random."""
    pruning: Literal["none", "hyperband"] = "none"
    """Whether settings that do badly with a ninth, then a third of the epochs are given up (Li et al. 2018)."""

    def rungs(self, epochs: int) -> tuple[int, ...]:
        """The lengths at which a setting is tried, one after the other; the last is the whole training."""
        return (epochs,) if self.pruning == "none" else tuple(max(1, round(epochs / part)) for part in (9, 3, 1))
