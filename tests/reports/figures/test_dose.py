import re

import pytest

from ablations.factors.dropout import Dropout
from ablations.factors.weight_decay import WeightDecay
from reports.figures import describe, figures
from reports.figures.dose import dose
from reports.inference.doses import dose_curves, dose_means
from reports.study import ArmCard
from reports.write import write_report

DROPOUTS = tuple(Dropout(p=p) for p in (0.1, 0.4, 0.8))
DECAYS = tuple(WeightDecay(strength=s) for s in (0.0001, 0.01, 0.1))
ACCURACY = {"baseline": (0, 0), "low": (4, 0), "middle": (9, 0), "high": (-20, 0), "sham": (0, 0)}


@pytest.fixture
def dosed(studies):
    """Three doses of dropout on two models, or of weight decay where the baseline has no place."""

    def of(edits=DROPOUTS, own=(("p", 0.0),), models=("m",)):
        switched = dict(zip(("low", "middle", "high"), ((edit,) for edit in edits), strict=True))
        cards = [ArmCard(arm, "", "", m, (), switched.get(arm, ()), dict(own)) for m in models for arm in ACCURACY]
        runs = studies.runs(ACCURACY, models=models)
        runs.loc[runs["arm"] == "high", "train_accuracy"] = 60.0
        return studies.study(runs, arms=tuple(cards), claims=())

    return of


def test_the_figure_shows_the_very_means_and_intervals(dosed, rows):
    study = dosed()
    ((curve,),) = dose_curves(study).values()
    shown = {(row["arm"], row["part"]): row for row in rows(dose(study, [curve])) if "low" in row}
    for row in dose_means(study, curve).itertuples():
        found = shown[row.arm, row.part]
        assert (found["dose"], found["mean"]) == (row.dose, row.mean)
        assert (found["low"], found["high"]) == ((row.low, row.high) if row.low == row.low else (None, None))


def test_every_seed_is_a_dot_and_every_model_a_panel(dosed, rows):
    study = dosed(models=("x", "y"))
    chart = figures(study)["dose-dropout"]
    assert len(chart.to_dict()["vconcat"]) == 2
    assert (
        len(
            {
                (row["arm"], row["part"], row["accuracy"])
                for row in rows(chart)
                if row.get("part") == "test" and "accuracy" in row
            }
        )
        == 2 * 4 * 10
    )


@pytest.mark.parametrize(
    ("edits", "own", "kind", "said"),
    [
        (DECAYS, {}, "log", "which has no place on this axis"),
        (DECAYS, DECAYS[0].settings() | {"strength": 0.003}, "log", "ringed at 0.003"),
        (DROPOUTS, {"p": 0.0}, "linear", "ringed at 0;"),
    ],
)
def test_the_subtitle_says_where_the_baseline_stands(edits, own, kind, said, dosed):
    study = dosed(edits, tuple(dict(own).items()))
    (name,) = [name for name in figures(study) if name.startswith("dose-")]
    (panel,) = figures(study)[name].to_dict()["vconcat"]
    assert said in panel["title"]["subtitle"][1]
    scales = [layer["encoding"]["x"]["scale"] for layer in panel["layer"] if "x" in layer["encoding"]]
    assert {scale.get("type", "linear") for scale in scales} == {kind}


def test_the_alternative_text_states_the_finding(dosed):
    told = describe(dosed(), "dose-dropout")
    assert re.fullmatch(
        r"Test accuracy on m by dropout p: 0 \(the baseline\) 7\d\.\d %, 0\.1 [78]\d\.\d %, 0\.4 8\d\.\d %, 0\.8 5\d\.\d %; "
        r"highest at 0\.4\. Training accuracy goes from 98\.0 to 60\.0 %\.",
        told,
    )


def test_the_picture_is_on_the_page_and_among_the_files(dosed, tmp_path):
    page = write_report(dosed(), tmp_path).read_text()
    assert '<figure id="figure-dose-dropout">' in page
    assert "highest at 0.4." in page
    assert {"dose-dropout.svg", "dose-dropout.png"} <= {path.name for path in (tmp_path / "figures").iterdir()}
