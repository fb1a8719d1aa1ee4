"""One at a time, proved: what an arm's recipe and network really differ in from the baseline's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ablations.arms import Arm
from ablations.edit import covers
from modules.recipe import Recipe
from modules.values import flatten

if TYPE_CHECKING:
    from modules.build import Anatomy


class Undeclared(ValueError):
    """An arm differs from the baseline in more than its edits declare."""


def difference(arm: Arm, recipe: Recipe, baseline: Recipe, model: Anatomy, base_model: Anatomy) -> list[str]:
    """The differences, for a reader; empty for the baseline. Raises Undeclared where an edit did more than it says."""
    fields = changed_fields(recipe, baseline)
    _refuse_undeclared(arm, fields, model, base_model)
    if not fields:
        return []
    shown = [_shown(path, old, new) for path, (old, new) in fields.items()]
    return [*dict.fromkeys(shown), *_modules(model, base_model), _weights(model, base_model), _size(model, base_model)]


def changed_fields(recipe: Recipe, baseline: Recipe) -> dict[str, tuple[Any, Any]]:
    """Dotted path -> (baseline's value, arm's value), None where one has no such field."""
    old, new = flatten(baseline.canonical()), flatten(recipe.canonical())
    old.pop("model.surgeries", None), new.pop("model.surgeries", None)
    paths = sorted(old.keys() | new.keys())
    return {p: (old.get(p), new.get(p)) for p in paths if old.get(p) != new.get(p) or (p in old) != (p in new)}


def _refuse_undeclared(arm: Arm, fields: dict[str, Any], model: Anatomy, base: Anatomy) -> None:
    declared = {field for edit in arm.edits for field in edit.fields}
    undeclared = [path for path in fields if not any(covers(field, path) for field in declared)]
    kinds = {kind for edit in arm.edits for kind in edit.adds}
    moved = {kind for kind in model.kinds | base.kinds if model.kinds[kind] != base.kinds[kind]}
    undeclared += [f"number of {kind} modules" for kind in sorted(moved - kinds)]
    drops = {name for edit in arm.edits for name in edit.drops}
    gone = [name for name in base.weights if name not in model.weights]
    undeclared += [f"missing {name}" for name in gone if name.rpartition(".")[2] not in drops]
    if not any(edit.redraws for edit in arm.edits):
        undeclared += [f"initial {name}" for name in _redrawn(model, base)]
    if undeclared:
        raise Undeclared(f"arm {arm.name!r} also changes what no edit of it declares: {', '.join(undeclared)}")


def _redrawn(model: Anatomy, base: Anatomy) -> list[str]:
    return [name for name, value in base.weights.items() if model.weights.get(name, value) != value]


def _shown(path: str, old: Any, new: Any) -> str:
    if path.startswith("model.surgeries."):
        return f"model.surgeries[{path.split('.')[2]}]"
    return f"{path}: {'-' if old is None else old} -> {'-' if new is None else new}"


def _modules(model: Anatomy, base: Anatomy) -> list[str]:
    counts = {kind: model.kinds[kind] - base.kinds[kind] for kind in sorted(model.kinds | base.kinds)}
    return [f"{count:+d} {kind} module{'s' * (abs(count) > 1)}" for kind, count in counts.items() if count]


def _weights(model: Anatomy, base: Anatomy) -> str:
    redrawn = len(_redrawn(model, base))
    return f"{redrawn} of {len(base.weights)} weight tensors redrawn" if redrawn else "initial weights equal"


def _size(model: Anatomy, base: Anatomy) -> str:
    change = model.parameters - base.parameters
    return f"{change:+,d} parameters" if change else "parameters equal"
