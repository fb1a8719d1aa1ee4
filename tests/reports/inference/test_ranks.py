import itertools

import numpy as np
import pytest
from scipy import stats

from reports.inference.ranks import Rank, places, ranks


def by_hand(scores):
    """Ranks from scipy's paired t of every pair, at the level that all of them share."""
    arms, level = len(scores), 0.05 / (len(scores) * (len(scores) - 1) / 2)
    better, worse = [0] * arms, [0] * arms
    for one, other in itertools.permutations(range(arms), 2):
        test = stats.ttest_rel(scores[other], scores[one])
        if test.pvalue < level:
            (better if test.statistic > 0 else worse)[one] += 1
    return [Rank(1 + better[arm], arms - worse[arm]) for arm in range(arms)]


@pytest.mark.parametrize("seed", range(5))
def test_places_are_those_that_scipys_paired_t_cannot_rule_out(seed):
    random = np.random.default_rng(seed)
    scores = random.normal(0, 1, (1, 8)) + random.normal([[0], [0.5], [3], [3.2], [-4]], 1, (5, 8))
    assert places(scores) == by_hand(scores)


def test_arms_that_are_far_apart_have_one_place_each():
    scores = np.arange(5)[:, None] * 100.0 + np.random.default_rng(0).normal(size=(5, 6))
    assert places(scores) == [Rank(5 - i, 5 - i) for i in range(5)]


def test_without_three_seeds_any_place_is_possible():
    assert places(np.array([[1.0, 2.0], [5.0, 6.1]])) == [Rank(1, 2)] * 2


def test_seeds_that_a_pair_does_not_share_are_left_out():
    scores = np.random.default_rng(1).normal([[0], [9], [20]], 1, (3, 6))
    holes = scores.copy()
    holes[1, 0] = holes[2, 4] = np.nan
    assert places(holes) == by_hand(scores) == [Rank(3, 3), Rank(2, 2), Rank(1, 1)]


def test_the_true_ranks_are_all_covered_in_19_of_20_studies():
    random = np.random.default_rng(2)
    truth, studies = np.array([0.0, 0.0, 1.0, 1.5, 3.0]), 1000
    missed = 0
    for _ in range(studies):
        scores = truth[:, None] + random.normal(0, 2, (1, 5)) + random.normal(0, 1, (5, 5))
        found = places(scores)
        missed += any(
            found[arm].best > 1 + (truth > truth[arm]).sum() or found[arm].worst < 5 - (truth < truth[arm]).sum()
            for arm in range(5)
        )
    assert missed / studies < 0.06


def test_the_baseline_has_its_place_and_the_sham_has_none(study):
    found = ranks(study)
    assert {arm for _, arm in found} == {"baseline", "dropout", "weight_decay", "init zeros"}
    assert found["lenet5", "dropout"] == Rank(1, 1)
    assert found["lenet5", "init zeros"] == Rank(4, 4)
    assert found["lenet5", "baseline"] == Rank(2, 3)


def test_seeds_of_one_arm_alone_change_no_place_and_cost_nothing():
    scores = np.random.default_rng(0).normal([[0.0], [5.0], [9.0]], 1, (3, 12))
    apart = np.full((3, 36), np.nan)
    for arm in range(3):
        apart[arm, 12 * arm : 12 * (arm + 1)] = 50.0
    assert places(np.hstack([scores, apart])) == places(scores)
    assert places(apart) == [Rank(1, 3)] * 3
