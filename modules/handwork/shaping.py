"""Operations that read whole maps, or that put numbers in another form or order."""

from __future__ import annotations

import math
from typing import Any

import torch

from modules.handwork.seen import Rule, Seen, Unknown, all_positions, leading, pair


def _reduced(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    """A mean over both axes, or over neither."""
    given = args[1] if len(args) > 1 else None
    listed = list(range(way.ndim)) if given is None or given == [] else [given] if isinstance(given, int) else given
    spatial = {dimension % way.ndim for dimension in listed} & {way.ndim - 2, way.ndim - 1}
    if not seen.mapped:
        return _reduced_flat(seen, way.ndim - 1 in spatial)
    if not spatial:
        return seen
    if len(spatial) == 1:
        raise Unknown
    return all_positions(seen)._replace(mapped=out.ndim == way.ndim)


def _reduced_flat(seen: Seen, last: bool) -> Seen:
    if not last and not seen.alike:
        raise Unknown
    return all_positions(seen)


def _shaped(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    """A view: height and width stay, or whole maps go into the last dimension."""
    if seen.mapped and out.ndim > 2 and out.shape[-2:] == way.shape[-2:]:
        return seen
    if seen.alike:
        return Seen(seen.grids, pair(out.shape[-2:]) if out.ndim > 3 else (1, 1), mapped=out.ndim > 3)
    if out.ndim < 4 and out.shape[-1] % math.prod(seen.sizes) == 0:
        return seen._replace(mapped=False)
    raise Unknown


def _expanded(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    if seen.alike:
        return seen._replace(sizes=pair(out.shape[-2:]) if seen.mapped else seen.sizes)
    if out.shape[-2:] != way.shape[-2:]:
        raise Unknown
    return seen


def _swapped(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    order = list(args[1]) if isinstance(args[1], list | tuple) else None
    moved = order[-2:] if order else [dimension % way.ndim for dimension in args[1:3]]
    kept = [one % way.ndim for one in moved] == [way.ndim - 2, way.ndim - 1] if order else max(moved) < way.ndim - 2
    if not seen.mapped or not kept:
        raise Unknown
    return seen


def _split(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    if not seen.mapped or not leading(args[2] if len(args) > 2 else 0, way):
        raise Unknown
    return seen


def _indexed(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    """Maps that are chosen, or put in another order."""
    dimensions = [place for place, index in enumerate(args[1]) if index is not None]
    if not seen.mapped or out.ndim != way.ndim or any(not leading(place, way) for place in dimensions):
        raise Unknown
    return seen


def _multiplied(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    """A linear layer on what was flattened reads all of it."""
    if seen.mapped:
        raise Unknown
    return all_positions(seen)


def _normed(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    """A batch norm in eval mode treats each number alone; with statistics of the batch, it reads whole maps."""
    return _whole_maps(seen) if args[5] else seen


def _whole_maps(seen: Seen, *_: Any) -> Seen:
    return all_positions(seen)._replace(sizes=seen.sizes)


def _layer_normed(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    if seen.mapped and len(args[1]) < 2:
        raise Unknown
    return _whole_maps(seen)


def _softmax(seen: Seen, way: torch.Tensor, out: torch.Tensor, args: Any) -> Seen:
    if seen.mapped and not leading(args[1], way):
        raise Unknown
    return seen if seen.mapped else all_positions(seen)


def _same(seen: Seen, *_: Any) -> Seen:
    return seen


SHAPING: dict[str, Rule] = {
    "mean": _reduced, "sum": _reduced, "amax": _reduced,
    "view": _shaped, "_unsafe_view": _shaped, "reshape": _shaped, "unsqueeze": _shaped, "squeeze": _shaped,
    "expand": _expanded, "transpose": _swapped, "permute": _swapped, "split": _split, "split_with_sizes": _split,
    "alias": _same, "channel_shuffle": _same, "native_channel_shuffle": _same, "index": _indexed,
    "addmm": _multiplied, "mm": _multiplied,
    "native_batch_norm": _normed, "native_group_norm": _whole_maps, "native_layer_norm": _layer_normed,
    "_softmax": _softmax, "_log_softmax": _softmax,
}  # fmt: skip
"""By the name of torch's operation."""
