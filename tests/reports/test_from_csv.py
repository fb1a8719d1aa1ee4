import pytest

from reports.effects import effects
from reports.from_csv import BadRuns, read_runs
from reports.write import write_report

HEADER = "arm,seed,test_accuracy\n"


def written(tmp_path, text):
    path = tmp_path / "runs.csv"
    path.write_text(text)
    return path


def test_three_columns_are_enough(tmp_path):
    rows = [
        f"{arm},{seed},{value + seed * 0.5 * (arm == 'mine')}"
        for arm, value in [("baseline", 70), ("mine", 74)]
        for seed in range(4)
    ]
    study = read_runs(written(tmp_path, HEADER + "\n".join(rows)), "mine")
    (found,) = effects(study)
    assert found.accuracy.mean == pytest.approx(4.75)
    assert found.gap_verdict == "not tested"


def test_what_a_report_wrote_reads_back_to_the_same_effects(study, tmp_path):
    write_report(study, tmp_path)
    again = read_runs(tmp_path / "runs.csv", "again")
    for one, other in zip(effects(study), effects(again), strict=True):
        assert (one.arm, one.verdict, one.gap_verdict) == (other.arm, other.verdict, other.gap_verdict)
        assert (one.accuracy.low, one.gap.high) == pytest.approx((other.accuracy.low, other.gap.high))


BAD = {
    "empty": ("", "the file is empty"),
    "header only": (HEADER, "there are no runs in it"),
    "no accuracy": ("arm,seed\nbaseline,0\n", ":1: the column 'test_accuracy' is missing"),
    "no baseline": (HEADER + "mine,0,70\n", "no arm named 'baseline' to compare with; there are mine"),
    "twice": (HEADER + "baseline,0,70\nmine,0,71\nmine,0,72\n", ":4: this arm and seed stand twice"),
    "word": (HEADER + "baseline,0,70\nmine,0,good\n", ":3: test_accuracy: must be a number, not 'good'"),
    "no number": (HEADER + "baseline,0,70\nmine,0,\n", ":3: a finished run needs a test_accuracy"),
    "no seed": (HEADER + "baseline,,70\n", ":2: seed must be a whole number"),
    "beyond percent": (HEADER + "baseline,0,700\n", ":2: test_accuracy is in percent"),
    "status": ("arm,seed,test_accuracy,status\nbaseline,0,70,done\n", ":2: status must be one of finished"),
    "not csv": ('arm,seed,test_accuracy\n"baseline,0\n', "cannot be read as CSV"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_gets_one_line(text, message, tmp_path):
    with pytest.raises(BadRuns) as error:
        read_runs(written(tmp_path, text), "x")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
