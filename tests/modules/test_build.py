"""Networks have the counts that their papers give."""

import pytest

from modules.build import build_model, count_macs, parameter_count
from modules.catalog import DATASETS, MODELS
from modules.data.source import checksum
from modules.imports import load_object


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_the_parameters_and_macs_of_its_card(name):
    card = MODELS[name]
    model = build_model(name)
    assert parameter_count(model) == card.parameters
    assert count_macs(model, (card.channels, card.image_size, card.image_size)) == card.macs


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
