"""Stochastic depth (Huang et al. 2016): branches that are left out at random while training."""

from __future__ import annotations

import operator

import torch
from torch import fx, nn

from modules.surgery.calls import hand_on
from modules.surgery.skips import Residual, operands, residuals
from modules.surgery.tools import adopt
from modules.surgery.tracing import set_forward

IN_PLACE = (operator.iadd, "add_", "__iadd__")


class StochasticDepth(nn.modules.dropout._DropoutNd):
    """Stochastic depth (Huang et al. 2016): (N, ...) to the same, an example left out with probability p in training.

    In eval mode all passes as it is.
    """

    def forward(self, branch: torch.Tensor) -> torch.Tensor:
        return leave_out(branch, self.p) if self.training else branch


def leave_out(branch: torch.Tensor, p: float) -> torch.Tensor:
    """Sets examples of (N, ...) to zero with probability p, in [0, 1), and divides the others by 1 - p, so that the
    expectation stays. Draws from torch's global generator, as dropout does.
    """
    kept = branch.new_empty(len(branch), *[1] * (branch.dim() - 1)).bernoulli_(1 - p)
    return branch * kept.div_(1 - p)


def linear_rule(blocks: int, p: float) -> list[float]:
    """The probability of being left out of each block: p l / L for block l of L, so p for the last (Huang et al. 2016,
    equation 4, which has the probabilities of being kept).
    """
    return [p * block / blocks for block in range(1, blocks + 1)]


def drop_branches(model: nn.Module, p: float) -> int:
    """Puts stochastic depth into the branch of every skip connection, by the linear rule in the order of `residuals`.

    Works on a network that is a copy already; returns how many there were. Raises ValueError, naming the modules,
    where sums stand in forwards that cannot be traced.
    """
    found = residuals(model)
    rates = linear_rule(sum(len(skips) for *_, skips in found), p)
    for residual in found:
        _drop_in(residual, rates[: len(residual.skips)])
        del rates[: len(residual.skips)]
    return sum(len(skips) for *_, skips in found)


def _drop_in(residual: Residual, rates: list[float]) -> None:
    module, graph, skips = residual
    # Places, since of nested skips the one is the other's operand.
    for (total, place), p in zip([(skip.total, skip.place) for skip in skips], rates, strict=True):
        _drop(graph, total, place, adopt(module, "stochastic_depth", StochasticDepth(p)))
    set_forward(module, graph)


def _drop(graph: fx.Graph, total: fx.Node, place: int, child: str) -> None:
    branch = operands(total)[place]
    with graph.inserting_before(total):
        call = graph.call_module(child, (branch,))
    total.replace_input_with(branch, call)
    if total.target in IN_PLACE and place == 0:
        # The sum lands in what the child returns, which while training is not the branch itself.
        hand_on(total, branch, total)
