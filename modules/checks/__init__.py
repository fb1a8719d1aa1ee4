"""Facts of the lectures that hold exactly, or as theory says, each measured on the real thing whenever it is asked.

A table of names alone, so that reading it loads no torch.
"""

from __future__ import annotations

from typing import NamedTuple

from modules.imports import load_object
from modules.names import unknown_name


class Checked(NamedTuple):
    """A fact, what was measured, what it says must come out, and whether it did."""

    says: str
    measured: str
    expected: str
    holds: bool


CHECKS: dict[str, str] = {
    "xor_two_layers": "modules.checks.logic:xor_two_layers",
    "xor_no_perceptron": "modules.checks.logic:xor_no_perceptron",
    "backprop": "modules.checks.logic:backprop",
    "epoch_is_batches": "modules.checks.loop:epoch_is_batches",
    "zero_init": "modules.checks.loop:zero_init",
    "constant_init_rank": "modules.checks.loop:constant_init_rank",
    "deep_gradients": "modules.checks.depth:deep_gradients",
    "residual_gradients": "modules.checks.depth:residual_gradients",
    "filter_depth": "modules.checks.sizes:filter_depth",
    "output_size": "modules.checks.sizes:output_size",
    "two_threes": "modules.checks.sizes:two_threes",
    "convolution_costs": "modules.checks.costs:convolution_costs",
    "separable_ratio": "modules.checks.costs:separable_ratio",
    "grouped_is_block_diagonal": "modules.checks.groups:grouped_is_block_diagonal",
    "shuffle_exchanges": "modules.checks.groups:shuffle_exchanges",
    "shuffle_undone": "modules.checks.groups:shuffle_undone",
    "rank_one": "modules.checks.kernels:rank_one",
    "transposed_is_adjoint": "modules.checks.kernels:transposed_is_adjoint",
    "max_unpool": "modules.checks.kernels:max_unpool",
    "adam_decay_step": "modules.checks.remedies:adam_decay_step",
    "dropout_eval_off": "modules.checks.remedies:dropout_eval_off",
    "batchnorm_statistics": "modules.checks.remedies:batchnorm_statistics",
    "bootstrap_unique": "modules.checks.ensembles:bootstrap_unique",
    "ensemble_jensen": "modules.checks.ensembles:ensemble_jensen",
    "lenet5_parameters": "modules.checks.architectures:lenet5_parameters",
    "googlenet_against_alexnet": "modules.checks.architectures:googlenet_against_alexnet",
    "squeezenet_against_alexnet": "modules.checks.architectures:squeezenet_against_alexnet",
    "mobile_multiplications": "modules.checks.architectures:mobile_multiplications",
    "null_dose": "ablations.null_dose:null_dose",  # by name alone: it asks every factor, of which nothing is known here
}
"""`module:function`, by name."""


def carry_out(name: str) -> Checked:
    """Measures one of the facts. Raises ValueError for a name that is none."""
    if name not in CHECKS:
        unknown_name("check", name, CHECKS)
    return load_object(CHECKS[name])()
