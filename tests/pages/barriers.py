"""Barriers to accessibility on a page, as axe-core finds them."""

from importlib import resources
from typing import Any, Literal

from playwright.sync_api import Page

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
WIDTHS = (360, 768, 1280, 1600)
"""In pixels, from a phone to a wide screen."""
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_ABOUT_COLOURS = ("color-contrast", "link-in-text-block")
_ALL_OTHERS = {"rules": {rule: {"enabled": False} for rule in _ABOUT_COLOURS}}
_COLOURS = {"runOnly": {"type": "rule", "values": _ABOUT_COLOURS}}
_RUN = "async options => (await axe.run({...options, resultTypes: ['violations']})).violations"

Barrier = tuple[str, list[str]]
"""The rule of axe-core, and the elements that break it."""


def find_barriers(page: Page, *schemes: Scheme) -> list[Barrier]:
    """What axe-core finds by its rules about colours in these schemes, and by all others, which see no colours."""
    if page.evaluate("window.axe === undefined"):
        page.evaluate(AXE)
    found = _run(page, _ALL_OTHERS)
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found += _run(page, _COLOURS)
    return found


def _run(page: Page, options: dict[str, Any]) -> list[Barrier]:
    found = page.evaluate(_RUN, options)
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
