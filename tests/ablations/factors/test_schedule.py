import re
from typing import get_args

import pytest

import modules.settings
from ablations.factors.schedule import Schedule
from modules.recipe import Recipe
from modules.settings import Cosine, OneCycle, Step, Warmup

KINDS = {
    get_args(kind.model_fields["name"].annotation)[0]: kind for kind in get_args(get_args(modules.settings.Schedule)[0])
}


@pytest.mark.parametrize("name", KINDS)
def test_every_schedule_of_a_recipe_is_a_level_and_is_named_in_the_settings(name):
    assert Schedule(name=name).apply(Recipe()).schedule == KINDS[name]()
    assert name in Schedule.model_fields["name"].description
    assert KINDS[name].model_fields.keys() <= Schedule.model_fields.keys()


@pytest.mark.parametrize(
    ("level", "schedule"),
    [
        (Schedule(), Cosine()),
        (Schedule(name="step", every=0.5, fall=0.2), Step(every=0.5, fall=0.2)),
        (Schedule(name="step", every=0.5), Step(every=0.5)),
        (Schedule(name="one_cycle", rise=0.5), OneCycle(rise=0.5)),
        (Schedule(name="warmup", share=0.2, then="cosine"), Warmup(share=0.2, then="cosine")),
    ],
    ids=repr,
)
def test_its_settings_reach_the_recipe(level, schedule):
    assert level.apply(Recipe()).schedule == schedule


def test_it_takes_the_place_of_whatever_schedule_was_there():
    assert Schedule(name="constant").apply(Recipe(schedule=Warmup(share=0.3))).schedule == Recipe().schedule


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("{name: cosin}", r"factors\.schedule\.name: there is no schedule 'cosin'; did you mean cosine"),
        ("{name: cosine, rise: 0.1}", r"factors\.schedule\.rise: cosine has no such setting"),
        ("{name: cosine, fall: 0.1}", r"factors\.schedule\.fall: cosine has no such setting"),
        ("{name: step, fall: 2}", r"factors\.schedule\.fall: must be below 1, not 2"),
        ("{name: warmup, then: step}", r"factors\.schedule\.then: there is no choice 'step'"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(level, message, refusal):
    assert re.search(message, refusal("schedule", level))
