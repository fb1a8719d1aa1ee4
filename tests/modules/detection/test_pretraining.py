import numpy as np
import pytest
import torch

from modules.build import build, example_of
from modules.data import scenes
from modules.data.digits import load
from modules.data.facts import data_facts
from modules.data.generated import Scenes
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
    own, labels = images_and_labels(pretraining_recipe(recipe(3)).data.source), load()[1]
    assert np.array_equal(own.labels, labels[labels >= 3] - 3)


@pytest.mark.parametrize("classes", [9, 10])
def test_where_too_few_others_remain_no_picture_that_a_scene_shows_is_learnt_before(classes, monkeypatch):
    settings, shown = Scenes(images=200, classes=classes), set()
    draw = scenes._Glyphs.turn
    monkeypatch.setattr(scenes._Glyphs, "turn", lambda glyphs: [turn := draw(glyphs), shown.add(turn[1])][0])
    scenes.make_scenes(settings)
    assert len(shown) > 300
    pictures = load()[0]
    shown = {pictures[number].tobytes() for number in shown}
    data = pretraining_recipe(Recipe(data=Data(name="digit_boxes", arguments=settings.model_dump()))).data
    learnt = images_and_labels(data.source)
    assert len(learnt.labels) > 500
    assert not shown & {learnt.image(number, 8).tobytes() for number in range(len(learnt.labels))}


def test_scenes_that_show_nearly_all_digits_there_are_leave_too_few():
    data = Data(name="digit_boxes", arguments={"images": 600})
    with pytest.raises(ValueError, match=r"leave 0 pictures of digit . for pre-training, which needs 20") as said:
        build(Recipe(data=data), 0)
    assert "\n" not in str(said.value)


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
