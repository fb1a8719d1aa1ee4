"""Early stopping (Prechelt 1998)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from ablations.parts import PartEdit


class EarlyStopping(PartEdit):
    """Early stopping (Prechelt 1998): training ends when validation gets no better, and the best epoch's weights are
    measured.

    Only validation images are looked at. Without it the last epoch's weights are measured.
    """

    factor = "early_stopping"
    source = "Prechelt 1998, in Neural Networks: Tricks of the Trade"
    expect = "Helps a lot under label noise, where memorising comes late; next to nothing on clean data. Saves time."
    pitfall = (
        "Watching test images is cheating. On top of a strong remedy it can hurt, since what it stops was no "
        "overfitting; a small validation set makes it stop by chance."
    )
    cites = ("prechelt1998early",)
    part = "stopping"
    sets_fields = {"patience": "patience", "monitor": "monitor"}

    patience: int | None = Field(10, ge=1)
    """Epochs without a better value before training stops. None is the baseline."""
    monitor: Literal["val_accuracy", "val_loss"] = "val_accuracy"
    """What is watched."""

    @classmethod
    def null(cls) -> Self:
        return cls(patience=None)

    @property
    def off(self) -> bool:
        return self.patience is None
