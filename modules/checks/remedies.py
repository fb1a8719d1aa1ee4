"""What remedies do in one step or one pass."""

from __future__ import annotations

import torch
from torch import nn

from modules.checks import Checked
from modules.optimizers import make_optimizer
from modules.settings import Adam, AdamW, Optimizer, Sgd

NUMBERS = 100_000


def adam_decay_step() -> Checked:
    """Coupled and decoupled decay differ under Adam (Loshchilov and Hutter 2019)."""
    kinds = (Sgd(name="sgd", lr=0.1, weight_decay=0.1), Adam(name="adam", lr=0.1, weight_decay=0.1),
             AdamW(name="adamw", lr=0.1, weight_decay=0.1))  # fmt: skip
    after = [round(_stepped(kind), 6) for kind in kinds]
    says = "Weight decay of one step, from 1 with no gradient, lr .1, decay .1: SGD, Adam, AdamW"
    return Checked(says, str(after), "[0.99, 0.9, 0.99]", after == [0.99, 0.9, 0.99])


def _stepped(optimizer: Optimizer) -> float:
    layer = nn.Linear(1, 1)
    nn.init.ones_(layer.weight)
    for parameter in layer.parameters():
        parameter.grad = torch.zeros_like(parameter)
    make_optimizer(optimizer, layer).step()
    return layer.weight.item()


def dropout_eval_off() -> Checked:
    """In torch p is the share that is dropped (Srivastava et al. 2014 keep it); what stays is scaled by 1 / (1 - p)."""
    dropout, ones = nn.Dropout(0.2), torch.ones(2, NUMBERS)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        trained = dropout(ones)
    same = torch.equal(dropout.eval()(ones), ones)
    dropped, values = float((trained == 0).float().mean()), sorted(set(trained.flatten().tolist()))
    each_its_own = not torch.equal(trained[0], trained[1])
    says = "Dropout(0.2) drops a fifth in training, for each example its own, scales the rest by 1.25; off in eval"
    measured = f"{dropped:.3f} dropped, the rest {values[-1]:g}; eval {'leaves all' if same else 'changes some'}"
    holds = same and each_its_own and abs(dropped - 0.2) < 0.01 and values == [0, 1.25]
    return Checked(says, measured, "0.200 within 0.01, 1.25; leaves all", holds)


def batchnorm_statistics() -> Checked:
    """Batch norm (Ioffe and Szegedy 2015) divides by the biased variance and keeps a tenth of the unbiased one."""
    numbers = torch.tensor([[0.0], [0.0], [0.0], [4.0]], dtype=torch.float64)  # mean 1, variance 3, unbiased 4
    norm = nn.BatchNorm1d(1, eps=1e-12, dtype=torch.float64)
    divided = float(((numbers[3] - 1) / norm(numbers)[3]).detach().square())
    mean, kept = float(norm.running_mean), float(norm.running_var)  # type: ignore[arg-type]
    later = float(norm.eval()(numbers)[3].detach())
    says = "Batch norm of 0, 0, 0, 4: divides by variance 3, keeps .9 + .1 x 4 and mean .1, by which eval goes"
    measured = f"divides by {divided:.4g}, keeps {kept:.4g} and {mean:.4g}; eval makes {later:.4g} of 4"
    found = (divided - 3, kept - 1.3, mean - 0.1, later - 3.9 / 1.3**0.5)
    holds = max(map(abs, found)) < 1e-9
    return Checked(says, measured, f"3, 1.3 and 0.1; {3.9 / 1.3**0.5:.4g}", holds)
