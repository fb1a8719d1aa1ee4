"""What each remedy costs: processor seconds of a run against the baseline's, beside what theory says."""

import time
from collections.abc import Iterator

import torch

from ablations import load_spec
from ablations.arms import BASELINE, Arm
from modules.recipe import Recipe
from modules.training import train

PASSES = {"sam": 2.0}
"""Passes forth and back in a step, where it is not one."""
TOLERANCE = 1.15
TURNS = 3
"""Times that each is measured, one turn after the other; the shortest counts."""


def costs_of_remedies() -> Iterator[tuple[str, str, str]]:
    """A row per arm of the remedies ablation, those that miss first."""
    torch.set_num_threads(1)
    spec = load_spec("remedies")
    baseline, *arms = spec.arms
    recipe = baseline.recipe(spec.baseline)
    train(recipe, 0)
    rows = [(arm, _ratio(arm, recipe), theory(arm, recipe)) for arm in arms]
    for arm, ratio, expected in sorted(rows, key=lambda row: row[1] / row[2], reverse=True):
        limit = "below 1" if arm.name == "early_stopping" else f"at most {TOLERANCE * expected:.2f}"
        yield f"{arm.name}, of the baseline's seconds", f"{ratio:.2f}", f"{limit} (theory {expected:g})"


def _ratio(arm: Arm, baseline: Recipe) -> float:
    turns = [(_seconds(baseline), _seconds(arm.recipe(baseline))) for _ in range(TURNS)]
    return min(ours for _, ours in turns) / min(theirs for theirs, _ in turns)


def _seconds(recipe: Recipe) -> float:
    """Of the processor: on one thread they do not depend on what else the machine does."""
    started = time.process_time()
    train(recipe, 0)
    return time.process_time() - started


def theory(arm: Arm, baseline: Recipe) -> float:
    """Passes a step, times networks, times images, each against the baseline's."""
    assert arm.name != BASELINE
    recipe = arm.recipe(baseline)
    images = (recipe.data.train_size or 1) / (baseline.data.train_size or 1)
    return PASSES.get(arm.factor, 1.0) * recipe.ensemble.members * images
