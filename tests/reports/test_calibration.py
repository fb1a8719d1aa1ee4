"""The promises of a report, on studies whose truth is known; `make calibrate` has all of them, and more studies each."""

from functools import partial

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from ablations.seeds import Looks, Stein
from reports.inference.effects import effects
from tests.calibrate.experiment import Experiment, Goal, Rate
from tests.calibrate.fixed import SIZES, nothing_works, nulls, of_family, planted, power, something_works
from tests.calibrate.sections import NOTHING, SOMETHING, STAGED, sections
from tests.calibrate.staged import in_stages, peeking
from tests.calibrate.wider import order_of_arms, share_of_the_gap
from tests.calibrate.world import SD, World


def kept(once, goals, studies):
    """The rates, after a check that each meets its goal, but for the Monte-Carlo error."""
    experiment = Experiment("everyday", once, goals)
    rates = experiment.rates(studies)
    assert experiment.misses(rates) == 0, rates
    return rates


@pytest.mark.parametrize("kind", ["normal", "one arm noisier"])
@pytest.mark.parametrize("seeds", [3, *(pytest.param(seeds, marks=pytest.mark.slow) for seeds in (5, 10))])
def test_where_no_arm_does_anything_one_study_in_twenty_at_most_says_so_of_any(kind, seeds):
    rates = kept(partial(nothing_works, nulls(kind, seeds, 8)), NOTHING, 300)
    assert rates["accuracy wrong"].value <= 0.06


@pytest.mark.parametrize("seeds", [3, *(pytest.param(seeds, marks=pytest.mark.slow) for seeds in (5, 10))])
def test_planted_effects_are_not_called_idle_nor_by_the_wrong_sign(seeds):
    kept(partial(something_works, planted("normal", seeds, 8)), SOMETHING, 100)


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_guard_finds_more_than_plain_t_whose_power_is_that_of_statsmodels(seeds):
    rates = Experiment("everyday", partial(power, planted("normal", seeds, 8))).rates(300)
    for name in ("+1.5 SD", "+.5"):
        theirs = TTestPower().power(SIZES[name] / SD, seeds, 0.05 / 8)
        plain = rates[f"{name}, plain t"]
        assert abs(plain.value - theirs) < 4 * plain.error
        assert rates[name].value > 1.5 * theirs


@pytest.mark.parametrize(("arms", "seeds"), [(2, 3), (4, 5), (8, 10), (16, 12)])
def test_without_the_guard_the_arms_said_to_work_are_those_that_scipy_and_bonferroni_reject(arms, seeds):
    random = np.random.default_rng(arms)
    said, rejected = [], []
    for _ in range(60):
        study = planted("skewed", seeds, arms).study(random)
        base, *scores = study.grid("test_accuracy")[0][:-1]
        p_values = [stats.ttest_rel(score, base).pvalue for score in scores]
        rejected.append(set(np.flatnonzero(multipletests(p_values, 0.05, "bonferroni")[0])))
        said.append({study.row_of[e.arm] - 1 for e in of_family(study) if e.verdict in ("helps", "hurts")})
    assert said == rejected
    assert any(rejected)


def test_declared_looks_err_no_more_often_than_one_and_need_fewer_seeds():
    rates = kept(partial(in_stages, planted("normal", 20, 8), Looks(looks=(5, 10, 20))), STAGED, 60)
    assert rates["helpers found"].value > 0.95
    assert rates["seeds an arm"].value < 15


def test_looking_after_every_seed_errs_far_more_often():
    once_wrong = Experiment("everyday", partial(peeking, nulls("normal", 20, 1))).rates(80)["once wrong"]
    assert not once_wrong.meets(Goal(high=0.05))


def test_steins_intervals_hold_and_are_as_narrow_as_was_asked():
    kept(partial(in_stages, nulls("normal", 400, 8), Stein(stein=5, half_width=SD, most=400)), STAGED, 60)


def test_shares_of_the_gap_and_ranks_hold_all_together():
    kept(partial(share_of_the_gap, planted("normal", 5, 8)), {"closed covered": Goal(0.95)}, 200)
    kept(partial(order_of_arms, planted("normal", 5, 8)), {"ranks covered": Goal(0.95)}, 200)


def test_a_made_up_study_has_the_truths_that_it_is_said_to_have():
    for kind in ("normal", "skewed", "one arm noisier", "collapses", "one arm collapses"):
        world = World((0.0, 2.0), (0.0, -3.0), 10_000, kind)
        found = {effect.arm: effect for effect in effects(world.study(np.random.default_rng(2)))}
        for arm, (accuracy, gap) in world.truths().items():
            for interval, truth in ((found[arm].accuracy, accuracy), (found[arm].gap, gap)):
                assert abs(interval.mean - truth) < 4 * interval.sd / 100, (kind, arm)
        if kind in ("normal", "skewed"):
            assert found["arm 2"].accuracy.sd == pytest.approx(SD, rel=0.04)


def test_the_same_experiment_always_has_the_same_rates_and_a_missed_goal_is_counted():
    experiment = Experiment(
        "again", partial(power, planted("normal", 3, 8)), {"+1": Goal(high=0.1), "+.5": Goal(known=True)}
    )
    rates = experiment.rates(20)
    assert rates == experiment.rates(20)
    assert experiment.misses(rates) == 1
    assert not Rate(0.09, 0.01).meets(Goal(high=0.05)) and Rate(0.09, 0.02).meets(Goal(high=0.05))


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.title)
def test_every_goal_is_of_something_that_is_measured(section):
    experiments = section.experiments[-2:]
    measured = {name for experiment in experiments for name in experiment.rates(6)}
    assert {name for experiment in experiments for name in experiment.goals} <= measured
