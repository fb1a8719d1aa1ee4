"""What pairing is worth here: how far the scores of an arm and the baseline go up and down together over seeds."""

from __future__ import annotations

from statistics import median

import numpy as np

from ablations.arms import BASELINE
from reports.inference.intervals import FEWEST, identical
from reports.numbers import MINUS
from reports.study import Study


def seed_correlation(study: Study) -> float | None:
    """The median over arms of the correlation between their test accuracy and the baseline's; None where not known.

    Pairing saves seeds in the proportion 1 / (1 - rho): at 0.5 half as many do.
    """
    grid = study.grid("test_accuracy")
    base = study.row_of[BASELINE]
    arms = [(model[row], model[base]) for model in grid for row in range(len(model)) if row != base]
    known = [found for pair in arms if (found := _correlation(*pair)) is not None]
    return median(known) if known else None


def _correlation(arm: np.ndarray, baseline: np.ndarray) -> float | None:
    both = np.isfinite(arm) & np.isfinite(baseline)
    above, below = arm[both], baseline[both]
    if len(above) < FEWEST or identical(above) or identical(below):
        return None
    return float(np.corrcoef(above, below)[0, 1])


def pairing_in_words(study: Study) -> str:
    """The sentence under the table."""
    rho = seed_correlation(study)
    if rho is None:
        return ""
    said = f"Seed correlation {rho + 0.0:.2f} (median over arms)".replace("-", MINUS)
    if rho <= 0.05:
        return f"{said}: pairing gains nothing here."
    worth = f"{1 / (1 - rho):.1f}" if rho < 0.99 else "more than 100"
    return f"{said}: pairing is worth {worth} times the seeds."
