"""Skip connections (He et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ablations.edit import LeftOut

if TYPE_CHECKING:
    import torch
    from torch import nn


class Skip(LeftOut):
    """Skip connections off (He et al. 2016): what is added to a branch from around it is left out.

    Found in the forward of any module, as a sum of two ways from one fork of which one is shorter and has one layer
    of weights at most; a network with sums that no trace can see is refused. A residual network becomes its plain
    twin; projections on the way around go. He's point: the plain net's *training* error is higher where it is deep, so
    it is no remedy against overfitting.
    """

    factor = "skip"
    source = "He et al. 2016, CVPR; Srivastava et al. 2015 (highway networks)"
    expect = (
        "On ImageNet the top-1 error with 34 layers was 25.03 % with skips and 28.54 without; with 18 layers 27.88 and "
        "27.94, hardly a difference (He et al. 2016)."
    )
    pitfall = (
        "Taken for a remedy against overfitting: what a deep net without skips loses is training accuracy. In a "
        "shallow one there is little to see."
    )
    cites = ("he2016deep", "srivastava2015highway")

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, refusing
        from modules.surgery.cutting import cut_skips
        from modules.surgery.passes import check_runs

        edited = copied(model)
        if self.off:
            return edited
        with refusing(self):
            cut = cut_skips(edited)
            check_runs(edited, example)
        return edited if cut else no_effect(self, "skip connections", model)
