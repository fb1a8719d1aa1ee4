"""The handbook from made-up studies and from records."""

import csv
import io

import numpy as np
import pytest

from ablations.claims import Claim
from ablations.lectures import Lecture, shipped_lectures
from modules.sources import ROOT
from reports.handbook import _links, handbook_frame, write_handbook
from reports.pages.handbook import Chapter, Part, summary
from reports.pages.index import entries
from tests.reports.conftest import make_runs, make_study
from tests.reports.inference.test_claims import RECORD

CLAIMS = (
    Claim(arm="dropout", measure="gap", direction="lower", says="It <narrows> the gap.", korean="드롭아웃",
          more="srivastava2014dropout"),
    Claim(arm="init zeros", direction="same", says="Zeros do as well.", more="docs/lectures/4.md"),
    Claim(check="xor_two_layers", says="Two layers can."),
    Claim(arm="dropout", than=10, direction="higher"),
)  # fmt: skip


@pytest.fixture(scope="module")
def chapters():
    checks = {"xor_two_layers": RECORD}
    first = make_study(make_runs(seeds=5), name="lecture-1", claims=CLAIMS, checks=checks, question="One?")
    links = {"full report": "../lecture-1/index.html"}
    many = make_study(make_runs(seeds=5, models=("a", "b")), name="lecture-6", claims=CLAIMS[:1], question="Six?")
    return (
        Chapter(Lecture(1, ("lecture-1",)), (Part("lecture-1", first, "other settings", links),)),
        Chapter(Lecture(6, ("lecture-6", "lecture-6-more")), (Part("lecture-6", many), Part("lecture-6-more"))),
    )


@pytest.fixture(scope="module")
def written(chapters, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports") / "handbook"
    return write_handbook(chapters, folder).read_text(), folder


def test_every_claim_has_its_words_verdict_term_and_reading(written):
    page, _ = written
    for part in (
        "It &lt;narrows&gt; the gap.", '<span class="term" lang="ko">드롭아웃</span>', "@", "Zeros do as well.",
        "refuted at this scale", "<code>docs/lectures/4.md</code>", "Two layers can.", "Measured: 4; expected: 4.",
        "../lecture-1/index.html", "dropout: test accuracy higher than 10 %", "other settings",
    ):  # fmt: skip
        assert part in page


def test_the_page_asks_no_network(written):
    page, _ = written
    assert "default-src &#39;none&#39;" in page
    assert "src=" not in page.replace("-src", "")


def test_only_reports_that_were_written_are_linked(written, tmp_path):
    page, _ = written
    assert "../lecture-6/" not in page and "its figures" not in page
    assert _links(tmp_path / "mine") == {}
    (tmp_path / "mine" / "figures").mkdir(parents=True)
    (tmp_path / "mine" / "index.html").touch()
    assert _links(tmp_path / "mine") == {"full report": "../mine/index.html"}
    (tmp_path / "mine" / "figures" / "forest.svg").touch()
    assert _links(tmp_path / "mine")["its figures"] == "../mine/index.html#figure-forest"


def test_what_is_to_be_read_is_there_for_every_lecture_that_ships(written):
    assert "<code>docs/lectures/lecture-1.md</code>" in written[0]
    assert [one.reading for one in shipped_lectures() if not (ROOT / one.reading).is_file()] == []


def test_an_ablation_that_was_not_run_says_how(written):
    assert "<code>ablate lectures lecture-6-more</code>" in written[0]


def test_claims_are_counted_by_lecture(chapters):
    rows = [[cell.text for cell in line.cells] for group in summary(chapters).groups for line in group]
    assert rows == [
        ["Lecture 1", "4", "3", "1", "0", "0"],
        ["Lecture 6", "1", "1", "0", "0", "0"],
        ["All lectures", "5", "4", "1", "0", "0"],
    ]


def test_a_claim_that_differs_by_architecture_is_undecided_and_says_so():
    runs = make_runs(seeds=7, models=("a", "b"))
    runs.loc[(runs["model"] == "b") & (runs["arm"] == "dropout"), "test_accuracy"] = 20.0
    claim = Claim(arm="dropout", than=50, direction="higher")
    (judged,) = Part("x", make_study(runs, claims=(claim,))).claims
    assert judged.word == "undecided: it differs by architecture"
    assert all("Verdict: " in found for found in judged.found)


def test_a_claim_that_is_open_on_one_architecture_does_not_differ_by_it():
    runs = make_runs(seeds=6, models=("a", "b"))
    noise = np.where(runs["seed"] % 2, 20.0, 80.0)
    runs["test_accuracy"] = np.where(runs["model"] == "b", noise, runs["test_accuracy"])
    (judged,) = Part("x", make_study(runs, claims=(Claim(arm="dropout", than=45, direction="higher"),))).claims
    assert {row.verdict for row in judged.rows} == {"supported", "undecided"}
    assert judged.word == "undecided"


def test_each_claim_that_was_measured_has_a_picture_of_its_own(written):
    page, _ = written
    assert page.count('class="interval"') == 4
    assert page.count('role="img"') == 4


def test_the_claims_of_all_lectures_are_in_one_table(written, chapters):
    rows = list(csv.DictReader(io.StringIO((written[1] / "claims.csv").read_text())))
    assert [row["ablation"] for row in rows] == ["lecture-1"] * 4 + ["lecture-6"] * 3
    assert (rows[0]["unit"], rows[0]["verdict"], rows[0]["korean"]) == ("points", "supported", "드롭아웃")
    assert len(handbook_frame(chapters)) == 7
    assert handbook_frame(()).empty


def test_the_index_has_a_line_for_it(written):
    (entry,) = entries(written[1].parent)
    assert entry.summary.answer == "Of 5 claims: 4 supported, 1 refuted, 0 undecided, 0 not tested."
    assert entry.summary.counts == "75 finished"
