"""What the sizes of published architectures come to."""

from __future__ import annotations

import torch

from modules.build import build_model, count_macs, parameter_count
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


def squeezenet_against_alexnet() -> Checked:
    """The claim in the title of Iandola et al. (2016), fifty times fewer, at 1,000 classes and 224 pixels."""
    large, small = _parameters("alexnet"), _parameters("squeezenet")
    told = f"{large:,} against {small:,}: {large / small:.1f} times"
    return Checked(
        "SqueezeNet has about a fiftieth of AlexNet's parameters", told, "45 to 55 times", 45 < large / small < 55
    )


def mobile_multiplications() -> Checked:
    """MobileNet (Howard et al. 2017) and ShuffleNet (Zhang et al. 2018) at 224 pixels, in millions."""
    standard, separable, shuffled = (_macs(name) / 1e6 for name in ("resnet18", "mobilenet_v1", "shufflenet_v1"))
    told = f"ResNet-18 {standard:,.0f}, MobileNet {separable:,.0f}, ShuffleNet {shuffled:,.0f} million"
    holds = 3 * separable < standard and 4 * shuffled < separable
    says = "MobileNet multiplies a third of what ResNet-18 does, ShuffleNet a quarter of that"
    return Checked(says, told, "at most a third, at most a quarter", holds)


def _macs(name: str) -> int:
    return count_macs(_built(name), (3, 224, 224))


def _parameters(name: str) -> int:
    return parameter_count(_built(name))


def _built(name: str) -> torch.nn.Module:
    with torch.device("meta"):
        return build_model(name)
