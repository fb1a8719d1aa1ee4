"""The lines of a network's arithmetic, as plain data."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One layer, or one place where paths meet, in the order of a pass."""

    name: str
    kind: str
    shape: tuple[int, ...]
    """Seen in the pass, without the number of images."""
    formula: str | None
    """The size with its numbers filled in; None where there is no formula, and the size is the one seen."""
    field: tuple[int, int] | None
    """Receptive field, height and width; None where it cannot be followed."""
    jump: tuple[str, str] | None
    """Pixels of the image between neighbours; "0" where all positions have seen the same."""
    parameters: int
    """Own ones, trainable; those of a layer that is called again count once."""
    macs: int
    """By formula."""
    wrong: str = ""
    """What the formulas say otherwise than the pass."""


class Arithmetic(NamedTuple):
    """A network in numbers, each of them held against a pass of torch."""

    model: str
    image: tuple[int, int, int]
    rows: tuple[Row, ...]
    parameters: int
    """All trainable ones."""
    uncalled: int
    """Those of layers that a pass in eval mode does not call, such as auxiliary heads."""
    macs: int
    """By torch's FlopCounterMode."""
    others: int
    """Those of them that stem from operations without a formula here."""

    @property
    def wrong(self) -> list[str]:
        """What does not agree, line by line."""
        found = [f"{row.name}: {row.wrong}" for row in self.rows if row.wrong]
        if (listed := sum(row.parameters for row in self.rows) + self.uncalled) != self.parameters:
            found.append(f"parameters: {listed:,} by layer, {self.parameters:,} in all")
        if (counted := sum(row.macs for row in self.rows) + self.others) != self.macs:
            found.append(f"MACs: {counted:,} by formula, {self.macs:,} counted by torch")
        return found
