"""The handbook as a reader meets it in a browser."""

import pytest

from ablations.lectures import Lecture
from reports.handbook import write_handbook
from reports.pages.handbook import Chapter, Part
from tests.browser.test_page import CONTRASTS, DESK, PHONE
from tests.reports.conftest import make_runs, make_study
from tests.reports.test_handbook import CLAIMS


@pytest.fixture(scope="module")
def handbook(tmp_path_factory):
    study = make_study(make_runs(seeds=5, models=("lenet5", "resnet18")), claims=CLAIMS)
    chapters = (Chapter(Lecture(1, ("lecture-1",)), (Part("lecture-1", study, "other settings"), Part("lecture-1-b"))),)
    return write_handbook(chapters, tmp_path_factory.mktemp("handbook"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
class TestEverywhere:
    def test_every_text_has_a_contrast_of_4_5(self, viewport, scheme, opened, handbook):
        contrasts = opened(handbook, viewport, color_scheme=scheme).tab.evaluate(CONTRASTS)
        assert {name: found for name, found in contrasts.items() if found < 4.5} == {}

    def test_the_page_is_no_wider_than_the_window_and_asks_nothing(self, viewport, scheme, opened, handbook):
        page = opened(handbook, viewport, color_scheme=scheme)
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert (page.log, page.requests) == ([], [handbook.as_uri()])

    def test_no_label_is_cut_off(self, viewport, scheme, opened, handbook):
        tab = opened(handbook, viewport, color_scheme=scheme).tab
        cut = """() => [...document.querySelectorAll(".interval svg")].flatMap((svg) => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter((text) => {
            const own = text.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 1;
          }).map((text) => text.textContent);
        })"""
        assert tab.evaluate(cut) == []
