"""An edit: one level of a factor, as a value that turns a recipe into another recipe."""

from __future__ import annotations

from abc import abstractmethod
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar

from modules.recipe import Recipe, Stage, Surgery
from modules.values import Value

AnyValue = TypeVar("AnyValue", bound=Value)


class Conflict(ValueError):
    """Two edits claim the same field or the same surgery."""


class Edit(Value):
    """One level of a factor. Subclasses are frozen, print so that the print can be read back, and do one thing."""

    factor: ClassVar[str]
    """The factor's name in a spec."""
    source: ClassVar[str]
    """Whose idea it is: paper and year."""
    expect: ClassVar[str]
    """What the literature found, in a sentence or two: what a reader should expect to see."""
    pitfall: ClassVar[str]
    """What people get wrong about it."""
    cites: ClassVar[tuple[str, ...]]
    """Keys of references.bib: the papers that the docstring and the texts above name, those of `source` first."""
    slot: ClassVar[str | None] = None
    """A place of which an arm has one, so that two factors cannot both fill it: `norm`."""
    adds: ClassVar[frozenset[str]] = frozenset()
    """Kinds of module that it may add to a network."""
    drops: ClassVar[frozenset[str]] = frozenset()
    """Last names of parameters that it may take away."""
    sets: ClassVar[frozenset[str]] = frozenset()
    """Kinds of module whose settings it may change."""
    redraws: ClassVar[bool] = False
    """Whether initial weights change."""
    rebuilds: ClassVar[bool] = False
    """Whether modules and parameters of any kind may come and go."""

    @property
    @abstractmethod
    def fields(self) -> frozenset[str]:
        """Dotted paths of the recipe that it may change; a path stands for everything below it."""

    @abstractmethod
    def apply(self, recipe: Recipe) -> Recipe:
        """Returns the edited recipe."""

    @classmethod
    @abstractmethod
    def null(cls) -> Self:
        """The dose that changes nothing: off, as a member of the family."""

    @property
    def off(self) -> bool:
        return self == type(self).null()

    def settings(self) -> dict[str, Any]:
        """The settings as JSON-able data."""
        return self.model_dump(mode="json", exclude_none=True)

    def told(self) -> dict[str, Any]:
        """The settings that a reader needs: those that the null dose does not have."""
        null = type(self).null().settings()
        return {key: value for key, value in self.settings().items() if null.get(key) != value}


class ModelEdit(Edit, Surgery):
    """An edit that is carried out on the built network."""

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({f"model.surgeries.{self.factor}"})

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        for other in recipe.model.surgeries:
            if other.factor == self.factor:
                raise Conflict(f"{other!r} and {self!r} both are surgery of one kind; keep one of them in an arm")
        # In the order of turns and names, so that the order in which edits are applied cannot matter.
        surgeries = tuple(sorted((*recipe.model.surgeries, self), key=lambda surgery: (surgery.stage, surgery.factor)))
        return update(recipe, "model", surgeries=surgeries)


class LeftOut(ModelEdit):
    """An edit that leaves out parts which a network has: the level says whether they are kept."""

    stage = Stage.RESHAPE
    rebuilds = True

    kept: bool = False
    """Whether they stay, which is the baseline."""

    @classmethod
    def null(cls) -> Self:
        return cls(kept=True)

    def told(self) -> dict[str, Any]:
        return {"kept": "kept" if self.kept else "off"}


class RecipeEdit(Edit):
    """An edit that replaces fields of the recipe."""


def update(recipe: Recipe, part: str, **changes: Any) -> Recipe:
    """The recipe with some fields of one part replaced; the part is a dotted path: `data.mixing`."""
    return replaced(recipe, part, attrgetter(part)(recipe).model_copy(update=changes))


def replaced(value: AnyValue, path: str, new: Any) -> AnyValue:
    """The value with something new at a dotted path."""
    first, _, below = path.partition(".")
    return value.model_copy(update={first: replaced(getattr(value, first), below, new) if below else new})


def apply_all(edits: tuple[Edit, ...], recipe: Recipe) -> Recipe:
    """Applies edits that do not get in each other's way; raises Conflict, naming both, where two do."""
    for index, edit in enumerate(edits):
        for other in edits[:index]:
            _refuse_conflict(other, edit)
    for edit in edits:
        recipe = edit.apply(recipe)
    return recipe


def _refuse_conflict(one: Edit, other: Edit) -> None:
    if one.slot is not None and one.slot == other.slot:
        raise Conflict(f"{one!r} and {other!r} both set the {one.slot}; keep one of them in an arm")
    for field in sorted(one.fields):
        if any(covers(theirs, field) or covers(field, theirs) for theirs in other.fields):
            raise Conflict(f"{one!r} and {other!r} both change {field}; keep one of them in an arm")


def covers(field: str, path: str) -> bool:
    """Whether a dotted path lies at or below a field."""
    return path == field or path.startswith(field + ".")
