import pytest

from ablations.factors.max_norm import MaxNorm
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.training import train

RECIPE = Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=4, batch_size=16))


def largest_norm(level):
    outcome = train(level.apply(RECIPE), 0)
    weights = [tensor for name, tensor in outcome.weights.items() if name.endswith("weight")]
    return max(float(weight.flatten(1).norm(dim=1).max()) for weight in weights), outcome.metrics["test_loss"]


def test_trained_units_are_within_the_limit_and_those_of_the_baseline_are_not():
    plain, loss = largest_norm(MaxNorm.null())
    assert largest_norm(MaxNorm(norm=plain / 2))[0] == pytest.approx(plain / 2, rel=1e-4)
    assert largest_norm(MaxNorm(norm=2 * plain)) == (plain, loss)  # a switch that is not connected
