"""The optimizer and its learning rate."""

from __future__ import annotations

from pydantic import Field, TypeAdapter

import modules.settings
from ablations.parts import KindEdit


class Optimizer(KindEdit):
    """Optimizer (from SGD and momentum to Adam and Muon): the rule that turns gradients into steps.

    Takes the place of the baseline's optimizer and learning rate; weight decay, a factor of its own, and the schedule
    stay. The learning rate matters several times more than the rule: give each its own. Muon is for the weights of
    hidden layers, of which it orthogonalises the momentum; AdamW moves the first layer, the last, and all biases.
    """

    factor = "optimizer"
    source = (
        "Polyak 1964 (momentum); Sutskever et al. 2013, ICML (Nesterov); Duchi et al. 2011, JMLR (Adagrad); Tieleman "
        "and Hinton 2012 (RMSprop); Zeiler 2012 (Adadelta); Kingma and Ba 2015, ICLR (Adam, Adamax); Loshchilov and "
        "Hutter 2019, ICLR (AdamW); Dozat 2016 (NAdam); Liu et al. 2020, ICLR (RAdam); Jordan et al. 2024 (Muon)"
    )
    expect = (
        "No rule wins everywhere: of fifteen on eight problems, trying several at their defaults did about as well as "
        "tuning one (Schmidt et al. 2021). Wilson et al. 2017 found that SGD generalises better than adaptive rules, "
        "Choi et al. 2019 that a more general rule is never the worse one where all settings are tuned."
    )
    pitfall = (
        "One learning rate for all is no comparison: it matters several times more than the rule, and each rule needs "
        "its own. The same weight decay is a penalty under Adam and a shrinking under AdamW."
    )
    cites = (
        "polyak1964some", "sutskever2013importance", "duchi2011adaptive", "tieleman2012rmsprop", "zeiler2012adadelta",
        "kingma2015adam", "loshchilov2019decoupled", "dozat2016incorporating", "liu2020variance", "jordan2024muon",
        "schmidt2021descending", "wilson2017marginal", "choi2019empirical",
    )  # fmt: skip
    part = "optimizer"
    kinds = TypeAdapter(modules.settings.Optimizer)
    keeps = ("weight_decay", "decay")

    name: str | None = "adam"
    """One of sgd, adagrad, rmsprop, adadelta, adam, adamw, nadam, radam, adamax, muon. None is the baseline."""
    lr: float = Field(0.001, gt=0)
    """Learning rate."""
    momentum: float | None = Field(None, ge=0, lt=1)
    """Momentum, for sgd, rmsprop and muon."""
    nesterov: bool | None = None
    """Nesterov's momentum, for sgd."""
    alpha: float | None = Field(None, ge=0, lt=1)
    """Decay of the squared gradients' mean, for rmsprop."""
    betas: tuple[float, float] | None = Field(None, strict=False)
    """Decays of the two means, for adam, adamw, nadam, radam and adamax."""
    rho: float | None = Field(None, ge=0, lt=1)
    """Decay of the squares' means, for adadelta."""
