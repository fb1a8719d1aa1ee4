import re

import pytest

from ablations.factors.label_smoothing import LabelSmoothing
from modules.recipe import Recipe
from modules.settings import CrossEntropy, Focal, SquaredError


@pytest.mark.parametrize("loss", [CrossEntropy(), Focal(gamma=3.0), SquaredError()], ids=repr)
def test_whatever_is_minimised_only_its_labels_change(loss):
    edited = LabelSmoothing(smoothing=0.2).apply(Recipe(loss=loss)).loss
    assert edited == loss.model_copy(update={"label_smoothing": 0.2})


@pytest.mark.parametrize(
    ("level", "message"),
    [
        ("{smoothing: 1}", r"factors\.label_smoothing\.smoothing: must be below 1, not 1"),
        ("{smoothing: -0.1}", r"factors\.label_smoothing\.smoothing: must be at least 0, not -0\.1"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(level, message, refusal):
    assert re.search(message, refusal("label_smoothing", level))
