"""One at a time, proved: what an arm's recipe and network really differ in from its reference's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from ablations.arms import Arm
from ablations.edit import Edit, covers
from modules.recipe import Recipe
from modules.values import flatten

if TYPE_CHECKING:
    from modules.build import Anatomy

Edits = tuple[Edit, ...]
Stocktaking = Callable[[Recipe], "Anatomy"]


class Undeclared(ValueError):
    """An arm differs from its reference in more than the edits declare that are switched."""


def difference(arm: Arm, plain: Recipe, take_stock: Stocktaking) -> list[str]:
    """What an arm differs in from its reference, for a reader; empty for the reference itself.

    `plain` is the recipe that both edit, `take_stock` builds a recipe's network and looks at it. An arm and its
    reference are each held against what they have in common, so that an edit that is left out is bound by its
    declaration as much as one that is added. Raises Undeclared where an edit did more than it says.
    """
    recipe, baseline, common = arm.recipe(plain), arm.baseline(plain), arm.common(plain)
    found = {one: take_stock(one) for one in {recipe, baseline, common}}
    _refuse_undeclared(arm.name, arm.added, changed_fields(recipe, common), found[recipe], found[common])
    _refuse_undeclared(arm.name, arm.left_out, changed_fields(baseline, common), found[baseline], found[common])
    return _told(changed_fields(recipe, baseline), found[recipe], found[baseline])


def tuned_difference(
    arm: Arm, plain: Recipe, tuned: Recipe, baseline: Recipe, searched: Collection[str], take_stock: Stocktaking
) -> list[str]:
    """What an arm with the settings that a search chose differs in from the baseline with those of its own.

    The arm is proved as if nothing had been searched; beyond that, `tuned` may differ in the `searched` paths alone.
    """
    difference(arm, plain, take_stock)
    beyond = [path for path in changed_fields(tuned, arm.recipe(plain)) if path not in searched]
    if beyond:
        raise Undeclared(f"arm {arm.name!r} also changes what was not searched: {', '.join(beyond)}")
    return _told(changed_fields(tuned, baseline), take_stock(tuned), take_stock(baseline))


def _told(fields: dict[str, tuple[Any, Any]], model: Anatomy, base: Anatomy) -> list[str]:
    if not fields:
        return []
    shown = [_shown(path, old, new) for path, (old, new) in fields.items()]
    modules = [*_modules(model, base), *_settings(model, base)]
    return [*dict.fromkeys(shown), *modules, _weights(model, base), _size(model, base)]


def changed_fields(recipe: Recipe, baseline: Recipe) -> dict[str, tuple[Any, Any]]:
    """Dotted path -> (baseline's value, arm's value), None where one has no such field."""
    old, new = flatten(baseline.canonical()), flatten(recipe.canonical())
    old.pop("model.surgeries", None), new.pop("model.surgeries", None)
    paths = sorted(old.keys() | new.keys())
    return {p: (old.get(p), new.get(p)) for p in paths if old.get(p) != new.get(p) or (p in old) != (p in new)}


def _refuse_undeclared(arm: str, edits: Edits, fields: Iterable[str], model: Anatomy, base: Anatomy) -> None:
    declared = {field for edit in edits for field in edit.fields}
    undeclared = [path for path in fields if not any(covers(field, path) for field in declared)]
    if not any(edit.rebuilds for edit in edits):
        undeclared += _undeclared_modules(edits, model, base)
    if not any(edit.redraws for edit in edits):
        undeclared += [f"initial {name}" for name in _redrawn(model, base)]
    if undeclared:
        raise Undeclared(f"arm {arm!r} also changes what no edit of it declares: {', '.join(undeclared)}")


def _undeclared_modules(edits: Edits, model: Anatomy, base: Anatomy) -> list[str]:
    kinds = {kind for edit in edits for kind in edit.adds}
    known = {part.kind: part.kinds for part in (*base.parts.values(), *model.parts.values())}
    moved = {kind for kind in known if model.kinds[kind] != base.kinds[kind] and not known[kind] & kinds}
    drops = {name for edit in edits for name in edit.drops}
    gone = {"missing": base.weights.keys() - model.weights.keys(), "another size of": set(_resized(model, base))}
    taken = [f"{how} {name}" for how, names in gone.items() for name in sorted(names)
             if name.rpartition(".")[2] not in drops]  # fmt: skip
    counted = [f"number of {kind} modules" for kind in sorted(moved)]
    return [*counted, *taken, *_undeclared_settings(edits, model, base), *_undeclared_parameters(model, base)]


def _undeclared_settings(edits: Edits, model: Anatomy, base: Anatomy) -> list[str]:
    """What is another kind of module, set otherwise, or in another mode, under the name that it had."""
    kinds = {kind for edit in edits for kind in edit.adds}
    settable = kinds | {kind for edit in edits for kind in edit.sets}
    both = [(name, part, model.parts[name]) for name, part in base.parts.items() if name in model.parts]
    return [
        *(f"kind of {name}" for name, old, new in both
          if old.kind != new.kind and not (old.kinds & kinds and new.kinds & kinds)),
        *(f"settings of {name}" for name, old, new in both
          if old.kind == new.kind and old.settings != new.settings and not old.kinds & settable),
        *(f"mode of {name}" for name, old, new in both if old.training != new.training),
    ]  # fmt: skip


def _undeclared_parameters(model: Anatomy, base: Anatomy) -> list[str]:
    """Parameters added to modules that were there before, frozen, or thawed."""
    added = [name for name in model.weights.keys() - base.weights.keys() if _owner(name) in base.parts]
    own = [name for name in added if model.parts[_owner(name)].kind == base.parts[_owner(name)].kind]
    both = [name for name in base.weights if name in model.weights]
    changed = [name for name in both if model.weights[name].trained != base.weights[name].trained]
    return [*(f"added {name}" for name in sorted(own)), *(f"whether {name} is trained" for name in changed)]


def _owner(parameter: str) -> str:
    return parameter.rpartition(".")[0]


def _redrawn(model: Anatomy, base: Anatomy) -> list[str]:
    """Weights of the same name and shape with other numbers in them."""
    shared = [name for name in base.weights if name in model.weights]
    pairs = {name: (base.weights[name], model.weights[name]) for name in shared}
    return [name for name, (old, new) in pairs.items() if old.shape == new.shape and old.checksum != new.checksum]


def _resized(model: Anatomy, base: Anatomy) -> list[str]:
    shapes = {name: weights.shape for name, weights in model.weights.items()}
    return [name for name, weights in base.weights.items() if shapes.get(name, weights.shape) != weights.shape]


def _shown(path: str, old: Any, new: Any) -> str:
    if path.startswith("model.surgeries."):
        return f"model.surgeries[{path.split('.')[2]}]"
    return f"{path}: {'-' if old is None else old} -> {'-' if new is None else new}"


def _modules(model: Anatomy, base: Anatomy) -> list[str]:
    counts = {kind: model.kinds[kind] - base.kinds[kind] for kind in sorted(model.kinds | base.kinds)}
    return [f"{count:+d} {kind} module{'s' * (abs(count) > 1)}" for kind, count in counts.items() if count]


def _settings(model: Anatomy, base: Anatomy) -> list[str]:
    both = [(part, model.parts[name]) for name, part in base.parts.items() if name in model.parts]
    changed = Counter(old.kind for old, new in both if old.kind == new.kind and old.settings != new.settings)
    return [f"settings of {count} {kind} module{'s' * (count > 1)}" for kind, count in changed.items()]


def _weights(model: Anatomy, base: Anatomy) -> str:
    counts = {"redrawn": len(_redrawn(model, base)), "resized": len(_resized(model, base)),
              "gone": len(base.weights.keys() - model.weights.keys())}  # fmt: skip
    changed = [f"{count} {how}" for how, count in counts.items() if count]
    return f"weight tensors: {', '.join(changed)}, of {len(base.weights)}" if changed else "initial weights equal"


def _size(model: Anatomy, base: Anatomy) -> str:
    change = model.parameters - base.parameters
    return f"{change:+,d} parameters" if change else "parameters equal"
