"""What a claim's picture shows as too small to matter, and how long its axis is."""

import json
import math

import numpy as np
import pytest

from ablations.claims import Claim
from reports.figures.claims import claim_figure
from reports.inference.claims import judged_claims
from tests.reports.conftest import make_runs, make_study


def drawn(claim, runs=None, margin=1.0):
    """The band, from where to where, and the ends of the axis."""
    chart = claim_figure(judged_claims(make_study(runs, claims=(claim,))), margin)
    tree = json.loads(chart.to_json())
    (rect,) = [layer for layer in tree["layer"] if layer["mark"]["type"] == "rect"]
    band = rect["encoding"]["x"]["datum"], rect["encoding"]["x2"]["datum"]
    domains = [one["encoding"]["x"]["scale"]["domain"] for one in tree["layer"] if "scale" in one["encoding"]["x"]]
    return band, domains[0]


@pytest.mark.parametrize("direction", ["higher", "same"])
def test_the_margin_of_scores_is_their_band(direction):
    band, _ = drawn(Claim(arm="dropout", than="sham", direction=direction), margin=2.0)
    assert band == (-2, 2)


def test_what_is_declared_comes_before_the_margin():
    band, _ = drawn(Claim(arm="dropout", than="sham", direction="same", within=3.0))
    assert band == (-3, 3)


def losses():
    runs = make_runs()
    runs["test_loss"] = np.where(runs["arm"] == "dropout", 0.2, 0.2009) + np.resize([0.0, 1e-4], len(runs))
    return runs


def test_without_anything_declared_there_is_no_band_and_the_data_say_how_long_the_axis_is():
    band, (low, high) = drawn(Claim(arm="dropout", measure="test_loss", direction="lower"), losses())
    assert band == (0, 0)
    assert -0.0012 < low < -0.0009 < 0 < high < 0.0003


def test_of_ratios_the_band_is_that_of_the_verdict():
    runs = make_runs()
    runs["seconds"] = 2 + np.resize([0.0, 0.1, 0.3], len(runs))
    band, _ = drawn(Claim(arm="dropout", measure="seconds", direction="same", within=0.25), runs)
    assert band == pytest.approx((100 * (1 / 1.25 - 1), 25))


def test_where_all_is_0_the_axis_still_has_a_length():
    claim = Claim(arm="dropout", measure="epochs", than="sham", direction="higher")
    band, (low, high) = drawn(claim)
    assert band == (0, 0) and low < 0 < high and math.isfinite(high)
