import csv
import io
import re

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from reports.inference.effects import effects
from reports.sources.bad_runs import UNFIT, BadRuns
from reports.sources.from_csv import read_runs
from reports.study import RUN_COLUMNS
from reports.tables.csv_text import csv_bytes, unguarded
from reports.write import write_report
from tests.reports.hostile import NAMES

HEADER = "arm,seed,test_accuracy\n"
FEW = "baseline,0,70\nbaseline,1,71\nmine,0,72\nmine,1,73\n"


def written(tmp_path, text):
    path = tmp_path / "runs.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows_of(arms, seeds=4):
    rows = [
        [arm, seed, 70 + index % 7 + seed * 0.25 * (index % 3)]
        for index, arm in enumerate(arms)
        for seed in range(seeds)
    ]
    text = io.StringIO()
    csv.writer(text).writerows([["arm", "seed", "test_accuracy"], *rows])
    return text.getvalue()


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


def test_what_a_report_writes_reads_back_to_the_same_effects(study, tmp_path):
    again = read_runs(written(tmp_path, csv_bytes(study.runs[RUN_COLUMNS])), "again")
    for one, other in zip(effects(study), effects(again), strict=True):
        assert (one.arm, one.verdict, one.gap_verdict) == (other.arm, other.verdict, other.gap_verdict)
        assert (one.accuracy.low, one.gap.high) == (other.accuracy.low, other.gap.high)


def test_hostile_names_read_back_as_they_are(tmp_path):
    study = read_runs(written(tmp_path, rows_of(["baseline", *NAMES])), "x")
    assert set(study.arm_names) == {"baseline", *map(unguarded, NAMES)}
    text = csv_bytes(study.runs[RUN_COLUMNS])
    assert csv_bytes(read_runs(written(tmp_path, text), "x").runs[RUN_COLUMNS]) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(max_size=12).map(str.strip).filter(lambda name: name and not UNFIT.search(name)),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
def test_runs_read_back_whatever_the_arms_are_called(tmp_path, names):
    try:
        study = read_runs(written(tmp_path, rows_of(dict.fromkeys(["baseline", "mine", *names]))), "x")
    except BadRuns as error:
        assert "stands already" in str(error)  # two names that differ in a guarding apostrophe
        return
    text = csv_bytes(study.runs[RUN_COLUMNS])
    assert csv_bytes(read_runs(written(tmp_path, text), "x").runs[RUN_COLUMNS]) == text


