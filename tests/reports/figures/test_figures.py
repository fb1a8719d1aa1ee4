import pandas as pd

from reports.figures import figures


def test_there_is_no_figure_without_data(studies):
    runs = studies.runs(seeds=2)
    runs["test_accuracy"] = float("nan")
    assert (
        figures(studies.study(runs, curves=pd.DataFrame(columns=["model", "arm", "seed", "epoch", "measure", "value"])))
        == {}
    )
