"""Every view of the console by keyboard alone: everything can be reached, and the focus is visible."""

import pytest
from playwright.sync_api import Page, expect

from emulator.testing import BackgroundServer, Emulator
from emulator.web.console.app import VIEWS
from tests.pages.console_states import STATES

VIEW_STATES = {
    "": "empty",
    "/access": "keys",
    "/new": "new",
    "/scenarios": "scenarios",
    "/faults": "faults",
    "/settings": "settings",
    "/orders/{order}": "order-changelly",
    "/webhooks/{webhook}": "webhook",
    "/receiver": "receiver",
    "/journal": "journal",
    "/journal/{number}": "entry",
    "/coverage": "coverage",
    "/requests/{number}": "refused-changelly",
}
"""A state of each view."""
REACHABLE = """
() => {
  const all = "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.reachable = [...document.querySelectorAll(all)].filter((each) => each.checkVisibility());
  return window.reachable.length;
}
"""
"""Finds what can be used, in the order of the page; tells how much it is."""
FOCUSED = """
() => {
  const each = document.activeElement;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
  const box = each.getBoundingClientRect();
  const seen = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
  const within = each.closest("p, dd, td, th, h2, .story") !== null;
  const inSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const side = within ? 99 : Math.min(box.width, box.height);
  return [window.reachable.indexOf(each), seen && inSight, side, each.outerHTML.slice(0, 120)];
}
"""
"""Which of them has the focus, whether that is seen, its smaller side in px where it is no link in a text, and what it
is."""
_LEAST_PX = 24


def test_every_view_has_a_state_that_is_tested() -> None:
    assert set(VIEW_STATES) == set(VIEWS)
    assert set(VIEW_STATES.values()) <= set(STATES)


@pytest.mark.parametrize("view", VIEW_STATES)
def test_the_keyboard_reaches_everything_and_the_focus_is_visible(
    page: Page, emulator: Emulator, emulator_server: BackgroundServer, view: str
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(emulator_server.server.addresses.front + STATES[VIEW_STATES[view]](emulator))
    expect(page.locator(".live.on")).to_be_visible()
    count = page.evaluate(REACHABLE)
    seen: dict[int, tuple[bool, float, str]] = {}
    for _ in range(count + 20):
        page.keyboard.press("Tab")
        place, shown, least_px, what = page.evaluate(FOCUSED)
        if place in seen:
            break
        seen[place] = (shown, least_px, what)
    seen.pop(-1, None)  # what scrolls, and the browser's own stops
    assert sorted(seen) == list(range(count))
    assert [what for shown, _, what in seen.values() if not shown] == []
    assert [what for _, least_px, what in seen.values() if least_px < _LEAST_PX] == []
