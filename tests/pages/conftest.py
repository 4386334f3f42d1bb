"""A browser for the pages: Chromium from this machine, without a window."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

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


def leave_open(context: BrowserContext, server: BackgroundServer) -> None:
    """Opens a page that stays, so that the browser does not start a process for each further one."""
    context.new_page().goto(server.server.addresses.front)


@pytest.fixture(scope="package")
def context(browser: Browser, emulator_server: BackgroundServer) -> BrowserContext:
    """A visitor who may only reach this machine."""
    visitor = browser.new_context(viewport={"width": 900, "height": 800})
    visitor.set_default_timeout(_PATIENCE_MS)
    visitor.route(lambda url: not url.startswith(("http://127.0.0.1:", "data:")), lambda route: route.abort())
    leave_open(visitor, emulator_server)
    return visitor


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page; the test fails if one of its scripts fails, or if a page requests something that does not exist or
    that its own policy forbids.
    """
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: problems.append(f"a script has said {dialog.message}"))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    opened.on("requestfailed", lambda request: problems.append(f"{request.url} {request.failure}"))
    yield opened
    opened.close()
    problems = [problem for problem in problems if "ERR_ABORTED" not in problem]  # the visitor has gone elsewhere
    assert not problems, problems


@pytest.fixture
def shop() -> Iterator[Receiver]:
    """The merchant's site, to which payers return."""
    with Receiver(200) as receiver:
        yield receiver


@pytest.fixture(scope="package")
def looker(browser: Browser, emulator_server: BackgroundServer) -> BrowserContext:
    """A visitor who prefers reduced motion."""
    visitor = browser.new_context(reduced_motion="reduce", locale="en-US")
    leave_open(visitor, emulator_server)
    return visitor
