"""What there is to see of a spec: the question, the baseline, the arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ablations.arms import Arm
from ablations.views import Cell, Column, View
from modules.values import flatten

if TYPE_CHECKING:
    from ablations.spec import Spec

ALWAYS = ("data.name", "model.name", "optimizer.name", "optimizer.lr", "trainer.epochs", "trainer.batch_size")
"""What is said of a baseline even where it is the default."""
COLUMNS = (Column("Arm"), Column("Factor"), Column("Level"))


def spec_view(spec: Spec) -> View:
    """The question, what of the baseline is worth saying, and every arm."""
    sentences = (
        f"Baseline: {baseline_in_words(spec)}.",
        f"{len(spec.arms)} arms ({spec.design}), {seeds_in_words(spec)}, margin {spec.margin:g}.",
        *([f"Also on: {', '.join(spec.models)}."] if spec.models else []),
    )
    rows = tuple(tuple(map(Cell, (arm.name, *_switched(arm)))) for arm in spec.arms)
    title = f"{spec.name}: {spec.question}" if spec.question else spec.name
    return View(title, sentences, columns=COLUMNS, rows=rows)


def baseline_in_words(spec: Spec) -> str:
    """What differs from the default recipe, and what everybody asks for."""
    changed = flatten(spec.baseline.model_dump(mode="json", exclude_defaults=True))
    told: dict[str, list[str]] = {}
    for path, value in flatten(spec.baseline.model_dump(mode="json")).items():
        if path in changed or path in ALWAYS:
            part, _, setting = path.partition(".")
            told.setdefault(part, []).append(f"{setting} {value}".strip())
    return "; ".join(f"{part}: {', '.join(settings)}" for part, settings in told.items())


def seeds_in_words(spec: Spec) -> str:
    """How many, and by which rule where they are added by one."""
    count = f"{len(spec.seeds)} seed{'s' * (len(spec.seeds) != 1)}"
    return spec.rule.words if spec.rule else count


def _switched(arm: Arm) -> tuple[str, str]:
    return (arm.factor, arm.level) if arm.switched else ("–", "–")
