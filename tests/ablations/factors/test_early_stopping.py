import re

import pytest

from ablations.factors.early_stopping import EarlyStopping
from modules.recipe import Recipe
from modules.settings import Stopping


def test_without_patience_it_is_off_whatever_is_watched():
    off = EarlyStopping(patience=None, monitor="val_loss")
    assert off.off
    assert off.apply(Recipe()) == Recipe()


def test_a_reader_is_told_what_is_watched_where_it_is_not_accuracy():
    assert EarlyStopping(patience=5).told() == {"patience": 5}
    assert EarlyStopping(patience=5, monitor="val_loss").told() == {"patience": 5, "monitor": "val_loss"}


def test_both_settings_reach_the_recipe():
    edited = EarlyStopping(patience=5, monitor="val_loss").apply(Recipe())
    assert edited == Recipe(stopping=Stopping(patience=5, monitor="val_loss"))


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("{monitor: val_acuracy}", r"factors\.early_stopping\.monitor: .*did you mean val_accuracy"),
        ("{monitor: test_accuracy}", r"factors\.early_stopping\.monitor: there is no choice 'test_accuracy'"),
        ("{patience: 0}", r"factors\.early_stopping\.patience: must be at least 1, not 0"),
        ("{patience: 2.5}", r"factors\.early_stopping\.patience: must be a whole number, not 2.5"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(level, message, refusal):
    assert re.search(message, refusal("early_stopping", level))
