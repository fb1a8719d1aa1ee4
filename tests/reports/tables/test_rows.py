from reports.tables.frame import table_frame
from reports.tables.markdown import markdown
from reports.tables.rows import columns, rows
from reports.words.footnote import footnote


def test_baseline_on_top_and_sham_last(study):
    assert [row.arm for row in rows(study)] == ["baseline", "dropout", "weight_decay", "init zeros", "sham"]
    assert list(table_frame(study)["arm"]) == [row.arm for row in rows(study)]


def test_only_what_is_decided_counts_as_such(study):
    bold = {row.arm: row.decided for row in rows(study)}
    assert bold["dropout"]
    assert bold["init zeros"]
    assert not bold["sham"]


def test_the_footnote_says_what_everything_is(study):
    for word in ("95 %", "paired", "simultaneous over 3 comparisons", "label noise", "runs: 1 point.", "Bold"):
        assert word in footnote(study)


def test_parameters_and_macs_show_where_a_reader_sees_a_difference(studies):
    runs = studies.runs()
    runs.loc[runs["arm"] == "dropout", "parameters"] += 22
    assert "Parameters" not in [column.heading for column in columns(studies.study(runs))]
    runs.loc[runs["arm"] == "dropout", "parameters"] = 4_231_976
    assert [column.heading for column in columns(studies.study(runs))][-3:] == ["Parameters", "MACs", "Time"]
    assert "| 4.23 M | 417 k |" in markdown(studies.study(runs))
