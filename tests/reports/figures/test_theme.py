"""Contrast by the formula of WCAG 2.2, on the page's paper by day and by night."""

import pytest

from reports.figures.heatmap import PRINT, TINTS
from reports.figures.theme import COLOURS, FAINT, HELD_OUT, INK, PAPER, SHAPES, TRAIN

NIGHT = "#14171d"


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("words", "ground"), [(INK, PAPER), (FAINT, PAPER), *((PRINT, tint) for tint in TINTS)])
def test_words_can_be_read(words, ground):
    assert contrast(words, ground) >= 4.5


@pytest.mark.parametrize("ground", [PAPER, NIGHT])
@pytest.mark.parametrize("colour", [*COLOURS.values(), TRAIN, HELD_OUT])
def test_marks_can_be_seen_by_day_and_by_night(colour, ground):
    assert contrast(colour, ground) >= 3


def test_what_is_told_by_colour_is_told_by_shape_too():
    assert SHAPES.keys() == COLOURS.keys()
    assert len(set(SHAPES.values())) == len(SHAPES)
