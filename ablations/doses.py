"""Doses: what the baseline's own value is of a setting that an arm changes."""

from __future__ import annotations

from typing import Any

from ablations.difference import changed_fields
from ablations.edit import Edit
from modules.recipe import Recipe


def baseline_settings(edit: Edit, recipe: Recipe, baseline: Recipe) -> dict[str, Any]:
    """The settings with which an edit would leave the baseline as it is; empty where they are not known.

    They are the null dose's where the baseline has nothing of the kind, and those of the edit with the baseline's
    value where the edit changes a single field, which may be on in the baseline already.
    """
    changed = list(changed_fields(recipe, baseline).values())
    if all(old is None for old, _ in changed):
        return type(edit).null().settings()
    settings = edit.settings()
    changing = [key for key, value in settings.items() if value == changed[0][1]]
    return {**settings, changing[0]: changed[0][0]} if len(changed) == len(changing) == 1 else {}
