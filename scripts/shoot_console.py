"""Takes a picture of the console in every state, both colour schemes and two widths.

    .venv/bin/python scripts/shoot_console.py FOLDER [NAME ...]

The pictures are `<name>-<width>-<scheme>.png`.
"""

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from emulator.testing import BackgroundServer
from tests.pages.conftest import ARGUMENTS, find_browser
from tests.pages.console_states import STATES, finish

WIDTHS = ((360, True), (1600, False))
"""Widths, and whether the picture shows the whole length."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_HEIGHT = 1000


def main(folder: str, *names: str) -> None:
    """Writes the pictures of these states, or of all."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    path = find_browser()
    if path is None:
        sys.exit("no Chromium is installed (scripts/install_tools.sh)")
    with BackgroundServer() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for name in names or STATES:
            shoot(server, browser, place, name)
            print(name, flush=True)
        browser.close()


def shoot(server: BackgroundServer, browser: Browser, place: Path, name: str) -> None:
    """The pictures of one state."""
    with server.sandbox() as emulator:
        url = server.server.addresses.front + STATES[name](emulator)
        for scheme in SCHEMES:
            for width, whole in WIDTHS:
                context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": _HEIGHT})
                page = context.new_page()
                page.goto(url)
                page.locator(".live.on").wait_for(state="attached")
                finish(page, name)
                page.screenshot(path=place / f"{name}-{width}-{scheme}.png", full_page=whole)
                context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
