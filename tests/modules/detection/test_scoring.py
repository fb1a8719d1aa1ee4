import numpy as np
import pytest
from sklearn.svm import LinearSVC

from modules.detection import scoring
from modules.detection.regions import Regions
from modules.detection.scoring import fit_scorer


def planted(things=20, others=3000, classes=2):
    """Two features, each of which is high where a thing of that class is."""
    rng = np.random.default_rng(0)
    thing = np.concatenate([np.repeat(np.arange(classes), things), np.full(others, -1)])
    overlap = np.zeros((len(thing), classes))
    overlap[np.arange(classes * things), thing[: classes * things]] = 1
    features = rng.normal(size=(len(thing), classes)) * 0.3 + 3 * overlap
    zeros = np.zeros((len(thing), 4))
    return features, Regions(np.zeros(len(thing), dtype=int), zeros, thing, overlap, np.zeros((len(thing), classes, 4)))


def test_things_of_a_class_score_higher_than_all_else():
    features, regions = planted()
    scores = fit_scorer(features, regions, 0).score(features)
    for label in range(2):
        own = regions.thing == label
        assert scores[own, label].min() > scores[~own, label].max()


def test_mining_comes_close_to_a_fit_on_all_negatives(monkeypatch):
    features, regions = planted()
    mined = fit_scorer(features, regions, 0)
    monkeypatch.setattr(scoring, "EASY", 10**6)
    np.testing.assert_allclose(mined.weights, fit_scorer(features, regions, 0).weights, rtol=0.05)


def test_regions_that_overlap_a_thing_in_part_are_left_out(monkeypatch):
    features, regions = planted()
    between = np.flatnonzero(regions.thing < 0)[:500]
    unlike = features.copy()
    unlike[between] = 50.0
    regions.overlap[between] = 0.4
    monkeypatch.setattr(scoring, "scale_of", lambda features: 1.0)  # which alone knows of all regions
    one, other = fit_scorer(unlike, regions, 0), fit_scorer(features, regions, 0)
    assert np.array_equal(one.weights, other.weights)
    assert np.array_equal(one.bias, other.bias)


def test_weights_are_those_of_scikit_learn_on_scaled_features():
    features, regions = planted(others=200)
    scorer, scale = fit_scorer(features, regions, 0), 20 / np.linalg.norm(features, axis=1).mean()
    rows = (regions.thing == 1) | (regions.overlap[:, 1] < 0.3)
    theirs = LinearSVC(
        C=0.01, loss="hinge", class_weight={1: 2, 0: 1}, intercept_scaling=10, random_state=0, max_iter=10**5
    )
    theirs.fit(scale * features[rows], regions.thing[rows] == 1)
    assert scorer.score(features)[:, 1] == pytest.approx(theirs.decision_function(scale * features), abs=1e-3)
