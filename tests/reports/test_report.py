from html.parser import HTMLParser

import pandas as pd
import pytest

from reports import Report
from reports.sources.from_frame import study_from_runs
from reports.tables.markdown import markdown
from reports.tables.rows import columns, rows

HOSTILE = "<script>alert('x')</script> & $x_1$"


class Table(HTMLParser):
    """The cells of an HTML table, row by row."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.inside, self.tags = [], False, set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


@pytest.fixture
def report(study):
    return Report(study)


def test_a_notebook_shows_the_answer_the_alerts_and_the_rows_of_the_table(studies):
    report = Report(studies.study(studies.runs(seeds=4)))
    html, shown = report._repr_html_(), columns(report.study)
    assert Table(html).rows == [
        [column.heading for column in shown],
        *([column.text(row) for column in shown] for row in rows(report.study)),
    ]
    assert "made: What helps?" in html
    assert "raised test accuracy by" in html
    assert any("Only 4 seeds" in alert for alert in report.alerts)
    assert "⚠ Only 4 seeds" in html


def test_bold_is_what_is_decided(report):
    html = report._repr_html_()
    assert "<strong>dropout</strong>" in html
    assert "<strong>weight_decay</strong>" not in html
    assert "<strong>sham</strong>" not in html


def test_the_name_of_an_arm_is_text_whatever_it_says(studies):
    runs = studies.runs({"baseline": (0, 0), HOSTILE: (8, -20), "sham": (0, 0)})
    report = Report(studies.study(runs, claims=(), name="<b>made</b>"))
    table = Table(report._repr_html_())
    assert "script" not in table.tags
    assert "b" not in table.tags
    assert table.rows[2][0] == HOSTILE
    assert HOSTILE in repr(report)


def test_a_terminal_shows_the_same_and_markdown_is_that_of_the_file(report):
    assert str(report) == repr(report)
    text = " ".join(repr(report).split())
    for sentence in (*report.answer, *report.alerts):
        assert sentence in text
    for row in rows(report.study):
        assert row.effect in text
    assert report._repr_markdown_() == markdown(report.study)


def test_the_frames_are_those_of_the_files(report, tmp_path):
    page = report.save(tmp_path / "saved")
    assert page == tmp_path / "saved" / "index.html"
    for name, frame in {"table": report.table, "effects": report.effects, "runs": report.runs}.items():
        path = tmp_path / f"{name}.csv"
        frame.to_csv(path, index=False)
        pd.testing.assert_frame_equal(pd.read_csv(path), pd.read_csv(page.parent / f"{name}.csv"))


def test_the_figures_are_charts_by_the_name_of_their_file(report, tmp_path):
    page = report.save(str(tmp_path))
    files = {path.stem for path in (page.parent / "figures").glob("*.svg")}
    assert report.figures.keys() == files
    for chart in report.figures.values():
        assert chart.to_dict()["$schema"].startswith("https://vega.github.io/schema/vega-lite")


def test_changing_a_frame_changes_no_report(report):
    report.runs.loc[:, "test_accuracy"] = 0.0
    assert report.study.runs["test_accuracy"].min() > 0


def test_anybodys_runs_get_the_same_report(studies):
    runs = studies.runs()
    theirs = Report(study_from_runs(runs[["arm", "seed", "test_accuracy", "gap"]], "theirs"))
    ours = Report(studies.study(runs))
    for name in ("effect", "low", "high"):
        assert theirs.effects.set_index("arm")[name].to_dict() == pytest.approx(
            ours.effects.set_index("arm")[name].to_dict()
        )
    assert theirs.answer[0] != ours.answer[0]
    assert list(theirs.figures) == [name for name in ours.figures if name in theirs.figures]
