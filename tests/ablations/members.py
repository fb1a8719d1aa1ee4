"""What the contract of an edit has to know of each factor. A factor joins by one line in MEMBERS."""

from typing import NamedTuple

from hypothesis import strategies as st
from torch import nn

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
        frozenset({"squeezenet", "root Conv2d", "no layers"}),
    ),
    "batchnorm": Member(
        BatchNorm(),
        st.builds(BatchNorm, share=_floats(0, 1), momentum=_floats(0, 1, exclude_min=True)),
        frozenset({"cifar_resnet20", "root Linear", "repeated blocks", "no layers"}),
    ),
    "weight_decay": Member(WeightDecay(strength=0.1), st.builds(WeightDecay, strength=_floats(0, 10))),
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
        | st.builds(Optimizer, name=st.just("adam"), betas=st.tuples(_floats(0, 0.9), _floats(0, 0.9))),
    ),
    "augmentation": Member(
        Augmentation(shift=0.1, rotate=15.0),
        st.builds(Augmentation, shift=_floats(0, 1), rotate=_floats(0, 180), scale=_floats(0, 0.9), flip=_floats(0, 1)),
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
        all_but("cifar_resnet20", "squeezenet", "repeated blocks"),
    ),
    "skip": Member(Skip(), st.builds(Skip, kept=st.booleans()), all_but("cifar_resnet20", "functional calls")),
    "auxiliary": Member(Auxiliary(), st.builds(Auxiliary, kept=st.booleans()), all_but("two heads")),
    "remove": Member(
        Remove(name="*relu*"),
        st.builds(Remove, name=st.text(max_size=8)),
        all_but("lenet5", "cifar_resnet20", "squeezenet", "shared modules", "untraceable"),
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
    "activation": Member(
        Activation(name="tanh"),
        st.builds(Activation, name=st.sampled_from([None, "prelu", "gelu"])),
        frozenset({"root Linear", "root Conv2d", "untraceable", "two heads"}),
    ),
}
