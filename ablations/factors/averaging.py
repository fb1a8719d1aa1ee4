"""Averages of weights (Polyak and Juditsky 1992; Izmailov et al. 2018)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from ablations.parts import PartEdit
from modules.values import Value


class Averaging(PartEdit):
    """Weight averaging (Polyak and Juditsky 1992; Izmailov et al. 2018): the average of the weights over steps is
    measured.

    Buffers are averaged, too. After `swa`, batch norms see the training images once more, since no average of their
    statistics describes averaged weights.
    """

    factor = "averaging"
    source = "Polyak and Juditsky 1992, SIAM J. Control Optim. 30 (averaging); Izmailov et al. 2018, UAI (SWA)"
    expect = (
        "Flatter minima and less noise from the last steps: a few tenths of a point to a point on CIFAR, for "
        "next to no time."
    )
    pitfall = (
        "Averaged weights with the running statistics of the last ones, which describe other weights and can cost more "
        "than the average brings. A decay of 0.999 reaches farther back than a short training is long."
    )
    cites = ("polyak1992acceleration", "izmailov2018averaging")
    part = "averaging"
    sets_fields = {"kind": "kind", "decay": "decay", "start": "start"}

    kind: Literal["ema", "swa"] | None = "ema"
    """`ema`: exponential moving average over steps; `swa`: mean over the last epochs. None is the baseline."""
    decay: float = Field(0.99, gt=0, lt=1)
    """Of `ema`: weight of the old average in each step."""
    start: float = Field(0.75, ge=0, lt=1)
    """Of `swa`: share of the epochs after which averaging begins."""

    @classmethod
    def null(cls) -> Self:
        return cls(kind=None)

    @property
    def off(self) -> bool:
        return self.kind is None

    def _edited(self, part: Value) -> Value:
        """What this kind does not read stays, so that levels that differ in it alone are the same."""
        unread = "start" if self.kind == "ema" else "decay"
        return super()._edited(part).model_copy(update={unread: getattr(part, unread)})
