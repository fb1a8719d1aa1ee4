import pytest

from runs import layout
from runs.records import make_record


@pytest.fixture
def record(plan):
    return make_record(
        plan.runs[1], "small", 2, "finished", 0.0, metrics={"test_accuracy": 80.0, "test_loss": float("inf")},
        curves={"val_loss": [3.0, float("nan"), 1.0]},
    )  # fmt: skip


def test_runs_are_found_by_their_record_once_they_have_ended(record):
    begun = {key: value for key, value in record.items() if key not in ("id", "status", "reason")}
    assert layout.tags(record)["record_id"] == record["id"]
    assert "record_id" not in layout.tags(begun)
    assert layout.tags(begun).items() <= layout.tags(record).items()


def test_numbers_that_are_not_finite_are_left_out(record):
    assert layout.scalars(record) == [("test_accuracy", 80.0, 0)]
    assert layout.curves(record, 0) == [("epoch/val_loss", 3.0, 1), ("epoch/val_loss", 1.0, 3)]
    assert layout.live([(1, {"val_loss": 3.0}), (2, {"val_loss": float("nan")})]) == [("epoch/val_loss", 3.0, 1)]


def test_points_that_were_shown_are_not_told_again(record):
    assert [point.epoch for point in layout.curves(record, shown=1)] == [3]


def test_a_failure_leaves_its_traceback_among_the_files(record):
    assert layout.files(record).keys() == {"record.json", "difference.txt"}
    failed = record | {"traceback": "Traceback ...", "differs": []}
    assert layout.files(failed)["traceback.txt"] == b"Traceback ..."
    assert layout.files(failed)["difference.txt"] == b"the baseline"


def test_older_servers_take_short_parameters_only(record):
    record["recipe"]["data"]["path"] = "x" * 1000
    assert len(layout.parameters(record)["data.path"]) == layout.LONGEST_PARAM
