"""The page of a step of back-propagation as a reader meets it in a browser."""

import pytest

from modules.handwork.backprop import step
from modules.handwork.example import Example
from reports.pages.backprop import backprop_page
from tests.browser.test_page import CONTRASTS, DESK, PHONE

CLIPPED = """() => [...document.querySelectorAll("svg text")].filter((text) => {
  const [one, all] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
  return one.left < all.left || one.right > all.right || one.top < all.top || one.bottom > all.bottom;
}).map((text) => text.textContent)"""
OVERLAPPING = """() => [...document.querySelectorAll("svg")].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1)
    .filter(([_, b]) => a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
    .map(([other]) => `${one} / ${other}`));
})"""


@pytest.fixture
def page(tmp_path):
    def write(**settings):
        path = tmp_path / "page.html"
        path.write_text(backprop_page(step(Example(**settings).drawn()), 36, 1e-16, 1e-12))
        return path

    return write


@pytest.mark.parametrize("sizes", [(2, 2, 1), (3, 4, 2), (5, 5, 5, 5)])
def test_every_number_of_the_drawings_can_be_read(opened, page, sizes):
    shown = opened(page(sizes=sizes), DESK)
    assert shown.tab.evaluate(CLIPPED) == []
    assert shown.tab.evaluate(OVERLAPPING) == []
    assert shown.log == [] and len(shown.requests) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_fits_and_has_contrast(opened, page, scheme, viewport):
    shown = opened(page(sizes=(3, 4, 2), loss="cross_entropy"), viewport, color_scheme=scheme)
    assert shown.tab.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert min(shown.tab.evaluate(CONTRASTS).values()) >= 4.5
