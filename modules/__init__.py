"""What is trained: the recipe, the zoo, the data, the Lightning module, surgery. Knows torch and Lightning."""

from __future__ import annotations

import importlib
from typing import Any

from modules.catalog import DATASETS as DATASETS
from modules.catalog import MODELS as MODELS
from modules.recipe import Recipe as Recipe
from modules.recipe import Surgery as Surgery

# These load torch, which a reader of a report should not have to wait for.
_LATER = {
    "build_model": "modules.build",
    "build": "modules.build",
    "train": "modules.training",
    "NoEffect": "modules.surgery",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
