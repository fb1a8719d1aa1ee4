import pytest

from runs.engines.inline import Inline
from runs.execute import execute
from runs.files import write_json
from runs.records import Records, make_record
from runs.replay import NotReplayable, replay
from runs.results import collect
from runs.slots import Slot


@pytest.fixture
def results(plan, home):
    execute(plan, home, lambda member: Inline(home, "small", [Slot(0)]), lambda event, record: None)
    return collect(plan, home)


def test_every_metric_and_curve_is_equal_bit_for_bit(results, home):
    record = next(record for record in results.records.values() if record["arm"] == "dropout")
    found = replay(record["run_id"], home)
    assert found.equal
    assert found.reasons == []
    assert {"test_accuracy", "gap", "val_loss per epoch"} <= {one.measure for one in found.compared}
    assert "seconds" not in {one.measure for one in found.compared}


def test_a_number_that_was_tampered_with_is_found(results, home):
    record = Records(home).find(next(iter(results.records)))
    record["metrics"]["test_loss"] += 1e-12
    write_json(home.records / f"{record['id']}.json", record)
    found = replay(record["id"], home)
    assert [one.measure for one in found.compared if not one.equal] == ["test_loss"]


def test_what_cannot_be_replayed_says_why(home, plan):
    with pytest.raises(NotReplayable, match="no such run"):
        replay("nothing", home)
    Records(home).write(make_record(plan.runs[0], "small", 1, "failed", 0.0, reason="ValueError: boom"))
    with pytest.raises(NotReplayable, match=r"failed .ValueError: boom"):
        replay(plan.runs[0].fingerprint, home)
