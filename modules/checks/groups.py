"""Convolutions in groups, and the shuffle between them."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from modules.checks import Checked
from modules.convolutions import shuffled_group

CHANNELS, GROUPS = 9, 3


def grouped_is_block_diagonal() -> Checked:
    """Grouped (Krizhevsky et al. 2012) is standard with a block-diagonal weight."""
    x, w = draw(2, 4, 6, 6), draw(6, 2, 3, 3)
    whole = torch.zeros(6, 4, 3, 3, dtype=torch.float64)
    whole[:3, :2], whole[3:, 2:] = w[:3], w[3:]
    off = float((F.conv2d(x, w, groups=2) - F.conv2d(x, whole)).abs().max())
    return Checked("A grouped convolution is a standard one with a block-diagonal weight", f"{off:.1e} off",
                   "below 1e-10", off < 1e-10)  # fmt: skip


def shuffle_exchanges() -> Checked:
    """Two grouped convolutions in a row see their own group; with a shuffle between, all (Zhang et al. 2018)."""
    plain, shuffled = _reached(shuffle=False), _reached(shuffle=True)
    says = f"Of {CHANNELS} maps in {GROUPS} groups, each map behind two grouped convolutions depends on"
    measured = f"{_counts(plain)} maps without a shuffle, {_counts(shuffled)} with one"
    own = torch.block_diag(*[torch.ones(CHANNELS // GROUPS, CHANNELS // GROUPS)] * GROUPS).bool()
    holds = torch.equal(plain, own) and bool(shuffled.all())
    return Checked(says, measured, f"its own group's {CHANNELS // GROUPS} without, all {CHANNELS} with", holds)


def _reached(shuffle: bool) -> torch.Tensor:
    """Where the Jacobian is not zero: (maps out, maps in)."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        second = nn.Conv2d(CHANNELS, CHANNELS, 1, groups=GROUPS, bias=False)
        first = shuffled_group(nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False), GROUPS)
    if not shuffle:
        first = next(module for module in first.modules() if isinstance(module, nn.Conv2d))
    image = torch.ones(1, CHANNELS, 1, 1)
    jacobian = torch.autograd.functional.jacobian(nn.Sequential(first, second), image)
    return jacobian.reshape(CHANNELS, CHANNELS) != 0


def _counts(reached: torch.Tensor) -> str:
    return " or ".join(map(str, sorted(set(reached.sum(1).tolist()))))


def shuffle_undone() -> Checked:
    """A shuffle of g groups is undone by one of C / g."""
    pairs = [(maps, groups) for maps in (4, 6, 12, 24) for groups in range(2, maps) if not maps % groups]
    kept = sum(_returns(*pair) for pair in pairs)
    says = "A shuffle in C / g groups undoes one in g"
    return Checked(says, f"{kept} of {len(pairs)} pairs of C and g", "all, and none without", kept == len(pairs))


def _returns(channels: int, groups: int) -> bool:
    conv = nn.Conv2d(channels, channels, 1)
    shuffle = next(m for m in shuffled_group(conv, groups).modules() if isinstance(m, nn.ChannelShuffle))
    x = draw(1, channels, 2, 2)
    return torch.equal(nn.ChannelShuffle(channels // groups)(shuffle(x)), x) and not torch.equal(shuffle(x), x)


def draw(*shape: int) -> torch.Tensor:
    """The same numbers for the same shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))
