import pytest

from reports.numbers import signed


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.04, "+0.0"), (0.04, "+0.0"), (-0.06, "−0.1"), (2.25, "+2.2"), (-70.0, "−70.0")]
)
def test_what_rounds_to_nothing_has_no_minus(value, shown):
    assert signed(value) == shown
