from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from reports.figures import describe
from reports.figures.chosen import drawn_models
from reports.figures.curves import MOST_EPOCHS, MOST_PANELS, MOST_SEEDS, chosen_arms, curve_points, curve_rows, curves
from reports.study import CURVE_COLUMNS


def made(studies, lengths, checkpoint=None, value=float):
    """A study of one arm whose runs were trained for so many epochs."""
    rows = [
        ("lenet5", "baseline", seed, epoch, "val_accuracy", value(epoch))
        for seed, length in enumerate(lengths)
        for epoch in range(1, length + 1)
    ]
    runs = studies.runs({"baseline": (0, 0)}, seeds=len(lengths)).assign(checkpoint_epoch=checkpoint)
    return studies.study(runs, curves=pd.DataFrame(rows, columns=CURVE_COLUMNS), claims=())


@pytest.mark.parametrize(("checkpoint", "measured"), [(None, 500), (500, 500), (123, 123)])
def test_curves_are_thinned_but_keep_the_epoch_that_is_measured_and_the_last(studies, checkpoint, measured):
    study = made(studies, [500], checkpoint)
    points = curve_points(study)
    assert len(points) <= MOST_EPOCHS + 2
    assert points["epoch"].max() == 500
    single, _ = curve_rows(study)
    assert single["measured"] == measured
    assert measured in single["epoch"]


def test_the_mean_is_numpys_over_all_seeds_though_not_all_are_drawn(studies):
    random = np.random.default_rng(0)
    values = random.normal(50, 9, (30, 5))
    study = made(studies, [5] * 30, value=float)
    study.curves["value"] = values.ravel()
    *singles, mean = curve_rows(study)
    assert len(singles) == MOST_SEEDS
    assert mean["validation"] == pytest.approx(values.mean(axis=0))
    assert mean["train"] == [None] * 5


def test_the_mean_ends_where_less_than_half_of_the_seeds_were_still_trained(studies):
    *_, mean = curve_rows(made(studies, [6, 10, 10, 20]))
    assert max(mean["epoch"]) == 10


def test_every_arm_has_its_panel_where_there_is_room(study, rows):
    assert {row["panel"] for row in rows(curves(study))} == set(study.runs["arm"])


def test_of_hundreds_of_arms_the_baseline_both_ends_and_the_sham_have_a_panel(many):
    study = many()
    chosen = [arm for _, arm in chosen_arms(study)]
    assert len(chosen) == MOST_PANELS
    assert (chosen[0], chosen[1], chosen[-2], chosen[-1]) == ("baseline", "arm 198", "arm 199", "sham")
    subtitle = curves(study).to_dict()["title"]["subtitle"]
    assert subtitle[-1].startswith(f"drawn: {MOST_PANELS} of 202 arms")


def test_models_share_the_panels(many):
    study = many(30, models=("a", "b", "c"))
    chosen = chosen_arms(study)
    assert len(chosen) == MOST_PANELS
    assert {model for model, _ in chosen} == set(drawn_models(study))


def test_the_alternative_text_says_where_curves_end(study):
    assert "baseline: training 53.0 %, validation 53.0 %" in describe(study, "curves")


def test_what_curves_show_need_not_be_the_score(study):
    assert "training and validation accuracy by epoch" in describe(study, "curves")
    detector = replace(study, score="mAP at .5", curve="accuracy of the network")
    assert "training and validation accuracy of the network by epoch" in describe(detector, "curves")
    drawn = str(curves(detector).to_dict())
    assert "accuracy of the network, %" in drawn
    assert "mAP" not in drawn
