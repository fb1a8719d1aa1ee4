"""The page of one step: every number of the work stands on it, in the order of the work."""

import itertools
import re
from xml.etree import ElementTree

import pytest

from modules.handwork.backprop import step
from modules.handwork.example import Example
from reports.pages.backprop import backprop_page, number
from reports.pages.step_drawings import short


def page_of(example, difference=1e-16):
    return backprop_page(step(example.drawn()), 36, difference, 1e-12)


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]).split())


@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
@pytest.mark.parametrize("sizes", [(2, 2, 1), (1, 1), (3, 4, 2), (5, 5, 5, 5)])
def test_every_number_of_the_work_is_shown(sizes, loss):
    example = Example(sizes=sizes, loss=loss)
    done, page = step(example.drawn()), words(page_of(example))
    found = [done.loss, done.loss_after, *done.slopes[-1].h]
    for layer, slopes in zip(done.layers, done.slopes, strict=True):
        found += [*layer.z, *layer.h, *slopes.z, *sum(slopes.weights, ())]
    found += [value for layer in done.weights for row in layer for value in row]
    assert [value for value in found if number(value) not in page] == []


def test_the_work_is_in_its_order():
    page = words(page_of(Example()))
    marks = ["1. The network", "2. Forward", "Layer 1", "Layer 2", "3. The loss", "4. Backward", "The outputs", "Layer 2",
             "Layer 1", "5. The step", "6. The loss after"]  # fmt: skip
    place = 0
    for mark in marks:
        place = page.index(mark, place) + len(mark)


def test_the_page_says_how_far_it_is_from_torch():
    assert "The largest difference is 1.0e-16" in page_of(Example())
    failed = page_of(Example(), difference=1e-3)
    assert "The check failed." in failed and "is off by 1.0e-03" in failed


def test_a_step_that_was_too_long_is_called_so():
    rose = Example(sizes=(1, 1), inputs=(1.0,), targets=(0.5,), weights=(((0.4,),),), biases=((0.0,),), lr=1000.0)
    assert "It rose" in page_of(rose)
    assert "It rose" not in page_of(Example())


def test_drawings_are_whole():
    drawings = re.findall(r"<svg.*?</svg>", page_of(Example(sizes=(3, 4, 2))), re.DOTALL)
    assert len(drawings) == 2
    for drawing in map(ElementTree.fromstring, drawings):
        _, _, width, height = map(float, drawing.get("viewBox").split())
        texts = drawing.findall("text")
        assert len(drawing.findall("line")) == 20 and len(drawing.findall("circle")) == 9
        assert all(40 < float(text.get("x")) < width - 40 and 10 < float(text.get("y")) < height - 10 for text in texts)
        places = sorted((text.get("x"), float(text.get("y"))) for text in texts if text.get("class") == "weight")
        assert min(b[1] - a[1] for a, b in itertools.pairwise(places) if a[0] == b[0]) > 20


def test_nothing_is_fetched():
    page = page_of(Example())
    assert re.findall(r"https?:|<script|<link(?! rel=.icon. href=.data:)|src=", page) == []
    assert "default-src &#39;none&#39;" in page


def test_numbers_in_a_drawing_are_short():
    assert [short(value) for value in (0.5, -0.123456, 1.5e-7, 123.4)] == ["0.5", "−0.123", "1.5e−07", "123"]
