import numpy as np
import pytest

from ablations.seeds import Looks
from reports.figures import describe
from reports.figures.chosen import FEWEST_ARMS, MOST_ARMS, MOST_SEEDS, seed_differences
from reports.figures.forest import forest
from reports.figures.theme import SHAPES
from reports.inference.effects import effects


def test_the_forest_shows_the_very_intervals_of_the_table(study, rows):
    shown = {row["arm"]: row for row in rows(forest(study)) if "kind" in row}
    inside = [e for e in effects(study) if not shown[e.arm]["edge"]]
    assert len(inside) == 3
    for e in inside:
        assert (shown[e.arm]["low"], shown[e.arm]["high"]) == (e.accuracy.low, e.accuracy.high)
    assert shown["dropout"]["kind"] == "helps"


def test_an_arm_far_away_does_not_squash_the_others_but_is_named(study, rows):
    shown = {row["arm"]: row for row in rows(forest(study)) if "kind" in row}
    assert shown["init zeros"]["edge"] == "left"
    assert shown["init zeros"]["shape"] == "triangle-left"
    assert shown["init zeros"]["label"].startswith("−6")
    assert shown["init zeros"]["mean"] > -20
    assert shown["dropout"]["edge"] == ""


def test_the_dots_of_an_arm_have_its_effect_as_their_mean(study, rows):
    for row in rows(forest(study)):
        if "difference" in row and not row["edge"]:
            assert np.mean(row["difference"]) == pytest.approx(row["mean"])


def test_what_the_seed_did_not_change_is_drawn_without_an_interval(studies, rows):
    shown = {row["arm"]: row for row in rows(forest(studies.study(studies.runs(seeds=2)))) if "kind" in row}
    assert shown["dropout"]["low"] is None
    assert shown["dropout"]["kind"] == "open"


def test_of_hundreds_of_arms_the_decided_ones_and_the_sham_have_a_row(many, rows):
    chart = forest(many())
    shown = [row["arm"] for row in rows(chart) if "kind" in row]
    assert len(shown) == MOST_ARMS
    assert shown[0] == "arm 198"
    assert shown[-2:] == ["arm 199", "sham"]
    (panel,) = chart.to_dict()["vconcat"]
    assert panel["title"]["subtitle"][-1].startswith(f"drawn: {MOST_ARMS} of 201 arms")


def test_many_models_share_the_rows(many, rows):
    models = [f"m{at}" for at in range(15)]
    shown = [row["arm"] for row in rows(forest(many(20, models=models))) if "kind" in row]
    assert len(shown) == 12 * FEWEST_ARMS


def test_of_many_seeds_the_first_ones_are_dots_and_the_caption_says_so(studies, rows):
    study = studies.study(studies.runs({"baseline": (0, 0), "a": (3, 0), "sham": (0, 0)}, seeds=50), claims=())
    shown = {row["arm"]: row for row in rows(forest(study)) if "kind" in row}
    assert len(shown["a"]["difference"]) == MOST_SEEDS
    assert shown["a"]["seed"] == [seed for seed, _ in seed_differences(study, "lenet5")["a"]][:MOST_SEEDS]
    (panel,) = forest(study).to_dict()["vconcat"]
    assert f"50 seeds (small dots, the first {MOST_SEEDS})" in panel["title"]["subtitle"][0]


def test_the_alternative_text_states_the_finding(study):
    told = describe(study, "forest")
    assert "Of 3 arms, 1 helps: dropout +" in told
    assert "1 hurts: init zeros −6" in told
    assert "1 is not decided" in told


def test_more_models_than_panels_are_said(many):
    panels = forest(many(2, models=[f"m{at}" for at in range(15)])).to_dict()["vconcat"]
    assert len(panels) == 12
    assert all(
        panel["title"]["subtitle"][-1] == "drawn: the first 12 of 15 models; the table has all" for panel in panels
    )


def test_arms_with_fewer_seeds_are_said_in_the_caption(studies):
    runs = studies.runs(seeds=6)
    study = studies.study(runs[(runs["arm"] != "dropout") | (runs["seed"] < 4)])
    (panel,) = forest(study).to_dict()["vconcat"]
    assert "4 to 6 seeds" in panel["title"]["subtitle"][0]


def by_shape(chart, rows):
    return {row["arm"]: row["shape"] for row in rows(chart) if "kind" in row}


def test_no_effect_larger_than_the_margin_has_a_shape_of_its_own(studies, rows):
    arms = {"baseline": (0, 0), "good": (6, 0), "bad": (-6, 0), "nil": (0, 0), "sham": (0, 0)}
    calm = studies.study(studies.runs(arms, seeds=20, spread=0.2), claims=())
    wild = studies.study(studies.runs(arms, seeds=3, spread=1.0), claims=())
    assert by_shape(forest(calm), rows) == {
        "good": "circle", "bad": "square", "nil": SHAPES["within"], "sham": SHAPES["within"]
    }  # fmt: skip
    assert by_shape(forest(wild), rows)["nil"] == "diamond"


def test_models_are_drawn_on_one_axis(studies, rows):
    chart = forest(studies.study(studies.runs(models=("a", "b"), seeds=6)))
    domains = {str(row["domain"]) for row in scales(chart.to_dict())}
    assert len(domains) == 1


def scales(tree):
    """Of the x channels of a specification."""
    if isinstance(tree, dict):
        if "scale" in (x := tree.get("x", {})):
            yield x["scale"]
        for value in tree.values():
            yield from scales(value)
    if isinstance(tree, list):
        for value in tree:
            yield from scales(value)


def test_declared_looks_are_said(studies):
    runs = studies.runs(seeds=10)
    (panel,) = forest(studies.study(runs, sampling=Looks(looks=(5, 10)))).to_dict()["vconcat"]
    assert "each declared look has its share of the 5 %" in panel["title"]["subtitle"]
    (panel,) = forest(studies.study(runs)).to_dict()["vconcat"]
    assert not any("look" in line for line in panel["title"]["subtitle"])
