"""A network layer by layer, as a student would work it out, in the order of a real pass, and checked by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from modules.build import build_model, parameter_count
from modules.catalog import MODELS
from modules.foreign import build_foreign, take_images
from modules.handwork.counting import counted_macs, names
from modules.handwork.rows import Arithmetic, Row
from modules.handwork.watching import watched
from modules.imports import is_foreign
from modules.surgery.passes import trial_pass

TOLD = ("classes", "channels", "image_size")
USUAL = {"classes": 10, "channels": 1, "image_size": 28}
"""For a model of somebody's own, which has no reference form."""


def model_arithmetic(name: str, settings: Mapping[str, Any]) -> Arithmetic:
    """The arithmetic of a model of the zoo, by default in its reference form, or of anybody's.

    Raises ValueError for an unknown name or setting, or where the network cannot be built or does not run.
    """
    told = {key: _whole(key, settings[key]) for key in TOLD if key in settings}
    rest = {key: value for key, value in settings.items() if key not in TOLD}
    if not is_foreign(name) and rest:
        raise ValueError(f"{next(iter(rest))!r}: a model of the zoo takes {', '.join(TOLD)} and nothing else")
    if is_foreign(name):
        form = {**USUAL, **told}
        network = build_foreign(name, rest, form)
        take_images(network)
    else:
        network = build_model(name, **told)
        card = MODELS[name]
        form = {"classes": card.classes, "channels": card.channels, "image_size": card.image_size, **told}
    image = (form["channels"], form["image_size"], form["image_size"])
    try:
        return network_arithmetic(network, image, name)
    except ValueError as error:
        raise ValueError(f"{name}: cannot take images of shape {image}: {error}") from error


def network_arithmetic(network: nn.Module, image: tuple[int, int, int], name: str = "") -> Arithmetic:
    """The arithmetic of a network for one image (C, H, W), which it must run on, or ValueError is raised."""
    trial_pass(network, torch.zeros(1, *image))
    rows, counted = watched(network, image), counted_macs(network, image)
    with_formula = {row.name for row in rows if row.formula}
    others = sum(count for layer, count in counted.items() if layer not in with_formula)
    parameters = parameter_count(network)
    uncalled = parameters - _called_parameters(network, {row.name for row in rows})
    checked = tuple(_compared(row, rows, counted) for row in rows)
    return Arithmetic(name, image, checked, parameters, uncalled, sum(counted.values()), others)


def _compared(row: Row, rows: Sequence[Row], counted: Mapping[str, int]) -> Row:
    """A layer that is called several times is compared as a whole."""
    by_formula, by_torch = sum(other.macs for other in rows if other.name == row.name), counted.get(row.name, 0)
    if row.formula is None or by_formula == by_torch or row.wrong:
        return row
    return row._replace(wrong=f"{by_formula:,} MACs by formula, {by_torch:,} counted by torch")


def _called_parameters(network: nn.Module, called: set[str]) -> int:
    counted = {parameter for module, name in names(network).items() if name in called
               for parameter in module.parameters(recurse=False) if parameter.requires_grad}  # fmt: skip
    return sum(parameter.numel() for parameter in counted)


def _whole(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{key} must be a whole number of 1 or more, not {value!r}")
    return value
