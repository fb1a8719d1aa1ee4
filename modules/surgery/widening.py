"""More or fewer channels: every hidden width of a network multiplied, whatever its graph.

Each layer gets as many inputs as really reach it in a pass, so sums, concatenations and flattened maps fit by
themselves. Layers whose output is the network's own keep theirs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from modules.outputs import read_output
from modules.surgery.passes import Shapes, like, seen_shapes, training_pass
from modules.surgery.tools import NORMS, WEIGHTED, of_kind
from modules.surgery.tracing import has_own_forward

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def scale_width(model: nn.Module, multiplier: float, generator: torch.Generator, example: torch.Tensor) -> int:
    """Multiplies the outputs of all hidden layers, rounded; returns how many layers have another number of them.

    New weights are drawn, with replacement, from those that were there, scaled to the new number of inputs: the same
    distribution and gain whatever the initialisation was. Works on a network that is a copy already. Raises
    ValueError, naming the module, where what remains fixed does not fit.
    """
    shapes = seen_shapes(model, example, training_pass)
    resizing = _Resizing(multiplier, generator, heads(model, example), _units(model), shapes)
    layers = of_kind(model, (*WEIGHTED, *NORMS, nn.PReLU))
    handles = [layer.register_forward_pre_hook(resizing.before, with_kwargs=True) for layer in layers]
    try:
        with torch.no_grad():
            training_pass(model, example)
    finally:
        for handle in handles:
            handle.remove()
    return resizing.changed


def heads(model: nn.Module, example: torch.Tensor) -> set[nn.Module]:
    """The layers with weights that no other such layer follows on the way to one of the network's outputs."""
    made: dict[Any, nn.Module] = {}

    def note(layer: nn.Module, args: tuple, output: torch.Tensor) -> None:
        made[output.grad_fn] = layer

    handles = [layer.register_forward_hook(note, prepend=True) for layer in of_kind(model, WEIGHTED)]
    try:
        with torch.enable_grad():
            # Through the example there are gradients to follow in frozen layers, too; a copy may be changed in place.
            followed = like(example, model).detach().requires_grad_().clone()
            outputs = _tensors(training_pass(model, followed))
    finally:
        for handle in handles:
            handle.remove()
    return {layer for output in outputs for layer in _nearest(output.grad_fn, made)}


def _tensors(returned: Any) -> list[torch.Tensor]:
    """All in what a network returns, whatever holds them."""
    found = [leaf for leaf in tree_leaves(returned) if isinstance(leaf, torch.Tensor)]
    return found or [read_output(returned).logits]


def _nearest(node: Any, made: dict[Any, nn.Module]) -> set[nn.Module]:
    """The layers that a walk back through autograd's graph meets first on each path."""
    found, seen, open_ = set(), set(), [node]
    while open_:
        here = open_.pop()
        if here is None or here in seen:
            continue
        seen.add(here)
        if here in made:
            found.add(made[here])
        else:
            open_ += [before for before, _ in here.next_functions]
    return found


def _units(model: nn.Module) -> defaultdict[int, int]:
    """What a layer's new number of outputs must be a multiple of, by its old one, so that groups still divide.

    One for all of them, so that sums and concatenations fit; where that would be larger than the widths themselves,
    as in RegNets, each width has its own.
    """
    convolutions: list[Any] = [module for module in of_kind(model, WEIGHTED) if not isinstance(module, nn.Linear)]
    grouped = [(conv.groups, (conv.in_channels, conv.out_channels)) for conv in convolutions if not _depthwise(conv)]
    common = math.lcm(1, *(groups for groups, _ in grouped))
    if all(common <= min(widths) for groups, widths in grouped if groups > 1):
        return defaultdict(lambda: common)
    units = defaultdict[int, int](lambda: 1)
    for groups, widths in grouped:
        for width in widths:
            units[width] = math.lcm(units[width], groups)
    return units


def _depthwise(module: Any) -> bool:
    return module.groups > 1 and module.groups == module.in_channels


