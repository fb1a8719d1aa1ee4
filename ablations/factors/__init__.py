"""The factors, one small file each. A new one is a new file and one line here."""

from __future__ import annotations

from typing import Any

from ablations.edit import Edit
from ablations.factors.activation import Activation
from ablations.factors.architecture import Architecture
from ablations.factors.augmentation import Augmentation
from ablations.factors.auxiliary import Auxiliary
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.convolution import Convolution
from ablations.factors.depth import Depth
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.optimizer import Optimizer
from ablations.factors.remove import Remove
from ablations.factors.sham import Sham
from ablations.factors.skip import Skip
from ablations.factors.subsampling import Subsampling
from ablations.factors.weight_decay import WeightDecay
from ablations.factors.width import Width
from modules.recipe import Recipe

FACTORS: dict[str, type[Edit]] = {
    "dropout": Dropout,
    "batchnorm": BatchNorm,
    "weight_decay": WeightDecay,
    "init": Init,
    "optimizer": Optimizer,
    "augmentation": Augmentation,
    "architecture": Architecture,
    "width": Width,
    "depth": Depth,
    "skip": Skip,
    "auxiliary": Auxiliary,
    "remove": Remove,
    "convolution": Convolution,
    "subsampling": Subsampling,
    "activation": Activation,
    "sham": Sham,
}


def recipe_from_data(data: dict[str, Any]) -> Recipe:
    """The recipe whose `canonical()` this is, edits of the network included."""
    model = dict(data["model"])
    edits = [FACTORS[name].model_validate(settings) for name, settings in model.pop("surgeries").items()]
    recipe = Recipe.model_validate({**data, "model": model})
    for edit in edits:
        recipe = edit.apply(recipe)
    return recipe
