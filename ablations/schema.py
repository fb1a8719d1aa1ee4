"""The JSON Schema of a spec, with which editors complete keys and underline mistakes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ablations.arms import BASELINE, SHAM
from ablations.factors import FACTORS
from ablations.levels import ARM_NAME
from ablations.spec import Spec


def spec_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12): one level or a list of levels under each factor, one level under each factor of an
    arm, a count or a list of seeds."""
    kinds: list[type[BaseModel]] = [Spec, *FACTORS.values()]
    refs, schema = models_json_schema([(kind, "validation") for kind in kinds])
    spec = schema["$defs"].pop("Spec")
    levels = {name: refs[factor, "validation"] for name, factor in FACTORS.items()}
    spec["properties"]["factors"] = {
        **_switching({name: _levels(level) for name, level in levels.items()}),
        "description": Spec.model_fields["factors"].description,
    }
    spec["properties"]["arms"] = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{ARM_NAME}$", "not": {"enum": [BASELINE, SHAM]}},
        "additionalProperties": _switching({name: _level(level) for name, level in levels.items()}),
        "description": Spec.model_fields["named"].description,
    }
    spec["anyOf"] = [{"required": ["factors"]}, {"required": ["arms"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **spec, "$defs": schema["$defs"]}


def _switching(factors: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": factors}


def _level(level: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [level, {"type": "null"}]}


def _levels(level: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [level, {"type": "array", "items": level, "minItems": 1}, {"type": "null"}]}
