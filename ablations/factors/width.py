"""The number of channels (Howard et al. 2017; Zagoruyko and Komodakis 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Width(ModelEdit):
    """Width (Zagoruyko and Komodakis 2016): the outputs of every hidden layer are multiplied.

    Each layer gets as many inputs as really reach it, so any network works whose own code holds no fixed widths; one
    that does is refused by the name of the module that no longer fits. Weights are drawn anew from those that were
    there, scaled to their number of inputs.
    """

    factor = "width"
    source = "Zagoruyko and Komodakis 2016, BMVC; Howard et al. 2017, MobileNets"
    expect = (
        "A wide residual network of 16 layers beat thin ones of up to a thousand (Zagoruyko and Komodakis 2016); "
        "MobileNets lose accuracy smoothly as they get thinner (Howard et al. 2017)."
    )
    pitfall = (
        "Smaller is not always safer: under label noise the test error is highest near the width that just fits the "
        "training set, and falls again beyond it (double descent; Nakkiran et al. 2020). Parameters change with about "
        "the square of the multiplier."
    )
    cites = ("zagoruyko2016wide", "howard2017mobilenets", "nakkiran2020deep")
    stage = Stage.RESHAPE
    rebuilds = True
    redraws = True

    multiplier: float = Field(0.5, gt=0, le=16)
    """Outputs of each hidden layer against the baseline's, rounded. 1 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(multiplier=1.0)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, needed, no_effect, refusing
        from modules.surgery.widening import scale_width

        edited = copied(model)
        if self.off:
            return edited
        example = needed(self, example)
        with refusing(self):
            changed = scale_width(edited, self.multiplier, generator, example)
        return edited if changed else no_effect(self, "hidden layers whose width changes", model)
