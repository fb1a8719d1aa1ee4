import numpy as np
import pytest
import torch

from modules.build import build, example_of
from modules.data.facts import data_facts
from modules.data.source import images_and_labels
from modules.detection.layers import last_layer
from modules.detection.pretraining import pretrained, pretraining_recipe, ready_network
from modules.recipe import Data, Model, Recipe
from modules.settings import Detection, Trainer


def recipe(classes=3, **parts):
    data = Data(name="digit_boxes", arguments={"images": 10, "classes": classes, "size": 32})
    return Recipe(data=data, trainer=Trainer(epochs=1), **parts)


@pytest.mark.parametrize(("classes", "left"), [(3, 7), (8, 2), (9, 10), (10, 10)])
def test_digits_that_are_looked_for_are_left_out_where_others_remain(classes, left):
    facts = data_facts(pretraining_recipe(recipe(classes)).data)
    assert (facts.classes, facts.task) == (left, "classification")


def test_digits_are_as_large_and_as_coloured_as_regions():
    plain = pretraining_recipe(recipe(detection=Detection(region_size=24)))
    assert example_of(plain).shape[1:] == (3, 24, 24)
    assert plain.detection == Detection()


def test_its_images_are_digits_of_the_other_classes():
    own, plain = (images_and_labels(pretraining_recipe(recipe(classes)).data.source) for classes in (3, 10))
    labels = plain.labels[plain.labels >= 3]
    assert np.array_equal(own.labels, labels - 3)


@pytest.mark.parametrize("name", ["lenet5", "cifar_resnet20", "squeezenet", "lenet5_1998"])
@pytest.mark.parametrize("classes", [3, 5])
def test_all_is_taken_over_but_the_last_layer(name, classes):
    wanted = recipe(classes, model=Model(name=name))
    learnt = build(pretraining_recipe(wanted), 1)
    fresh, ready = build(wanted, 0), ready_network(wanted, 0, learnt, example_of(wanted))
    last = set(last_layer(ready, example_of(wanted)).parameters())
    for (key, tensor), old in zip(ready.named_parameters(), fresh.parameters(), strict=True):
        source = old if tensor in last else learnt.state_dict()[key]
        assert torch.equal(tensor, source), key


def test_arms_of_a_seed_share_it():
    first, second = (pretraining_recipe(recipe(detection=Detection(context=pixels))) for pixels in (0, 16))
    assert pretrained(first, 0, "cpu") is pretrained(second, 0, "cpu")
