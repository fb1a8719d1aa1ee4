"""The null dose is measured on every factor, and a factor whose null changes something is named."""

from ablations.factors.label_smoothing import LabelSmoothing
from ablations.null_dose import null_dose


def test_a_null_dose_that_changes_something_is_named(monkeypatch):
    monkeypatch.setattr(LabelSmoothing, "apply", lambda self, recipe: recipe.model_copy(update={"replicate": 1}))
    found = null_dose()
    assert not found.holds and found.measured.endswith("not label_smoothing")
