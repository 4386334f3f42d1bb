"""What keeps people out of a page, as axe-core finds it."""

from importlib import resources
from typing import Any, Literal

from playwright.sync_api import Page

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
WIDTHS = (360, 768, 1280, 1600)
"""In pixels, from a phone to a wide screen."""
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_RULES: dict[Scheme, dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
"""All of them in light colours; those about colours in dark ones, as nothing else differs there."""
_RUN = "async options => (await axe.run({...options, resultTypes: ['violations']})).violations"

Barrier = tuple[str, list[str]]
"""The rule of axe-core, and the elements that break it."""


def find_barriers(page: Page, *schemes: Scheme) -> list[Barrier]:
    """What axe-core finds in these colours."""
    if page.evaluate("window.axe === undefined"):
        page.evaluate(AXE)
    return [barrier for scheme in schemes for barrier in _find(page, scheme)]


def _find(page: Page, scheme: Scheme) -> list[Barrier]:
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate(_RUN, _RULES[scheme])
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
