"""Takes the pictures of docs/mlflow.md again: `python -m tests.browser.pictures HOME`, where HOME has `remedies`."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import BROWSERS, DESK
from tests.browser.mlflow_ui import Review, record_tiny, serving, unfold

DOCS = Path(__file__).parents[2] / "docs"


def main(home):
    program = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with serving(Path(home)) as address:
            take_remedies(reviewing(browser, address, "remedies"))
        with serving(record_tiny(Path(folder))) as address:
            take_failure(reviewing(browser, address, "tiny"))


def reviewing(browser, address, experiment):
    review = Review(browser.new_context(viewport=DESK).new_page(), address)
    review.open(experiment)
    review.read_note()
    return review


def take_remedies(review):
    keep(review.tab, "note")
    by_arm = review.follow("Runs by arm")
    unfold(by_arm, "dropout")
    by_arm.get_by_text("seed 0").first.wait_for()
    keep(by_arm, "arms")
    curves = review.follow("Curves by arm")
    show_only(curves, "baseline", "dropout")
    keep(curves, "curves")
    report = review.follow("Report")
    report.frame_locator("iframe").locator("h1").wait_for()
    keep(report, "report")


def take_failure(review):
    by_arm = review.failed_runs_of("batchnorm", instead_of="dropout")
    by_arm.get_by_role("link", name="batchnorm").first.wait_for()
    keep(by_arm, "failed")
    by_arm.get_by_role("link", name="batchnorm").first.click()
    by_arm.get_by_text("ValueError").first.wait_for()
    keep(by_arm, "reason")


def show_only(tab, *arms):
    """Of the curves, by the eyes in the list at the left."""
    tab.get_by_text("epoch/val_loss").first.wait_for()
    tab.get_by_label("Toggle visibility of runs").click()
    tab.get_by_text("Hide all runs").click()
    for arm in arms:
        eye = tab.locator(f".ag-row[row-id='tag.arm.{arm}']").first.bounding_box()
        tab.mouse.click(
            tab.get_by_label("Toggle visibility of runs").bounding_box()["x"] + 8, eye["y"] + eye["height"] / 2
        )


def keep(tab, name):
    """In 128 colours, of which such a page has fewer: a third of the size."""
    tab.mouse.move(640, 20)
    tab.wait_for_timeout(2000)  # until curves are drawn and messages have gone
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    picture.quantize(128, dither=Image.Dither.NONE).save(DOCS / f"mlflow-{name}.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
