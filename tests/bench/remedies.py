"""What each remedy costs: processor seconds of a run against the baseline's, beside what theory says."""

import time
from collections.abc import Iterator

import torch

from ablations import load_spec
from ablations.arms import Arm
from modules.recipe import Recipe
from modules.training import train
from modules.workload import image_passes

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
    """Images that go forth and back, those of all networks, against the baseline's."""
    return image_passes(arm.recipe(baseline)) / image_passes(baseline)
