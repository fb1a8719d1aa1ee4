from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from ablations import FACTORS
from ablations.ranges import ranges


class Inner(BaseModel):
    count: int = Field(0, ge=0, le=14)
    sure: bool = False


class Settings(BaseModel):
    share: float = Field(0.5, ge=0, lt=1)
    rate: float = Field(gt=0)
    kind: Literal["max", "average"] | None = None
    only: Literal["this"] = "this"
    means: tuple[float, float] = (0.9, 0.999)
    names: list[str] = []
    text: str | None = None
    within: Inner = Inner()
    either: Annotated[int, Field(ge=1)] | Literal["all"] = "all"


WORDS = {
    "share": "a number, at least 0 and below 1",
    "rate": "a number, above 0",
    "kind": "one of max, average, or null",
    "only": "one of this",
    "means": "a list of 2 values",
    "names": "a list",
    "text": "text, or null",
    "within": "a mapping: count (a whole number, at least 0 and at most 14); sure (true or false)",
    "either": "a whole number, at least 1, or one of all",
}


@pytest.mark.parametrize("setting", WORDS)
def test_a_setting_says_what_it_takes(setting):
    assert ranges(Settings)[setting] == WORDS[setting]


@pytest.mark.parametrize("factor", FACTORS)
def test_the_settings_of_every_factor_can_be_said(factor):
    assert all(ranges(FACTORS[factor]).values())
