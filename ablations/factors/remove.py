"""Leaving a component out (Meyes et al. 2019, Ablation studies in artificial neural networks)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn


class Remove(ModelEdit):
    """Removal (Meyes et al. 2019): a named component is left out, what reaches it goes on as it is.

    The name may be a pattern (`stage3.*`, `*norm*`); of modules within each other the outermost goes. A module that
    is used in several places goes from all of them. What cannot run afterwards, because shapes no longer fit, is
    refused by name.
    """

    factor = "remove"
    source = "Meyes et al. 2019, Ablation studies in artificial neural networks"
    expect = (
        "Meyes et al. 2019 cut units out of trained networks: what units do is in part redundant, so that some damage "
        "is borne, and training on makes up for more of it. Here the network is trained without the part from the "
        "start, so others can take over its work."
    )
    pitfall = (
        "A part that others can stand in for looks useless when it alone is left out; leave such parts out together "
        "before saying so. A smaller network comes with it, so the effect may be that of size."
    )
    cites = ("meyes2019ablation",)
    stage = Stage.RESHAPE
    rebuilds = True

    name: str = ""
    """Name of a module as `named_modules()` has it, or a pattern with * and ?. Empty is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls()

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from torch import nn

        from modules.surgery import copied, no_effect
        from modules.surgery.replacement import replace_modules

        edited = copied(model)
        if self.off:
            return edited
        named = {name: module for name, module in edited.named_modules(remove_duplicate=False) if name}
        matched = [name for name in named if fnmatchcase(name, self.name)]
        if not matched:
            self._refuse(list(named))
        outermost = [name for name in matched if not any(name.startswith(f"{other}.") for other in matched)]
        gone = [named[name] for name in outermost if type(named[name]) is not nn.Identity]
        if not gone:
            no_effect(self, "modules of that name that do something", model)
        return replace_modules(edited, {module: nn.Identity() for module in gone})

    def _refuse(self, names: list[str]) -> None:
        from modules.names import nearest
        from modules.surgery import NoEffect

        advice = nearest(self.name, names) if names else "it has no modules inside"
        raise NoEffect(f"{self!r} changes nothing here: no module has such a name; {advice}")
