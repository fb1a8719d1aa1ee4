import numpy as np
import pytest
import torch
from torch import nn

from modules.build import build_model
from modules.data.normal import Normal
from modules.detection.layers import NORM, last_layer, scale_of, see
from modules.detection.regions import Warper, make_regions

IMAGES = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
WARPER = Warper(IMAGES, Normal(torch.zeros(3, 1, 1), torch.ones(3, 1, 1)), True, 32, 0)
WHOLE = make_regions([np.array([[0, 0, 32, 32]], dtype=np.float32)] * 3, np.full((3, 1, 5), -1.0), classes=4)


@pytest.fixture
def lenet():
    return build_model("lenet5", classes=5, channels=3, image_size=32)


def test_features_are_what_the_last_layer_makes_logits_of(lenet):
    seen = see(lenet, WARPER, WHOLE, "float32")
    assert seen.features.shape == (3, 84)
    assert seen.maps.shape == (3, 400)
    torch.testing.assert_close(last_layer(lenet, IMAGES)(torch.from_numpy(seen.features)), seen.logits)
    torch.testing.assert_close(lenet.eval()(IMAGES), seen.logits)


def test_the_network_is_left_without_hooks(lenet):
    see(lenet, WARPER, WHOLE, "float32")
    assert not any(module._forward_pre_hooks for module in lenet.modules())


@pytest.mark.parametrize("name", ["lenet5_1998", "mlp", "perceptron", "cifar_resnet20", "squeezenet", "googlenet"])
def test_any_network_has_features(name):
    seen = see(build_model(name, classes=5, channels=3, image_size=32), WARPER, WHOLE, "float32")
    assert len(seen.features) == len(seen.maps) == 3
    assert seen.features.ndim == seen.maps.ndim == 2
    assert np.isfinite(seen.features).all()


def test_numbers_that_are_not_finite_become_zeros(lenet):
    with torch.no_grad():
        next(lenet.parameters()).fill_(torch.nan)
    assert (see(lenet, WARPER, WHOLE, "float32").maps == 0).all()


def test_a_network_without_layers_is_refused():
    with pytest.raises(ValueError, match="linear layers or convolutions; the model has neither: take another"):
        last_layer(nn.Flatten(), IMAGES)


def test_scaled_features_have_the_published_length():
    features = np.random.default_rng(0).random((50, 7))
    assert np.linalg.norm(scale_of(features) * features, axis=1).mean() == pytest.approx(NORM)
