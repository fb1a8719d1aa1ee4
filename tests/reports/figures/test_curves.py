import pandas as pd
import pytest

from reports.figures.curves import MOST_EPOCHS, curve_points, curves


@pytest.mark.parametrize(("checkpoint", "measured"), [(None, 500), (500, 500), (123, 123)])
def test_curves_are_thinned_but_keep_the_epoch_that_is_measured_and_the_last(studies, checkpoint, measured):
    rows = [("lenet5", "baseline", 0, epoch, "val_accuracy", float(epoch)) for epoch in range(1, 501)]
    runs = studies.runs(seeds=1).assign(checkpoint_epoch=checkpoint)
    frame = pd.DataFrame(rows, columns=["model", "arm", "seed", "epoch", "measure", "value"])
    points = curve_points(studies.study(runs, curves=frame))
    assert len(points) <= MOST_EPOCHS + 2
    assert list(points[points["measured"]]["epoch"]) == [measured]
    assert points["epoch"].max() == 500


def test_every_arm_has_its_panel(study, rows):
    assert {row["panel"] for row in rows(curves(study))} == set(study.runs["arm"])
