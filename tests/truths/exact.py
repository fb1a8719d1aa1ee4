"""Facts that hold exactly, whatever the machine: the checks that specs may ask for, too."""

from functools import partial

from modules.checks import CHECKS, carry_out
from tests.truths.truth import Truth


def measured(name: str) -> Truth:
    """One of the checks, as a line of the table."""
    return Truth(*carry_out(name))


EXACT = tuple(partial(measured, name) for name in CHECKS)
