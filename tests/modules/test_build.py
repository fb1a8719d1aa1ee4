"""Networks have the counts that their papers give."""

import pytest
import torch
from torch import nn

from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from modules.build import anatomy, build, build_model, count_macs, example_of, parameter_count
from modules.catalog import DATASETS
from modules.data.source import checksum
from modules.imports import load_object
from modules.recipe import Data, Model, Recipe
from modules.settings import Detection
from modules.surgery import NoEffect

RECIPE = Recipe(data=Data(image_size=16))


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_is_what_its_card_says(name):
    card = DATASETS[name]
    images, labels = load_object(card.loader)()
    assert checksum(images, labels) == card.checksum
    assert len(images) == len(labels) == card.images
    assert len(set(labels.tolist())) == card.classes
    assert images.shape[1] == card.channels


def test_an_unknown_model_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean lenet5"):
        build_model("lenet")


def test_every_activation_norm_and_pool_of_the_zoo_is_a_child_that_surgery_can_see():
    kinds = anatomy(build_model("cifar_resnet20")).kinds
    assert (kinds["Conv2d"], kinds["BatchNorm2d"], kinds["ReLU"], kinds["Linear"]) == (19, 19, 19, 1)
    kinds = anatomy(build_model("lenet5")).kinds
    assert (kinds["Conv2d"], kinds["MaxPool2d"], kinds["ReLU"], kinds["Linear"]) == (2, 2, 4, 3)


def test_a_linear_layer_costs_one_multiply_accumulate_per_weight():
    assert count_macs(nn.Sequential(nn.Flatten(), nn.Linear(4 * 9, 6)), (4, 3, 3)) == 4 * 9 * 6


def test_counting_leaves_the_network_in_its_mode_and_its_numbers_alone():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    count_macs(model, (1, 5, 5))
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_counting_leaves_a_frozen_child_frozen():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    model[1].eval()
    count_macs(model, (1, 5, 5))
    assert not model[1].training


def test_parameters_count_once_where_shared_and_not_at_all_where_frozen():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), nn.BatchNorm1d(3))
    model[1].weight = model[0].weight
    model[0].bias.requires_grad_(False)
    assert parameter_count(model) == 9 + 3 + 6


def test_building_moves_nothing_and_depends_on_nothing_but_recipe_and_seed():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one = anatomy(build(Init().apply(RECIPE), 5))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(10)
    assert anatomy(build(Init().apply(RECIPE), 5)) == one
    assert anatomy(build(Init().apply(RECIPE), 6)) != one


def test_one_surgery_does_not_move_another_s_draws():
    alone, together = Init().apply(RECIPE), Dropout().apply(Init().apply(RECIPE))
    assert anatomy(build(alone, 5)).weights == anatomy(build(together, 5)).weights


def test_the_network_fits_the_data():
    model = build(Recipe(data=Data(image_size=16), model=Model(name="cifar_resnet20")), 0).eval()
    assert model(torch.zeros(2, 1, 16, 16)).shape == (2, DATASETS["digits"].classes)


def zeros(units_in, units_out, zero=0.0):
    layer = nn.Linear(units_in, units_out, bias=False)
    nn.init.constant_(layer.weight, zero)
    return layer


def test_anatomy_tells_apart_a_sign_a_shape_and_a_type():
    models = [zeros(2, 1), zeros(2, 1, -0.0), zeros(1, 2), zeros(2, 1).double()]
    assert len({anatomy(model).weights["weight"] for model in models}) == len(models)
    assert anatomy(zeros(2, 1)) == anatomy(zeros(2, 1))


def test_anatomy_of_half_precision():
    assert anatomy(zeros(2, 1).bfloat16()).parameters == 2


def test_a_detector_takes_regions_and_tells_one_class_more_apart():
    data = Data(name="digit_boxes", arguments={"images": 10, "size": 48, "classes": 3})
    recipe = Recipe(data=data, detection=Detection(region_size=24))
    assert example_of(recipe).shape == (2, 3, 24, 24)
    assert build(recipe, 0)(example_of(recipe)).shape == (2, 4)


def test_settings_of_detectors_change_nothing_where_images_have_no_boxes():
    with pytest.raises(NoEffect, match=r"detection\.context changes nothing here: digits has no boxes; take it away"):
        build(Recipe(detection=Detection(context=0)), 0)
