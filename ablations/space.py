"""What of an arm is searched, and the arm with what a search found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from ablations.arms import Arm
from ablations.edit import Edit, covers
from ablations.factors.sham import Sham
from ablations.tune import Choice, Range, Space, Tune
from modules.names import nearest, rule_broken
from modules.recipe import Recipe
from modules.values import flatten

Settings = Mapping[str, Any]
"""Dotted name -> value: `optimizer.lr` of the recipe, `dropout.p` of a factor."""
FIXED = ("data", "model", "replicate")
"""Parts of a recipe that say what is compared."""
FREE = ("data.augmentation", "data.mixing", "data.standardize")
"""What of them only says how it is trained."""


class Unsearchable(ValueError):
    """A setting that cannot be searched, or not where it was asked for; `key` is its name."""

    def __init__(self, key: str, message: str):
        super().__init__(message)
        self.key = key


def is_control(arm: Arm) -> bool:
    """Whether the arm is a sham, which has whatever settings the baseline has."""
    return bool(arm.switched) and all(isinstance(edit, Sham) for edit in arm.switched)


def own_settings(arm: Arm, plain: Recipe) -> dict[str, Any]:
    """All that could be searched in an arm, as the spec has it."""
    levels = {f"{edit.factor}.{name}": value for edit in arm.edits for name, value in edit.settings().items()}
    tree = flatten(arm.recipe(plain).model_dump(mode="json", exclude={"model"}))
    return levels | {path: value for path, value in tree.items() if not _is_fixed(path)}


def space_of(arm: Arm, plain: Recipe, tune: Tune) -> dict[str, Space]:
    """Where each setting is searched in an arm; nowhere in a control, which takes what the baseline gets.

    In the order of the names, so that a search does not depend on that in which they are written.
    """
    own = {} if is_control(arm) else own_settings(arm, plain)
    return {key: _fitting(space, own[key]) for key, space in sorted(tune.search.items()) if key in own}


def leveled(arm: Arm, settings: Settings) -> Arm:
    """The arm whose factors have these settings; those that belong to none of its factors change nothing here.

    What it has in common with its reference stays in common, so that it is still called what it is.
    """
    moved = {edit: _leveled(edit, settings) for edit in arm.edits}
    return arm._replace(edits=tuple(moved.values()), reference=tuple(moved.get(edit, edit) for edit in arm.reference))


def tuned_recipe(arm: Arm, plain: Recipe, settings: Settings) -> Recipe:
    """The arm's recipe with these settings; raises ValueError where it cannot have them."""
    recipe = leveled(arm, settings).recipe(plain)
    tree = recipe.model_dump()
    for path in settings.keys() - _of_levels(arm):
        *parents, last = path.split(".")
        branch = tree
        for parent in parents:
            branch = branch[parent]
        branch[last] = settings[path]
    return Recipe.model_validate(tree).model_copy(update={"model": recipe.model})


def refuse_unsearchable(tune: Tune, arms: Iterable[Arm], plain: Recipe) -> None:
    """Raises Unsearchable for a setting that no arm has, or that some arm cannot have at an end of its range."""
    searched = [arm for arm in arms if not is_control(arm)]
    known = {key for arm in searched for key in own_settings(arm, plain)}
    for key in tune.search:
        _refuse_unknown(key, known, tune)
    for arm in searched:
        for key, space in space_of(arm, plain, tune).items():
            _refuse_bad_ends(arm, plain, key, space)
    _refuse_same(tune, searched, plain)


def _refuse_unknown(key: str, known: set[str], tune: Tune) -> None:
    if _is_fixed(key) and key.partition(".")[0] in Recipe.model_fields:
        raise Unsearchable(key, "says what is compared, so it is not tuned; leave it out")
    if key not in known:
        raise Unsearchable(key, f"no arm has such a setting; {nearest(key, known)}")
    if key == "trainer.epochs" and tune.pruning != "none":
        raise Unsearchable(key, f"{tune.pruning} sets the epochs of a trial; leave one of the two out")


def _refuse_bad_ends(arm: Arm, plain: Recipe, key: str, space: Space) -> None:
    for end in _ends(space):
        try:
            tuned_recipe(arm, plain, {key: end})
        except ValidationError as error:
            reason = rule_broken(error)
            raise Unsearchable(key, f"{end!r} cannot be in arm {arm.name!r}: {reason[0].lower()}{reason[1:]}") from None
        except ValueError as error:
            raise Unsearchable(key, f"{end!r} cannot be in arm {arm.name!r}: {error}") from None


def _refuse_same(tune: Tune, arms: Iterable[Arm], plain: Recipe) -> None:
    """Arms that are the same at both ends of what is searched are one arm under two names."""
    seen: dict[tuple[Recipe, ...], str] = {}
    for arm in arms:
        spaces = space_of(arm, plain, tune)
        corners = [{key: _ends(space)[end] for key, space in spaces.items()} for end in (0, -1)]
        try:
            recipes = tuple(tuned_recipe(arm, plain, corner) for corner in corners)
        except ValueError:  # settings that do not go together; the search will find that out
            continue
        if recipes in seen:
            key = next((key for key in tune.search if key in _of_levels(arm)), next(iter(tune.search)))
            raise Unsearchable(
                key, f"arms {seen[recipes]!r} and {arm.name!r} differ only in what is searched; leave one out"
            )
        seen[recipes] = arm.name


def _ends(space: Space) -> tuple[Choice, ...]:
    return space.ends if isinstance(space, Range) else space


def _fitting(space: Space, own: Any) -> Space:
    return space.fitting(own) if isinstance(space, Range) else space


def _leveled(edit: Edit, settings: Settings) -> Edit:
    mine = {key.partition(".")[2]: value for key, value in settings.items() if _belongs(key, edit)}
    return type(edit).model_validate(edit.model_dump() | mine) if mine else edit


def _of_levels(arm: Arm) -> set[str]:
    return {f"{edit.factor}.{name}" for edit in arm.edits for name in type(edit).model_fields}


def _belongs(key: str, edit: Edit) -> bool:
    factor, _, name = key.partition(".")
    return factor == edit.factor and name in type(edit).model_fields


def _is_fixed(path: str) -> bool:
    return any(covers(part, path) for part in FIXED) and not any(covers(part, path) for part in FREE)
