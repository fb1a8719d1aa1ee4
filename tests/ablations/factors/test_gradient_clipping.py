import torch

from ablations.factors.gradient_clipping import GradientClipping
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.training import train

RECIPE = Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=2, batch_size=16))


def test_a_limit_that_no_gradient_reaches_changes_not_one_bit():
    plain, loose, tight = (
        train(level.apply(RECIPE), 0).weights
        for level in (GradientClipping.null(), GradientClipping(norm=1e3), GradientClipping(norm=0.1))
    )
    assert all(torch.equal(loose[name], plain[name]) for name in plain)
    assert not any(torch.equal(tight[name], plain[name]) for name in plain)
