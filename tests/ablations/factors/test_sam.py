import torch
from torch.nn import functional as F

from ablations.factors.sam import Sam
from modules.build import build
from modules.data.splits import make_splits
from modules.recipe import Data, Recipe
from modules.settings import Trainer
from modules.streams import Streams
from modules.training import train

RECIPE = Recipe(data=Data(train_size=40, image_size=32), trainer=Trainer(epochs=20, batch_size=16))


def rise(recipe, seed, radius=0.1):
    """How much the training loss rises by a step of this length up its gradient."""
    network, part = build(recipe, seed), make_splits(recipe.data, Streams(seed)).train
    network.load_state_dict(train(recipe, seed).weights)
    here = F.cross_entropy(network(part.images), part.labels)
    gradients = torch.autograd.grad(here, list(network.parameters()))
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    with torch.no_grad():
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            parameter.add_(radius * gradient / norm)
        return float(F.cross_entropy(network(part.images), part.labels) - here)


def test_it_ends_where_the_loss_rises_less_all_around():
    for seed in range(3):
        assert rise(Sam(rho=0.1).apply(RECIPE), seed) < 0.8 * rise(RECIPE, seed)
