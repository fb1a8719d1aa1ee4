import math

import pandas as pd
import pytest

from reports.figures import describe, figures
from reports.figures.layers import COLOURS, layer_means, layers
from reports.study import PROBE_COLUMNS


def probed(studies, values, seeds=2):
    """A study whose arms have at every layer, seed by seed, these spreads of gradients before training."""
    rows = [
        ("lenet5", arm, seed, "start", number, f"layer {number}", "gradients", value)
        for arm, by_layer in values.items()
        for number, by_seed in enumerate(by_layer, start=1)
        for seed, value in enumerate(by_seed)
    ]
    runs = studies.runs(dict.fromkeys(values, (0, 0)), seeds=seeds)
    return studies.study(runs, probes=pd.DataFrame(rows, columns=PROBE_COLUMNS), claims=())


def test_there_is_none_without_probes(study):
    assert "layers" not in figures(study)


def test_lines_are_geometric_means_and_break_off_where_nothing_arrives(studies, rows):
    study = probed(studies, {"baseline": [(1e-2, 1e-4), (0.0, 0.0), (1.0, math.inf)]})
    assert layer_means(study)["value"].tolist()[::2] == pytest.approx([1e-3, 1.0])
    drawn = [row["value"] for row in rows(layers(study))]
    assert drawn == [pytest.approx(1e-3), None, pytest.approx(1.0)]
    assert {row["panel"] for row in rows(layers(study))} == {"gradients, before training"}


def test_the_sham_has_no_line_and_there_are_no_more_arms_than_colours(studies, rows):
    arms = {"baseline": [(1.0, 1.0)], **{f"arm {n}": [(1.0, 1.0)] for n in range(9)}, "sham": [(1.0, 1.0)]}
    study = probed(studies, arms)
    drawn = {row["arm"] for row in rows(layers(study))}
    assert len(drawn) == len(COLOURS) and "sham" not in drawn
    assert layers(study).to_dict()["title"]["subtitle"][-1] == "drawn: the first 8 of 10 arms"


def test_the_alternative_text_says_what_the_first_layer_hears(studies):
    said = describe(probed(studies, {"baseline": [(1e-2, 1e-2)], "init zeros": [(0.0, 0.0)]}), "layers")
    assert "baseline 1.0e-02; too small or too large to draw: init zeros." in said
