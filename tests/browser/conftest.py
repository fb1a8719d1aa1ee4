"""A headless browser, where the machine has one, and reports for it to open."""

import shutil
from types import SimpleNamespace

import pytest

from reports.pages.page import page
from reports.write import write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK = {"width": 1280, "height": 800}
PATIENCE = 10_000
"""Milliseconds that a thing may take to appear, on a busy machine too."""


@pytest.fixture(scope="module")
def browser():
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)}): apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root, as in a container, Chromium refuses to start with its sandbox.
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser):
    """Opens a file; what it logs, what fails in it and what it asks for are kept with the page."""
    contexts = []

    def open_file(path, viewport=DESK, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        tab = context.new_page()
        log, requests = [], []
        tab.on("console", lambda message: log.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: log.append(str(error)))
        tab.on("dialog", lambda dialog: (log.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri())
        return SimpleNamespace(tab=tab, log=log, requests=requests, context=context)

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Writes the report of a study; returns the page's path."""
    return lambda study: write_report(study, tmp_path_factory.mktemp("report"))


@pytest.fixture
def undrawn(tmp_path):
    """Writes the page of a study without its pictures, which take their time; returns its path."""

    def write(study):
        (tmp_path / "index.html").write_text(page(study, {}))
        return tmp_path / "index.html"

    return write
