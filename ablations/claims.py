"""What somebody says, to be judged: of an arm by what was measured, or an exact fact by carrying it out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ablations.arms import BASELINE
from ablations.levels import refuse
from ablations.measures import MEASURES, POINTS, Measure, find_measure
from modules.checks import CHECKS
from modules.names import unknown, unknown_name
from modules.values import Value

OWN_INTERVALS = ("test_accuracy", "gap")
"""The measures whose effect against the baseline the report has intervals of anyhow."""


def _arm_or_level(given: Any) -> Any:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError(f"must be the name of an arm, or a number to compare with, not {given!r}")
    return given


class Claim(Value):
    """What somebody says an arm does, or an exact fact; to be judged by what was measured."""

    says: str = ""
    """The claim in the words of whoever makes it."""
    korean: str = ""
    """Its term in Korean, which stands beside it."""
    source: str = ""
    """Who says so."""
    more: str = ""
    """Where to read more: a path, or the key of a reference."""
    arm: str = ""
    """The arm that it is about."""
    than: Annotated[str | float, BeforeValidator(_arm_or_level)] = BASELINE
    """What the arm is compared with: another arm, or a number in the measure's unit."""
    measure: str = Field("test_accuracy", json_schema_extra={"enum": [*MEASURES]})
    """What is compared, by its name in the records."""
    direction: Literal["lower", "higher", "same"] | None = None
    """What the arm's measure is said to be; `same` is within the margin."""
    within: float | None = Field(None, gt=0)
    """The largest difference that is still the same, in the measure's unit, of ratios as a share; the margin of the
    ablation where not given."""
    model: str = ""
    """The architecture that it is about; all of them where not given."""
    check: str = Field("", json_schema_extra={"enum": ["", *CHECKS]})
    """An exact fact that is carried out, in place of an arm."""

    @field_validator("measure")
    @classmethod
    def _known_measure(cls, name: str) -> str:
        return name if find_measure(name) else unknown_name("measure", name, MEASURES)

    @field_validator("check")
    @classmethod
    def _known_check(cls, name: str) -> str:
        return name if not name or name in CHECKS else unknown_name("check", name, CHECKS)

    @model_validator(mode="after")
    def _about_one_thing(self) -> Claim:
        if self.check:
            _refuse_beside_check(self)
        elif not self.arm or self.direction is None:
            lacking = "direction" if self.arm else "arm"
            raise ValueError(f"a claim needs `arm` and `direction`, or else `check`; add `{lacking}`")
        elif self.within and self.direction != "same":
            raise ValueError(f"`within` says how much is the same, and judges no `{self.direction}`; leave it out")
        elif self.direction == "same" and not self.within and not self.compared.exact and not self.in_points:
            unit = "as a share" if self.compared.ratio else f"in {self.compared.unit or 'its unit'}"
            raise ValueError(f"`same` needs the largest difference that is the same, {unit}; add `within: 0.1`")
        elif self.compared.ratio and not isinstance(self.than, str) and self.than <= 0:
            raise ValueError(f"{self.measure} are compared as ratios, so `than` must be above 0, not {self.than:g}")
        return self

    @property
    def compared(self) -> Measure:
        """What is known of its measure."""
        found = find_measure(self.measure)
        assert found is not None, self.measure
        return found

    @property
    def in_points(self) -> bool:
        return self.compared.unit == POINTS and not self.compared.ratio

    @property
    def by_the_table(self) -> bool:
        """Whether the report has the interval that it is judged by in its main table."""
        return not self.check and self.than == BASELINE and self.measure in OWN_INTERVALS


def _refuse_beside_check(claim: Claim) -> None:
    beside = {"arm", "than", "measure", "direction", "within", "model"} & claim.model_fields_set
    if unfit := sorted(name for name in beside if getattr(claim, name) != Claim.model_fields[name].default):
        raise ValueError(f"a check is carried out and not compared; leave out `{unfit[0]}`, or `check`")


def refuse_unknown(claims: tuple[Claim, ...], arms: Collection[str], models: Collection[str]) -> None:
    """Refuses claims about arms or architectures that are not there, saying where in a spec that is."""
    for index, claim in enumerate(claims):
        if wrong := unknown_part(claim, arms, models):
            key, message = wrong
            refuse(("claims", index, key), message)


def unknown_part(claim: Claim, arms: Collection[str], models: Collection[str]) -> tuple[str, str] | None:
    """The key of a claim that names what is not there, or compares a thing with itself, and what to say of it."""
    if claim.check:
        return None
    levels = isinstance(claim.than, float | int) or claim.than != BASELINE
    subjects = arms if levels else [arm for arm in arms if arm != BASELINE]
    if claim.arm not in subjects:
        return "arm", unknown("arm", claim.arm, subjects)
    if isinstance(claim.than, str) and claim.than not in arms:
        return "than", unknown("arm", claim.than, arms)
    if claim.than == claim.arm:
        return "than", f"{claim.arm!r} would be compared with itself; name another arm, or a number"
    if claim.model and claim.model not in models:
        return "model", unknown("model", claim.model, models)
    return None
