"""What there is to choose from, as JSON-able data: shipped ablations, factors, models."""

from __future__ import annotations

from typing import Any

from ablations.document import Document
from ablations.factors import FACTORS
from ablations.loading import shipped_specs
from ablations.ranges import ranges
from ablations.references import bibtex
from modules.catalog import MODELS
from modules.names import unknown_name


def catalog() -> dict[str, Any]:
    """Ablations with their questions, factors with settings and sources, models with their reference counts."""
    return {
        "ablations": [_ablation(name, path.read_text()) for name, path in shipped_specs().items()],
        "factors": [factor_card(name) for name in FACTORS],
        "models": [{"name": name, **card._asdict()} for name, card in MODELS.items()],
    }


def named(name: str) -> dict[str, Any]:
    """What has that name, in the catalog's form; a factor and an ablation may share one. Raises ValueError for none."""
    listed = catalog()
    if name not in (known := {one["name"] for ones in listed.values() for one in ones}):
        unknown_name("factor, ablation or model", name, known)
    return {kind: [one for one in ones if one["name"] == name] for kind, ones in listed.items()}


def factor_card(name: str) -> dict[str, Any]:
    """What a factor does, whose idea it is, what was found with it, what people get wrong, papers, and settings."""
    factor = FACTORS[name]
    about, *details = paragraphs(factor.__doc__)
    defaults, takes = factor.model_validate({}).model_dump(mode="json"), ranges(factor)
    settings = {
        key: {"default": defaults[key], "takes": takes[key], "about": field.description or ""}
        for key, field in factor.model_fields.items()
    }
    return {
        "name": name, "about": about, "details": details, "source": factor.source, "expect": factor.expect,
        "pitfall": factor.pitfall, "cites": list(factor.cites), "bibtex": bibtex(factor.cites), "settings": settings,
    }  # fmt: skip


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a docstring, each as one line."""
    return [" ".join(part.split()) for part in (text or "").split("\n\n")]


def _ablation(name: str, text: str) -> dict[str, Any]:
    tree = Document(name, text).tree
    return {"name": name, "question": tree["question"], "factors": list(tree.get("factors", {})), "spec": tree}
