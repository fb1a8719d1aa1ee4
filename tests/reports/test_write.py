import base64
import csv
import hashlib
import html
import json
import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from reports.figures import figures, javascript
from reports.pages.index import SUMMARY
from reports.study import CURVE_COLUMNS, RUN_COLUMNS
from reports.write import write_report

OTHERS = {"index.html", "table.csv", "table.md", "table.tex", "references.bib", "effects.csv", "runs.csv"}


def drawn(study):
    return {f"figures/{name}.{form}" for name in figures(study) for form in ("svg", "png", "pdf")}


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_all_files_are_there_and_say_the_same_again(study, tmp_path):
    write_report(study, tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    write_report(study, tmp_path)
    assert first.keys() == drawn(study) | OTHERS | {SUMMARY, "claims.csv"}
    for name in OTHERS:
        assert (tmp_path / name).read_bytes() == first[name]


def test_runs_csv_keeps_numbers_to_the_last_bit(study, written):
    with (written / "runs.csv").open() as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == RUN_COLUMNS
    assert [float(row["test_accuracy"]) for row in read] == list(study.runs["test_accuracy"])


def degenerate(studies):
    failed = studies.runs(seeds=3)
    failed[["test_accuracy", "gap", "seconds", "train_accuracy"]] = math.nan
    failed["status"], failed["reason"] = "failed", "ValueError: <boom> & more"
    no_gap = studies.runs()
    no_gap[["train_accuracy", "gap"]] = math.nan
    return {
        "one seed": studies.runs(seeds=1),
        "only a sham": studies.runs({"baseline": (0, 0), "sham": (0, 0)}),
        "only a baseline": studies.runs({"baseline": (0, 0)}),
        "all failed": failed,
        "no gap": no_gap,
        "three models": studies.runs(models=("a", "b", "c"), seeds=3),
    }


@pytest.mark.parametrize("case", ["one seed", "only a sham", "only a baseline", "all failed", "no gap", "three models"])
def test_degenerate_studies_are_reported_too(case, studies, tmp_path):
    runs = degenerate(studies)[case]
    study = studies.study(runs, claims=(), curves=pd.DataFrame(columns=CURVE_COLUMNS))
    page = write_report(study, tmp_path).read_text()
    assert files(tmp_path) >= OTHERS
    assert "nan" not in re.sub(r"<(style|svg|script).*?</\1>", "", page, flags=re.DOTALL).lower()
    assert len(pd.read_csv(tmp_path / "runs.csv")) == len(runs)


def test_a_figure_that_no_longer_holds_is_removed(study, studies, tmp_path):
    write_report(study, tmp_path)
    write_report(studies.study(curves=pd.DataFrame(columns=CURVE_COLUMNS)), tmp_path)
    assert not {name for name in files(tmp_path) if "curves" in name}
    assert (tmp_path / "figures" / "forest.svg").exists()


class _Reader(HTMLParser):
    """What a browser would load, whether every tag is closed, and what stands where."""

    VOID = {"meta", "link", "br", "img", "path", "rect", "line", "hr"}

    def __init__(self):
        super().__init__()
        self.loaded, self.open, self.labels, self.ids, self.texts = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.loaded += [named[key] for key in ("src", "href", "xlink:href") if key in named and tag != "a"]
        self.labels += [named["aria-label"]] if named.get("class") == "picture" else []
        self.ids += [named["id"]] if "id" in named else []
        self.texts += [""] if tag == "script" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.texts[-1] += data


def read(page):
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_the_page_asks_no_network_for_anything(written):
    page = (written / "index.html").read_text()
    reader = read(page)
    assert all(address.startswith(("data:", "#")) for address in reader.loaded)
    assert not re.search(r"url\(\s*['\"]?http|@import", page)
    assert len(page) < 3_000_000


def test_pictures_say_their_finding_in_words(study, written):
    labels = read((written / "index.html").read_text()).labels
    assert len(labels) == len(figures(study))
    assert "dropout +" in labels[0]
    assert all(len(label) > 30 for label in labels)


def test_no_two_things_on_a_page_share_an_id(written):
    ids = read((written / "index.html").read_text()).ids
    assert len(set(ids)) == len(ids)


def test_the_policy_of_the_page_lets_in_its_own_scripts_and_nothing_else(written):
    page = (written / "index.html").read_text()
    allowed = set(re.findall(r"sha256-([\w+/=]+)", html.unescape(page)))
    scripts = [text for text in read(page).texts if not text.startswith("{")]
    assert {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts} == allowed
    assert "default-src &#39;none&#39;" in page


def test_names_from_outside_are_escaped(studies, tmp_path):
    runs = studies.runs({"baseline": (0, 0), "<script>alert(1)</script>": (8, -20), "sham": (0, 0)})
    runs.loc[0, ["status", "reason"]] = ["failed", "<img src=x>"]
    study = studies.study(runs, claims=(), question="<b>?</b>", provenance={"<i>": "</dd>"})
    page = write_report(study, tmp_path).read_text()
    read(page)
    for bad in ("<script>", "<img", "<b>?", "<i>"):
        assert bad not in page.replace(javascript(), "")


def test_links_lead_to_files_and_parts_that_are_there(written):
    page = (written / "index.html").read_text()
    links, ids = re.findall(r'<a [^>]*href="([^"]+)"', page), read(page).ids
    assert {link.removeprefix("#") in ids for link in links if link.startswith("#")} == {True}
    beside = {link for link in links if not link.startswith("#")}
    assert beside == files(written) - {"index.html", SUMMARY}


def test_charts_are_json_that_a_browser_can_read(studies, tmp_path):
    runs = studies.runs({"baseline": (0, 0), "x": (8, -20), "sham": (0, 0)}, seeds=2)
    texts = read(write_report(studies.study(runs, claims=()), tmp_path).read_text()).texts
    charts = [json.loads(text, parse_constant=pytest.fail) for text in texts if text.startswith("{")]
    assert len(charts) == len(figures(studies.study(runs, claims=())))


@pytest.mark.slow
def test_a_page_of_a_thousand_arms_stays_below_three_megabytes(studies, tmp_path):
    arms = {"baseline": (0, 0), **{f"arm {i} x={i}": (i % 9 - 4, -(i % 20)) for i in range(1000)}, "sham": (0, 0)}
    page = write_report(studies.study(studies.runs(arms, seeds=8), claims=()), tmp_path)
    assert page.stat().st_size < 3_000_000
    assert page.read_text().count('scope="row"') > 1000
