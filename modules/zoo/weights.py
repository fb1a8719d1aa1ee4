"""Initial weights of the networks that have no norm and do not leave chance from torch's own."""

from __future__ import annotations

from torch import nn


def he_normal(model: nn.Module, *heads: nn.Module) -> None:
    """He normal weights by the number of inputs (He et al. 2015) and zero biases for every convolution and linear
    layer but `heads`, which no ReLU follows; drawn from torch's global generator in the order of registration.

    torch's own default, kaiming_uniform(a=sqrt 5), is not He: each ReLU layer divides the variance by six, so that
    eight layers without norm leave next to nothing.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear) and module not in heads:
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
