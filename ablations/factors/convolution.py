"""The kind of convolution (Howard et al. 2017; Zhang et al. 2018; Szegedy et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Convolution(ModelEdit):
    """Kind of convolution (Howard et al. 2017, MobileNets): standard convolutions give way to cheaper ones.

    Every standard convolution that the kind can stand in for, with the same channels and sizes; those in groups
    already, of one pixel, or whose channels do not divide stay. New weights have the gain of the old ones, biases are
    kept, so that the kind is not an initialisation in disguise. Refused where one has a forward of its own, computes
    its weight, or shares it with what stays.
    """

    factor = "convolution"
    source = "Howard et al. 2017, MobileNets; Zhang et al. 2018, ShuffleNet; Szegedy et al. 2016, Inception v3"
    expect = (
        "MobileNet reaches 70.6 % on ImageNet where the same net with standard convolutions reaches 71.7, with 569 "
        "instead of 4,866 million multiply-adds (Howard et al. 2017)."
    )
    pitfall = (
        "Fewer multiply-adds are not as much less time: depthwise convolutions wait for memory. Groups that are never "
        "shuffled exchange no channels (Zhang et al. 2018), and fewer weights alone may change the gap."
    )
    cites = ("howard2017mobilenets", "zhang2018shufflenet", "szegedy2016rethinking")
    stage = Stage.REPLACE
    adds = frozenset({"Conv2d", "ChannelShuffle", "ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d", "CircularPad2d",
                      "Sequential"})  # fmt: skip
    drops = frozenset({"weight", "bias"})

    kind: (
        Literal[
            "pointwise", "grouped", "shuffled_group", "depthwise", "depthwise_separable", "spatially_separable"
        ] | None
    ) = "depthwise_separable"  # fmt: skip
    """Which one. None is the baseline, standard convolutions."""
    groups: int = Field(2, ge=2)
    """Number of groups, of `grouped` and `shuffled_group`; the other kinds do not read it."""

    @classmethod
    def null(cls) -> Self:
        return cls(kind=None)

    @property
    def off(self) -> bool:
        return self.kind is None

    def told(self) -> dict[str, Any]:
        grouped = self.kind in ("grouped", "shuffled_group")
        return {"kind": self.kind or "standard"} | ({"groups": self.groups} if grouped else {})

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from torch import nn

        from modules.convolutions import eligible
        from modules.surgery import copied, no_effect, of_kind, refusing
        from modules.surgery.passes import check_runs
        from modules.surgery.replacement import made_once, refuse_bound, refuse_unregistered, replace_modules

        edited = copied(model)
        if self.kind is None:
            return edited
        convolutions: list[Any] = of_kind(edited, (nn.Conv2d,))
        chosen = [conv for conv in convolutions if eligible(self.kind, conv, self.groups)]
        if not chosen:
            no_effect(self, "standard convolutions that this kind can stand in for", model)
        with refusing(self):
            refuse_unregistered(edited, (nn.Conv2d,))
            refuse_bound(edited, chosen, nn.Conv2d)
            edited = replace_modules(edited, made_once(lambda conv: self._made(conv, generator), chosen))
            check_runs(edited, example)
        return edited

    def _made(self, conv: nn.Module, generator: torch.Generator) -> nn.Module:
        from torch import nn

        from modules.convolutions import match_gain, stand_in
        from modules.surgery import drawing_from

        assert self.kind is not None and isinstance(conv, nn.Conv2d)
        with drawing_from(generator):
            fresh = stand_in(self.kind, conv, self.groups)
        match_gain(fresh, conv)
        return fresh
