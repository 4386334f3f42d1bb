"""The console in a browser when an answer comes late: it never replaces what is newer."""

import re
import threading

import pytest
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from emulator.testing import Emulator
from tests.pages.test_console import open_console
from tests.receivers import Receiver


class Held:
    """The answer to the next request for a target, made at once and delivered later."""

    def __init__(self, page: Page, target: str) -> None:
        self._page, self._target = page, target
        self._answers: list[tuple[Request, Route, APIResponse]] = []
        page.route("**/console/**", self._hold)

    def _hold(self, route: Route, request: Request) -> None:
        if self._answers or request.headers.get("hx-target") != self._target:
            route.fallback()
        else:
            self._answers.append((request, route, route.fetch(max_redirects=0)))

    def wait(self) -> None:
        """Returns when it is made."""
        while not self._answers:
            self._page.evaluate("new Promise(requestAnimationFrame)")

    def deliver(self) -> None:
        """Returns when the page has got it."""
        request, route, answer = self._answers[0]
        with self._page.expect_event("requestfinished", lambda finished: finished == request):
            route.fulfill(response=answer)
        self._page.evaluate("new Promise(requestAnimationFrame)")


def orders_in(emulator: Emulator, count: int) -> list[str]:
    """Ids of so many new orders, in which nothing happens by itself."""
    return [emulator.make_order("koywe", "PAYIN", "manual")["id"] for _ in range(count)]


def row(order: str) -> str:
    """Selects the order in the list."""
    return f"[id='row-orders-{order}']"


@pytest.mark.parametrize("target", ["rows", "chosen"])
def test_a_late_refresh_does_not_change_the_chosen_clock(
    page: Page, front: str, emulator: Emulator, target: str
) -> None:
    [order] = orders_in(emulator, 1)
    open_console(page, front, emulator, f"/orders/{order}")
    refresh = Held(page, target)
    emulator.fire(order, "confirm")
    refresh.wait()
    real = page.get_by_role("button", name="Real")
    real.click()
    expect(real).to_have_attribute("aria-pressed", "true")
    refresh.deliver()
    assert real.get_attribute("aria-pressed") == "true"
    expect(page.locator("#state")).to_have_text("PAID")


def test_a_click_on_a_button_that_is_replaced_meanwhile_shows_what_it_has_done(
    page: Page, front: str, emulator: Emulator
) -> None:
    shown, other = orders_in(emulator, 2)
    open_console(page, front, emulator, f"/orders/{shown}")
    refresh, moved = Held(page, "rows"), Held(page, "chosen")
    emulator.fire(other, "confirm")
    refresh.wait()
    page.get_by_role("button", name="+1m").click()
    moved.wait()
    refresh.deliver()
    expect(page.locator(row(other))).to_contain_text("PAID")
    moved.deliver()
    expect(page.locator("#now")).to_have_text("12:01:00")
    expect(page.locator(".ids .id")).to_have_text(shown)


def test_a_button_that_is_pressed_is_not_replaced(page: Page, front: str, emulator: Emulator) -> None:
    shown, other = orders_in(emulator, 2)
    open_console(page, front, emulator, f"/orders/{shown}")
    refresh = Held(page, "rows")
    emulator.fire(other, "confirm")
    refresh.wait()
    page.get_by_role("button", name="+1m").hover()
    page.mouse.down()
    refresh.deliver()
    page.mouse.up()
    expect(page.locator("#now")).to_have_text("12:01:00")
    expect(page.locator(row(other))).to_contain_text("PAID")


def test_an_order_can_be_opened_while_the_list_is_refreshed(page: Page, front: str, emulator: Emulator) -> None:
    [order] = orders_in(emulator, 1)
    open_console(page, front, emulator)
    refresh = Held(page, "rows")
    orders_in(emulator, 1)
    refresh.wait()
    page.locator(row(order)).click()
    expect(page.locator(".ids .id")).to_have_text(order)
    refresh.deliver()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".ids .id")).to_have_text(order)


def test_of_two_chosen_orders_the_last_is_shown(page: Page, front: str, emulator: Emulator) -> None:
    first, second = orders_in(emulator, 2)
    open_console(page, front, emulator)
    late = Held(page, "chosen")
    page.locator(row(first)).click()
    late.wait()
    page.locator(row(second)).click()
    expect(page.locator(".ids .id")).to_have_text(second)
    late.deliver()
    expect(page.locator(".ids .id")).to_have_text(second)
    expect(page).to_have_url(re.compile(f"/orders/{second}$"))
    emulator.fire(second, "confirm")
    expect(page.locator("#state")).to_have_text("PAID")


def test_a_late_refresh_does_not_bring_back_the_previous_list(page: Page, front: str, emulator: Emulator) -> None:
    [order] = orders_in(emulator, 1)
    open_console(page, front, emulator)
    refresh = Held(page, "rows")
    emulator.fire(order, "confirm")
    refresh.wait()
    page.locator("#kind-webhooks").click()
    expect(page.locator(row(order))).to_have_count(0)
    refresh.deliver()
    expect(page.locator(row(order))).to_have_count(0)
    page.locator("#kind-orders").click()
    emulator.fire(order, "settle")
    expect(page.locator(row(order))).to_contain_text("COMPLETED")


def test_changes_of_an_order_are_shown_during_a_search(page: Page, front: str, emulator: Emulator) -> None:
    [order] = orders_in(emulator, 1)
    open_console(page, front, emulator, f"/orders/{order}")
    refresh = Held(page, "chosen")
    emulator.fire(order, "confirm")
    refresh.wait()
    expect(page.locator(row(order))).to_contain_text("PAID")
    found = Held(page, "rows")
    page.get_by_role("searchbox").fill(order)
    found.wait()
    refresh.deliver()
    expect(page.locator("#state")).to_have_text("PAID")
    found.deliver()
    expect(page.locator(row(order))).to_contain_text("PAID")


def test_after_an_advance_a_user_who_went_elsewhere_stays_there(page: Page, front: str, emulator: Emulator) -> None:
    answered = threading.Event()
    with Receiver(decide=lambda received: 200 if answered.wait(10) else 500) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        order = emulator.make_order("basswallet")["id"]
        [other] = orders_in(emulator, 1)
        open_console(page, front, emulator, f"/orders/{order}")
        page.get_by_role("button", name="Until idle").click()
        receiver.wait(1)
        page.locator(row(other)).click()
        expect(page.locator(".ids .id")).to_have_text(other)
        answered.set()
        expect(page.locator(".due")).to_have_text("nothing due")
        expect(page.locator(".ids .id")).to_have_text(other)
        expect(page).to_have_url(re.compile(f"/orders/{other}$"))


def test_a_refusal_is_shown_even_after_the_user_went_elsewhere(page: Page, front: str, emulator: Emulator) -> None:
    [order] = orders_in(emulator, 1)
    open_console(page, front, emulator, "/settings?of=basswallet")
    refused = Held(page, "chosen")
    page.locator("#value-future_tolerance_ms").fill("-1")
    page.get_by_role("button", name="Set future_tolerance_ms", exact=True).click()
    refused.wait()
    page.locator(row(order)).click()
    expect(page.locator(".ids .id")).to_have_text(order)
    refused.deliver()
    expect(page.locator("#chosen").get_by_role("alert")).to_be_visible()
    expect(page.locator(".ids .id")).to_have_text(order)
