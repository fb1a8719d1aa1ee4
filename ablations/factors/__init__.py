"""The factors, one small file each. A new one is a new file and one line here."""

from __future__ import annotations

from typing import Any

from ablations.edit import Edit
from ablations.factors.activation import Activation
from ablations.factors.architecture import Architecture
from ablations.factors.augmentation import Augmentation
from ablations.factors.auxiliary import Auxiliary
from ablations.factors.averaging import Averaging
from ablations.factors.bagging import Bagging
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.convolution import Convolution
from ablations.factors.cutmix import CutMix
from ablations.factors.cutout import Cutout
from ablations.factors.depth import Depth
from ablations.factors.disturb_label import DisturbLabel
from ablations.factors.dropout import Dropout
from ablations.factors.early_stopping import EarlyStopping
from ablations.factors.ensemble import DeepEnsemble
from ablations.factors.gradient_clipping import GradientClipping
from ablations.factors.gradient_noise import GradientNoise
from ablations.factors.groupnorm import GroupNorm
from ablations.factors.init import Init
from ablations.factors.input_noise import InputNoise
from ablations.factors.l1 import L1
from ablations.factors.label_smoothing import LabelSmoothing
from ablations.factors.layernorm import LayerNorm
from ablations.factors.loss import Loss
from ablations.factors.max_norm import MaxNorm
from ablations.factors.mixup import Mixup
from ablations.factors.optimizer import Optimizer
from ablations.factors.randaugment import RandAugment
from ablations.factors.rcnn_classifier import RcnnClassifier
from ablations.factors.rcnn_context import RcnnContext
from ablations.factors.rcnn_finetuning import RcnnFinetuning
from ablations.factors.rcnn_regression import RcnnRegression
from ablations.factors.remove import Remove
from ablations.factors.sam import Sam
from ablations.factors.schedule import Schedule
from ablations.factors.sham import Sham
from ablations.factors.skip import Skip
from ablations.factors.spatial_dropout import SpatialDropout
from ablations.factors.standardization import Standardization
from ablations.factors.stochastic_depth import StochasticDepth
from ablations.factors.subsampling import Subsampling
from ablations.factors.train_size import TrainSize
from ablations.factors.upsampling import Upsampling
from ablations.factors.weight_decay import WeightDecay
from ablations.factors.weight_noise import WeightNoise
from ablations.factors.width import Width
from modules.recipe import Recipe

FACTORS: dict[str, type[Edit]] = {
    "dropout": Dropout,
    "spatial_dropout": SpatialDropout,
    "stochastic_depth": StochasticDepth,
    "batchnorm": BatchNorm,
    "layernorm": LayerNorm,
    "groupnorm": GroupNorm,
    "weight_decay": WeightDecay,
    "init": Init,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "augmentation": Augmentation,
    "cutout": Cutout,
    "randaugment": RandAugment,
    "mixup": Mixup,
    "cutmix": CutMix,
    "standardization": Standardization,
    "l1": L1,
    "max_norm": MaxNorm,
    "early_stopping": EarlyStopping,
    "label_smoothing": LabelSmoothing,
    "loss": Loss,
    "input_noise": InputNoise,
    "weight_noise": WeightNoise,
    "gradient_noise": GradientNoise,
    "disturb_label": DisturbLabel,
    "train_size": TrainSize,
    "bagging": Bagging,
    "ensemble": DeepEnsemble,
    "averaging": Averaging,
    "sam": Sam,
    "gradient_clipping": GradientClipping,
    "architecture": Architecture,
    "width": Width,
    "depth": Depth,
    "skip": Skip,
    "auxiliary": Auxiliary,
    "remove": Remove,
    "convolution": Convolution,
    "subsampling": Subsampling,
    "upsampling": Upsampling,
    "activation": Activation,
    "rcnn_finetuning": RcnnFinetuning,
    "rcnn_classifier": RcnnClassifier,
    "rcnn_regression": RcnnRegression,
    "rcnn_context": RcnnContext,
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
