"""Seeds as they are written down: a count, a list, or a rule by which more are added."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from ablations.levels import refuse
from modules.names import nearest
from modules.values import Value

APART = 1_000_000
"""Where seeds are counted from that must not be among those reported."""
FEWEST = 3
"""Below it nothing is tested, so that nothing could be decided."""
MOST = 10_000
Count = Annotated[int, Field(ge=FEWEST, le=MOST)]


class Looks(Value):
    """Declared looks at the runs (Dunn 1961): after each, decided arms stop and the others get more seeds.

    Every look is judged at its share of the level, so that looking several times makes no more false verdicts.
    """

    looks: Annotated[tuple[Count, ...], Field(strict=False, json_schema_extra={"minItems": 2, "uniqueItems": True})]
    """Seeds in all at each look, counted from 0; at least two looks."""

    @field_validator("looks")
    @classmethod
    def _rising(cls, looks: tuple[int, ...]) -> tuple[int, ...]:
        if len(looks) < 2:
            raise ValueError(f"there must be at least two looks; for one, write seeds: {looks[0] if looks else 10}")
        for one, following in pairwise(looks):
            if following <= one:
                raise ValueError(
                    f"looks must rise, but {following} comes after {one}; each is a number of seeds in all"
                )
        return looks

    @property
    def steps(self) -> tuple[int, ...]:
        """Seeds in all that an arm has at most, stage by stage."""
        return self.looks

    @property
    def first(self) -> int:
        return self.looks[0]

    @property
    def listed(self) -> str:
        """Their seeds, as `5, 10 and 20`."""
        return f"{', '.join(map(str, self.looks[:-1]))} and {self.looks[-1]}"

    @property
    def words(self) -> str:
        return f"looks at {self.listed} seeds"


class Stein(Value):
    """Two stages (Stein 1945): the spread of the first seeds, and it alone, tells how many more each arm needs."""

    stein: Count
    """Seeds of the first stage, counted from 0."""
    half_width: float | None = Field(None, gt=0, le=100)
    """Half the width that an interval is to have, in points; the margin where not given."""
    most: Count = 50
    """Seeds in all that no arm goes beyond, however wide its interval then is."""

    @model_validator(mode="after")
    def _more(self) -> Stein:
        if self.most <= self.stein:
            raise ValueError(f"most must be above stein, but {self.most} is not above {self.stein}; raise most")
        return self

    @property
    def steps(self) -> tuple[int, ...]:
        """Seeds in all that an arm has at most, stage by stage."""
        return (self.stein, self.most)

    @property
    def first(self) -> int:
        return self.stein

    @property
    def words(self) -> str:
        width = "the margin" if self.half_width is None else f"{self.half_width:g} points"
        return f"{self.stein} seeds, then as many as their spread asks for intervals of ± {width}, at most {self.most}"


def listed(seeds: Any, first: int = 0) -> Any:
    """The seeds of a list, or so many counted from `first`; raises ValueError for anything else."""
    if isinstance(seeds, bool) or not isinstance(seeds, int | list | tuple):
        raise ValueError("seeds are a count (10) or a list ([0, 1, 2])")
    if isinstance(seeds, int):
        if seeds < 1:
            raise ValueError("there must be at least 1 seed")
        return tuple(range(first, first + seeds))
    if len(set(seeds)) != len(seeds):
        raise ValueError("a seed is listed twice")
    return tuple(seeds)


def _listed_apart(seeds: Any) -> Any:
    return listed(seeds, APART)


def _sampled(seeds: Any) -> Any:
    """The seeds that every arm gets, or the rule by which some get more."""
    if isinstance(seeds, Looks | Stein):
        return seeds
    return _ruled(seeds) if isinstance(seeds, dict) and seeds else listed(seeds)


def _ruled(given: dict[Any, Any]) -> Looks | Stein:
    if "looks" in given and "stein" in given:
        refuse(("seeds", "stein"), "looks and stein are two rules; keep one of them")
    kind = Looks if "looks" in given else Stein
    known = [*kind.model_fields, *(["looks"] if "stein" not in given and kind is Stein else [])]
    for key in given:
        if key not in known:
            refuse(("seeds", key), f"unknown key; {nearest(str(key), known)}")
    return kind.model_validate(given)


Seed = Annotated[int, Field(ge=0, lt=2**32)]
LISTED: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 1}, {"type": "array", "items": {"type": "integer"}, "minItems": 1},
]  # fmt: skip
RULED = [kind.model_json_schema() for kind in (Looks, Stein)]
Seeds = Annotated[tuple[Seed, ...], Field(min_length=1)]
Sampling = Annotated[Seeds | Looks | Stein, BeforeValidator(_sampled), WithJsonSchema({"oneOf": [*LISTED, *RULED]})]
"""A count or a list of seeds, which every arm gets; or the rule by which some arms get more."""
SeedsApart = Annotated[Seeds, BeforeValidator(_listed_apart), WithJsonSchema({"oneOf": LISTED})]
"""A count or a list, counted from where no reported seed is expected."""
