"""One stream of random numbers per purpose, so that switching one thing on moves nothing else.

Every stream is derived from (seed, replicate, purpose) by numpy's SeedSequence. Only the forward stream may seed
torch's global generator, because dropout draws from there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

PURPOSES = (
    "split", "label_noise", "init", "order", "augmentation", "forward", "surgery", "mixing", "input_noise",
    "weight_noise", "gradient_noise", "label_redraws", "bootstrap", "search", "mining",
)  # fmt: skip
"""A purpose's place in this list is part of its streams' names: new ones go to the end."""
SHARED_BY_ALL = frozenset({"split", "label_noise"})
"""What shams and the members of an ensemble have in common with the baseline."""
MEMBERS = 2**32 - 1
"""Keeps the names of members' streams apart from those with a detail."""


@dataclass(frozen=True)
class Streams:
    """The streams of one run; a sham (`replicate` above 0) shares only the split and the label noise, and so does each
    member of an ensemble but the first."""

    seed: int
    replicate: int = 0
    member: int = 0

    def number(self, purpose: str, *detail: int) -> int:
        """The 63-bit seed of one purpose, which equals no other purpose's."""
        own = purpose not in SHARED_BY_ALL
        key = (PURPOSES.index(purpose), self.replicate if own else 0, *detail)
        key += (MEMBERS, self.member) if own and self.member else ()
        state = np.random.SeedSequence(self.seed, spawn_key=key).generate_state(1, np.uint64)
        return int(state[0] >> np.uint64(1))

    def numpy(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng(self.number(purpose))

    def torch(self, purpose: str, *detail: int) -> torch.Generator:
        """A generator on the CPU whatever the device, so that the draws do not depend on it."""
        return torch.Generator().manual_seed(self.number(purpose, *detail))

    @contextlib.contextmanager
    def borrowed(self, purpose: str) -> Iterator[None]:
        """Lends a stream to code that can only draw from torch's global generator, and puts that one back."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(self.number(purpose))
            yield
