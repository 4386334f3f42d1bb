"""Takes a picture of every page that payers see, in every state, both colour schemes and two widths.

    .venv/bin/python scripts/shoot_pages.py FOLDER [NAME ...]

The pictures are `<name>-<width>-<scheme>.png`, and `index.html` shows all of them.
"""

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from emulator.testing import BackgroundServer
from tests.pages.conftest import ARGUMENTS, find_browser
from tests.pages.page_states import STATES, visit

WIDTHS = (360, 1600)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_HEIGHT = 820


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
    pictures = sorted(each.name for each in place.glob("*.png"))
    rows = "".join(
        f'<figure><figcaption>{each}</figcaption><img src="{each}" loading="lazy"></figure>' for each in pictures
    )
    (place / "index.html").write_text(f'<!doctype html><meta charset="utf-8"><title>Pages</title>{rows}', "utf-8")


def shoot(server: BackgroundServer, browser: Browser, place: Path, name: str) -> None:
    """The pictures of one state, each in a sandbox of its own."""
    for scheme in SCHEMES:
        for width in WIDTHS:
            with server.sandbox() as emulator:
                context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": _HEIGHT})
                page = context.new_page()
                visit(page, STATES[name](emulator))
                page.screenshot(path=place / f"{name}-{width}-{scheme}.png", full_page=True)
                context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
