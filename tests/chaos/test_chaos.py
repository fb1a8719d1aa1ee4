"""The short form: one disturbance of few runs among the everyday tests; all of them among the long ones, as `make chaos`
has them."""

import pytest

from tests.chaos.__main__ import undisturbed, verdict
from tests.chaos.disturbances import DISTURBANCES
from tests.chaos.trial import Trial


def test_nothing_is_lost_and_nothing_is_done_twice_when_all_are_killed(tmp_path):
    calm = undisturbed(tmp_path, "seeds=1")
    assert not verdict("all_killed", Trial(tmp_path / "trial", "everyday", "seeds=1"), calm)


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    return undisturbed(tmp_path_factory.mktemp("chaos"))


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTURBANCES)
def test_nothing_is_lost_and_nothing_is_done_twice(name, calm, tmp_path):
    wrong = verdict(name, trial := Trial(tmp_path, name), calm)
    if trial.skipped:
        pytest.skip(trial.told[-1])
    assert not wrong
