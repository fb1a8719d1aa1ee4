"""The factors, one small file each. A new one is a new file and one line here."""

from __future__ import annotations

from ablations.edit import Edit
from ablations.factors.augmentation import Augmentation
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.optimizer import Optimizer
from ablations.factors.sham import Sham
from ablations.factors.weight_decay import WeightDecay

FACTORS: dict[str, type[Edit]] = {
    "dropout": Dropout,
    "batchnorm": BatchNorm,
    "weight_decay": WeightDecay,
    "init": Init,
    "optimizer": Optimizer,
    "augmentation": Augmentation,
    "sham": Sham,
}
