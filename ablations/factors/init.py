"""Initialisation of weights (Glorot and Bengio 2010; He et al. 2015; Saxe et al. 2014)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Init(ModelEdit):
    """Initialisation (Glorot and Bengio 2010; He et al. 2015): how weights are drawn before the first step.

    Redraws the weights of all convolutions and linear layers and sets their biases to zero. torch's own default,
    kaiming_uniform with a = sqrt 5, is not He's.
    """

    factor = "init"
    source = "Glorot and Bengio 2010, AISTATS; He et al. 2015, ICCV; Saxe et al. 2014, ICLR"
    expect = (
        "He's scheme trained a rectifier network of 30 layers on which Xavier's stalled; with 22 layers both converged "
        "(He et al. 2015). All zeros stays at the rate of the most frequent class."
    )
    pitfall = (
        "Zeros close the gap by not learning at all, which is no remedy; a constant does leave chance, though the "
        "first layer keeps rank 1. A scheme is made for one activation, He's for ReLU and Xavier's for tanh, and batch "
        "norm hides much of what it does."
    )
    cites = ("glorot2010understanding", "he2015delving", "saxe2014exact")
    redraws = True
    stage = Stage.DRAW

    scheme: Literal[
        "default", "he_normal", "he_uniform", "xavier_normal", "xavier_uniform", "orthogonal",
        "normal", "constant", "zeros",
    ] = "he_normal"  # fmt: skip
    """`default` keeps the weights as built and is the baseline; `normal`, `constant` and `zeros` are bad on purpose."""
    value: float = Field(0.01, gt=0)
    """Standard deviation of `normal`, or the number that `constant` repeats; the other schemes do not read it."""

    @classmethod
    def null(cls) -> Self:
        return cls(scheme="default")

    @property
    def off(self) -> bool:
        return self.scheme == "default"

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from torch.nn import init

        from modules.surgery import WEIGHTED, copied, no_effect, of_kind, own_parameter, refusing

        edited = copied(model)
        if self.off:
            return edited
        layers = of_kind(edited, WEIGHTED)
        with refusing(self):
            for layer in layers:
                self._draw(own_parameter(layer, "weight"), generator)
                if layer.bias is not None:
                    init.zeros_(own_parameter(layer, "bias"))
        return edited if layers else no_effect(self, "convolutions and Linear layers", model)

    def _draw(self, weight: torch.Tensor, generator: torch.Generator) -> None:
        from torch.nn import init

        match self.scheme:
            case "he_normal":
                init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
            case "he_uniform":
                init.kaiming_uniform_(weight, nonlinearity="relu", generator=generator)
            case "xavier_normal":
                init.xavier_normal_(weight, generator=generator)
            case "xavier_uniform":
                init.xavier_uniform_(weight, generator=generator)
            case "orthogonal":
                init.orthogonal_(weight, generator=generator)
            case "normal":
                init.normal_(weight, std=self.value, generator=generator)
            case "constant":
                init.constant_(weight, self.value)
            case "zeros":
                init.zeros_(weight)
