from reports.pages.sections import comparison, further_tables


def test_every_model_has_its_baseline_on_top_and_its_sham_last(studies):
    table = comparison(studies.study(studies.runs(models=("a", "b"), seeds=3)))
    assert table.headings[0].text == "Model"
    for group, model in zip(table.groups, ("a", "b"), strict=True):
        assert {line.cells[0].text for line in group} == {model}
        assert [line.pinned for line in group] == ["top", "", "", "", "bottom"]
        assert (group[0].cells[1].text, group[-1].cells[1].text) == ("baseline", "sham")


def test_bold_is_what_is_decided(study):
    lines = {line.cells[0].text: line for line in comparison(study).groups[0]}
    assert lines["dropout"].cells[0].decided
    assert not lines["baseline"].cells[0].decided
    assert not lines["sham"].cells[0].decided


def test_tables_without_rows_are_left_out(studies):
    names = {table.anchor for table in further_tables(studies.study(claims=()))}
    assert not names & {"claims", "interactions", "members", "failures"}


def test_failed_runs_are_told_with_their_reasons(studies):
    runs = studies.runs()
    runs.loc[3, ["status", "reason"]] = ["failed", "ValueError: no"]
    (table,) = (one for one in further_tables(studies.study(runs)) if one.anchor == "failures")
    assert [[cell.text for cell in line.cells] for line in table.groups[0]] == [["init zeros", "0", "ValueError: no"]]
