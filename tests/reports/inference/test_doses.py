"""Dose curves: which levels make one, where the baseline stands on it, and whose intervals they are."""

import math

import pytest
from scipy import stats

from ablations.factors.augmentation import Augmentation
from ablations.factors.batchnorm import BatchNorm
from ablations.factors.dropout import Dropout
from ablations.factors.init import Init
from ablations.factors.optimizer import Optimizer
from ablations.factors.sham import Sham
from ablations.factors.weight_decay import WeightDecay
from reports.inference.doses import dose_curves, dose_means, dose_runs
from reports.study import ArmCard

DROPOUTS = [Dropout(p=p) for p in (0.5, 0.1, 0.8)]


@pytest.fixture
def dosed(studies):
    """A study of single levels by name, with the baseline's settings; test accuracy rises by 1 from arm to arm."""

    def of(levels, own=None, models=("m",), pairs=(), **changes):
        arms = {
            "baseline": (),
            **{f"level {i}": (level,) for i, level in enumerate(levels)},
            **dict(pairs),
            "sham": (Sham(),),
        }
        cards = tuple(
            ArmCard(name, "", "", model, switched=edits, own=own or {})
            for model in models
            for name, edits in arms.items()
        )
        runs = studies.runs({arm: (float(i), 0.0) for i, arm in enumerate(arms)}, models=models, seeds=5)
        return studies.study(runs, arms=cards, claims=(), **changes)

    return of


def test_levels_that_differ_in_one_number_make_a_curve(dosed):
    (curve,) = dose_curves(dosed(DROPOUTS, own={"p": 0.0}))["dropout"]
    assert (curve.factor, curve.setting, curve.baseline) == ("dropout", "p", 0.0)
    assert curve.placed == {"baseline": 0.0, "level 1": 0.1, "level 0": 0.5, "level 2": 0.8}
    assert not curve.logarithmic


@pytest.mark.parametrize(
    "levels",
    [
        DROPOUTS[:2],
        [Init(scheme="he_normal"), Init(scheme="zeros"), Init(scheme="orthogonal")],
        [Optimizer(name="sgd", lr=0.1), Optimizer(name="adam", lr=0.1), Optimizer(name="adam", lr=0.2)],
        [Augmentation(shift=s, rotate=r) for s, r in [(0.1, 5.0), (0.2, 10.0), (0.1, 10.0)]],
    ],
    ids=["two of them", "words", "a word and a number", "two numbers"],
)
def test_other_levels_make_none(levels, dosed):
    assert dose_curves(dosed(levels)) == {}


def test_arms_that_switch_more_are_on_no_curve(dosed):
    pair = {"heavy": (Dropout(p=0.9), WeightDecay())}
    (curve,) = dose_curves(dosed(DROPOUTS, pairs=pair))["dropout"]
    assert set(curve.doses) == {"level 0", "level 1", "level 2"}


def test_there_is_a_curve_per_factor_and_model(dosed):
    decays = [WeightDecay(strength=s) for s in (0.001, 0.002, 0.003)]
    curves = dose_curves(dosed([*DROPOUTS, *decays], models=("x", "y")))
    assert {factor: [curve.model for curve in found] for factor, found in curves.items()} == {
        "dropout": ["x", "y"], "weight_decay": ["x", "y"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("strengths", "logarithmic", "own", "placed"),
    [
        ((0.001, 0.01, 0.02), False, 0.0, True),
        ((0.001, 0.01, 0.021), True, 0.0, False),
        ((0.001, 0.01, 0.1), True, 0.003, True),
    ],
)
def test_the_axis_is_logarithmic_where_doses_span_a_factor_of_20(strengths, logarithmic, own, placed, dosed):
    levels = [WeightDecay(strength=s) for s in strengths]
    own = levels[0].settings() | {"strength": own}
    (curve,) = dose_curves(dosed(levels, own=own))["weight_decay"]
    assert curve.logarithmic == logarithmic
    assert ("baseline" in curve.placed) == placed


@pytest.mark.parametrize(
    ("levels", "own"),
    [
        (DROPOUTS, {}),
        ([Augmentation(shift=0.1, rotate=r) for r in (5.0, 10.0, 20.0)], Augmentation.null().settings()),
        ([BatchNorm(share=s, momentum=0.2) for s in (0.3, 0.6, 0.9)], BatchNorm.null().settings()),
    ],
    ids=["nothing is known of it", "it differs in the shift too", "it differs in the momentum too"],
)
def test_a_baseline_that_differs_in_more_has_no_place(levels, own, dosed):
    ((curve,),) = dose_curves(dosed(levels, own=own)).values()
    assert curve.baseline is None
    assert "baseline" not in curve.placed


def test_intervals_are_scipys_of_each_mean(dosed):
    study = dosed(DROPOUTS, own={"p": 0.0})
    ((curve,),) = dose_curves(study).values()
    means = dose_means(study, curve).set_index(["arm", "part"])
    for arm in curve.placed:
        accuracies = study.cell("m", arm)["test_accuracy"]
        wanted = stats.ttest_1samp(accuracies, 0).confidence_interval(0.95)
        found = means.loc[arm, "test"]
        assert (found["mean"], found["low"], found["high"]) == pytest.approx((accuracies.mean(), *wanted))
        assert math.isnan(means.loc[arm, "train"]["low"])  # 98 % under every seed: t would call that certain


def test_runs_are_those_of_the_study(dosed):
    study = dosed(DROPOUTS)
    ((curve,),) = dose_curves(study).values()
    runs = dose_runs(study, curve)
    assert len(runs) == 4 * 2 * 5
    assert runs[runs["arm"] == "baseline"]["dose"].isna().all()
    tested = runs[(runs["arm"] == "level 1") & (runs["part"] == "test")]
    assert list(tested["accuracy"]) == list(study.cell("m", "level 1")["test_accuracy"])
    assert set(tested["dose"]) == {0.1}


def test_without_numbers_or_edits_there_is_no_curve(dosed, study):
    assert dose_curves(study) == {}
    empty = dosed(DROPOUTS)
    empty.runs["test_accuracy"] = float("nan")
    assert dose_curves(empty) == {}
