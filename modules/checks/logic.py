"""What perceptrons can say, and what back-propagation finds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from modules.checks import Checked
from modules.handwork import backprop as by_hand
from modules.handwork.autograd import BOUND, compare
from modules.handwork.example import Example

INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])
NETWORKS = ((1, 1), (2, 2, 1), (3, 4, 2), (5, 5, 5, 5))


def xor_two_layers() -> Checked:
    """XOR = AND(NAND, OR)."""
    nand, either = unit([-1, -1], 1.5, INPUTS), unit([1, 1], -0.5, INPUTS)
    right = int((unit([1, 1], -1.5, np.stack([nand, either], 1)) == XOR).sum())
    return Checked("XOR = AND(NAND, OR), by three perceptrons", f"{right} of 4 right", "4 of 4", right == 4)


def unit(weights: list[float], bias: float, inputs: NDArray) -> NDArray:
    """A threshold unit (Rosenblatt 1958)."""
    return (inputs @ np.array(weights) + bias > 0).astype(int)


def xor_no_perceptron() -> Checked:
    """A perceptron that gets a set of points right solves linear inequalities: sign (w x + b) >= 1 (Minsky and Papert
    1969)."""
    sets = [[point for point in range(4) if chosen >> point & 1] for chosen in range(16)]
    best = max(len(points) for points in sets if _separable(points))
    return Checked("No single perceptron gets XOR right", f"at best {best} of 4", "3 of 4", best == 3)


def _separable(points: list[int]) -> bool:
    signs = 2 * XOR[points] - 1
    rows = -signs[:, None] * np.column_stack([INPUTS[points], np.ones(len(points))])
    return not points or linprog(np.zeros(3), rows, -np.ones(len(points)), bounds=[(None, None)] * 3).status == 0


def backprop() -> Checked:
    """The chain rule by hand against torch's autograd (Rumelhart et al. 1986), both losses, several networks."""
    examples = [
        Example(sizes=sizes, loss=loss, seed=seed)
        for sizes in NETWORKS for loss in ("squared", "cross_entropy") for seed in range(3)
    ]  # fmt: skip
    found = [compare(by_hand.step(example.drawn())) for example in examples]
    worst, numbers = max(one.difference for one in found), sum(one.numbers for one in found)
    says = "Back-propagation by hand finds what autograd does: values, derivatives, new weights"
    return Checked(says, f"{worst:.1e} off at most, of {numbers:,} numbers", f"{BOUND:.0e} or less", worst <= BOUND)
