"""One at a time is proved: honest edits are described, and edits that do more than they declare are refused."""

import pytest
import torch
from torch import nn

from ablations.arms import Arm
from ablations.difference import Undeclared, changed_fields, difference
from ablations.edit import ModelEdit, RecipeEdit, update
from ablations.factors.augmentation import Augmentation
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.convolution import Convolution
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.optimizer import Optimizer
from ablations.factors.sham import Sham
from ablations.factors.weight_decay import WeightDecay
from modules.build import anatomy, build
from modules.recipe import Data, Recipe
from modules.surgery import attach_after, copied

BASELINE = Recipe(data=Data(image_size=16))


def shown(*edits, baseline=BASELINE):
    """The lines that the proof writes of an arm with these edits."""
    arm = Arm("the arm", edits)
    return difference(arm, baseline, lambda recipe: anatomy(build(recipe, 0)))


class TestHonestEdits:
    """What the reader is shown."""

    def test_the_baseline_differs_in_nothing(self):
        assert shown() == []

    def test_a_level_that_is_off_differs_in_nothing(self):
        assert shown(Dropout(p=0.0), WeightDecay(strength=0.0)) == []

    def test_dropout_adds_modules_and_leaves_the_weights(self):
        assert shown(Dropout(p=0.5)) == [
            "model.surgeries[dropout]", "+2 Dropout modules", "initial weights equal", "parameters equal",
        ]  # fmt: skip

    def test_one_module_is_one_module(self):
        resnet = Recipe(data=Data(image_size=8), model=BASELINE.model.model_copy(update={"name": "cifar_resnet20"}))
        assert "+1 Dropout module" in shown(Dropout(), baseline=resnet)

    def test_batchnorm_swaps_biases_for_scales_and_shifts(self):
        assert shown(BatchNorm()) == [
            "model.surgeries[batchnorm]", "+2 BatchNorm2d modules", "settings of 2 Conv2d modules",
            "weight tensors: 2 gone, of 10", "+22 parameters",
        ]  # fmt: skip

    def test_init_redraws_every_weight(self):
        assert shown(Init()) == ["model.surgeries[init]", "weight tensors: 10 redrawn, of 10", "parameters equal"]

    def test_a_field_is_shown_as_old_to_new(self):
        assert shown(WeightDecay(strength=0.1)) == [
            "optimizer.weight_decay: 0.0 -> 0.1", "initial weights equal", "parameters equal",
        ]  # fmt: skip

    def test_fields_that_one_optimizer_lacks_are_shown_as_missing(self):
        lines = shown(Optimizer(name="adam", lr=0.001))
        assert "optimizer.name: sgd -> adam" in lines
        assert "optimizer.lr: 0.02 -> 0.001" in lines
        assert "optimizer.momentum: 0.9 -> -" in lines
        assert "optimizer.betas: - -> [0.9, 0.999]" in lines

    def test_augmentation_shows_only_what_it_sets(self):
        assert shown(Augmentation(rotate=15.0))[:-2] == ["data.augmentation.rotate: 0.0 -> 15.0"]

    def test_the_sham_redraws_all_weights(self):
        assert shown(Sham()) == ["replicate: 0 -> 1", "weight tensors: 10 redrawn, of 10", "parameters equal"]

    def test_a_pair_shows_the_lines_of_both(self):
        lines = shown(Dropout(), WeightDecay(strength=0.1))
        assert lines == [
            "model.surgeries[dropout]", "optimizer.weight_decay: 0.0 -> 0.1", "+2 Dropout modules",
            "initial weights equal", "parameters equal",
        ]  # fmt: skip


class _RecipeLie(RecipeEdit):
    """Declares the learning rate, and lengthens the training too."""

    factor = "recipe_lie"
    source = "a test"

    @property
    def fields(self):
        return frozenset({"optimizer.lr"})

    @classmethod
    def null(cls):
        return cls()

    @property
    def off(self):
        return False

    def apply(self, recipe):
        return update(update(recipe, "optimizer", lr=0.5), "trainer", epochs=61)


class _Lie(ModelEdit):
    """Declares nothing but itself."""

    factor = "lie"
    source = "a test"

    @classmethod
    def null(cls):
        return cls()

    @property
    def off(self):
        return False

    def operate(self, model, generator, example=None):
        edited = copied(model)
        self.lie(edited)
        return edited


class _AddsAModule(_Lie):
    def lie(self, model):
        attach_after(model.fc1, "extra", nn.Tanh())


class _RemovesAModule(_Lie):
    def lie(self, model):
        del model.relu4


