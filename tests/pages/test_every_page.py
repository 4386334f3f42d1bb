"""What holds for every page that payers see, in every state: it is accessible, and it fits every screen."""

from typing import Any

import pytest
from playwright.sync_api import Page

from emulator.testing import Emulator
from tests.pages.barriers import SCHEMES, WIDTHS, find_barriers
from tests.pages.conftest import requests_of
from tests.pages.page_states import STATES, visit

FOCUSED = """
() => {
  const each = document.activeElement;
  if (each === document.body) return null;
  const style = getComputedStyle(each.matches(".choice input") ? each.closest(".choice") : each);
  const box = each.getBoundingClientRect();
  return [each.outerHTML.slice(0, 80), style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
          Math.min(box.width, box.height)];
}
"""
REACHABLE = "() => document.querySelectorAll('a[href], button, input:not([type=hidden]), select').length"


@pytest.mark.parametrize("name", STATES)
def test_every_page_is_accessible_and_fits(emulator: Emulator, still_page: Page, name: str, thorough: bool) -> None:
    schemes = SCHEMES if thorough else (SCHEMES[[*STATES].index(name) % len(SCHEMES)],)
    state = STATES[name](emulator)
    with requests_of(still_page) as asked:
        visit(still_page, state)
    origin = "/".join(state.url.split("/")[:3])
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
    assert find_barriers(still_page, *schemes) == []
    for width in WIDTHS:
        still_page.set_viewport_size({"width": width, "height": 800})
        wide, moving = still_page.evaluate("[document.documentElement.scrollWidth, document.getAnimations().length]")
        assert (wide, moving) == (width, 0)
    assert still_page.title()


@pytest.mark.parametrize(
    "name", ["basswallet-pending", "koywe-link", "koywe-card", "changelly-created", "baanx-started"]
)
def test_the_keyboard_reaches_everything_and_the_focus_is_visible(
    emulator: Emulator, still_page: Page, name: str
) -> None:
    visit(still_page, STATES[name](emulator))
    seen: list[Any] = []
    for _ in range(still_page.evaluate(REACHABLE)):
        still_page.keyboard.press("Tab")
        focused = still_page.evaluate(FOCUSED)
        if focused is None:
            break
        seen.append(focused)
    radios = still_page.locator("input[type=radio]").count()
    assert len(seen) == still_page.evaluate(REACHABLE) - max(0, radios - 1)
    assert [each for each in seen if not each[1]] == []
    assert [each for each in seen if each[2] < 44 and "radio" not in each[0]] == []


DIM = "<style>@media (prefers-color-scheme: dark) {p {background: #222; color: #333}}</style>"


def test_the_check_of_accessibility_finds_problems(still_page: Page) -> None:
    still_page.set_content(
        f"<html lang=en><title>x</title>{DIM}<main><h1>x</h1><p>some words</p><input><button></button></main>"
    )
    assert {rule for rule, _ in find_barriers(still_page, *SCHEMES)} == {"button-name", "label", "color-contrast"}
