"""The activation between layers (Glorot et al. 2011 for ReLU; Ramachandran et al. 2017 for a comparison)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from ablations.edit import ModelEdit
from modules.recipe import Stage

if TYPE_CHECKING:
    import torch
    from torch import nn

Name = Literal[
    "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "mish", "softplus", "hardswish", "tanh", "sigmoid"
]


class Activation(ModelEdit):
    """Activation (Glorot et al. 2011): another nonlinearity between the layers.

    In the place of every activation, whether it is a module or a functional call that a trace can see, gates
    (a sigmoid that something is multiplied by) included. Weights stay as they were drawn: an init made for one
    activation may not fit another, so read the result as that of both.
    """

    factor = "activation"
    source = "Glorot et al. 2011, AISTATS; Ramachandran et al. 2017, Searching for activation functions"
    expect = (
        "Rectifiers train deep networks without the pre-training that tanh and sigmoid needed (Glorot et al. 2011). "
        "Among newer ones differences are small: silu (Swish) over ReLU gave 0.9 points in Mobile NASNet-A and 0.6 in "
        "Inception-ResNet-v2 on ImageNet (Ramachandran et al. 2017)."
    )
    pitfall = (
        "An init and a learning rate that were chosen for ReLU put the others at a disadvantage. SELU normalises "
        "itself only with an init and a dropout of its own (Klambauer et al. 2017)."
    )
    cites = ("glorot2011deep", "ramachandran2017searching", "klambauer2017self")
    stage = Stage.REPLACE
    adds = frozenset({
        "ReLU", "LeakyReLU", "PReLU", "ELU", "SELU", "GELU", "SiLU", "Mish", "Softplus", "Hardswish", "Tanh", "Sigmoid",
        "ReLU6", "RReLU", "CELU", "Hardtanh", "Softsign",
    })  # fmt: skip

    name: Name | None = Field("gelu")
    """Which one, with torch's default settings. None is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(name=None)

    def operate(self, model: nn.Module, generator: torch.Generator, example: torch.Tensor | None = None) -> nn.Module:
        from modules.surgery import copied, no_effect, of_kind, refusing
        from modules.surgery.activations import ACTIVATIONS, KINDS, NAMES, activation_call, set_in_transformers
        from modules.surgery.calls import read_results, replace_calls
        from modules.surgery.passes import check_runs
        from modules.surgery.replacement import refuse_unregistered, replace_modules
        from modules.surgery.tracing import has_own_forward

        edited = copied(model)
        if self.name is None:
            return edited
        kind, same = KINDS[self.name], (None, self.name)
        with refusing(self):
            refuse_unregistered(edited, ACTIVATIONS)
        modules: list[nn.Module] = of_kind(edited, ACTIVATIONS)
        others = [module for module in modules if type(module) is not kind and not has_own_forward(module)]
        unread = read_results(edited, ACTIVATIONS)
        calls = replace_calls(
            edited,
            lambda node: None if activation_call(node) in same else kind(),
            NAMES - {self.name, f"{self.name}_"},
        )
        changed = len(others) + calls.replaced + set_in_transformers(edited, self.name)
        if calls.opaque or unread or not changed:
            no_effect(self, "activations that are another one", model, calls.opaque + unread)
        edited = replace_modules(edited, {module: kind() for module in others})
        with refusing(self):
            check_runs(edited, example)
        return edited
