"""More or fewer blocks: stages of a network grow by copies of blocks that keep their shape, or lose such blocks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import torch
from torch import nn

from modules.surgery.passes import Shapes, seen_shapes
from modules.surgery.tools import WEIGHTED, of_kind


class Stage(NamedTuple):
    """A run of blocks of one class beside each other in a container, by name."""

    container: nn.Module
    names: list[str]

    @property
    def blocks(self) -> list[nn.Module]:
        return [self.container.get_submodule(name) for name in self.names]

    @property
    def is_deep(self) -> bool:
        """Whether its blocks have several layers with weights."""
        return any(len(of_kind(block, WEIGHTED)) > 1 for block in self.blocks)


def scale_depth(model: nn.Module, multiplier: float, generator: torch.Generator, example: torch.Tensor) -> int:
    """Multiplies the number of blocks in each stage; returns by how many blocks the network grew and shrank together.

    A stage is a run of blocks of one class, each fed by the one before, in an nn.Sequential or nn.ModuleList; of
    stages within blocks of a stage the outer one counts, and where there are blocks of several layers, those of one
    layer, as in a stem, are none. Blocks that change the shape of what passes through them stay
    as they are; each stage keeps a block at least. A new block has the structure of the last one before it, with its
    weights in another order, so that they have the same distribution whatever the initialisation was. Works on a
    network that is a copy already. Raises ValueError, naming the module, where the network would not run, or would
    pass over a block.
    """
    stages = list(_stages_in(model))
    stages = [stage for stage in stages if stage.is_deep] or stages
    shapes, parallel = _seen(model, stages, example)
    old = set(model.modules())
    chained = [stage for stage, is_parallel in zip(stages, parallel, strict=True) if not is_parallel]
    changed = sum(_scaled(*stage, multiplier, generator, shapes) for stage in chained)
    new = {block for stage in chained for block in stage.container.children()} - old
    if changed:
        _refuse_passed_over(model, set(shapes) | new, example)
    return changed


def _stages_in(module: nn.Module, seen: set[nn.Module] | None = None) -> Iterator[Stage]:
    """The outermost stages, each once however often it is used."""
    seen = set() if seen is None else seen
    if module in seen:
        return
    seen.add(module)
    stages = list(stages_of(module)) if isinstance(module, nn.Sequential | nn.ModuleList) else []
    yield from (Stage(module, names) for names in stages)
    blocks = {name for names in stages for name in names}
    for name, child in module.named_children():
        if name not in blocks:
            yield from _stages_in(child, seen)


def stages_of(container: nn.Module) -> Iterator[list[str]]:
    """Names of neighbouring blocks of one class, in order."""
    for kind, names in groupby(container._modules, key=lambda name: _kind_of_block(container._modules[name])):
        if kind is not None:
            yield list(names)


def _kind_of_block(module: nn.Module | None) -> type | None:
    """A block has layers with weights in it, and is no container of blocks itself."""
    if module is None or not list(module.children()) or not list(module.parameters()):
        return None
    return None if _holds_blocks(module) else type(module)


def _holds_blocks(module: nn.Module) -> bool:
    """Whether it is a container of modules with children, or has a container of blocks in it."""
    if isinstance(module, nn.ModuleList) or type(module).forward is nn.Sequential.forward:
        return any(list(child.children()) for child in module.children())
    containers = of_kind(module, (nn.Sequential, nn.ModuleList))
    return any(_is_of_blocks(container) for container in containers if container is not module)


def _is_of_blocks(container: nn.Module) -> bool:
    """Whether it holds modules of several layers alone, or two of one class beside each other: not one among others,
    such as the squeeze and excitation within a block.
    """
    kinds = [type(child) if list(child.children()) and len(of_kind(child, WEIGHTED)) > 1 else None
             for child in container.children()]  # fmt: skip
    return any(one is other is not None for one, other in pairwise(kinds)) or (bool(kinds) and None not in kinds)


def _seen(model: nn.Module, stages: list[Stage], example: torch.Tensor) -> tuple[dict[nn.Module, Shapes], list[bool]]:
    """The shapes that pass by, and for each stage whether its blocks are beside each other, fed by the same thing."""
    parallel = [False] * len(stages)
    fed: dict[int, Any] = {}

    def note(block: nn.Module, args: tuple, number: int) -> None:
        before, fed[number] = fed.get(number), (block, args[0] if args else None)
        parallel[number] |= before is not None and before[0] is not block and before[1] is fed[number][1] is not None

    handles = [
        block.register_forward_pre_hook(lambda block, args, number=number: note(block, args, number))
        for number, stage in enumerate(stages)
        for block in dict.fromkeys(stage.blocks)
    ]
    try:
        return seen_shapes(model, example), parallel
    finally:
        fed.clear()
        for handle in handles:
            handle.remove()


def _scaled(
    container: nn.Module, stage: list[str], multiplier: float, generator: torch.Generator,
    shapes: dict[nn.Module, Shapes],
) -> int:  # fmt: skip
    keeping = [name for name in stage if _keeps_shape(container._modules[name], shapes)]
    wanted = max(round(len(stage) * multiplier), len(stage) - len(keeping), 1)
    if not keeping or wanted == len(stage):
        return 0
    for name in keeping[: -(len(stage) - wanted) - 1 : -1] if wanted < len(stage) else ():
        del container._modules[name]
    if wanted > len(stage):
        _insert(container, keeping[-1], wanted - len(stage), generator)
    return abs(wanted - len(stage))


def _keeps_shape(module: nn.Module | None, shapes: dict[nn.Module, Shapes]) -> bool:
    seen = shapes.get(module) if module is not None else None
    return seen is not None and seen.into is not None and seen.into == seen.out


def _insert(container: nn.Module, after: str, count: int, generator: torch.Generator) -> None:
    """New names, so that those of all that was there before stay."""
    like = container._modules[after]
    assert like is not None
    rebuilt: dict[str, nn.Module | None] = {}
    last = after == list(container._modules)[-1] and after.isdigit()
    for name, module in container._modules.items():
        rebuilt[name] = module
        if name == after:
            for number in range(1, count + 1):
                new = str(int(after) + number) if last else f"{after}_{number}"
                rebuilt[new] = _shuffled(copy.deepcopy(like), generator)
    container._modules.clear()
    container._modules.update(rebuilt)


@torch.no_grad()
def _shuffled(block: nn.Module, generator: torch.Generator) -> nn.Module:
    for parameter in block.parameters():
        order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
        parameter.copy_(parameter.flatten()[order].view_as(parameter))
    return block


def _refuse_passed_over(model: nn.Module, wanted: set[nn.Module], example: torch.Tensor) -> None:
    called = seen_shapes(model, example)
    for name, module in model.named_modules():
        if module in wanted and module not in called:
            raise ValueError(
                f"{type(module).__name__} {name!r} would be in the network and not be called, since a forward names or "
                "counts its blocks; let it loop over all that its nn.ModuleList or nn.Sequential holds"
            )
