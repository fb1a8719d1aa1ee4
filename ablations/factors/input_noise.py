"""Noise on images (Bishop 1995)."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from ablations.parts import PartEdit


class InputNoise(PartEdit):
    """Input noise (Bishop 1995): Gaussian noise on training images, drawn anew each time; small noise acts like a
    penalty on the slope of the network."""

    factor = "input_noise"
    source = "Bishop 1995, Neural Computation 7; Sietsma and Dow 1991, Neural Networks 4"
    expect = (
        "Smoother functions; helps small networks on few data. Where the noise is as large as what tells "
        "classes apart, it hurts."
    )
    pitfall = (
        "Noise must be relative to the spread of the inputs, as here, or its strength means nothing; and off "
        "when measuring."
    )
    cites = ("bishop1995training", "sietsma1991creating")
    part = "noise"
    sets_fields = {"sigma": "inputs"}

    sigma: float = Field(0.3, ge=0)
    """Standard deviation, relative to the spread of the training images. 0 is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(sigma=0.0)
