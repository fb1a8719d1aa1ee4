"""Norms behind layers that have none, and in the place of batch norms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from torch import nn

from modules.surgery.replacement import refuse_unregistered, replace_modules
from modules.surgery.tools import CONVOLUTIONS, NORMS, WEIGHTED, attach_after, linears, of_kind
from modules.surgery.tracing import has_own_forward

BATCH_NORMS = (nn.modules.batchnorm._BatchNorm,)
VECTORS = (nn.Linear, nn.BatchNorm1d)
"""What gives, or takes, one number a channel instead of a map; a BatchNorm1d takes either."""

Maker = Callable[[nn.Module], nn.Module]
"""Makes the norm that fits a layer, or the stand-in of a norm."""


def unnormalised(model: nn.Module) -> list[nn.Module]:
    """Convolutions whose next layer, in the order of registration, is no norm; hidden linear layers of which that is
    true where the network has no convolution.
    """
    wanted: set[nn.Module] = {*of_kind(model, CONVOLUTIONS)} or {*linears(model)[:-1]}
    modules = [module for module in model.modules() if not isinstance(module, nn.modules.dropout._DropoutNd)]
    layers = [module for module in modules if isinstance(module, WEIGHTED) or not list(module.children())]
    return [
        module
        for module, following in pairwise([*layers, None])
        if module in wanted and not isinstance(following, NORMS)
    ]


def add_norms(layers: Iterable[nn.Module], make: Maker) -> None:
    """Puts a norm behind each layer, whose bias goes, since the norm brings its own."""
    for layer in layers:
        attach_after(layer, "norm", make(layer))
        layer.register_parameter("bias", None)


def normalise_examples(model: nn.Module, share: float, make: Maker) -> tuple[nn.Module, int]:
    """Puts norms behind the layers that have none, and in the place of batch norms, whose weight, bias and eps they
    take over; of all these places in the order of registration, a share.

    Works on a network that is a copy already; returns the root and how many places there were. Raises ValueError,
    naming it, for a batch norm that does something else, too, or that torch does not see.
    """
    refuse_unregistered(model, BATCH_NORMS)
    bare, old = set(unnormalised(model)), of_kind(model, BATCH_NORMS)
    _refuse_own(old)
    places = [module for module in model.modules() if module in bare or isinstance(module, BATCH_NORMS)]
    chosen = places[: round(share * len(places))]
    add_norms([layer for layer in chosen if layer in bare], make)
    return replace_modules(model, {norm: _instead(norm, make) for norm in old if norm in chosen}), len(chosen)


def _refuse_own(norms: Iterable[nn.Module]) -> None:
    if own := {type(norm).__name__ for norm in norms if has_own_forward(norm)}:
        raise ValueError(f"{' and '.join(sorted(own))} has a forward of its own; make it a plain BatchNorm")


def _instead(norm: nn.modules.batchnorm._BatchNorm, make: Maker) -> nn.Module:
    stand_in = make(norm)
    stand_in.eps, stand_in.affine = norm.eps, norm.affine  # type: ignore[assignment]
    for name in ("weight", "bias"):
        stand_in.register_parameter(name, norm._parameters[name])
    return stand_in


def batch_norm(layer: nn.Module, momentum: float) -> nn.Module:
    """Over the batch (Ioffe and Szegedy 2015); `momentum` is the weight of the newest batch."""
    kinds = {nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}
    kind = next((norm for conv, norm in kinds.items() if isinstance(layer, conv)), nn.BatchNorm1d)
    return kind(_channels(layer), momentum=momentum)


def layer_norm(place: nn.Module) -> nn.Module:
    """Over all of an example (Ba et al. 2016): (C, H, W) of maps, which is a group norm of one group, and the units of
    a linear layer, at each position where there are several.
    """
    return nn.LayerNorm(_channels(place)) if isinstance(place, nn.Linear) else nn.GroupNorm(1, _channels(place))


def group_norm(place: nn.Module, groups: int) -> nn.Module:
    """Over the channels of a group, and over their pixels (Wu and He 2018), in as many groups as divide the channels,
    `groups` at most. A group of units has at least two, where there are: a single one would always be 0.
    """
    channels = _channels(place)
    most = channels // 2 if isinstance(place, VECTORS) else channels
    return nn.GroupNorm(largest_divisor(channels, min(groups, most)), channels)


def largest_divisor(number: int, most: int) -> int:
    """The largest divisor of `number` that is not above `most`, or 1."""
    return next((divisor for divisor in range(most, 1, -1) if number % divisor == 0), 1)


def _channels(place: nn.Module) -> int:
    if isinstance(place, BATCH_NORMS):
        return place.num_features
    return place.out_features if isinstance(place, nn.Linear) else place.out_channels  # type: ignore[return-value]
