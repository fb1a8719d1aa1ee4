"""A truth: what theory or the literature says must come out, and what came out."""

from typing import NamedTuple


class Truth(NamedTuple):
    """One line of the table."""

    claim: str
    measured: str
    bound: str
    holds: bool
