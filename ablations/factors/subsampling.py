"""How feature maps are made smaller (Springenberg et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Subsampling(ModelEdit):
    """Subsampling (Springenberg et al. 2015): the largest of each window, its average, or one pixel in the middle.

    In the place of every max or average pool with a stride, window and sizes unchanged. `stride` gives what a
    convolution of that stride gives in the place of one of stride 1 and a pool; the pixels in between are computed
    and thrown away, so the MACs stay those of the baseline. Averages of whole maps, pools that are dilated or return
    indices, and convolutions that have a stride stay.
    """

    factor = "subsampling"
    source = "Springenberg et al. 2015, Striving for simplicity; Scherer et al. 2010, ICANN (max against average)"
    expect = (
        "On CIFAR-10 (model C, no augmentation) the error was 9.74 % with max pooling, 10.19 with a stride in its "
        "place, 9.08 with convolutions of that stride added instead of the pools (Springenberg et al. 2015). Scherer "
        "et al. 2010 found max pooling better than averages on objects."
    )
    pitfall = (
        "A strided convolution that takes the place of a pool brings weights and a layer of its own, so that depth is "
        "compared as well; here no weights are added. A stride alone looks at one pixel of each window and forgets the "
        "others."
    )
    cites = ("springenberg2015striving", "scherer2010evaluation")
    stage = Stage.REPLACE
    adds = frozenset({"MaxPool2d", "AvgPool2d", "ZeroPad2d", "Sequential"})

    kind: Literal["max", "average", "stride"] | None = "average"
    """Which one. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(kind=None)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, of_kind, refusing
        from modules.surgery.calls import replace_calls
        from modules.surgery.passes import check_runs
        from modules.surgery.pooling import KINDS, NAMES, POOLS, Window, call_kind, kind_of, pool_of_call
        from modules.surgery.replacement import refuse_unregistered, replace_modules
        from modules.surgery.tracing import has_own_forward

        edited = copied(model)
        if self.kind is None:
            return edited
        with refusing(self):
            refuse_unregistered(edited, POOLS)
        # Calls become modules that do the same, so that what passes through can be seen.
        calls = replace_calls(
            edited,
            lambda node: pool_of_call(node) if Window.of_call(node) and call_kind(node) != self.kind else None,
            frozenset().union(*(names for kind, names in NAMES.items() if kind != self.kind)),
        )
        make, spared = KINDS[self.kind], self._global(edited, example)
        pools = [pool for pool in of_kind(edited, POOLS) if kind_of(pool) != self.kind and pool not in spared]
        windows = {pool: Window.of(pool) for pool in pools if not has_own_forward(pool)}
        others = {pool: make(window) for pool, window in windows.items() if window is not None}
        if calls.opaque or not others:
            no_effect(self, "pools of another kind", model, calls.opaque)
        edited = replace_modules(edited, others)
        with refusing(self):
            check_runs(edited, example)
        return edited

    def _global(self, model: nn.Module, example: torch.Tensor | None) -> set[nn.Module]:
        from modules.surgery import of_kind, refusing
        from modules.surgery.passes import seen_shapes, training_pass
        from modules.surgery.pooling import POOLS, is_global

        if example is None:
            return set()
        with refusing(self):
            shapes = seen_shapes(model, example, training_pass)
        return {pool for pool in of_kind(model, POOLS) if is_global(pool, shapes.get(pool))}
