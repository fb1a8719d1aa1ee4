import numpy as np
import pytest
from scipy import stats

from reports.inference.pairing import pairing_in_words, seed_correlation
from reports.words.footnote import footnote


def test_it_is_the_median_over_arms_of_scipys_correlation(study):
    wide = study.runs.pivot(index="seed", columns="arm", values="test_accuracy")
    arms = [arm for arm in wide if arm != "baseline"]
    theirs = np.median([stats.pearsonr(wide[arm], wide["baseline"]).statistic for arm in arms])
    assert seed_correlation(study) == pytest.approx(theirs)
    assert pairing_in_words(study) in footnote(study)


def test_what_pairing_is_worth_is_said(studies):
    strong = studies.study(studies.runs(spread=0.3, seeds=40))
    assert pairing_in_words(strong).startswith("Seed correlation 0.9")
    assert "times the seeds" in pairing_in_words(strong)


def test_where_the_seed_moves_arms_apart_pairing_gains_nothing(studies):
    runs = studies.runs(seeds=8)
    runs["test_accuracy"] = np.where(runs["arm"] == "baseline", runs["seed"], -runs["seed"] + 50.0)
    assert pairing_in_words(studies.study(runs)).endswith("pairing gains nothing here.")


def test_without_seeds_nothing_is_known(studies):
    assert seed_correlation(studies.study(studies.runs(seeds=2))) is None
    assert pairing_in_words(studies.study(studies.runs(seeds=2))) == ""
