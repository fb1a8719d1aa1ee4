"""Fields along one axis, against the recursion of the textbooks and against looking at every position."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from modules.handwork.grids import IMAGE, Grid, Span, everything, shares, through, together, transposed_windows, windows

LAYER = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 3), st.integers(1, 3))


@given(st.lists(LAYER, max_size=5))
def test_convolutions_and_pools_follow_the_recursion(layers):
    """Field and jump as in Dumoulin and Visin 2016, and Araujo et al. 2019."""
    grid, field, jump = IMAGE, 1, 1
    for kernel, stride, padding, dilation in layers:
        grid = through(grid, windows(kernel, stride, padding, dilation))
        field, jump = field + dilation * (kernel - 1) * jump, jump * stride
    assert (grid.field, grid.jump) == (field, jump)


@given(LAYER, LAYER)
def test_a_transposed_convolution_reads_what_a_convolution_of_its_geometry_gives_to(layer, below):
    kernel, stride, padding, dilation = layer
    grid = through(through(IMAGE, windows(*below)), transposed_windows(kernel, stride, padding, dilation))
    source = through(IMAGE, windows(*below))
    for out in range(-4, 5):
        gives = [i for i in range(-30, 30) if out in {i * stride - padding + dilation * tap for tap in range(kernel)}]
        spans = [source.at(i) for i in gives]
        expected = Span(min(s.first for s in spans), max(s.last for s in spans)) if spans else None
        assert grid.at(out) == expected
    assert grid.jump == Fraction(below[1], stride)


def test_adaptive_pools_divide_the_map():
    grid = through(IMAGE, shares(7, 3))
    assert [grid.at(place) for place in range(3)] == [Span(0, 2), Span(2, 4), Span(4, 6)]


def test_where_paths_meet_both_are_seen():
    narrow, wide = through(IMAGE, windows(1, 1, 0)), through(IMAGE, windows(5, 1, 2))
    assert together(narrow, wide, 9, 9).field == 5
    beside = through(IMAGE, windows(3, 1, 0))  # not centred: what both have seen is larger than either
    assert together(narrow, through(beside, windows(1, 1, 3)), 9, 9).field == 4


def test_what_advances_differently_meets_only_where_all_has_been_seen():
    fast, slow = through(IMAGE, windows(2, 2, 0)), IMAGE
    assert together(fast, slow, 4, 4) is None
    assert together(everything(IMAGE, 4), slow, 4, 4) == Grid((Span(0, 3),), 0)
    assert together(everything(IMAGE, 2), slow, 4, 4) is None
