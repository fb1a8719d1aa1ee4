import pytest

from reports.tables import columns, footnote, latex, markdown, rows, signed, table_frame


def test_baseline_on_top_and_sham_last(study):
    assert [row.arm for row in rows(study)] == ["baseline", "dropout", "weight_decay", "init zeros", "sham"]
    assert list(table_frame(study)["arm"]) == [row.arm for row in rows(study)]


def test_bold_is_only_what_is_decided(study):
    bold = {row.arm: row.decided for row in rows(study)}
    assert bold["dropout"]
    assert bold["init zeros"]
    assert not bold["sham"]
    assert "**dropout**" in markdown(study)
    assert "**sham**" not in markdown(study)


def test_markdown_has_a_cell_for_every_heading(studies):
    study = studies.study(studies.runs({"baseline": (0, 0), "a|b": (8, -20), "sham": (0, 0)}), claims=())
    lines = [line for line in markdown(study).splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    assert len(lines) == 2 + 3


def test_the_footnote_says_what_everything_is(study):
    for word in ("95 %", "paired", "simultaneous over 3 comparisons", "label noise", "runs: 1 point.", "Bold"):
        assert word in footnote(study)


def test_latex_escapes_and_balances(studies):
    study = studies.study(
        studies.runs({"baseline": (0, 0), "a_b & 5%": (8, -20), "sham": (0, 0)}), claims=(), question="100 % {x}?"
    )
    text = latex(study)
    assert r"\textbf{a\_b \& 5\%}" in text
    assert r"100 \% \{x\}?" in text
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    assert {line.replace(r"\&", "").count("&") for line in body.splitlines() if line.endswith(r"\\")} == {7}
    assert all(ord(character) < 128 for character in text)


@pytest.mark.parametrize("models", [("a", "b")])
def test_several_models_get_a_column(studies, models):
    study = studies.study(studies.runs(models=models))
    assert markdown(study).count("| a |") == 5
    assert latex(study).count("\nb & ") == 5


def test_parameters_and_macs_show_where_a_reader_sees_a_difference(studies):
    runs = studies.runs()
    runs.loc[runs["arm"] == "dropout", "parameters"] += 22
    assert "Parameters" not in [column.heading for column in columns(studies.study(runs))]
    runs.loc[runs["arm"] == "dropout", "parameters"] = 4_231_976
    assert [column.heading for column in columns(studies.study(runs))][-3:] == ["Parameters", "MACs", "Time"]
    assert "| 4.23 M | 417 k |" in markdown(studies.study(runs))
    assert "4.23 M & 417 k &" in latex(studies.study(runs))


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.04, "+0.0"), (0.04, "+0.0"), (-0.06, "−0.1"), (2.25, "+2.2"), (-70.0, "−70.0")]
)
def test_what_rounds_to_nothing_has_no_minus(value, shown):
    assert signed(value) == shown