GOOD = {
    "as it is": HEADER + FEW,
    "a mark of UTF-8": "\ufeff" + HEADER + FEW,
    "lines of Windows": (HEADER + FEW).replace("\n", "\r\n"),
    "lines of an old Mac": (HEADER + FEW).replace("\n", "\r"),
    "capitals and blanks": "Arm, SEED ,Test accuracy\n" + FEW,
    "quotes": '"arm","seed","test_accuracy"\n' + FEW.replace("mine", '"mine"'),
    "blanks around names": HEADER + FEW.replace("mine", "  mine "),
    "comments above": "# made by hand\n#\n\n" + HEADER + FEW,
    "empty lines": HEADER + FEW.replace("\n", "\n\n,,\n"),
    "seeds with a point": HEADER + FEW.replace(",1,", ",1.0,"),
    "an index of pandas": ",arm,seed,test_accuracy\n" + "".join(f"7,{line}\n" for line in FEW.splitlines()),
    "percent signs": "arm,seed,test_accuracy\n" + FEW.replace("\n", " %\n"),
    "status in capitals": "arm,seed,test_accuracy,status\n" + FEW.replace("\n", ",FINISHED\n"),
    "no status said": "arm,seed,test_accuracy,status\n" + FEW.replace("\n", ",\n"),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_the_same_runs_are_read_from_every_way_of_writing_them(text, tmp_path):
    study, plain = read_runs(written(tmp_path, text), "x"), read_runs(written(tmp_path, HEADER + FEW), "x")
    assert study.runs.equals(plain.runs)


def more(column, *values):
    """A file with one column more."""
    return f"arm,seed,test_accuracy,{column}\n" + "".join(
        f"{line},{value}\n" for line, value in zip(FEW.splitlines(), values, strict=True)
    )


BAD = {
    "empty": ("", "the file is empty; it needs the columns arm, seed, test_accuracy"),
    "only comments": ("# nothing\n", "the file is empty"),
    "header only": (HEADER, "there are no runs in it"),
    "no accuracy": ("arm,seed\nbaseline,0\n", ":1: the column 'test_accuracy' is missing"),
    "no baseline": (HEADER + "mine,0,70\n", "no arm named 'baseline' to compare with; known: mine"),
    "another spelling": (HEADER + FEW.replace("baseline", "Baseline"), "did you mean Baseline?"),
    "no baseline of a model": (more("model", "a", "a", "a", "b"), "'b' has no arm named 'baseline'"),
    "nothing to compare": (HEADER + "baseline,0,70\n", "'baseline' is the only arm"),
    "twice": (HEADER + "baseline,0,70\nmine,0,71\nmine,0,72\n", ":4: seed: 'mine' on 'model' under seed 0 stands already in line 3"),
    "twice but for blanks": (HEADER + FEW + " mine ,1,70\n", ":6: seed: 'mine' on 'model' under seed 1 stands already"),
    "word": (HEADER + "baseline,0,70\nmine,0,good\n", ":3: test_accuracy: must be a number, such as 87.3, or an empty cell, not 'good'"),
    "percent sign elsewhere": (more("test_loss", "1%", 1, 1, 1), ":2: test_loss: must be a number, such as 87.3, or an empty cell, not '1%'"),
    "percent sign alone": (HEADER + "baseline,0,%\n", "must be a number, such as 87.3, or an empty cell, not '%'"),
    "a text for a seed": (HEADER + "baseline,one,70\n", ":2: seed: must be a whole number from 0 to 2**53, not 'one'"),
    "endless parameters": (more("parameters", 1, "1e300", 1, 1), ":3: parameters: must be a number of things, at most 2**53, not 1e+300"),
    "endless macs": (more("macs", 1, 1, 1e30, 1), ":4: macs: must be a number of things, at most 2**53, not 1e+30"),
    "decimal comma": (HEADER + 'baseline,0,"70,5"\n', "must be a number, such as 87.3, or an empty cell, not '70,5'"),
    "no number": (HEADER + "baseline,0,70\nmine,0,\n", ":3: test_accuracy: a finished run needs one"),
    "nan": (HEADER + "baseline,0,70\nmine,0,NaN\n", ":3: test_accuracy: a finished run needs one"),
    "infinite": (HEADER + "baseline,0,inf\n", ":2: test_accuracy: must be finite"),
    "infinite elsewhere": (more("test_loss", 1, 1, "-inf", 1), ":4: test_loss: must be finite"),
    "no seed": (HEADER + "baseline,,70\n", ":2: seed: must be a whole number"),
    "half a seed": (HEADER + "baseline,0.5,70\n", ":2: seed: must be a whole number from 0 to 2**53, not 0.5"),
    "negative seed": (HEADER + "baseline,-1,70\n", ":2: seed: must be a whole number from 0 to 2**53, not -1"),
    "huge seed": (HEADER + "baseline,99999999999999999999,70\n", ":2: seed: must be a whole number from 0 to 2**53"),
    "beyond percent": (HEADER + "baseline,0,700\n", ":2: test_accuracy: must be a percentage, 0 to 100, not 700"),
    "negative": (HEADER + "baseline,0,-1\n", ":2: test_accuracy: must be a percentage"),
    "fractions": (HEADER + FEW.replace(",7", ",0.7"), ":2: test_accuracy: no value is above 1: these are fractions"),
    "fractions of training": (more("train_accuracy", 0.9, 0.9, 1, 1), ":2: train_accuracy: no value is above 1"),
    "negative time": (more("seconds", 1, 1, -1, 1), ":4: seconds: must be at least 0, not -1"),
    "a gap beyond percent": (more("gap", 1, 1, 101, 1), ":4: gap: must be in points"),
    "status": (more("status", "done", "", "", ""), ":2: status: there is no status 'done'; known: diverged, failed, finished"),
    "status misspelt": (more("status", "", "finishd", "", ""), ":3: status: there is no status 'finishd'; did you mean finished?"),
    "semicolons": ((HEADER + FEW).replace(",", ";"), ":1: values are separated by semicolons"),
    "tabs": ((HEADER + FEW).replace(",", "\t"), ":1: values are separated by tabs"),
    "an open quote": ('arm,seed,test_accuracy\n"baseline,0\n', ":2: cannot be read as CSV"),
    "a comma too many": (HEADER + FEW + "a,b,0,70\n", ":6: 4 values under 3 names of columns"),
    "a value too few": (HEADER + "baseline,0\n", ":2: 2 values under 3 names of columns"),
    "a comment below": (HEADER + FEW + "# the end\n", ":6: a comment, a line that begins with #, may stand only above the names"),
    "a comment within": (HEADER + "baseline,0,70\n# and, mine\n" + FEW, ":3: a comment, a line that begins with #, may stand only above the names"),
    "a column twice": ("arm,seed,test_accuracy,Seed\nbaseline,0,70,1\n", ":1: the column 'seed' stands twice"),
    "no name": (HEADER + FEW + " ,1,70\n", ":6: arm: an arm needs a name"),
    "a name of two lines": (HEADER + FEW + '"a\nb",1,70\n', ":6: arm: a name is one line without control or invisible characters, not 'a\\nb'"),
    "a line after one of two": (more("run_id", '"a\nb"', "", "", "") + "mine,x,70,\n", ":7: seed: must be a whole number"),
    "an escape": (HEADER + FEW + "\x1b[31mred,1,70\n", ":6: arm: a name is one line without control or invisible characters, not '\\x1b[31mred'"),
    "a zero at the end": (HEADER + FEW + "baseline\0,2,70\n", ":6: arm: a name is one line without control or invisible characters, not 'baseline\\x00'"),
    "a zero after a status": (more("status", "finished", "", "finished\0", ""), ":4: status: there is no status 'finished\\x00'"),
    "a name with no width": (HEADER + FEW + "mine\u200b,2,70\n", ":6: arm: a name is one line without control or invisible characters, not 'mine\\u200b'"),
    "a name that joins nothing": (HEADER + FEW + "mine\u200d,2,70\n", ":6: arm: a name is one line without control or invisible"),
    "a mark within": (HEADER + FEW + "mi\ufeffne,2,70\n", ":6: arm: a name is one line without control or invisible"),
    "another spelling of the control": (HEADER + FEW + "Sham,1,70\n", "'model' has an arm named 'Sham'; the control is written 'sham'"),
    "text turned round": (HEADER + FEW + "\u202egnorts,1,70\n", ":6: arm: a name is one line without control or invisible characters, not '\\u202egnorts'"),
    "an endless name": (HEADER + FEW + "a" * 121 + ",1,70\n", ":6: arm: a name has at most 120 characters, not 'aaa"),
    "a name of a model": (more("model", "m", "m", "m", "m\x07"), ":5: model: a name is one line"),
    "another encoding": ("arm,seed,test_accuracy\né,0,70\n".encode("latin-1"), "is no text in UTF-8 (byte 24)"),
    "two bytes a letter": ((HEADER + FEW).encode("utf-16"), "is no text in UTF-8 (byte 1)"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00!\x00\xff", "is no text in UTF-8"),
    "zeros": (HEADER.encode() + b"base\x00line,0,70\n", ":2: "),
}  # fmt: skip


def test_accuracies_that_are_all_zero_are_no_fractions(tmp_path):
    text = HEADER + "baseline,0,0\nbaseline,1,0\nmine,0,0\nmine,1,0\n"
    assert read_runs(written(tmp_path, text), "x").runs["test_accuracy"].eq(0).all()


def test_percentages_below_one_are_read_where_they_say_so(tmp_path):
    text = HEADER + "baseline,0,0.1%\nbaseline,1,0.2%\nmine,0,0.5%\nmine,1,1%\n"
    assert read_runs(written(tmp_path, text), "x").runs["test_accuracy"].tolist() == [0.1, 0.2, 0.5, 1]
    with pytest.raises(BadRuns, match=r"if they are percentages, write them as 0\.5%"):
        read_runs(written(tmp_path, text.replace("%", "")), "x")


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_gets_one_line(text, message, tmp_path):
    with pytest.raises(BadRuns) as error:
        read_runs(written(tmp_path, text), "x")
    assert message in str(error.value)
    assert str(tmp_path / "runs.csv") in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path):
    for path, reason in [(tmp_path / "absent.csv", "No such file"), (tmp_path, "directory")]:
        with pytest.raises(BadRuns, match=f"{path}: cannot be read .*{reason}"):
            read_runs(path, "x")


def test_a_report_on_hostile_names_stays_in_its_folder_and_executes_nothing(tmp_path):
    study = read_runs(written(tmp_path, rows_of(["baseline", *NAMES])), "x")
    folder = tmp_path / "reports" / "x"
    page = write_report(study, folder)
    assert {path.name for path in tmp_path.iterdir()} - {"home"} == {"reports", "runs.csv"}
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["x"]
    text = page.read_text()
    assert "<script>alert" not in text
    assert len(re.findall("<script[ >]", text)) == text.count("</script>")
    for path in folder.glob("*.csv"):
        with path.open(newline="") as file:
            texts = [cell for row in csv.reader(file) for cell in row if not is_number(cell)]
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True
