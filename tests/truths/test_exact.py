"""The exact truths are ordinary tests, too."""

import pytest

from tests.truths.exact import EXACT


@pytest.mark.parametrize("measure", EXACT)
def test_it_holds(measure):
    truth = measure()
    assert truth.holds, truth
