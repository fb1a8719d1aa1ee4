"""Ensembles: what resamples hold, and what an average does to the likelihood."""

from __future__ import annotations

from statistics import fmean

from modules.checks import Checked
from modules.member import bootstrap
from modules.recipe import Recipe
from modules.streams import Streams
from modules.training import train

IMAGES, SEEDS, MEMBERS = 1000, 20, 3


def bootstrap_unique() -> Checked:
    """Of n images drawn n times, 1 - (1 - 1/n)^n, about 1 - 1/e, are there (Breiman 1996; Efron 1979)."""
    resamples = [bootstrap(IMAGES, Streams(seed).torch("bootstrap")) for seed in range(SEEDS)]
    shares = [len(resample.unique()) / IMAGES for resample in resamples]
    found, expected = 100 * fmean(shares), 100 * (1 - (1 - 1 / IMAGES) ** IMAGES)
    says = f"A bootstrap resample of {IMAGES} images holds 63.2 % of them"
    return Checked(
        says, f"{found:.1f} %, the mean of {SEEDS} seeds", f"{expected:.1f} within 1", abs(found - expected) < 1
    )


def ensemble_jensen() -> Checked:
    """Jensen: minus the logarithm of a mean is at most the mean of the minus logarithms."""
    recipe = Recipe.model_validate({
        "data": {"train_size": 60, "image_size": 16}, "model": {"name": "perceptron"}, "ensemble": {"members": MEMBERS},
        "trainer": {"epochs": 3, "batch_size": 60},
    })  # fmt: skip
    worst = max(_excess(train(recipe, seed).metrics) for seed in range(3))
    return Checked("An ensemble's loss is at most its members' mean", f"{worst:+.4f} at most", "0", worst <= 1e-6)


def _excess(metrics: dict[str, float]) -> float:
    return metrics["test_loss"] - fmean(metrics[f"member_{number}_test_loss"] for number in range(1, MEMBERS + 1))
