from ablations.factors.l1 import L1
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.training import train

RECIPE = Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=6, batch_size=16))


def share_of_zeros(strength):
    outcome = train(L1(strength=strength).apply(RECIPE), 0)
    weights = [tensor for name, tensor in outcome.weights.items() if name.endswith("weight")]
    biases = [tensor for name, tensor in outcome.weights.items() if name.endswith("bias")]
    assert all(bias.all() for bias in biases)
    return sum(int((weight == 0).sum()) for weight in weights) / sum(weight.numel() for weight in weights)


def test_trained_weights_are_exactly_zero_the_more_the_stronger_it_is():
    shares = [share_of_zeros(strength) for strength in (0.0, 0.005, 0.02, 1.0)]
    assert shares[0] == 0
    assert 0.01 < shares[1] < shares[2] < 0.5
    assert shares[3] == 1
