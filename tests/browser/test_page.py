"""The page as a reader meets it in a browser."""

import re
import shutil
import subprocess

import pytest

from tests.reports.conftest import make_runs, make_study

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext of poppler")
HOSTILE = ("<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>", "'\"><svg onload=alert(3)>")

CONTRASTS = """() => {
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const colour = (text) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const found = new Map();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility({visibilityProperty: true})) continue;
    const style = getComputedStyle(element);
    if (element.closest("svg") && style.fill === style.stroke) continue; // the halo of another text
    const ink = colour(element.closest("svg") ? style.fill : style.color);
    const [high, low] = [light(ink), light(ground(element))].sort((a, b) => b - a);
    const name = `${element.tagName}.${element.getAttribute("class")} ${ink} on ${ground(element)}`;
    found.set(name, (high + 0.05) / (low + 0.05));
  }
  return Object.fromEntries(found);
}"""
"""Contrast of every visible text with its ground (WCAG 2.2, relative luminance), by what it is."""


@pytest.fixture(scope="module")
def plain(written):
    return written(make_study())


def column(tab, heading):
    """The arms and the texts of one column of the main table, from the top."""
    place = tab.locator("#table ~ .scroll thead th").all_inner_texts().index(heading)
    rows = tab.locator("#table ~ .scroll tbody tr").all()
    return [(row.locator("th").inner_text(), row.locator("td, th").nth(place).inner_text()) for row in rows]


def sort(tab, heading):
    tab.locator("#table ~ .scroll thead").get_by_role("button", name=heading, exact=True).click()


