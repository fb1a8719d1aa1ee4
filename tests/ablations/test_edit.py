"""Edits in company: what they claim, and what happens where two claim one thing."""

import pytest

from ablations.edit import Conflict, RecipeEdit, apply_all, covers, update
from ablations.factors.dropout import Dropout
from ablations.factors.optimizer import Optimizer
from ablations.factors.weight_decay import WeightDecay
from modules.recipe import Recipe
from modules.settings import Sgd


class _Claims(RecipeEdit):
    """Claims a field, and does nothing."""

    factor = "claims"
    source = "a test"
    path: str = ""

    @property
    def fields(self):
        return frozenset({self.path})

    @classmethod
    def null(cls):
        return cls()

    def apply(self, recipe):
        return recipe


@pytest.mark.parametrize(
    ("field", "path", "covered"),
    [
        ("optimizer", "optimizer", True),
        ("optimizer", "optimizer.lr", True),
        ("optimizer.lr", "optimizer", False),
        ("optimizer.lr", "optimizer.lr_decay", False),
        ("data", "data.augmentation.flip", True),
    ],
)
def test_a_field_covers_itself_and_what_lies_below(field, path, covered):
    assert covers(field, path) is covered


@pytest.mark.parametrize(
    ("one", "other"), [("optimizer", "optimizer.lr"), ("optimizer.lr", "optimizer"), ("data", "data")]
)
def test_claims_above_below_and_on_one_field_conflict_and_both_are_named(one, other):
    first, second = _Claims(path=one), _Claims(path=other)
    with pytest.raises(Conflict) as refusal:
        apply_all((first, Dropout(), second), Recipe())
    assert repr(first) in str(refusal.value)
    assert repr(second) in str(refusal.value)
    assert "Dropout" not in str(refusal.value)


def test_claims_on_neighbours_do_not_conflict():
    assert apply_all((_Claims(path="optimizer.lr"), _Claims(path="optimizer.lr_decay")), Recipe()) == Recipe()


def test_no_edit_is_the_baseline():
    assert apply_all((), Recipe()) == Recipe()


def test_the_optimizer_leaves_weight_decay_to_its_own_factor():
    baseline = Recipe(optimizer=Sgd(name="sgd", lr=0.1, weight_decay=0.03))
    assert Optimizer(name="adamw", lr=0.01).apply(baseline).optimizer.weight_decay == 0.03
    both = apply_all((WeightDecay(strength=0.2), Optimizer(name="adamw", lr=0.01)), baseline)
    assert (both.optimizer.name, both.optimizer.weight_decay) == ("adamw", 0.2)


def test_an_update_replaces_what_is_named_and_carries_the_rest():
    recipe = update(Recipe(), "data", train_size=100)
    assert recipe.data.train_size == 100
    assert recipe == Recipe.model_validate({"data": {"train_size": 100}})


@pytest.mark.parametrize("settings", [{"name": "adagrad", "momentum": 0.9}, {"name": "adam", "nesterov": True}])
def test_settings_that_an_optimizer_does_not_have_are_refused(settings):
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        Optimizer(**settings)


def test_a_second_level_of_one_surgery_is_no_secret():
    """Either it is refused, or the two recipes differ in what is hashed and recorded."""
    once = Dropout(p=0.2).apply(Recipe())
    try:
        twice = Dropout(p=0.2).apply(Dropout(p=0.5).apply(Recipe()))
    except Conflict:
        return
    assert twice == once or twice.canonical() != once.canonical()
