"""The number of blocks (Simonyan and Zisserman 2015; He et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Depth(ModelEdit):
    """Depth (Simonyan and Zisserman 2015): the number of blocks in each stage is multiplied.

    A stage is a run of blocks of one class in an nn.Sequential or nn.ModuleList; blocks that change the shape of what
    passes through them stay. New blocks are copies of the last one with its weights in another order.
    """

    factor = "depth"
    source = "Simonyan and Zisserman 2015, ICLR; He et al. 2016, CVPR"
    expect = (
        "On ImageNet VGG's top-1 error fell from 29.6 % with 11 layers to 27.0 with 16, and 19 brought no more "
        "(Simonyan and Zisserman 2015). From 18 to 34 layers plain nets got worse, 27.94 to 28.54 %, and residual ones "
        "better, 27.88 to 25.03 (He et al. 2016)."
    )
    pitfall = (
        "Where a deeper plain net is worse, its training error is higher too: that is degradation, not overfitting. It "
        "may also need another learning rate, or a rise of it in the beginning."
    )
    cites = ("simonyan2015very", "he2016deep")
    stage = Stage.RESHAPE
    rebuilds = True

    multiplier: float = Field(2.0, gt=0, le=16)
    """Blocks of each stage against the baseline's, rounded; a stage keeps one at least. 1 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(multiplier=1.0)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, needed, no_effect, refusing
        from modules.surgery.deepening import scale_depth

        edited = copied(model)
        if self.off:
            return edited
        example = needed(self, example)
        with refusing(self):
            changed = scale_depth(edited, self.multiplier, generator, example)
        return edited if changed else no_effect(self, "stages of blocks that keep their shape", model)