class _Redraws(_Lie):
    def lie(self, model):
        nn.init.normal_(model.fc2.weight, generator=torch.Generator())


class _DropsAParameter(_Lie):
    def lie(self, model):
        model.fc3.register_parameter("bias", None)


class _Widens(_Lie):
    def lie(self, model):
        model.fc3 = nn.Linear(84, 20)


class _AddsAParameter(_Lie):
    def lie(self, model):
        model.fc3.register_parameter("temperature", nn.Parameter(torch.ones(1)))


class _Freezes(_Lie):
    def lie(self, model):
        model.conv1.weight.requires_grad_(False)


class _ChangesASetting(_Lie):
    def lie(self, model):
        model.conv1.padding = (2, 2)


class _ChangesTheMode(_Lie):
    def lie(self, model):
        model.relu1.eval()


class _ChangesTheKind(_Lie):
    """As many of each kind as before."""

    def lie(self, model):
        model.relu1, model.pool1 = nn.MaxPool2d(2), nn.ReLU()


class _OwnConv(nn.Conv2d):
    """A convolution under another name."""


class TestKinds:
    """A kind of somebody's own is what it is a kind of."""

    def test_a_convolution_under_another_name_may_give_way_to_another_convolution(self):
        torch.manual_seed(0)
        model = nn.Sequential(_OwnConv(2, 4, 3), nn.ReLU())
        edit = Convolution(kind="grouped")
        edited = edit.operate(model, torch.Generator())
        arm, built = Arm("convolution", (edit,)), {edit.apply(BASELINE): edited, BASELINE: model}
        assert "-1 _OwnConv module" in difference(arm, BASELINE, lambda recipe: anatomy(built[recipe]))


class TestLies:
    """Whatever an edit does beyond its declaration is named."""

    def test_a_second_field(self):
        with pytest.raises(Undeclared, match=r"arm 'the arm' .* declares: trainer\.epochs$"):
            shown(_RecipeLie())

    @pytest.mark.parametrize(
        ("lie", "named"),
        [
            (_AddsAModule(), "number of Tanh modules"),
            (_RemovesAModule(), "number of ReLU modules"),
            (_Redraws(), "initial fc2.weight"),
            (_DropsAParameter(), "missing fc3.bias, settings of fc3"),
            (_Widens(), "another size of fc3.bias, another size of fc3.weight, settings of fc3"),
        ],
        ids=lambda value: type(value).__name__.strip("_") if isinstance(value, _Lie) else "",
    )
    def test_surgery_that_does_more_than_it_says(self, lie, named):
        with pytest.raises(Undeclared, match=f"declares: {named}$"):
            shown(lie)

    @pytest.mark.parametrize(
        ("lie", "named"),
        [
            (_AddsAParameter(), "added fc3.temperature"),
            (_Freezes(), "whether conv1.weight is trained"),
            (_ChangesASetting(), "settings of conv1"),
            (_ChangesTheMode(), "mode of relu1"),
            (_ChangesTheKind(), "kind of relu1, kind of pool1"),
        ],
        ids=lambda value: type(value).__name__.strip("_") if isinstance(value, _Lie) else "",
    )
    def test_surgery_on_what_is_already_there(self, lie, named):
        with pytest.raises(Undeclared, match=f"declares: {named}$"):
            shown(lie)

    def test_an_honest_edit_beside_it_does_not_cover_a_lie(self):
        with pytest.raises(Undeclared, match="number of Tanh modules"):
            shown(Dropout(), _AddsAModule())

    def test_a_declared_redraw_beside_it_does_not_cover_a_missing_parameter(self):
        with pytest.raises(Undeclared, match=r"missing fc3\.bias"):
            shown(Init(), _DropsAParameter())


class TestChangedFields:
    """Dotted paths, with the baseline's value and the arm's."""

    def test_equal_recipes_differ_nowhere(self):
        assert changed_fields(BASELINE, BASELINE.model_copy(deep=True)) == {}

    def test_a_field_that_one_lacks_is_none(self):
        changed = changed_fields(Optimizer(name="adagrad", lr=0.02).apply(BASELINE), BASELINE)
        assert changed == {
            "optimizer.name": ("sgd", "adagrad"), "optimizer.momentum": (0.9, None), "optimizer.nesterov": (False, None),
        }  # fmt: skip

    def test_settings_of_a_surgery_are_paths_of_their_own(self):
        assert changed_fields(Dropout(p=0.2).apply(BASELINE), Dropout(p=0.5).apply(BASELINE)) == {
            "model.surgeries.dropout.p": (0.5, 0.2)
        }
