"""Edits of one part of the recipe: some of its fields, or what kind it is of."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar, Self

from pydantic import TypeAdapter, ValidationError, model_validator

from ablations.edit import RecipeEdit, replaced
from modules.names import rule_broken
from modules.recipe import Recipe
from modules.values import Value


class PartEdit(RecipeEdit):
    """An edit whose every setting stands for one field of one part of the recipe."""

    part: ClassVar[str]
    """The part, as a dotted path: `noise`, `data.mixing`."""
    sets_fields: ClassVar[dict[str, str]]
    """Setting -> field of the part."""
    fixes: ClassVar[dict[str, Any]] = {}
    """Field of the part -> the value that it has at every level."""

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(f"{self.part}.{field}" for field in (*self.sets_fields.values(), *self.fixes))

    def apply(self, recipe: Recipe) -> Recipe:
        return recipe if self.off else replaced(recipe, self.part, self._edited(attrgetter(self.part)(recipe)))

    def _edited(self, part: Value) -> Value:
        """Checked, since what a field may be can depend on the others."""
        changes = self.fixes | {field: getattr(self, name) for name, field in self.sets_fields.items()}
        try:
            return type(part).model_validate(part.model_dump() | changes)
        except ValidationError as error:
            raise ValueError(f"{self!r}: {rule_broken(error)}") from None


class KindEdit(RecipeEdit):
    """An edit that puts another kind, by its name and settings, in the place of the one that a part is of."""

    part: ClassVar[str]
    """The part: `schedule`."""
    kinds: ClassVar[TypeAdapter[Any]]
    """Makes one from its name and settings; refuses settings that do not fit the name."""
    keeps: ClassVar[tuple[str, ...]] = ()
    """Fields of the part that belong to other factors and stay."""

    name: str | None
    """None is the baseline."""

    @model_validator(mode="after")
    def _settings_fit_the_name(self) -> Self:
        if not self.off:
            self._built({})
        return self

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(f"{self.part}.{name}" for name in type(self).model_fields)

    @classmethod
    def null(cls) -> Self:
        return cls(name=None)

    @property
    def off(self) -> bool:
        return self.name is None

    def told(self) -> dict[str, Any]:
        """Everything: a rule without its learning rate says little."""
        return self.settings()

    def apply(self, recipe: Recipe) -> Recipe:
        if self.off:
            return recipe
        now = getattr(recipe, self.part)
        return replaced(recipe, self.part, self._built({field: getattr(now, field) for field in self.keeps}))

    def _built(self, kept: dict[str, Any]) -> Value:
        return self.kinds.validate_python(self.settings() | kept)
