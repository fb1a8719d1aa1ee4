"""Which form of a network an image size gets, and how small an image may be."""

from __future__ import annotations

SMALL = 64
"""Images of fewer pixels get the small form of a network: early strides are taken out, widths and depths stay."""


def is_small(image_size: int) -> bool:
    """Whether images of this many pixels a side get the small form."""
    return image_size < SMALL


def check_size(name: str, image_size: int, smallest: int) -> None:
    """Raises ValueError where an image would be used up before the last layer."""
    if image_size < smallest:
        advice = "choose a larger image_size for the data"
        raise ValueError(f"{name} needs images of {smallest} pixels or more, not {image_size}; {advice}")
