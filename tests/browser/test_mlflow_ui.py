"""What a person who reviews in MLflow's UI finds there."""

import pytest

from tests.browser.mlflow_ui import Review, record_tiny, serving, unfold

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(browser, tmp_path_factory):
    """The UI over a tiny ablation; `browser` comes first, since it skips where there is none."""
    with serving(record_tiny(tmp_path_factory.mktemp("tiny"))) as address:
        yield address


@pytest.fixture
def review(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    review = Review(context.new_page(), address)
    review.open("tiny")
    yield review
    context.close()


def test_the_note_has_question_answer_and_table(review):
    review.read_note()
    assert review.tab.get_by_text("Which of two remedies helps a tiny network?").count()
    assert review.tab.get_by_text("The baseline trains to").count()
    arms = review.tab.locator("table tbody tr td:first-child").all_inner_texts()
    assert sorted(arms) == ["baseline", "batchnorm", "dropout", "sham"]


def test_runs_are_grouped_by_arm_behind_a_link(review):
    review.read_note()
    tab = review.follow("Runs by arm")
    for arm in ("baseline", "batchnorm", "dropout", "sham"):
        tab.get_by_text(f"Group: {arm}").wait_for()
    unfold(tab, "dropout")
    tab.get_by_text("dropout p=0.5 · seed 0").wait_for()


def test_a_failed_run_says_why(review):
    review.read_note()
    tab = review.failed_runs_of("batchnorm", instead_of="dropout")
    tab.get_by_role("link", name="batchnorm").first.click()
    tab.get_by_text("ValueError: the last batch has 16 images").wait_for()


def test_the_report_is_read_where_it_lies_and_its_links_are_harmless(review):
    review.read_note()
    tab = review.follow("Report")
    page = tab.frame_locator("iframe")
    page.locator("h1").get_by_text("Which of two remedies").wait_for()
    page.get_by_role("link", name="Downloads").click()
    page.get_by_text("runs.csv").first.click()
    assert page.get_by_role("heading", name="Downloads").is_visible()
    assert not page.get_by_role("link", name="runs.csv").count()
    assert tab.frames[-1].evaluate("scrollY") > 0
