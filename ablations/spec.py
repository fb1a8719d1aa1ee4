"""A spec: the question, the baseline, the factors, and how many seeds; checked into typed values."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ablations.arms import BASELINE, SHAM, Arm, level_names
from ablations.claims import Claim as Claim
from ablations.claims import refuse_unknown
from ablations.designs import DESIGNS
from ablations.factors.sham import Sham
from ablations.levels import Arms, Factors, refuse
from ablations.seeds import Looks, Sampling, Stein
from ablations.space import Unsearchable, refuse_unsearchable
from ablations.tune import Tune
from ablations.views import View, Viewed
from modules.catalog import MODELS
from modules.imports import is_foreign
from modules.names import unknown_name
from modules.recipe import Model, Recipe

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
"""What names a folder and an experiment."""


class Spec(Viewed, BaseModel):
    """An ablation as it is written down. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    name: str = Field(pattern=NAME)
    """Names the report's folder and the experiment: letters, digits, `-` and `_`."""
    question: str = ""
    """What the ablation is to answer."""
    baseline: Recipe = Recipe()
    """The plain recipe, on which factors are switched."""
    factors: Factors = {}
    """Factor name -> one level or a list of levels."""
    # Not called `arms` here, where those of the design are arms too.
    named: Arms = Field({}, alias="arms")
    """Arms beside the design's, by name: factor name -> its level in that arm."""
    models: tuple[str, ...] = Field((), strict=False)
    """Architectures to repeat everything on; the baseline's own where not given."""
    design: str = Field("one_at_a_time", json_schema_extra={"enum": [*DESIGNS]})
    """How arms are made from factors."""
    # Not called `seeds` here, which are those that an arm may come to have, whatever the rule.
    sampling: Sampling = Field(tuple(range(10)), alias="seeds")
    """A count, or a list of seeds, under each of which every arm is trained; or a rule: `{looks: [5, 10, 20]}`,
    `{stein: 5, half_width: 1.0, most: 50}`."""
    margin: float = Field(1.0, gt=0, le=100, allow_inf_nan=False)
    """The smallest difference in test accuracy that matters, in points, declared before the runs."""
    claims: tuple[Claim, ...] = Field((), strict=False)
    """What others say, to be judged."""
    tune: Tune | None = None
    """Settings to search for every arm before it is compared; nothing is tuned where not given."""

    @field_validator("baseline")
    @classmethod
    def _no_sham(cls, baseline: Recipe) -> Recipe:
        return (
            baseline if not baseline.replicate else refuse(("baseline", "replicate"), "belongs to the sham arm alone")
        )

    @field_validator("design")
    @classmethod
    def _known_design(cls, design: str) -> str:
        return design if design in DESIGNS else unknown_name("design", design, DESIGNS)

    @field_validator("models")
    @classmethod
    def _known_models(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        for name in models:
            if name not in MODELS and not is_foreign(name):
                unknown_name("model", name, MODELS)
        labels = [Model(name=name).label for name in models]
        if twice := [label for label in labels if labels.count(label) > 1]:
            raise ValueError(f"two models are called {twice[0]!r}; leave one out, or rename its file")
        return models

    @model_validator(mode="after")
    def _arms_differ(self) -> Spec:
        if not self.factors and not self.named:
            refuse(("factors",), "there is nothing to switch; name factors here, or whole arms under `arms`")
        _refuse_unfit_design(self)
        _refuse_same_arms(self)
        _refuse_same_names(self)
        refuse_unknown(self.claims, [arm.name for arm in self.arms], [one.model.label for one in self.baselines])
        _refuse_unfit_search(self)
        return self

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The baseline first, then the design's arms, those with names of their own, the sham last."""
        factors = {name: levels for name, levels in self.factors.items() if name != SHAM}
        base, *made = DESIGNS[self.design](factors, self.tune.search if self.tune else ())
        named = [Arm(name, edits) for name, edits in self.named.items()]
        levels = self.factors.get(SHAM, (Sham(),))
        shams = [Arm(n, (*base.edits, level)) for n, level in zip(level_names(SHAM, levels), levels, strict=True)]
        return tuple(arm._replace(reference=base.edits) for arm in (base, *made, *named, *shams))

    @property
    def rule(self) -> Looks | Stein | None:
        """How arms get more seeds; none where every arm has all of them."""
        return self.sampling if isinstance(self.sampling, Looks | Stein) else None

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds that an arm may come to have, in the order in which it gets them."""
        return self.sampling if isinstance(self.sampling, tuple) else tuple(range(self.sampling.steps[-1]))

    @property
    def baselines(self) -> tuple[Recipe, ...]:
        """The plain recipe on every architecture."""
        own = self.baseline.model
        models = [own if name == own.name else Model(name=name) for name in self.models] or [own]
        return tuple(self.baseline.model_copy(update={"model": model}) for model in models)

    @property
    def view(self) -> View:
        from ablations.spec_view import spec_view

        return spec_view(self)

    def resolved(self) -> dict[str, Any]:
        """The spec as JSON-able data, everything said; reads back as an equal spec."""
        left_out: Any = {"factors": True, "named": True, "baseline": {"replicate"}}
        tree = self.model_dump(mode="json", by_alias=True, exclude=left_out)
        factors = {name: [level.settings() for level in levels] for name, levels in self.factors.items()}
        arms = {name: {edit.factor: edit.settings() for edit in edits} for name, edits in self.named.items()}
        return {**tree, **({"factors": factors} if factors else {}), **({"arms": arms} if arms else {})}


def _refuse_unfit_design(spec: Spec) -> None:
    try:
        _ = spec.arms
    except ValueError as error:
        refuse(("design",), str(error))


def _refuse_same_names(spec: Spec) -> None:
    seen: set[str] = set()
    for arm in spec.arms:
        if arm.name in seen:
            refuse(_place(spec, arm), f"two arms are called {arm.name!r}; change or rename this one")
        seen.add(arm.name)


def _refuse_same_arms(spec: Spec) -> None:
    seen: dict[Recipe, str] = {}
    for arm in spec.arms:
        recipe = _recipe(spec, arm)
        if recipe in seen:
            message = f"arms {seen[recipe]!r} and {arm.name!r} are the same; leave one out"
            if seen[recipe] == BASELINE:
                message = f"arm {arm.name!r} equals the baseline ({_why_equal(arm)}); change the level or leave it out"
            refuse(_place(spec, arm), message)
        seen[recipe] = arm.name


def _why_equal(arm: Arm) -> str:
    if all(edit.off for edit in arm.switched):
        return "a level that is off leaves everything as it is"
    return f"{arm.level or 'off'} is its setting already"


def _recipe(spec: Spec, arm: Arm) -> Recipe:
    try:
        return arm.recipe(spec.baseline)
    except ValueError as error:
        refuse(_place(spec, arm), f"arm {arm.name!r}: {error}")


def _place(spec: Spec, arm: Arm) -> tuple[str | int, ...]:
    """Where a spec says what is the last edit of an arm."""
    edit = (arm.switched or arm.edits)[-1]
    if arm.name in spec.named or edit.factor not in spec.factors:
        return ("arms", arm.name)
    return ("factors", edit.factor, spec.factors[edit.factor].index(edit))


def _refuse_unfit_search(spec: Spec) -> None:
    if spec.tune is None:
        return
    if shared := sorted(set(spec.seeds) & set(spec.tune.seeds)):
        message = f"{shared[0]} is among the seeds that are reported, on which nothing may be chosen; take others"
        refuse(("tune", "seeds"), message)
    try:
        refuse_unsearchable(spec.tune, spec.arms, spec.baseline)
    except Unsearchable as error:
        refuse(("tune", "search", error.key), str(error))
