from hypothesis import given, settings
from hypothesis import strategies as st

from reports.figures.labels import CLEAR, FONT, Box, places, text_width

FRAME = (560, 400)
POINTS = st.lists(st.tuples(st.floats(0, 560), st.floats(0, 400)), min_size=1, max_size=25)


def box(point, name, place):
    """Where a name is drawn, computed from its anchor as SVG does."""
    width, anchor = text_width(name), point[0] + place.dx
    left = {"left": anchor, "center": anchor - width / 2, "right": anchor - width}[place.align]
    return Box(left, point[1] + place.dy - FONT / 2, left + width, point[1] + place.dy + FONT / 2)


@settings(max_examples=60, deadline=None)
@given(POINTS, st.text(min_size=1, max_size=20))
def test_no_name_hides_another_or_a_point_or_leaves_the_frame(points, name):
    found = places(points, [name] * len(points), FRAME)
    boxes = [box(point, name, place) for point, place in zip(points, found, strict=True) if place]
    assert all(not one.meets(other) for at, one in enumerate(boxes) for other in boxes[:at])
    for drawn in boxes:
        assert 0 <= drawn.left <= drawn.right <= FRAME[0]
        assert 0 <= drawn.top <= drawn.bottom <= FRAME[1]
        assert not any(drawn.meets(Box(x - CLEAR, y - CLEAR, x + CLEAR, y + CLEAR)) for x, y in points)


def test_the_first_names_choose_first_and_a_crowd_leaves_some_without():
    found = places([(200, 200)] * 30, ["a name"] * 30, FRAME)
    assert found[0] is not None
    assert found[-1] is None


def test_points_beyond_the_names_are_kept_free():
    alone = places([(200, 200)], ["name"], FRAME)
    beside = places([(200, 200), (220, 190)], ["name"], FRAME)
    assert alone != beside


def test_chinese_letters_take_more_room():
    assert text_width("漢字") > text_width("ab")
