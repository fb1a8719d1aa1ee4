"""Levels as they are written in a spec, made into the edits that they name."""

from __future__ import annotations

import re
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from ablations.arms import BASELINE, SHAM
from ablations.edit import Edit
from ablations.factors import FACTORS
from modules.names import unknown

ARM_NAME = r"\S(.{0,62}\S)?"
ARM_RULE = "an arm's name is text of 1 to 64 characters, with no space at its ends and no control characters"


def refuse(location: tuple[str | int, ...], message: str) -> NoReturn:
    """An error about a place other than that of the validator that found it."""
    raise PydanticCustomError("located", "{message}", {"message": message, "location": location})


def _of_factors(factors: Any) -> Any:
    """Every level as the edit it names: one level, or a list of them; nothing at all is the default level."""
    return {name: _levels(name, levels) for name, levels in factors.items()} if isinstance(factors, dict) else factors


def _levels(name: Any, levels: Any) -> tuple[Edit, ...]:
    kind: Any = _factor(("factors", name), name)
    several = levels if isinstance(levels, list | tuple) else [{} if levels is None else levels]
    return TypeAdapter(dict[str, tuple[kind, ...]]).validate_python({name: tuple(several)})[name]


def _of_arms(arms: Any) -> Any:
    """Every arm as the edits it names: one level under each factor; nothing at all is the default level."""
    return {name: _edits(name, levels) for name, levels in arms.items()} if isinstance(arms, dict) else arms


def _edits(arm: Any, levels: Any) -> tuple[Edit, ...]:
    if not (isinstance(arm, str) and re.fullmatch(ARM_NAME, arm) and arm.isprintable()):
        cure = "" if isinstance(arm, str) else "; put it in quotes"
        refuse(("arms", arm), f"{ARM_RULE}, not {arm!r}{cure}")
    if arm in (BASELINE, SHAM):
        refuse(("arms", arm), f"{arm!r} is an arm of every ablation already; name this one otherwise")
    if not isinstance(levels, dict) or not levels:
        refuse(("arms", arm), "must be a mapping of factors to levels, such as {dropout: {p: 0.5}}")
    return tuple(_level(arm, factor, level) for factor, level in levels.items())


def _level(arm: str, factor: Any, level: Any) -> Edit:
    kind: Any = _factor(("arms", arm, factor), factor)
    given = {arm: {factor: {} if level is None else level}}
    return TypeAdapter(dict[str, dict[str, kind]]).validate_python(given)[arm][factor]


def _factor(place: tuple[str | int, ...], name: Any) -> Any:
    return FACTORS[name] if name in FACTORS else refuse(place, unknown("factor", str(name), FACTORS))


Levels = Annotated[tuple[Edit, ...], Field(min_length=1)]
Factors = Annotated[dict[str, Levels], BeforeValidator(_of_factors), Field(min_length=1)]
"""Factor name -> its levels."""
Arms = Annotated[dict[str, Levels], BeforeValidator(_of_arms), Field(min_length=1)]
"""Arm name -> one level of each of its factors."""
