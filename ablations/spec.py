"""A spec: the question, the baseline, the factors, and how many seeds; checked into typed values."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ablations.arms import BASELINE, SHAM, Arm
from ablations.designs import DESIGNS
from ablations.edit import Edit
from ablations.factors import FACTORS
from ablations.factors.sham import Sham
from modules.catalog import MODELS
from modules.imports import is_foreign
from modules.names import unknown, unknown_name
from modules.recipe import Model, Recipe
from modules.values import Value


class Claim(Value):
    """What somebody says an arm does, to be judged by the same intervals as everything else."""

    arm: str
    measure: Literal["gap", "test_accuracy"] = "test_accuracy"
    direction: Literal["lower", "higher"]
    source: str = ""


def _seeds(seeds: Any) -> Any:
    if isinstance(seeds, bool) or not isinstance(seeds, int | list | tuple):
        raise ValueError("seeds are a count (10) or a list ([0, 1, 2])")
    if isinstance(seeds, int):
        if seeds < 1:
            raise ValueError("there must be at least 1 seed")
        return tuple(range(seeds))
    if len(set(seeds)) != len(seeds):
        raise ValueError("a seed is listed twice")
    return tuple(seeds)


def _edits(factors: Any) -> Any:
    """Every level as the edit it names: one level, or a list of them; nothing at all is the default level."""
    if not isinstance(factors, dict):
        return factors
    return {name: _levels(name, levels) for name, levels in factors.items()}


def _levels(name: Any, levels: Any) -> tuple[Edit, ...]:
    if name not in FACTORS:
        _refuse(("factors", name), unknown("factor", str(name), FACTORS))
    several = levels if isinstance(levels, list | tuple) else [{} if levels is None else levels]
    kind: Any = FACTORS[name]
    return TypeAdapter(dict[str, tuple[kind, ...]]).validate_python({name: tuple(several)})[name]


def _refuse(location: tuple[str | int, ...], message: str) -> NoReturn:
    """An error about a place other than that of the validator that found it."""
    raise PydanticCustomError("located", "{message}", {"message": message, "location": location})


Seed = Annotated[int, Field(ge=0, lt=2**32)]
Levels = Annotated[tuple[Edit, ...], Field(min_length=1)]


class Spec(BaseModel):
    """An ablation as it is written down. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    """Names the report's folder and the experiment: letters, digits, `-` and `_`."""
    question: str = ""
    """What the ablation is to answer."""
    baseline: Recipe = Recipe()
    """The recipe that every arm is compared with."""
    factors: Annotated[dict[str, Levels], BeforeValidator(_edits)] = Field(min_length=1)
    """Factor name -> one level or a list of levels."""
    models: tuple[str, ...] = Field((), strict=False)
    """Architectures to repeat everything on; the baseline's own where not given."""
    design: str = "one_at_a_time"
    """How arms are made from factors."""
    seeds: Annotated[tuple[Seed, ...], BeforeValidator(_seeds), Field(min_length=1)] = tuple(range(10))
    """A count, or a list of seeds. Every arm is trained under every seed."""
    margin: float = Field(1.0, gt=0, le=100, allow_inf_nan=False)
    """The smallest difference in test accuracy that matters, in points, declared before the runs."""
    claims: tuple[Claim, ...] = Field((), strict=False)
    """What others say, to be judged."""

    @field_validator("baseline")
    @classmethod
    def _no_sham(cls, baseline: Recipe) -> Recipe:
        return (
            baseline if not baseline.replicate else _refuse(("baseline", "replicate"), "belongs to the sham arm alone")
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
        _refuse_same_arms(self)
        _refuse_unknown_claims(self)
        return self

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The baseline first, then the design's arms, the sham last."""
        made = DESIGNS[self.design](self.factors)
        sham = [] if SHAM in self.factors else [Arm(SHAM, (Sham(),))]
        return (Arm(BASELINE), *made, *sham)

    @property
    def baselines(self) -> tuple[Recipe, ...]:
        """The baseline's recipe on every architecture."""
        own = self.baseline.model
        models = [own if name == own.name else Model(name=name) for name in self.models] or [own]
        return tuple(self.baseline.model_copy(update={"model": model}) for model in models)

    def resolved(self) -> dict[str, Any]:
        """The spec as JSON-able data, everything said; reads back as an equal spec."""
        tree = self.model_dump(mode="json", exclude={"factors": True, "baseline": {"replicate"}})
        levels = {name: [level.settings() for level in levels] for name, levels in self.factors.items()}
        return {**tree, "factors": levels}


def _refuse_same_arms(spec: Spec) -> None:
    seen: dict[Recipe, str] = {}
    for arm in spec.arms:
        recipe = arm.recipe(spec.baseline)
        if recipe in seen and arm.edits:
            message = f"arms {seen[recipe]!r} and {arm.name!r} are the same; leave one out"
            if seen[recipe] == BASELINE:
                message = (
                    f"arm {arm.name!r} equals the baseline ({arm.level or 'off'} is its setting already); "
                    "change the level or leave it out"
                )
            _refuse(_place(spec, arm), message)
        seen[recipe] = arm.name


def _place(spec: Spec, arm: Arm) -> tuple[str | int, ...]:
    edit = arm.edits[-1]
    return ("factors", edit.factor, spec.factors[edit.factor].index(edit))


def _refuse_unknown_claims(spec: Spec) -> None:
    names = [arm.name for arm in spec.arms if arm.edits]
    for index, claim in enumerate(spec.claims):
        if claim.arm not in names:
            _refuse(("claims", index, "arm"), unknown("arm", claim.arm, names))
