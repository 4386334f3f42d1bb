"""Takes a picture of every page in every state, in both colour schemes and two widths.

    .venv/bin/python scripts/shoot_gallery.py console FOLDER [STATE ...]
    .venv/bin/python scripts/shoot_gallery.py pages FOLDER [STATE ...]       the pages that payers see

The pictures are `<state>-<width>-<scheme>.png`, and `index.html` shows all of them.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from emulator.testing import BackgroundServer, Emulator
from tests.pages import console_states, page_states
from tests.pages.conftest import ARGUMENTS, find_browser

Visit = Callable[[Page, Emulator, str, str], None]
"""Opens a state in a page; takes the page, a new sandbox, the front door's URL and the state's name."""
NARROW, WIDE = 360, 1600
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_HEIGHT = 1000


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium without a window; ends the process if there is none."""
    path = find_browser()
    if path is None:
        sys.exit("no Chromium is installed (scripts/install_tools.sh)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def visit_console(page: Page, emulator: Emulator, front: str, name: str) -> None:
    """Opens a state of the console."""
    page.goto(front + console_states.STATES[name](emulator))
    page.locator(".live.on").wait_for(state="attached")
    console_states.finish(page, name)


def visit_payer_page(page: Page, emulator: Emulator, front: str, name: str) -> None:
    """Opens a state of a page that payers see."""
    page_states.visit(page, page_states.STATES[name](emulator))


PARTS: dict[str, tuple[list[str], Visit]] = {
    "console": (list(console_states.STATES), visit_console),
    "pages": (list(page_states.STATES), visit_payer_page),
}
"""What can be pictured: the names of its states, and how to open one."""


def main(part: str, folder: str, *names: str) -> None:
    """Writes the pictures of these states, or of all."""
    states, visit = PARTS[part]
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    with BackgroundServer() as server, open_browser() as browser:
        for name in names or states:
            shoot(server, browser, place, name, visit)
            print(name, flush=True)
    pictures = sorted(each.name for each in place.glob("*.png"))
    rows = "".join(
        f'<figure><figcaption>{each}</figcaption><img src="{each}" loading="lazy"></figure>' for each in pictures
    )
    (place / "index.html").write_text(f'<!doctype html><meta charset="utf-8"><title>{part}</title>{rows}', "utf-8")


def shoot(server: BackgroundServer, browser: Browser, place: Path, name: str, visit: Visit) -> None:
    """The pictures of one state, each in its own sandbox. The wide console scrolls by itself and is one screen high."""
    for scheme in SCHEMES:
        for width in (NARROW, WIDE):
            with server.sandbox() as emulator:
                context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": _HEIGHT})
                page = context.new_page()
                visit(page, emulator, server.server.addresses.front, name)
                whole = width == NARROW or visit is not visit_console
                page.screenshot(path=place / f"{name}-{width}-{scheme}.png", full_page=whole)
                context.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
