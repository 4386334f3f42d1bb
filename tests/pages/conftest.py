"""A browser for the pages: Chromium from this machine, without a window."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from emulator.testing import BackgroundServer
from tests.receivers import Receiver

EVIL_HOST = "evil.test"
"""A host name that leads to this machine, as anybody can set up for a name of theirs."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--host-resolver-rules=MAP {EVIL_HOST} 127.0.0.1",
    # Newer browsers keep other sites from this machine by themselves; what the emulator does is to be seen without.
    "--disable-features=LocalNetworkAccessChecks",
)
_PATIENCE_MS = 10_000
_ENDS = re.compile(r"ERR_ABORTED|/events\S* net::ERR_INCOMPLETE_CHUNKED_ENCODING")
"""What becomes of requests when the visitor goes elsewhere, and of the stream of events when its sandbox is removed."""
_WINDOW: ViewportSize = {"width": 900, "height": 800}
expect.set_options(timeout=_PATIENCE_MS)


def find_browser() -> str | None:
    """Path of a Chromium: what the variable CHROMIUM says, or the first that is found."""
    named = [os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES)]
    return next(filter(None, [*named, *(path for path in _ON_MACOS if Path(path).exists())]), None)


@pytest.fixture
def front(emulator_server: BackgroundServer) -> str:
    """URL of the front door."""
    return emulator_server.server.addresses.front


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of pages."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium is installed (scripts/install_tools.sh)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def context(browser: Browser) -> BrowserContext:
    """A visitor who may only reach this machine."""
    visitor = browser.new_context(viewport=_WINDOW)
    visitor.set_default_timeout(_PATIENCE_MS)
    visitor.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:")), lambda route: route.abort())
    return visitor


@contextmanager
def emptied(opened: Page) -> Iterator[Page]:
    """A page as if it were new, which afterwards is empty again: to open another one takes longer than most tests."""
    opened.set_viewport_size(_WINDOW)
    yield opened
    opened.unroute_all()
    opened.goto("about:blank")


@contextmanager
def requests_of(opened: Page) -> Iterator[list[str]]:
    """The URLs that a page requests meanwhile."""
    urls: list[str] = []

    def note(request: Request) -> None:
        urls.append(request.url)

    opened.on("request", note)
    yield urls
    opened.remove_listener("request", note)


@pytest.fixture(scope="package")
def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """The one page of a visitor, and what goes wrong on it: a script fails or opens a dialog, or the page requests
    something that does not exist or that its own policy forbids.
    """
    opened = context.new_page()
    problems: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        problems.append(f"a script has said {dialog.message}")
        dialog.dismiss()

    opened.on("dialog", dismiss)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    opened.on("requestfailed", lambda request: problems.append(f"{request.url} {request.failure}"))
    return opened, problems


@pytest.fixture
def page(watched: tuple[Page, list[str]]) -> Iterator[Page]:
    """An empty page; the test fails if anything goes wrong on it."""
    opened, problems = watched
    with emptied(opened):
        yield opened
    found = [problem for problem in problems if not _ENDS.search(problem)]
    problems.clear()
    assert not found, found


@pytest.fixture
def shop() -> Iterator[Receiver]:
    """The merchant's site, to which payers return."""
    with Receiver(200) as receiver:
        yield receiver


@pytest.fixture(scope="package")
def only_still_page(browser: Browser) -> Page:
    """The one page of a visitor who prefers reduced motion."""
    return browser.new_context(reduced_motion="reduce", locale="en-US").new_page()


@pytest.fixture
def still_page(only_still_page: Page) -> Iterator[Page]:
    """An empty page of a visitor who prefers reduced motion."""
    with emptied(only_still_page):
        yield only_still_page
