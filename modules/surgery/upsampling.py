"""Modules that make feature maps larger, and those of another kind that can stand in their place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from modules.convolutions import MaxUnpool
from modules.surgery.passes import Shapes, seen_shapes, trial_pass
from modules.surgery.replacement import refuse_unregistered
from modules.surgery.tracing import has_own_forward
from modules.upsampling import Mode, Pair, Resizing, Transposing, Unpooling

KINDS: dict[str, tuple[type[nn.Module], ...]] = {
    "transposed": (Transposing, nn.ConvTranspose2d),
    "unpool": (Unpooling, MaxUnpool, nn.MaxUnpool2d),
    "resize": (Resizing, nn.Upsample),
}
ALL = tuple(module for modules in KINDS.values() for module in modules)
WHOLE = (Unpooling, Resizing, Transposing)
"""Those that have a convolution of their own."""


class Place(NamedTuple):
    """What a stand-in has to know of the module whose place it takes."""

    inside: int
    outside: int
    stride: Pair
    more: Pair
    """Pixels beyond `stride` times the size."""
    bias: bool
    groups: int


def places(model: nn.Module, kind: str, example: torch.Tensor) -> dict[nn.Module, Place]:
    """The modules that a kind can stand in for, and what it has to know of them. Raises ValueError where one cannot be
    replaced, or the network does not run."""
    refuse_unregistered(model, ALL)
    others = [module for module in upsamplers(model) if kind_of(module) != kind]
    if kind == "unpool":
        given = given_indices(model, others, example)
        others = [module for module in others if module in given]
    shapes = seen_shapes(model, example) if others else {}
    found = {module: place_of(module, shapes.get(module)) for module in others}
    return {module: place for module, place in found.items() if place is not None}


def upsamplers(model: nn.Module) -> list[nn.Module]:
    """The modules that make feature maps larger, without those that others of them are made of. Raises ValueError
    where one has a forward of its own."""
    found = [module for module in model.modules() if _is_upsampler(module)]
    inner = {part for module in found for part in module.modules() if part is not module}
    own = [module for module in found if not isinstance(module, (*WHOLE, MaxUnpool)) and has_own_forward(module)]
    if own:
        raise ValueError(f"{type(own[0]).__name__} has a forward of its own; make it a plain layer of torch's")
    return [module for module in found if module not in inner]


def _is_upsampler(module: nn.Module) -> bool:
    if isinstance(module, nn.ConvTranspose2d):
        return max(module.stride) > 1 and module.dilation == (1, 1)
    return isinstance(module, ALL)


def kind_of(module: nn.Module) -> str:
    """`transposed`, `unpool` or `resize`."""
    return next(kind for kind, kinds in KINDS.items() if isinstance(module, kinds))


def place_of(module: Any, shapes: Shapes | None) -> Place | None:
    """What a stand-in has to know of a module; `shapes` went by in a pass. None where there is no telling."""
    layer = _weighted(module)
    if layer is not None:
        own: Any = module if isinstance(module, Resizing) else layer
        stride = (2, 2) if isinstance(module, Unpooling) else own.stride
        more = _more(module) if module is layer else getattr(module, "more", (0, 0))
        return Place(layer.in_channels, layer.out_channels, stride, more, layer.bias is not None, layer.groups)
    if shapes is None or shapes.into is None or shapes.out is None:
        return None
    (height, more_height), (width, more_width) = map(divmod, shapes.out[-2:], shapes.into[-2:])
    more = more_height, more_width
    if isinstance(module, nn.Upsample) and (any(more) or height * width < 2):
        return None
    return Place(shapes.into[1], shapes.into[1], (height, width), more, False, 1)


def _more(conv: nn.ConvTranspose2d) -> Pair:
    def beyond(axis: int) -> int:
        grown = conv.kernel_size[axis] + conv.output_padding[axis] - 2 * int(conv.padding[axis])
        return grown - conv.stride[axis]

    return beyond(0), beyond(1)


def stand_in(kind: str, module: nn.Module, place: Place, kernel: int, mode: Mode) -> nn.Module:
    """A fresh module of a kind for the place of `module`. Between `unpool` and `resize` the convolution stays; other
    new weights have the gain of the old ones, if there were any, and a bias is kept.
    """
    fresh: Any
    if kind == "unpool":
        fresh = Unpooling(place.inside, place.outside, place.bias)
    elif kind == "resize":
        fresh = Resizing(place.inside, place.outside, place.stride, place.more, mode, place.bias, place.groups)
    else:
        fresh = Transposing(place.inside, place.outside, kernel, place.stride, place.bias, place.more)
    if isinstance(module, Unpooling | Resizing) and kind != "transposed":
        fresh.conv = module.conv
    elif (old := _weighted(module)) is not None:
        _match(_weighted(fresh), old)
    return fresh


def _weighted(module: Any) -> Any:
    """The convolution, transposed or not, of a module that makes maps larger; None where it has none."""
    if isinstance(module, WHOLE):
        return module.transposed if isinstance(module, Transposing) else module.conv
    return module if isinstance(module, nn.ConvTranspose2d) else None


def _match(fresh: Any, old: Any) -> None:
    """Scales fresh weights so that white input comes out as strong as from the old ones; takes over the bias."""
    with torch.no_grad():
        fresh.weight *= _gain(old) / _gain(fresh)
        if fresh.bias is not None:
            fresh.bias.copy_(old.bias)


def _gain(layer: Any) -> torch.Tensor:
    """The factor by which the spread of white input is scaled; a transposed convolution meets each weight at one place
    of `stride` x `stride` only."""
    places = math.prod(layer.stride) if isinstance(layer, nn.ConvTranspose2d) else 1
    return torch.linalg.vector_norm(layer.weight.detach()) / math.sqrt(layer.out_channels * places)


def given_indices(model: nn.Module, modules: Sequence[nn.Module], example: torch.Tensor) -> set[nn.Module]:
    """Those of `modules` that are called with a pool's indices in a pass."""
    given: set[nn.Module] = set()

    def note(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        indices = kwargs.get("indices", args[1] if len(args) > 1 else None)
        if isinstance(indices, torch.Tensor) and not indices.is_floating_point():
            given.add(module)

    handles = [module.register_forward_pre_hook(note, with_kwargs=True) for module in modules]
    try:
        trial_pass(model, example)
    finally:
        for handle in handles:
            handle.remove()
    return given
