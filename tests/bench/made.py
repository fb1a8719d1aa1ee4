"""Trainings that train nothing, to be handed to an engine; workers load nothing else of the bench."""

import os
import random
import signal
import time
from pathlib import Path

from modules.training import OnEpoch, Outcome

CURVES = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")


def nothing(recipe, seed: int, device: str = "cpu", on_epoch: OnEpoch | None = None) -> Outcome:
    """Leaves what a run leaves, made-up numbers and curves, at once and without weights."""
    epochs = recipe.trainer.epochs
    drawn = random.Random(f"{recipe} {seed}")
    for epoch in range(1, epochs + 1) if on_epoch else ():
        on_epoch(epoch, dict.fromkeys(CURVES, 1.0))
    curves = {name: [1.0 + epoch / 100 for epoch in range(epochs)] for name in CURVES}
    return Outcome("finished", _numbers(drawn, epochs), curves, {}, device)


def _numbers(drawn: random.Random, epochs: int) -> dict[str, float]:
    train, test = drawn.gauss(95, 2), drawn.gauss(80, 2)
    accuracies = {"train_accuracy": train, "train_accuracy_clean": train, "val_accuracy": test, "test_accuracy": test}
    losses = {"gap": train - test, "test_loss": 0.7, "test_calibration_error": 5.0}
    costs = {"epochs": epochs, "seconds": 0.01, "parameters": 61_706, "macs": 416_520, "checkpoint_epoch": epochs}
    return accuracies | losses | costs


LENGTH = 1.0
"""Seconds of a run that waits."""


def waiting(recipe, seed: int, device: str = "cpu", on_epoch: OnEpoch | None = None) -> Outcome:
    """Takes the same time whatever else the machine does."""
    time.sleep(LENGTH)
    return nothing(recipe, seed, device, on_epoch)


def dying_once(mark: Path, deadly: int, recipe, seed: int, device: str, on_epoch: OnEpoch | None) -> Outcome:
    """Waits as well, but the first to come to the seed `deadly` is killed in the middle of it and leaves a mark."""
    if seed == deadly and _is_first(mark):
        time.sleep(LENGTH / 2)
        mark.write_text(str(time.time()))
        os.kill(os.getpid(), signal.SIGKILL)
    return waiting(recipe, seed, device, on_epoch)


def _is_first(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
