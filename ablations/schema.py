"""The JSON Schema of a spec, with which editors complete keys and underline mistakes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ablations.factors import FACTORS
from ablations.spec import Spec


def spec_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12): one level or a list of levels under each factor, a count or a list of seeds."""
    kinds: list[type[BaseModel]] = [Spec, *FACTORS.values()]
    refs, schema = models_json_schema([(kind, "validation") for kind in kinds])
    spec = schema["$defs"].pop("Spec")
    spec["properties"]["factors"] = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {name: _levels(refs[factor, "validation"]) for name, factor in FACTORS.items()},
        "description": Spec.model_fields["factors"].description,
    }
    spec["properties"]["seeds"] = {
        "oneOf": [{"type": "integer", "minimum": 1}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}],
        "description": Spec.model_fields["seeds"].description,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **spec, "$defs": schema["$defs"]}


def _levels(level: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [level, {"type": "array", "items": level, "minItems": 1}, {"type": "null"}]}
