"""The loss (Lin et al. 2017; Brier 1950)."""

from __future__ import annotations

from pydantic import Field, TypeAdapter

import modules.settings
from ablations.parts import KindEdit


class Loss(KindEdit):
    """Loss (cross-entropy, focal, mean squared error): what is minimised.

    Label smoothing, a factor of its own, stays. Validation and test losses are cross-entropy whatever is minimised.
    """

    factor = "loss"
    source = "Lin et al. 2017, ICCV (focal); Brier 1950; Hui and Belkin 2021, ICLR (squared error)"
    expect = (
        "Focal loss was made for detectors, with a thousand background boxes for each object; on balanced classes it "
        "mostly calibrates. Squared error was about as accurate as cross-entropy where both were tuned (Hui and Belkin "
        "2021, who take it of the logits; here it is of the probabilities)."
    )
    pitfall = (
        "Losses of different kinds do not compare, accuracies do. Behind a softmax, squared error has next to no "
        "gradient where the network is surely wrong, so it learns slowly at first."
    )
    cites = ("lin2017focal", "brier1950verification", "hui2021evaluation")
    part = "loss"
    kinds = TypeAdapter(modules.settings.Loss)
    keeps = ("label_smoothing",)

    name: str | None = "focal"
    """One of cross_entropy, focal, mse. None is the baseline."""
    gamma: float | None = Field(None, ge=0)
    """Of focal: how much less what is classified well weighs; 2 where not given."""
