import re

import vl_convert

from reports.figures import describe, figures
from reports.figures.chosen import MOST_ARMS
from reports.figures.heatmap import hatching, heatmap
from reports.inference.effects import effects
from reports.numbers import signed

ARMS = {"baseline": (0, 0), "good": (8, 0), "bad": (-5, 0), "mixed": (6, 0), "nothing": (0, 0), "sham": (0, 0)}


def three(studies):
    runs = studies.runs(ARMS, models=("a", "b", "c"), spread=0.4)
    runs.loc[(runs["arm"] == "mixed") & (runs["model"] == "b"), "test_accuracy"] -= 12
    return studies.study(runs, claims=())


def test_every_cell_has_its_number_and_only_decided_ones_are_coloured(studies, rows):
    study = three(studies)
    shown = {(row["model"], row["arm"]): row for row in rows(heatmap(study)) if "mark" in row}
    assert len(shown) == 15
    for e in effects(study):
        row = shown[e.model, e.arm]
        assert row["label"] == signed(e.accuracy.mean)
        assert (row["mark"] == "decided") == (e.verdict in ("helps", "hurts") and e.arm != "sham")
        assert (row["mark"] == "open") == (e.verdict in ("undecided", "not tested"))


def test_it_is_there_for_several_models_only(study, studies):
    assert "heatmap" not in figures(study)
    assert "heatmap" in figures(three(studies))


def test_the_alternative_text_tells_the_same_everywhere_from_the_mixed(studies):
    assert describe(three(studies), "heatmap") == (
        "Heat map of effects by architecture. Of 4 arms on 3 models, 1 helps on all: good; 1 hurts on all: bad; "
        "1 helps on one and hurts on another: mixed; of 1 not every cell is decided alike."
    )


def test_hatching_stays_within_its_cell():
    ends = re.findall(r"(-?[\d.]+),(-?[\d.]+)", hatching(78, 26))
    assert len(ends) > 10
    assert all(abs(float(x)) <= 39 and abs(float(y)) <= 13 for x, y in ends)


def test_undecided_cells_are_hatched_in_the_drawing(studies):
    study = three(studies)
    svg = vl_convert.vegalite_to_svg(heatmap(study).to_dict())
    hatched = [path for path in re.findall(r' d="([^"]+)"', svg) if path.count("M") > 5]
    assert len(hatched) == sum(e.verdict in ("undecided", "not tested") for e in effects(study))


def test_of_hundreds_of_arms_there_are_as_many_rows_as_have_room(many, rows):
    chart = heatmap(many(60, models=("a", "b")))
    assert len({row["arm"] for row in rows(chart) if "mark" in row}) == MOST_ARMS
    assert f"drawn: {MOST_ARMS} of 61 arms" in " ".join(chart.to_dict()["title"]["subtitle"])
