"""What the contract of an edit has to know of each factor. A factor joins by one line in MEMBERS."""

from typing import NamedTuple

from hypothesis import strategies as st
from torch import nn

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
from tests.ablations.awkward import AWKWARD

LAYERS = (nn.Conv2d, nn.Linear)
ZOO = ("lenet5", "cifar_resnet20", "squeezenet")
"""The models that the whole suite runs on; what is special about the others is in their own tests."""
NETWORKS = (*ZOO, *AWKWARD)


def all_but(*networks: str) -> frozenset[str]:
    assert set(networks) <= set(NETWORKS)
    return frozenset(NETWORKS) - set(networks)


class Member(NamedTuple):
    """What the contract has to know of a factor."""

    strong: Edit
    """A level that must change something."""
    levels: st.SearchStrategy[Edit]
    """All sorts of levels."""
    no_effect: frozenset[str] = frozenset()
    """The networks in which it finds nothing to change."""
    redraws: tuple[type[nn.Module], ...] = ()
    """The kinds of module whose weights it redraws."""


def _floats(low: float, high: float, **ends: bool) -> st.SearchStrategy[float]:
    return st.floats(low, high, **ends)


MEMBERS = {
    "dropout": Member(
        Dropout(p=0.5),
        st.builds(Dropout, p=_floats(0, 1, exclude_max=True)),
        frozenset({"squeezenet", "root Conv2d", "encoder and decoder", "no layers"}),
    ),
    "spatial_dropout": Member(
        SpatialDropout(p=0.5),
        st.builds(SpatialDropout, p=_floats(0, 1, exclude_max=True)),
        all_but(
            *ZOO,
            "shared modules",
            "eval mode",
            "partly in eval mode",
            "float64",
            "hooks",
            "functional calls",
            "repeated blocks",
            "encoder and decoder",
        ),
    ),
    "stochastic_depth": Member(
        StochasticDepth(p=0.5),
        st.builds(StochasticDepth, p=_floats(0, 1, exclude_max=True)),
        all_but("cifar_resnet20", "functional calls"),
    ),
    "batchnorm": Member(
        BatchNorm(),
        st.builds(BatchNorm, share=_floats(0, 1), momentum=_floats(0, 1, exclude_min=True)),
        frozenset({"cifar_resnet20", "root Linear", "repeated blocks", "no layers"}),
    ),
    "layernorm": Member(
        LayerNorm(), st.builds(LayerNorm, share=_floats(0, 1)), frozenset({"root Linear", "no layers"})
    ),
    "groupnorm": Member(
        GroupNorm(groups=2),
        st.builds(GroupNorm, groups=st.integers(1, 64), share=_floats(0, 1)),
        frozenset({"root Linear", "no layers"}),
    ),
    "weight_decay": Member(
        WeightDecay(strength=0.1, decay="decoupled"),
        st.builds(WeightDecay, strength=_floats(0, 10), decay=st.sampled_from([None, "coupled", "decoupled"])),
    ),
    "init": Member(
        Init(scheme="he_normal"),
        st.builds(Init, scheme=st.sampled_from(["default", "orthogonal", "normal", "zeros"]), value=_floats(1e-3, 10)),
        frozenset({"no layers"}),
        LAYERS,
    ),
    "optimizer": Member(
        Optimizer(name="rmsprop", lr=0.003, alpha=0.9),
        st.builds(Optimizer, name=st.sampled_from([None, "adam", "adamw"]), lr=_floats(1e-6, 10))
        | st.builds(Optimizer, name=st.just("sgd"), momentum=_floats(0.1, 0.9), nesterov=st.booleans())
        | st.builds(Optimizer, name=st.just("adam"), betas=st.tuples(_floats(0, 0.9), _floats(0, 0.9)))
        | st.builds(Optimizer, name=st.just("muon"), momentum=_floats(0, 0.99))
        | st.builds(Optimizer, name=st.just("adadelta"), rho=_floats(0, 0.99)),
    ),
    "schedule": Member(
        Schedule(name="step", every=0.5, fall=0.2),
        st.builds(Schedule, name=st.sampled_from([None, "constant", "cosine"]))
        | st.builds(Schedule, name=st.just("step"), every=_floats(0.1, 1), fall=_floats(0.1, 0.9))
        | st.builds(Schedule, name=st.just("one_cycle"), rise=_floats(0.1, 0.9))
        | st.builds(
            Schedule, name=st.just("warmup"), share=_floats(0.1, 0.9), then=st.sampled_from(["constant", "cosine"])
        ),
    ),
    "augmentation": Member(
        Augmentation(shift=0.1, rotate=15.0),
        st.builds(
            Augmentation,
            shift=_floats(0, 1),
            rotate=_floats(0, 180),
            scale=_floats(0, 0.9),
            flip=_floats(0, 1),
            crop=_floats(0, 0.9),
        ),
    ),
    "cutout": Member(Cutout(), st.builds(Cutout, size=_floats(0, 1))),
    "randaugment": Member(
        RandAugment(), st.builds(RandAugment, operations=st.integers(0, 14), magnitude=st.integers(0, 30))
    ),
    "mixup": Member(Mixup(), st.builds(Mixup, alpha=_floats(0, 10))),
    "cutmix": Member(CutMix(), st.builds(CutMix, alpha=_floats(0, 10))),
    "standardization": Member(
        Standardization(standardize=False),
        st.builds(Standardization, standardize=st.sampled_from([None, True, False])),
    ),
    "l1": Member(L1(), st.builds(L1, strength=_floats(0, 1))),
    "max_norm": Member(MaxNorm(), st.builds(MaxNorm, norm=st.none() | _floats(0.01, 10))),
    "early_stopping": Member(
        EarlyStopping(patience=1),
        st.builds(
            EarlyStopping,
            patience=st.none() | st.integers(1, 50),
            monitor=st.sampled_from(["val_accuracy", "val_loss"]),
        ),
    ),
    "label_smoothing": Member(LabelSmoothing(), st.builds(LabelSmoothing, smoothing=_floats(0, 1, exclude_max=True))),
    "loss": Member(
        Loss(),
        st.builds(Loss, name=st.sampled_from([None, "cross_entropy", "mse"]))
        | st.builds(Loss, name=st.just("focal"), gamma=_floats(0, 5)),
    ),
    "input_noise": Member(InputNoise(), st.builds(InputNoise, sigma=_floats(0, 5))),
    "weight_noise": Member(WeightNoise(), st.builds(WeightNoise, sigma=_floats(0, 5))),
    "gradient_noise": Member(GradientNoise(), st.builds(GradientNoise, eta=_floats(0, 5))),
    "disturb_label": Member(DisturbLabel(), st.builds(DisturbLabel, p=_floats(0, 1))),
    "train_size": Member(TrainSize(images=60), st.builds(TrainSize, images=st.none() | st.integers(10, 800))),
    "bagging": Member(Bagging(members=2), st.builds(Bagging, members=st.integers(1, 100))),
    "ensemble": Member(DeepEnsemble(members=2), st.builds(DeepEnsemble, members=st.integers(1, 100))),
    "averaging": Member(
        Averaging(),
        st.builds(
            Averaging, kind=st.sampled_from([None, "ema", "swa"]), decay=_floats(0.1, 0.99), start=_floats(0, 0.9)
        ),
    ),
    "sam": Member(Sam(), st.builds(Sam, rho=_floats(0, 1))),
    "gradient_clipping": Member(
        GradientClipping(norm=0.1), st.builds(GradientClipping, norm=st.none() | _floats(0.01, 10))
    ),
    "sham": Member(Sham(), st.builds(Sham, replicate=st.integers(0, 100)), redraws=(nn.Module,)),
    "architecture": Member(
        Architecture(name="mlp"),
        st.builds(Architecture, name=st.sampled_from([None, "lenet5"]))
        | st.builds(Architecture, name=st.just("/nets/net.py:Net"), arguments=st.just({"hidden": 3, "sides": [1, 2]})),
        redraws=(nn.Module,),
    ),
    "width": Member(
        Width(multiplier=0.5),
        st.builds(Width, multiplier=_floats(0.1, 8)),
        frozenset({"root Linear", "root Conv2d", "tied weights", "no layers"}),
        (nn.Module,),
    ),
    "depth": Member(
        Depth(multiplier=2.0),
        st.builds(Depth, multiplier=_floats(0.1, 8)),
        all_but("cifar_resnet20", "squeezenet", "repeated blocks", "encoder and decoder"),
    ),
    "skip": Member(Skip(), st.builds(Skip, kept=st.booleans()), all_but("cifar_resnet20", "functional calls")),
    "auxiliary": Member(Auxiliary(), st.builds(Auxiliary, kept=st.booleans()), all_but("two heads")),
    "remove": Member(
        Remove(name="*relu*"),
        st.builds(Remove, name=st.text(max_size=8)),
        all_but("lenet5", "cifar_resnet20", "squeezenet", "shared modules", "untraceable", "encoder and decoder"),
    ),
    "convolution": Member(
        Convolution(kind="spatially_separable"),
        st.builds(Convolution, kind=st.sampled_from([None, "grouped", "depthwise"]), groups=st.integers(2, 16)),
        frozenset({"root Linear", "ModuleList", "tied weights", "attention", "no layers"}),
        (nn.Conv2d,),
    ),
    "subsampling": Member(
        Subsampling(kind="average"),
        st.builds(Subsampling, kind=st.sampled_from([None, "max", "average", "stride"])),
        all_but("lenet5", "squeezenet", "functional calls", "repeated blocks"),
    ),
    "upsampling": Member(
        Upsampling(kind="transposed"),
        st.builds(
            Upsampling,
            kind=st.sampled_from([None, "transposed", "unpool", "resize"]),
            kernel=st.integers(2, 16),
            mode=st.sampled_from(["nearest", "bilinear"]),
        ),
        all_but("encoder and decoder"),
        (nn.Conv2d,),
    ),
    "activation": Member(
        Activation(name="tanh"),
        st.builds(Activation, name=st.sampled_from([None, "prelu", "gelu"])),
        frozenset({"root Linear", "root Conv2d", "untraceable", "two heads"}),
    ),
    "rcnn_finetuning": Member(
        RcnnFinetuning(kept=False), st.builds(RcnnFinetuning, kept=st.sampled_from([None, True, False])), all_but()
    ),
    "rcnn_classifier": Member(
        RcnnClassifier(name="softmax"),
        st.builds(RcnnClassifier, name=st.sampled_from([None, "svm", "softmax"])),
        all_but(),
    ),
    "rcnn_regression": Member(
        RcnnRegression(kept=False), st.builds(RcnnRegression, kept=st.sampled_from([None, True, False])), all_but()
    ),
    "rcnn_context": Member(
        RcnnContext(pixels=0), st.builds(RcnnContext, pixels=st.none() | st.integers(0, 113)), all_but()
    ),
}
RIVALS = (("batchnorm", "layernorm", "groupnorm"), ("bagging", "ensemble"))
"""Factors of which an arm has one, since they fill one slot or change one field; in the order of MEMBERS."""
