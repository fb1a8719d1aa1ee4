import pytest

from runs.ledger import Ledger


@pytest.fixture
def path(tmp_path):
    return tmp_path / "small.shipped"


def test_what_was_added_is_known_the_next_time(path):
    Ledger(path, "parent").add("a.1")
    assert "a.1" in Ledger(path, "parent")
    assert "a.2" not in Ledger(path, "parent")


def test_what_a_tracker_took_that_was_thrown_away_does_not_count(path):
    Ledger(path, "old").add("a.1")
    assert "a.1" not in Ledger(path, "new")


@pytest.mark.parametrize("length", range(12))
def test_a_line_that_was_torn_in_the_writing_counts_as_not_written(path, length):
    Ledger(path, "parent").add("a.1")
    whole = path.read_text()
    Ledger(path, "parent").add("b.12")
    path.write_text(path.read_text()[: len(whole) + length])
    Ledger(path, "parent").add("c.1")
    again = Ledger(path, "parent")
    assert [one in again for one in ("a.1", "b.1", "b.12", "c.1")] == [True, False, False, True]


def test_what_others_add_is_seen_when_it_is_looked_at_again(path):
    mine, theirs = Ledger(path, "parent"), Ledger(path, "parent")
    theirs.add("a.1")
    assert "a.1" not in mine
    mine.refresh()
    assert "a.1" in mine


def test_the_tracker_has_the_last_word(path):
    ledger = Ledger(path, "parent")
    ledger.add("a.1")
    ledger.add("b.1")
    ledger.correct(["b.1", "c.1"])
    again = Ledger(path, "parent")
    assert [one in again for one in ("a.1", "b.1", "c.1")] == [False, True, True]
