import torch

from ablations.factors.input_noise import InputNoise
from ablations.factors.standardization import Standardization
from modules.build import build
from modules.data.splits import make_splits
from modules.recipe import Data, Recipe
from modules.steps import Steps
from modules.streams import Streams

RECIPE = Recipe(data=Data(train_size=40, image_size=32))


def noise(recipe):
    """On a batch of the training images, in pixels."""
    splits = make_splits(recipe.data, Streams(0))
    steps = Steps(recipe, build(recipe, 0), Streams(0), splits, 10, 1)
    noisy, _ = steps.batches.prepared(*splits.train)
    return splits.normal.undone(noisy) - splits.normal.undone(splits.train.images)


def test_in_pixels_it_is_the_same_noise_whether_images_are_standardised_or_not():
    noisy = InputNoise(sigma=0.3).apply(RECIPE)
    raw = noise(Standardization(standardize=False).apply(noisy))
    assert torch.allclose(noise(noisy), raw, atol=1e-6)
    spread = make_splits(RECIPE.data, Streams(0)).normal.spread.item()
    assert abs(float(raw.std()) / (0.3 * spread) - 1) < 0.02
