import pytest

from runs.files import write_whole
from runs.records import Records, failure, make_record


@pytest.fixture
def records(home):
    return Records(home)


def test_the_newest_attempt_counts(plan, records):
    run = plan.runs[0]
    for attempt, status in [(1, "failed"), (2, "finished"), (10, "failed")]:
        records.write(make_record(run, "small", attempt, status, 0.0))
    assert records.newest([run.fingerprint])[run.fingerprint]["attempt"] == 10
    assert records.done({run.fingerprint: run}) == {}


def test_found_by_id_and_by_fingerprint(plan, records):
    record = make_record(plan.runs[0], "small", 1, "finished", 0.0)
    records.write(record)
    assert records.find(record["id"]) == record == records.find(record["fingerprint"])
    assert records.find("nothing") is None


def test_a_torn_record_counts_as_not_there(plan, records):
    record = make_record(plan.runs[0], "small", 1, "finished", 0.0)
    records.write(record)
    path = records.folder / f"{record['id']}.json"
    path.write_text(path.read_text()[:100])
    assert records.newest([record["fingerprint"]]) == {}


def test_a_failure_says_what_and_where():
    try:
        raise ValueError("too\nfew images")
    except ValueError as error:
        found = failure(error)
    assert found["reason"] == "ValueError: too few images"
    assert "test_records.py" in found["traceback"]


def test_a_write_that_breaks_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("spoilt", [b"", b"\x00\xff{", b'{"id": '])
def test_a_record_of_any_bytes_counts_as_not_there(plan, records, spoilt):
    (records.folder / f"{plan.runs[0].fingerprint}.1.json").write_bytes(spoilt)
    assert records.newest([plan.runs[0].fingerprint]) == {}


def test_weights_that_no_record_tells_of_are_cleared_away(plan, records, home):
    weights = home.weights_of(f"{plan.runs[0].fingerprint}.1")
    weights.write_bytes(b"of a worker that was killed before it wrote the record")
    assert records.write(make_record(plan.runs[0], "small", 1, "lost", 0.0))
    assert not weights.exists()
    weights.write_bytes(b"of one that was frozen")
    assert not records.write(make_record(plan.runs[0], "small", 1, "finished", 0.0, files=[str(weights)]))
    assert not weights.exists()


def test_weights_of_the_record_that_counts_stay(plan, records, home):
    weights = home.weights_of(f"{plan.runs[0].fingerprint}.1")
    weights.write_bytes(b"weights")
    record = make_record(plan.runs[0], "small", 1, "finished", 0.0, files=[str(weights)])
    assert (records.write(record), records.write(record), weights.exists()) == (True, False, True)
