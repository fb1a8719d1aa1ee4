"""What there is to choose from, as JSON-able data: shipped ablations, factors, models."""

from __future__ import annotations

from typing import Any

import yaml

from ablations.factors import FACTORS
from ablations.loading import shipped_specs
from modules.catalog import MODELS


def catalog() -> dict[str, Any]:
    """Ablations with their questions, factors with settings and sources, models with their reference counts."""
    return {
        "ablations": [_ablation(name, path.read_text()) for name, path in shipped_specs().items()],
        "factors": [factor_card(name) for name in FACTORS],
        "models": [{"name": name, **card._asdict()} for name, card in MODELS.items()],
    }


def factor_card(name: str) -> dict[str, Any]:
    """What a factor does, whose idea it is, and its settings."""
    factor = FACTORS[name]
    settings = {
        key: {"default": field.get_default(), "about": field.description or ""}
        for key, field in factor.model_fields.items()
    }
    return {"name": name, "about": first_paragraph(factor.__doc__), "source": factor.source, "settings": settings}


def first_paragraph(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())


def _ablation(name: str, text: str) -> dict[str, Any]:
    tree = yaml.safe_load(text)
    return {"name": name, "question": tree["question"], "factors": list(tree["factors"])}