class _Resizing:
    """Gives each layer, when it is called first, as many inputs as reach it and its new number of outputs."""

    def __init__(
        self, multiplier: float, generator: torch.Generator, heads: set[nn.Module], units: defaultdict[int, int],
        shapes: dict[nn.Module, Shapes],
    ):  # fmt: skip
        self.multiplier, self.generator, self.heads, self.units = multiplier, generator, heads, units
        self.shapes = shapes
        self.changed = 0
        self._done: set[nn.Module] = set()
        self._new: dict[torch.Tensor, torch.Tensor] = {}
        """By what it takes the place of, so that tied weights stay tied."""

    def before(self, layer: nn.Module, args: tuple, kwargs: dict[str, Any]) -> None:
        if layer in self._done:
            return
        self._done.add(layer)
        value = args[0] if args else kwargs["input"]
        self._refuse_unfit(layer, value)
        if isinstance(layer, nn.Linear):
            self._linear(layer, value.shape[-1])
        elif isinstance(layer, WEIGHTED):
            self._convolution(layer, value.shape[1])
        else:
            self._per_channel(layer, value)

    def _refuse_unfit(self, layer: nn.Module, value: torch.Tensor) -> None:
        if "weight" not in layer._parameters:
            raise ValueError("computes its weight from others, so it has a fixed size; let it hold a plain weight")
        if isinstance(layer, nn.LayerNorm) and len(layer.normalized_shape) > 1:
            raise ValueError("a norm over several dimensions has a fixed size; let it be one over channels")
        channels, before = _channels(layer), self.shapes[layer].into
        if before is not None and _without(before, channels) != _without(value.shape, channels):
            raise ValueError(
                f"gets {tuple(value.shape)} where it got {tuple(before)}: a forward holds a fixed width, as in "
                "view(-1, 400); let it use flatten(1)"
            )

    def _outputs(self, layer: nn.Module, outputs: int) -> int:
        if layer in self.heads:
            return outputs
        unit = self.units[outputs]
        scaled = max(unit, round(outputs * self.multiplier / unit) * unit)
        self.changed += scaled != outputs
        return scaled

    def _linear(self, layer: Any, inputs: int) -> None:
        scale = math.sqrt(layer.in_features / inputs)
        layer.in_features, layer.out_features = inputs, self._outputs(layer, layer.out_features)
        self._redraw(layer, "weight", (layer.out_features, inputs), scale)
        self._redraw(layer, "bias", (layer.out_features,))

    def _convolution(self, layer: Any, inputs: int) -> None:
        if _depthwise(layer):
            outputs, scale = inputs * (layer.out_channels // layer.in_channels), 1.0
            layer.groups = inputs
        else:
            outputs, scale = self._outputs(layer, layer.out_channels), math.sqrt(layer.in_channels / inputs)
        layer.in_channels, layer.out_channels = inputs, outputs
        first, second = (inputs, outputs) if isinstance(layer, TRANSPOSED) else (outputs, inputs)
        self._redraw(layer, "weight", (first, second // layer.groups, *layer.kernel_size), scale)
        self._redraw(layer, "bias", (outputs,))

    def _per_channel(self, layer: Any, value: torch.Tensor) -> None:
        """Norms and PReLU: what they hold, they hold for each channel."""
        if isinstance(layer, nn.LayerNorm):
            inputs = value.shape[_channels(layer)]
            layer.normalized_shape = (inputs,)
        elif isinstance(layer, nn.PReLU):
            inputs = layer.num_parameters = value.shape[1] if layer.num_parameters > 1 else 1
        elif isinstance(layer, nn.GroupNorm):
            inputs = layer.num_channels = value.shape[1]
        else:
            inputs = layer.num_features = value.shape[1]
        for name in [*layer._parameters, *layer._buffers]:
            if name != "num_batches_tracked":
                self._redraw(layer, name, (inputs,))

    @torch.no_grad()
    def _redraw(self, layer: nn.Module, name: str, shape: tuple[int, ...], scale: float = 1.0) -> None:
        old = getattr(layer, name)
        if old is None:
            return
        if old not in self._new:
            self._new[old] = old if old.shape == shape else self._drawn(old, shape, scale)
        if self._new[old].shape != shape:
            raise ValueError(f"shares its {name} with a layer whose size changes otherwise; untie the two")
        setattr(layer, name, self._new[old])

    def _drawn(self, old: torch.Tensor, shape: tuple[int, ...], scale: float) -> torch.Tensor:
        chosen = torch.randint(old.numel(), (math.prod(shape),), generator=self.generator).to(old.device)
        values = old.flatten()[chosen].view(shape) * scale
        return nn.Parameter(values, old.requires_grad) if isinstance(old, nn.Parameter) else values


def _channels(layer: nn.Module) -> int:
    """Where a layer has its channels: last in linear layers and torch's LayerNorm, of which others make one of maps."""
    last = isinstance(layer, nn.Linear) or (isinstance(layer, nn.LayerNorm) and not has_own_forward(layer))
    return -1 if last else 1


def _without(shape: torch.Size, place: int) -> list[int]:
    """A shape without its channels."""
    sizes = list(shape)
    del sizes[place]
    return sizes
