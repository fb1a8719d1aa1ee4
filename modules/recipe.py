"""The recipe: everything one training run is, as plain data. Nothing here is built, so nothing here needs torch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from modules.catalog import MODELS
from modules.data.settings import Augmentation as Augmentation
from modules.data.settings import Data as Data
from modules.imports import is_foreign, is_timm
from modules.names import unknown_name
from modules.settings import (
    Averaging,
    Constant,
    CrossEntropy,
    Detection,
    Ensemble,
    Loss,
    Noise,
    Optimizer,
    Regularization,
    Schedule,
    Sgd,
    Stopping,
    Trainer,
)
from modules.values import Arguments, Value

if TYPE_CHECKING:
    import torch
    from torch import nn


class Stage(IntEnum):
    """The order in which edits of a network are carried out: first what exists at all, last the numbers in it."""

    RESHAPE = 0
    """Parts go, come, or change their size."""
    REPLACE = 1
    """Modules give way to others of the same shape."""
    ATTACH = 2
    """Modules are added to others."""
    DRAW = 3
    """Weights are drawn anew."""


class Surgery(Value):
    """An edit of a built network, as a value: given a model, returns an edited copy and leaves the input alone."""

    factor: ClassVar[str]
    stage: ClassVar[Stage] = Stage.ATTACH
    """When it is its turn, whatever the order in which edits are named."""

    @abstractmethod
    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        """Returns the edited copy of `model`; raises NoEffect where there is nothing to change.

        `example` is a batch of images (N, C, H, W) for edits that must see what shapes pass through.
        """


OTHER_KEYS: JsonDict = {"additionalProperties": True}
"""For editors, which cannot know the arguments of anybody's model."""


def arguments_gathered(given: Any, fields: Collection[str]) -> Any:
    """The settings of a foreign model with those that are no `fields` of ours under `arguments`, where they belong."""
    if not isinstance(given, Mapping) or not is_foreign(str(given.get("name"))):
        return given
    own = {key: given[key] for key in given if key in fields}
    beside = {key: given[key] for key in given if key not in own}
    return {**own, "arguments": {**dict(own.get("arguments", {})), **beside}} if beside else given


class Model(Value):
    """Which network, and what was done to it after it was built."""

    model_config = ConfigDict(json_schema_extra=OTHER_KEYS)

    name: str = "lenet5"
    """A model of the zoo, `./file.py:Class`, `package.module:Class`, or `timm/name`."""
    arguments: Arguments = ()
    """Keyword arguments for a model that is not of the zoo; they may also stand beside `name`."""
    surgeries: tuple[Surgery, ...] = Field((), exclude=True)
    """Edits of the built network, in the order of their turns. Set by factors, never in a spec."""

    @model_validator(mode="before")
    @classmethod
    def _arguments_beside_the_name(cls, given: Any) -> Any:
        return arguments_gathered(given, cls.model_fields)

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        return name if name in MODELS or is_foreign(name) else unknown_name("model", name, MODELS)

    @model_validator(mode="after")
    def _only_foreign_models_take_arguments(self) -> Model:
        if self.arguments and not is_foreign(self.name):
            raise ValueError(f"{self.name} takes no arguments; only a model of your own does")
        return self

    @property
    def label(self) -> str:
        """What tables call it: files go without their folder, so that a name does not depend on the machine."""
        return self.name.rpartition("/")[2] if is_foreign(self.name) and not is_timm(self.name) else self.name

    @field_validator("surgeries", mode="before")
    @classmethod
    def _not_in_a_spec(cls, surgeries: Any) -> Any:
        if any(not isinstance(surgery, Surgery) for surgery in surgeries):
            raise ValueError("surgeries come from factors; name them under `factors:`")
        return surgeries


class Recipe(Value):
    """Everything one training run is, but for its seed."""

    data: Data = Data()
    """Which images, and what is done to them."""
    model: Model = Model()
    """Which network."""
    loss: Loss = CrossEntropy()
    """What is minimised."""
    optimizer: Optimizer = Sgd(name="sgd", lr=0.02, momentum=0.9)
    """How gradients become steps."""
    schedule: Schedule = Constant()
    """How the learning rate moves."""
    regularization: Regularization = Regularization()
    """What holds weights and steps small, or looks for flat minima."""
    noise: Noise = Noise()
    """What is disturbed in every training step."""
    stopping: Stopping = Stopping()
    """When training ends, and which weights are measured."""
    averaging: Averaging = Averaging()
    """Whether an average over steps is measured instead of the last weights."""
    ensemble: Ensemble = Ensemble()
    """How many networks are trained and averaged."""
    trainer: Trainer = Trainer()
    """How long, and in what steps."""
    detection: Detection = Detection()
    """How things are found, where the data have boxes."""
    replicate: int = Field(0, ge=0)
    """0 everywhere but in the sham, which shares the split and the noisy labels only and draws all else by itself."""

    def canonical(self) -> dict[str, Any]:
        """The recipe as JSON-able data, surgeries included: what is hashed, compared, and recorded."""
        tree = self.model_dump(mode="json")
        tree["model"]["surgeries"] = {s.factor: s.model_dump(mode="json") for s in self.model.surgeries}
        return tree
