"""Anybody's model: a class or function in a file or a package, or a model of the timm library."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from modules.imports import TIMM, is_timm, load_object
from modules.names import in_a_line

ASKED_FOR_AS = {
    "classes": ("classes", "num_classes", "n_classes", "num_labels"),
    "channels": ("channels", "in_channels", "in_chans", "num_channels", "n_channels"),
    "image_size": ("image_size", "img_size"),
}
"""What a model's constructor may call what it is told of the images."""


def build_foreign(name: str, arguments: Mapping[str, Any], told: Mapping[str, int]) -> nn.Module:
    """Builds `./file.py:Class`, `package.module:Class` or `timm/name` with keyword arguments.

    `told` (classes, channels, image_size) is passed on to a constructor that asks for it, under any of the usual
    names; an argument of the same name comes first. Raises ValueError where it cannot be built.
    """
    if is_timm(name):
        return _built(name, _timm(), {"model_name": name.removeprefix(TIMM), **_as_timm(told), **arguments})
    builder = load_object(name)
    if not callable(builder):
        raise ValueError(f"{name}: is a {type(builder).__name__}; it must be a class or function that makes a network")
    return _built(name, builder, {**_asked_for(builder, told), **arguments})


def _built(name: str, builder: Callable[..., Any], arguments: Mapping[str, Any]) -> nn.Module:
    try:
        network = builder(**arguments)
    except Exception as error:  # whatever the code of others raises
        said = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise ValueError(f"{name}: building it with ({said}) failed: {in_a_line(error)}") from error
    if not isinstance(network, nn.Module):
        raise ValueError(f"{name}: made a {type(network).__name__}; it must make a torch.nn.Module")
    return network


def take_images(network: nn.Module) -> None:
    """Lets a network whose weights are of another dtype than images take them all the same."""
    dtype = next((p.dtype for p in network.parameters() if p.is_floating_point()), torch.float32)
    if dtype is not torch.float32:
        network.register_forward_pre_hook(AsDtype(dtype))


@dataclass(frozen=True)
class AsDtype:
    """A forward pre-hook: what comes in is cast."""

    dtype: torch.dtype

    def __call__(self, module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (args[0].to(self.dtype), *args[1:])


def _asked_for(builder: Callable[..., Any], told: Mapping[str, int]) -> dict[str, int]:
    parameters = inspect.signature(builder).parameters
    return {
        alias: told[what]
        for what, aliases in ASKED_FOR_AS.items()
        for alias in aliases
        if alias in parameters and _means_the_images(alias, parameters[alias].default)
    }


def _means_the_images(alias: str, default: Any) -> bool:
    """`channels` is also what many call a width: then its default is no number of channels that images have."""
    return alias != "channels" or default in (inspect.Parameter.empty, None, 1, 3)


def _timm() -> Callable[..., Any]:
    try:
        import timm
    except ImportError as error:
        raise ValueError(f"timm/ models need the timm library: pip install timm ({in_a_line(error)})") from None
    return timm.create_model


def _as_timm(told: Mapping[str, int]) -> dict[str, int]:
    return {"num_classes": told["classes"], "in_chans": told["channels"]}
