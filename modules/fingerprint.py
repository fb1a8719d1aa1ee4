"""What identifies a run: the same fingerprint is never trained twice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from modules.catalog import DATASETS, MODELS
from modules.data.facts import data_facts
from modules.data.readers import reader
from modules.imports import is_foreign, is_timm
from modules.recipe import Recipe
from modules.settings import Trainer
from modules.sources import ROOT, reached_from, source_digest, source_of
from modules.tasks import TASKS
from modules.values import digest

PLAIN_DATA = (
    "modules/catalog.py", "modules/zoo/cards.py", "modules/imports.py", "modules/names.py", "modules/recipe.py",
    "modules/settings.py", "modules/values.py", "modules/data/settings.py", "modules/data/generated.py",
    "modules/tasks/__init__.py", "ablations/",
)  # fmt: skip
"""Read by training, but what they say is in the recipe or the checksum. Of the factors the chosen ones count."""

LATER = {name: Trainer.model_fields[name].default for name in ("precision", "compile", "probe")}
"""Settings that recipes did not always have, as all were trained without them: so they do not show."""


def fingerprint(recipe: Recipe, seed: int) -> str:
    """Recipe, seed, data and code as one short name, whatever folders they lie in."""
    return fingerprints(recipe, [seed])[seed]


def fingerprints(recipe: Recipe, seeds: Iterable[int]) -> dict[int, str]:
    """The same for many seeds, with one look at the data and the code."""
    tree, checksum, version = _placeless(recipe), data_facts(recipe.data).checksum, code_version(recipe)
    return {seed: digest([tree, seed, checksum, version]) for seed in seeds}


def _placeless(recipe: Recipe) -> dict[str, Any]:
    """The recipe without its paths: of files, what is in them counts, by the checksum and the code version."""
    tree = recipe.canonical()
    tree["model"]["name"] = recipe.model.label
    tree["data"]["name"] = recipe.data.name.rpartition("/")[2]
    del tree["data"]["path"], tree["data"]["stream"]  # the same numbers, whether they fit into memory or not
    if data_facts(recipe.data).task != "detection":
        del tree["detection"]  # says nothing there
    tree["trainer"] = {name: value for name, value in tree["trainer"].items() if (name, value) not in LATER.items()}
    return tree


def code_version(recipe: Recipe) -> str:
    """The code that a run of this recipe passes through: the training loop, its model, its data, its edits."""
    ours = [[str(path.relative_to(ROOT)), source_digest(path)] for path in sorted(files(recipe))]
    return digest([ours, _foreign_version(recipe.model.name) if is_foreign(recipe.model.name) else ""])


def files(recipe: Recipe) -> set[Path]:
    """The files of this project that a run of this recipe passes through."""
    task = TASKS[data_facts(recipe.data).task]
    named = [reader(recipe.data)]
    named += [DATASETS[recipe.data.name].loader] if recipe.data.name in DATASETS else []
    named += [MODELS[recipe.model.name].builder] if recipe.model.name in MODELS else []
    edits = [type(surgery).__module__ for surgery in recipe.model.surgeries]
    named += [task.train, task.task, *task.readers]
    modules = ["modules.training", *edits, *(name.partition(":")[0] for name in named)]
    return {path for module in modules for path in passed_through(module)}


@cache
def passed_through(module: str) -> frozenset[Path]:
    """The files of this project whose code can change what training by way of a module finds."""
    start = source_of(module, ROOT)
    assert start is not None, module
    return frozenset(path for path in reached_from(start) if path == start or not _is_plain(path))


def _is_plain(path: Path) -> bool:
    return str(path.relative_to(ROOT)).startswith(PLAIN_DATA)


def _foreign_version(name: str) -> str:
    """Digests of the user's own files, or the version of a library."""
    if is_timm(name):
        return f"timm {metadata.version('timm')}" if _installed("timm") else "timm"
    place = name.rpartition(":")[0]
    path = Path(place) if place.endswith(".py") else source_of(place, Path.cwd())
    if path is None or not path.exists():
        return place
    return digest(sorted(source_digest(file) for file in {path, *reached_from(path)}))


def _installed(library: str) -> bool:
    try:
        return bool(metadata.version(library))
    except metadata.PackageNotFoundError:
        return False
