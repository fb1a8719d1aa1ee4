from ablations.factors.gradient_noise import GradientNoise
from ablations.factors.init import Init
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.training import train

ZEROS = Init(scheme="zeros").apply(
    Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=2, batch_size=16))
)


def test_weights_that_no_gradient_reaches_begin_to_move():
    """Of zeros alone only the last bias has a gradient; what Neelakantan et al. found of bad inits, at its extreme."""
    for level, moves in ((GradientNoise.null(), False), (GradientNoise(eta=0.01), True)):
        weights = train(level.apply(ZEROS), 0).weights
        assert [bool(weight.any()) for name, weight in weights.items() if name != "fc3.bias"] == 9 * [moves]
