import pytest

from reports.numbers import few, signed


@pytest.mark.parametrize(
    ("value", "shown"), [(-0.04, "+0.0"), (0.04, "+0.0"), (-0.06, "−0.1"), (2.25, "+2.2"), (-70.0, "−70.0")]
)
def test_what_rounds_to_nothing_has_no_minus(value, shown):
    assert signed(value) == shown


def test_a_list_says_how_many_more_there_are():
    assert few(["a", "b"], 2) == "a, b"
    assert few(["a", "b", "c", "d"], 2) == "a, b and 2 more"
