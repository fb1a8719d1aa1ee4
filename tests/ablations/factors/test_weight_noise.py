import torch

from ablations.factors.init import Init
from ablations.factors.weight_noise import WeightNoise
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.training import train

RECIPE = Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=2, batch_size=16))


def test_it_is_relative_so_that_weights_that_are_all_zero_get_none():
    zeros = Init(scheme="zeros").apply(RECIPE)
    plain, noisy = (train(recipe, 0).weights for recipe in (zeros, WeightNoise(sigma=1.0).apply(zeros)))
    assert all(torch.equal(noisy[name], plain[name]) for name in plain)


def test_it_changes_where_training_goes():
    plain, noisy = (train(recipe, 0).weights for recipe in (RECIPE, WeightNoise(sigma=0.1).apply(RECIPE)))
    assert not any(torch.equal(noisy[name], plain[name]) for name in plain)
