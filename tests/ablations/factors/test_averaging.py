import re

import pytest

from ablations.factors.averaging import Averaging
from modules.recipe import Recipe
from modules.settings import Averaging as HowAveraged


def test_without_a_kind_it_is_off_whatever_else_is_said():
    off = Averaging(kind=None, decay=0.5)
    assert off.off
    assert off.apply(Recipe()) == Recipe()


def test_its_settings_reach_the_recipe():
    level = Averaging(kind="swa", start=0.5)
    assert level.apply(Recipe()) == Recipe(averaging=HowAveraged(kind="swa", start=0.5))
    assert level.told() == {"kind": "swa", "start": 0.5}
    assert Averaging().told() == {"kind": "ema"}


@pytest.mark.parametrize(("kind", "unread"), [("ema", {"start": 0.5}), ("swa", {"decay": 0.5})])
def test_what_its_kind_does_not_read_stays_as_the_baseline_has_it(kind, unread):
    plain = Recipe(averaging=HowAveraged(decay=0.9, start=0.1))
    assert Averaging(kind=kind, **unread).apply(plain) == Averaging(kind=kind).apply(plain)


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("{kind: emma}", r"factors\.averaging\.kind: .*did you mean ema"),
        ("{decay: 1}", r"factors\.averaging\.decay: must be below 1, not 1"),
        ("{kind: swa, start: 1}", r"factors\.averaging\.start: must be below 1, not 1"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(level, message, refusal):
    assert re.search(message, refusal("averaging", level))
