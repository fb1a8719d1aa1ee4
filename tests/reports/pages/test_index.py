import os
import re
import shutil

import pytest

from reports.pages.index import SUMMARY, Summary, entries, write_index


@pytest.fixture
def folder(written, tmp_path):
    """A folder with one report."""
    shutil.copytree(written, tmp_path / "made")
    return tmp_path


def another(folder, name, **changes):
    """A further report, of which there is the summary and an empty page."""
    known = Summary.model_validate_json((folder / "made" / SUMMARY).read_bytes())
    (folder / name).mkdir()
    (folder / name / "index.html").write_text("")
    (folder / name / SUMMARY).write_text(known.model_copy(update={"name": name, **changes}).model_dump_json())
    return known


def test_a_report_is_listed_with_its_question_answer_and_runs(folder):
    text = write_index(folder).read_text()
    assert '<a href="made/index.html">made</a>' in text
    assert "What helps?" in text
    assert re.search(r"Dropout raised test accuracy by \d\.\d points", text)
    assert "50 finished" in text


def test_the_newest_comes_first_and_what_is_not_known_last(folder):
    written = Summary.model_validate_json((folder / "made" / SUMMARY).read_bytes()).written
    another(folder, "older", written=written.replace(year=2020))
    another(folder, "newer", written=written.replace(year=2100))
    another(folder, "a-broken-one")
    (folder / "a-broken-one" / SUMMARY).write_text('{"name": 3')
    assert [one.folder for one in entries(folder)] == ["newer", "made", "older", "a-broken-one"]
    assert '<a href="a-broken-one/index.html">a-broken-one</a>' in write_index(folder).read_text()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"name": "x"}', b'{"written": "yesterday"}'])
def test_a_summary_that_cannot_be_read_leaves_the_name(content, folder):
    (folder / "made" / SUMMARY).write_bytes(content)
    assert entries(folder) == [("made", None)]


def test_what_is_no_report_is_not_listed(folder):
    (folder / "empty").mkdir()
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "index.html").write_text("")
    (folder / "note.txt").write_text("")
    write_index(folder)
    assert [one.folder for one in entries(folder)] == ["made"]


def test_names_of_folders_are_neither_tags_nor_other_addresses(folder):
    another(folder, "a #1?", question="<img src=x>")
    another(folder, "<b>")
    (folder / os.fsdecode(b"\xff")).mkdir()
    (folder / os.fsdecode(b"\xff") / "index.html").write_text("")
    text = write_index(folder).read_text()
    for link in ("a%20%231%3F/index.html", "%3Cb%3E/index.html", "%FF/index.html"):
        assert f'href="{link}"' in text
    assert "<img" not in text and "<b>" not in text


def test_the_same_reports_give_the_same_index(folder):
    first = write_index(folder).read_bytes()
    assert write_index(folder).read_bytes() == first


def test_of_nothing_there_is_an_empty_list(tmp_path):
    assert "<tbody>\n</tbody>" in write_index(tmp_path).read_text()
