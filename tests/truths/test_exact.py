"""The checks have tests of their own; here, that each is a line of the table."""

from modules.checks import CHECKS, carry_out
from tests.truths.exact import EXACT
from tests.truths.truth import Truth


def test_every_check_is_a_line_of_the_table():
    assert len(EXACT) == len(CHECKS)
    assert EXACT[0]() == Truth(*carry_out(next(iter(CHECKS))))
