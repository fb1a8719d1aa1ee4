"""What is declared about anybody's runs, beside the runs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, ValidationError, field_validator

from ablations.complaint import first_complaint
from ablations.document import Document, SpecError
from ablations.seeds import Looks, Sampling, Stein
from ablations.spec import Claim
from modules.values import Value


class Declared(Value):
    """The keys of a spec that a report goes by, and the accuracy of guessing, which no data set tells here."""

    question: str = ""
    margin: float = Field(1.0, gt=0, le=100)
    """The smallest difference in test accuracy that matters, in points."""
    claims: tuple[Claim, ...] = Field((), strict=False)
    """What others say, to be judged."""
    score: str = Field("accuracy", min_length=1)
    """What the columns that are named accuracy hold, such as mean IoU."""
    seeds: Sampling | None = None
    """The rule by which arms got more seeds: `{looks: [5, 10, 20]}` or `{stein: 5}`."""
    chance: float | None = Field(None, ge=0, lt=100)
    """Accuracy of guessing, in percent."""

    @field_validator("seeds")
    @classmethod
    def _a_rule(cls, seeds: Sampling | None) -> Sampling | None:
        if isinstance(seeds, tuple):
            raise ValueError("the seeds are those of the runs; declare the rule that added them, as {looks: [5, 10]}")
        return seeds

    @property
    def rule(self) -> Looks | Stein | None:
        """How arms got more seeds; none where every arm was to have all of them."""
        return self.seeds if isinstance(self.seeds, Looks | Stein) else None


def declare(overrides: Sequence[str]) -> Declared:
    """Reads `key=value` as the command line has it, the value in YAML; raises SpecError."""
    document = Document("report --runs", "{}")
    for override in overrides:
        document.override(override)
    try:
        return Declared.model_validate(document.tree)
    except ValidationError as error:
        raise SpecError(first_complaint(error, document, Declared)) from None
