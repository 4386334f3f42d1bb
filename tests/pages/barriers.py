"""What keeps people out of a page, as axe-core finds it."""

from importlib import resources
from typing import Any

from playwright.sync_api import Page

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
WIDTHS = (360, 768, 1280, 1600)
"""In pixels, from a phone to a wide screen."""
_ABOUT_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}

Barrier = tuple[str, list[str]]
"""The rule of axe-core, and the elements that break it."""


def find_barriers(page: Page) -> list[Barrier]:
    """By all rules in light colours; by those about colours in dark ones, as nothing else differs there."""
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE)
    found = _run(page, {})
    page.emulate_media(color_scheme="dark")
    return found + _run(page, _ABOUT_COLOURS)


def _run(page: Page, options: dict[str, Any]) -> list[Barrier]:
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
