"""The index in a browser."""

from reports.pages.index import SUMMARY, summary_json, write_index
from reports.pages.page import page
from tests.browser.test_page import CONTRASTS, PHONE
from tests.reports.conftest import make_study


def test_the_index_leads_to_every_report(opened, tmp_path):
    for name in ("one", "another"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(page(make_study(name=name), {}))
        (tmp_path / name / SUMMARY).write_bytes(summary_json(make_study(name=name)))
    index = opened(write_index(tmp_path), PHONE)
    assert index.tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert min(index.tab.evaluate(CONTRASTS).values()) >= 4.5
    index.tab.get_by_role("button", name="Report", exact=True).click()
    assert index.tab.locator("tbody a").all_inner_texts() == ["another", "one"]
    index.tab.get_by_role("link", name="one", exact=True).click()
    index.tab.get_by_role("heading", name="What helps?").wait_for()
    assert index.log == []
