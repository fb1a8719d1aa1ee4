"""What the sizes of published architectures come to."""

from __future__ import annotations

import torch

from modules.build import build_model, parameter_count
from modules.checks import Checked


def lenet5_parameters() -> Checked:
    """Of the network as LeCun et al. (1998) describe it, counted."""
    found = _parameters("lenet5_1998")
    return Checked("LeNet-5 as published has 60,000 parameters", f"{found:,}", "60,000", found == 60_000)


def googlenet_against_alexnet() -> Checked:
    """At 1,000 classes and 224 pixels, without the auxiliary heads, which are there for training alone (Szegedy et al.
    2015)."""
    heads = sum(parameter_count(head) for name, head in _built("googlenet").named_children() if "aux" in name)
    large, small = _parameters("alexnet"), _parameters("googlenet") - heads
    told = f"{large:,} against {small:,}: {large / small:.1f} times"
    return Checked("GoogLeNet has about a ninth of AlexNet's parameters", told, "8 to 10 times", 8 < large / small < 10)


def _parameters(name: str) -> int:
    return parameter_count(_built(name))


def _built(name: str) -> torch.nn.Module:
    with torch.device("meta"):
        return build_model(name)
