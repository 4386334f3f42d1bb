"""Takes the pictures in README.md and docs/console.md again, from a running emulator.

    .venv/bin/python scripts/shoot_docs.py

They are compressed as WebP by the browser itself.
"""

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, Page

from emulator.testing import BackgroundServer, Emulator
from scripts.shoot_gallery import open_browser
from tests.pages import console_states, page_states

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_QUALITY = 82


class Picture(NamedTuple):
    """A picture, and how to open what it shows."""

    name: str
    open: Callable[[Emulator, Page, str], None]
    """Opens it in a page; takes a sandbox, the page and the front door's URL."""
    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"


def console(state: Callable[[Emulator], str]) -> Callable[[Emulator, Page, str], None]:
    """A page of the console in this state."""

    def open(emulator: Emulator, page: Page, front: str) -> None:
        page.goto(front + state(emulator))
        page.locator(".live.on").wait_for(state="attached")

    return open


def pay_page(name: str) -> Callable[[Emulator, Page, str], None]:
    """A page that payers see."""
    return lambda emulator, page, front: page_states.visit(page, page_states.STATES[name](emulator))


_ORDER = console(console_states.order_of("basswallet", "6s", "3s"))
PICTURES = (
    Picture("console", _ORDER, (1360, 850)),
    Picture("console-dark", _ORDER, (1360, 850), "dark"),
    Picture("refused", console(console_states.refused("basswallet")), (1360, 850)),
    Picture("pay-page", pay_page("basswallet-part-paid"), (1100, 1110)),
)


def main() -> None:
    """Writes all pictures."""
    with BackgroundServer() as server, open_browser() as browser:
        for picture in PICTURES:
            with server.sandbox(name="shop") as emulator:
                content = shoot(browser, emulator, picture, server.server.addresses.front)
            (FOLDER / f"{picture.name}.webp").write_bytes(content)
            print(f"{picture.name}.webp: {len(content) // 1000} kB", flush=True)


def shoot(browser: Browser, emulator: Emulator, picture: Picture, front: str) -> bytes:
    """One picture as WebP."""
    width, height = picture.size
    context = browser.new_context(
        color_scheme=picture.scheme, reduced_motion="reduce", viewport={"width": width, "height": height}
    )
    page = context.new_page()
    picture.open(emulator, page, front)
    taken: Any = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    context.close()
    return b64decode(taken["data"])


if __name__ == "__main__":
    main()
