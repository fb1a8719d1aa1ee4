"""The recipe: everything one training run is, as plain data. Nothing here is built, so nothing here needs torch."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from modules.catalog import MODELS
from modules.data.settings import Augmentation as Augmentation
from modules.data.settings import Data as Data
from modules.names import unknown_name
from modules.values import Value

if TYPE_CHECKING:
    import torch
    from torch import nn


class Surgery(Value):
    """An edit of a built network, as a value: given a model, returns an edited copy and leaves the input alone."""

    factor: ClassVar[str]

    @abstractmethod
    def operate(self, model: nn.Module, generator: torch.Generator) -> nn.Module:
        """Returns the edited copy of `model`; raises NoEffect where there is nothing to change."""


class Model(Value):
    """Which network, and what was done to it after it was built."""

    name: str = "lenet5"
    """One of the known models."""
    surgeries: tuple[Surgery, ...] = Field((), exclude=True)
    """Edits of the built network, in the order of their factors' names. Set by factors, never in a spec."""

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        return name if name in MODELS else unknown_name("model", name, MODELS)

    @field_validator("surgeries", mode="before")
    @classmethod
    def _not_in_a_spec(cls, surgeries: Any) -> Any:
        if any(not isinstance(surgery, Surgery) for surgery in surgeries):
            raise ValueError("surgeries come from factors; name them under `factors:`")
        return surgeries


class Loss(Value):
    """What is minimised."""

    name: Literal["cross_entropy"] = "cross_entropy"


class _Optimizer(Value):
    lr: float = Field(gt=0)
    """Learning rate."""
    weight_decay: float = Field(0.0, ge=0)
    """Weight decay of the weights of convolutions and linear layers; biases and norm parameters are left out."""


class Sgd(_Optimizer):
    """Stochastic gradient descent, with momentum (Polyak 1964) where asked."""

    name: Literal["sgd"]
    momentum: float = Field(0.0, ge=0, lt=1)
    nesterov: bool = False


class RmsProp(_Optimizer):
    """RMSprop (Tieleman and Hinton 2012)."""

    name: Literal["rmsprop"]
    alpha: float = Field(0.99, ge=0, lt=1)
    momentum: float = Field(0.0, ge=0, lt=1)


class Adagrad(_Optimizer):
    """Adagrad (Duchi et al. 2011)."""

    name: Literal["adagrad"]


class Adam(_Optimizer):
    """Adam (Kingma and Ba 2015); its weight decay is coupled, that is, an L2 penalty."""

    name: Literal["adam"]
    betas: tuple[float, float] = Field((0.9, 0.999), strict=False)


class AdamW(_Optimizer):
    """AdamW (Loshchilov and Hutter 2019); its weight decay is decoupled from the gradient."""

    name: Literal["adamw"]
    betas: tuple[float, float] = Field((0.9, 0.999), strict=False)


Optimizer = Annotated[Sgd | RmsProp | Adagrad | Adam | AdamW, Field(discriminator="name")]


class Schedule(Value):
    """How the learning rate moves over the epochs."""

    name: Literal["constant", "cosine"] = "constant"
    """`constant`, or `cosine`: from lr to 0 over all epochs (Loshchilov and Hutter 2017)."""


class Trainer(Value):
    """How long, and in what steps."""

    epochs: int = Field(60, ge=1)
    batch_size: int = Field(32, ge=1)


class Recipe(Value):
    """Everything one training run is, but for its seed."""

    data: Data = Data()
    model: Model = Model()
    loss: Loss = Loss()
    optimizer: Optimizer = Sgd(name="sgd", lr=0.02, momentum=0.9)
    schedule: Schedule = Schedule()
    trainer: Trainer = Trainer()
    replicate: int = Field(0, ge=0)
    """0 everywhere but in the sham, which draws its own init, order, augmentation and forward streams."""

    def canonical(self) -> dict[str, Any]:
        """The recipe as JSON-able data, surgeries included: what is hashed, compared, and recorded."""
        tree = self.model_dump(mode="json")
        tree["model"]["surgeries"] = {s.factor: s.model_dump(mode="json") for s in self.model.surgeries}
        return tree