def come_alive(tab):
    """Every drawing becomes a chart, once it has been seen."""
    for figure in tab.locator("figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".live").wait_for()


def tip(tab):
    """What stands in the tooltip of the first point of the forest."""
    tab.locator("#figure-forest .chart .mark-symbol path").first.hover()
    shown = tab.locator("#vg-tooltip-element.visible")
    shown.wait_for()
    return shown.inner_text()


class TestOpening:
    """From a file, with no network."""

    def test_it_opens_without_an_error_and_asks_for_nothing_but_itself(self, opened, plain):
        page = opened(plain)
        come_alive(page.tab)
        assert page.log == []
        assert [url for url in page.requests if not url.startswith("data:")] == [plain.as_uri()]

    @pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
    def test_the_first_screen_has_the_answer_and_its_cost(self, viewport, opened, plain):
        tab = opened(plain, viewport).tab
        for text in ("Dropout raised test accuracy by", "of training in"):
            box = tab.get_by_text(text).bounding_box()
            assert box["y"] + box["height"] <= viewport["height"]

    def test_the_contents_lead_to_every_part(self, opened, plain, undrawn):
        several = undrawn(make_study(make_runs(models=("a", "b"), seeds=3)))
        for path in (plain, several):
            tab = opened(path).tab
            parts = tab.locator("main h2").evaluate_all(
                "all => all.map((one) => (one.closest('section').querySelector('figure') || one).id)"
            )
            assert tab.locator("nav a").evaluate_all("all => all.map((one) => one.hash.slice(1))") == ["main", *parts]

    def test_the_keyboard_comes_to_the_skip_link_first(self, opened, plain):
        tab = opened(plain).tab
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.hash") == "#main"
        assert tab.locator(".skip").bounding_box()["x"] >= 0


class TestTables:
    """Sorting and copying."""

    def test_numbers_sort_as_numbers_while_the_baseline_stays_on_top_and_the_sham_last(self, opened, plain):
        tab = opened(plain).tab
        written = [arm for arm, _ in column(tab, "Effect")]
        for heading in ("Test accuracy", "Effect", "n"):
            for descending in (True, False):
                sort(tab, heading)
                arms, texts = zip(*column(tab, heading), strict=True)
                numbers = [float(text.partition(" ")[0].replace("\N{MINUS SIGN}", "-")) for text in texts[1:-1]]
                assert numbers == sorted(numbers, reverse=descending)
                assert (arms[0], arms[-1]) == ("baseline", "sham")
                assert sorted(arms) == sorted(written)
                assert tab.locator("th[aria-sort]").get_attribute("aria-sort") == (
                    "descending" if descending else "ascending"
                )

    def test_a_heading_can_be_sorted_by_from_the_keyboard(self, opened, plain):
        tab = opened(plain).tab
        tab.locator("#table ~ .scroll thead").get_by_role("button", name="Arm").focus()
        tab.keyboard.press("Enter")
        assert [arm for arm, _ in column(tab, "Arm")] == ["baseline", "dropout", "init zeros", "weight_decay", "sham"]

    def test_each_model_is_sorted_under_its_own_baseline(self, opened, undrawn):
        tab = opened(undrawn(make_study(make_runs(models=("a", "b"), seeds=4)))).tab
        sort(tab, "Effect")
        sort(tab, "Effect")
        arms = [arm for arm, _ in column(tab, "Effect")]
        assert arms[0] == arms[5] == "baseline"
        assert arms[4] == arms[9] == "sham"
        assert arms[1] == arms[6] == "init zeros"

    def test_what_has_no_number_comes_last_either_way(self, opened, undrawn):
        failed = make_runs()
        failed.loc[failed["arm"] == "dropout", "status"] = "failed"
        tab = opened(undrawn(make_study(failed))).tab
        for _ in range(2):
            sort(tab, "Effect")
            assert column(tab, "Effect")[-2][0] == "dropout"

    @pytest.mark.parametrize("clipboard", ["its own", "none"])
    def test_a_copy_is_text_with_tabs_as_the_table_stands(self, clipboard, opened, plain):
        page = opened(plain, permissions=["clipboard-read", "clipboard-write"])
        tab = page.tab
        if clipboard == "none":
            tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
        sort(tab, "Test accuracy")
        tab.get_by_role("button", name="Copy the table Comparison").click()
        tab.get_by_role("status").filter(has_text="Copied").wait_for()
        lines = tab.evaluate("navigator.clipboard.readText()").splitlines()
        assert lines[0].split("\t")[:3] == ["Arm", "n", "Test accuracy"]
        assert [line.split("\t")[0] for line in lines[1:]] == [arm for arm, _ in column(tab, "Arm")]
        assert {line.count("\t") for line in lines} == {lines[0].count("\t")}


class TestCharts:
    """Drawings that become interactive."""

    def test_hovering_a_point_tells_its_numbers(self, opened, plain):
        tab = opened(plain).tab
        come_alive(tab)
        assert "dropout" in tip(tab)

    def test_nothing_moves_when_a_chart_takes_the_place_of_its_drawing(self, opened, plain):
        tab = opened(plain, java_script_enabled=False).tab
        still = [figure.bounding_box() for figure in tab.locator("figure").all()]
        tab = opened(plain).tab
        come_alive(tab)
        tab.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        live = [figure.bounding_box() for figure in tab.locator("figure").all()]
        assert [box["height"] for box in live] == pytest.approx([box["height"] for box in still], abs=1)
        assert all(svg["height"] == pytest.approx(box["height"], abs=1) for svg, box in zip(*boxes(tab), strict=True))

    def test_a_chart_that_fails_leaves_the_drawing(self, opened, plain, tmp_path):
        broken = tmp_path / "index.html"
        broken.write_text(plain.read_text().replace('"$schema"', '"x" "$schema"'))
        page = opened(broken)
        page.tab.wait_for_timeout(300)
        assert page.tab.locator(".live").count() == 0
        assert page.tab.locator("#figure-forest .picture > svg").is_visible()
        assert page.log == []


def boxes(tab):
    """Of the charts, and of the drawings below them."""
    return [[one.bounding_box() for one in tab.locator(of).all()] for of in (".chart svg", ".picture > svg")]


class TestEverywhere:
    """Without JavaScript, on a phone, on paper, in the dark."""

    def test_without_scripts_all_is_there_and_no_button_is_dead(self, opened, plain):
        tab = opened(plain, java_script_enabled=False).tab
        assert tab.locator("main button").count() == 0
        assert tab.get_by_text("Dropout raised test accuracy by").is_visible()
        assert tab.locator("#table ~ .scroll tbody tr").count() == 5
        for name in ("forest", "curves"):
            assert tab.locator(f"#figure-{name} .picture > svg").bounding_box()["height"] > 100

    def test_a_phone_scrolls_sideways_inside_tables_and_pictures_only(self, opened, plain):
        tab = opened(plain, PHONE).tab
        wide = tab.evaluate(
            """() => [...document.querySelectorAll("body *")]
              .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll"))
              .map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert wide == []
        assert tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_every_text_has_a_contrast_of_4_5(self, scheme, opened, plain):
        tab = opened(plain, color_scheme=scheme).tab
        come_alive(tab)
        weak = {name: ratio for name, ratio in tab.evaluate(CONTRASTS).items() if ratio < 4.5}
        assert weak == {}

    def test_the_dark_has_dark_paper(self, opened, plain):
        papers = [
            opened(plain, color_scheme=scheme).tab.evaluate("getComputedStyle(document.body).backgroundColor")
            for scheme in ("light", "dark")
        ]
        assert papers == ["rgb(255, 255, 255)", "rgb(20, 23, 29)"]

    def test_paper_has_the_drawings_and_every_table_uncut(self, opened, plain):
        page = opened(plain, {"width": 680, "height": 1000})
        come_alive(page.tab)
        page.tab.emulate_media(media="print")
        assert page.tab.locator("#figure-forest .picture > svg").is_visible()
        assert not page.tab.locator("#figure-forest .chart").is_visible()
        edges = page.tab.locator("table").evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
        assert max(edges) <= 680
        assert not page.tab.locator("nav").is_visible()
        assert len(page.tab.pdf(format="A4")) > 10_000
        assert page.log == []

    @needs_pdftotext
    def test_paper_has_the_head_of_a_table_on_each_of_its_pages(self, opened, undrawn, tmp_path):
        arms = {"baseline": (0, 0), **{f"arm {at}": (at / 10, -at) for at in range(90)}, "sham": (0, 0)}
        tab = opened(undrawn(make_study(make_runs(arms, seeds=3), claims=()))).tab
        pages = printed(tab, tmp_path)
        compared = [page for page in pages if re.search(r"^ *arm \d+ .*×$", page, re.MULTILINE)]
        assert len(compared) > 2
        assert all(re.search(r"^ *Arm +n .*Time$", page, re.MULTILINE) for page in compared)

    @needs_pdftotext
    def test_no_heading_ends_a_sheet_of_paper(self, opened, written, tmp_path):
        arms = {"baseline": (0, 0), **{f"arm {at}": (at / 10, -at) for at in range(50)}, "sham": (0, 0)}
        study = make_study(make_runs(arms, models=("a", "b", "c"), seeds=3), claims=())
        tab = opened(written(study)).tab
        last = {page.split("\n\n")[-1].strip() for page in map(str.strip, printed(tab, tmp_path))}
        assert last.isdisjoint(tab.locator("main h2").all_inner_texts())

    def test_a_phone_keeps_the_head_of_the_names_over_the_names(self, opened, plain):
        tab = opened(plain, PHONE).tab
        table = tab.locator("#table ~ .scroll")
        table.evaluate("one => { one.scrollLeft = 200 }")
        lefts = [table.locator(f"{part} .name").first.bounding_box()["x"] for part in ("thead", "tbody")]
        assert lefts[0] == lefts[1] >= 0

    def test_a_phone_shows_the_whole_of_a_picture(self, opened, plain):
        tab = opened(plain, PHONE).tab
        for box in tab.locator(".picture > svg").all():
            place = box.bounding_box()
            assert place["x"] >= 0 and place["x"] + place["width"] <= PHONE["width"]


def printed(tab, folder):
    """The pages of the PDF as text."""
    tab.pdf(path=folder / "page.pdf", format="A4")
    told = subprocess.run(
        ["pdftotext", "-layout", folder / "page.pdf", "-"], capture_output=True, text=True, check=True
    )
    return told.stdout.rstrip("\f").split("\f")


class TestHostileNames:
    """Names that would like to be more than names."""

    def test_they_are_text_wherever_they_stand(self, opened, written):
        arms = {"baseline": (0, 0), **dict.fromkeys(HOSTILE, (8, -20)), "sham": (0, 0)}
        study = make_study(
            make_runs(arms), claims=(), name=HOSTILE[0], question=HOSTILE[1], provenance={HOSTILE[2]: HOSTILE[1]}
        )
        page = opened(written(study))
        come_alive(page.tab)
        sort(page.tab, "Arm")
        assert "alert" in tip(page.tab)
        assert page.log == []
        assert page.tab.locator("img").count() == 0
        assert {arm for arm, _ in column(page.tab, "Arm")} == set(arms)

    def test_a_script_that_got_in_all_the_same_would_not_run(self, opened, plain, tmp_path):
        broken = tmp_path / "index.html"
        broken.write_text(plain.read_text().replace("<main", f"{HOSTILE[0]}{HOSTILE[1]}<main"))
        page = opened(broken)
        assert page.tab.locator("img").count() == 1
        assert page.log and all("Content Security Policy" in line for line in page.log)
