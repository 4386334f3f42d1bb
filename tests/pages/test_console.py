"""The console in a browser, in whole stories."""

import re
from itertools import pairwise, product

import pytest
from playwright.sync_api import Browser, Page, expect

from emulator.testing import BackgroundServer, Emulator
from emulator.testing.verify import verify_basswallet
from emulator.web.application import Options
from tests.clients.basswallet import Client
from tests.pages.barriers import SCHEMES, WIDTHS, Scheme, find_barriers
from tests.pages.conftest import requests_of
from tests.pages.console_states import STATES, finish
from tests.receivers import Receiver


def open_console(page: Page, front: str, emulator: Emulator, path: str = "") -> None:
    """Opens a page of the sandbox, and waits until it is told what happens."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{front}/console/{emulator.name}{path}")
    expect(page.locator(".live.on")).to_be_visible()


def test_a_demo_works_from_the_first_click_to_a_verified_webhook(page: Page, front: str, emulator: Emulator) -> None:
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        open_console(page, front, emulator)
        expect(page.get_by_role("heading", name="Nothing has happened yet")).to_be_visible()
        page.get_by_role("button", name="BassWallet order").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("USDT")
        expect(page.locator("#state")).to_have_text("Pending")
        expect(page.locator(".row[aria-current=true]")).to_contain_text("Pending")
        page.get_by_role("link", name="pay…").click()
        expect(page).to_have_url(re.compile(r"/orders/\d+\?fire=pay#fire$"))
        page.get_by_role("button", name="Fire pay").click()
        expect(page.locator(".story")).to_contain_text("pay: Pending")
        page.get_by_role("button", name="confirm", exact=True).click()
        expect(page.locator("#state")).to_have_text("AwaitingConfirmation")
        page.get_by_role("button", name="confirm", exact=True).click()
        expect(page.locator("#state")).to_have_text("Success")
        page.get_by_role("button", name="+10s").click()
        expect(page.locator(".hook").first).to_contain_text("delivered")
        page.get_by_role("link", name="Bytes and signature").first.click()
        expect(page.locator(".sentence")).to_contain_text("Your receiver took it and answered with 200")
        got = receiver.received[-1]
        secret = emulator.basswallet.credentials["callback_secret_key"]
        assert verify_basswallet(got.body, got.headers, secret)
        expect(page.get_by_label("Body", exact=True)).to_have_text(got.body.decode())


def test_a_demo_needs_no_terminal_from_the_order_to_the_webhook_in_the_receiver(
    page: Page, front: str, emulator: Emulator
) -> None:
    open_console(page, front, emulator)
    page.get_by_role("button", name="Send webhooks to the built-in receiver").click()
    page.get_by_role("button", name="BassWallet order").click()
    expect(page.locator("#state")).to_have_text("Pending")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Pay page").click()
    payer = opened.value
    payer.get_by_role("button", name="Pay (sandbox)").click()
    expect(payer.get_by_text("Payment seen, 0 of")).to_be_visible()
    payer.close()
    expect(page.locator(".story")).to_contain_text("Payer has opened the page")
    for minute in (1, 2, 3):
        page.get_by_role("button", name="+1m").click()
        expect(page.locator("#now")).to_have_text(f"12:0{minute}:00")
    expect(page.locator("#state")).to_have_text("Success")
    page.get_by_role("link", name="Receiver").click()
    expect(page.locator(".hook .word").first).to_contain_text("verified")
    expect(page.locator(".hook .word", has_text="not verified")).to_have_count(0)


def test_an_order_can_be_made_to_fail_and_the_list_shows_it_at_once(page: Page, front: str, emulator: Emulator) -> None:
    order = emulator.make_order("koywe", "PAYIN", "manual")
    open_console(page, front, emulator, f"/orders/{order['id']}")
    page.get_by_role("button", name="fail", exact=True).click()
    expect(page.locator("#state")).to_have_text("FAILED")
    expect(page.locator(".row").first).to_contain_text("FAILED")
    expect(page.locator(".drawing:visible .stop.now")).to_contain_text("FAILED")
    expect(page.locator("[data-fire]:visible")).to_have_count(0)
    assert emulator.order(order["id"])["status"] == "FAILED"


def test_changes_from_elsewhere_appear_without_reloading(page: Page, front: str, emulator: Emulator) -> None:
    order = emulator.make_order("koywe", "PAYIN", "manual")
    open_console(page, front, emulator, f"/orders/{order['id']}")
    page.evaluate("window.same = true")
    emulator.fire(order["id"], "confirm")
    expect(page.locator("#state")).to_have_text("PAID")
    expect(page.locator("#said")).to_contain_text("PAID")
    with Client(emulator) as client:
        client.secret = "wrong"
        client.create()
    expect(page.locator(".row").first).to_contain_text("401 SIGN_ERROR")
    expect(page.locator("#said")).to_have_text("Refused: 401 SIGN_ERROR")
    assert page.evaluate("window.same") is True


def test_time_can_be_moved_and_the_clock_s_mode_chosen(page: Page, front: str, emulator: Emulator) -> None:
    order = emulator.make_order("changelly")
    open_console(page, front, emulator, f"/orders/{order['id']}")
    expect(page.locator("#now")).to_have_text("12:00:00")
    page.get_by_role("button", name="+1m").click()
    expect(page.locator("#now")).to_have_text("12:01:00")
    expect(page.locator("#state")).to_have_text("complete")
    page.get_by_role("button", name="Until idle").click()
    expect(page.locator(".due")).to_have_text("nothing due")
    page.get_by_role("button", name="Real").click()
    expect(page.get_by_role("button", name="Real")).to_have_attribute("aria-pressed", "true")
    assert emulator.call("GET", "clock")["mode"] == "real"
    page.get_by_role("button", name="×60").click()
    expect(page.locator("#now")).not_to_have_text("12:01:00")
    assert str(emulator.call("GET", "clock")["rate"]) == "60"


def test_a_webhook_can_be_sent_again_unchanged_and_with_a_bad_signature(
    page: Page, front: str, emulator: Emulator
) -> None:
    with Receiver(500, 200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        order = emulator.make_order("basswallet")
        emulator.advance("20s")
        open_console(page, front, emulator, f"/orders/{order['id']}")
        page.get_by_role("button", name="Resend").first.click()
        expect(page.locator(".sentence")).to_contain_text("Your receiver took it")
        first = page.url
        page.get_by_role("button", name="Bad signature").click()
        expect(page).not_to_have_url(first)
        expect(page.locator(".ids")).to_contain_text("fault bad-signature")
        secret = emulator.basswallet.credentials["callback_secret_key"]
        good = [verify_basswallet(each.body, each.headers, secret) for each in receiver.received]
        assert good[-2:] == [True, False]


def test_the_back_button_and_an_address_lead_to_the_same_thing(page: Page, front: str, emulator: Emulator) -> None:
    orders = [emulator.make_order("koywe", "PAYIN", "manual") for _ in range(2)]
    open_console(page, front, emulator)
    for order in orders:
        page.locator(f"[id='row-orders-{order['id']}']").click()
        expect(page.locator(".ids .id")).to_have_text(order["id"])
        expect(page).to_have_url(f"{front}/console/{emulator.name}/orders/{order['id']}")
    page.go_back()
    expect(page.locator(".ids .id")).to_have_text(orders[0]["id"])
    page.reload()
    expect(page.locator(".ids .id")).to_have_text(orders[0]["id"])


def test_the_list_is_searched_while_typing(page: Page, front: str, emulator: Emulator) -> None:
    emulator.make_order("changelly", scenario="manual")
    order = emulator.make_order("koywe", "PAYIN", "manual")
    open_console(page, front, emulator)
    expect(page.locator(".row")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("koywe")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row")).to_contain_text("50000 COP")
    emulator.fire(order["id"], "confirm")
    emulator.make_order("changelly", scenario="manual")
    expect(page.locator(".row")).to_contain_text("PAID")
    expect(page.locator(".row")).to_have_count(1)


def test_the_keyboard_moves_through_the_list_and_fires_events(page: Page, front: str, emulator: Emulator) -> None:
    orders = [emulator.make_order("koywe", "PAYIN", "manual") for _ in range(3)]
    open_console(page, front, emulator)
    for key in "jjk":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator(".ids .id")).to_have_text(orders[-1]["id"])
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(page.locator("[data-fire]:focus")).to_have_count(1)
    name = page.locator("[data-fire]:focus").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".story")).to_contain_text(f"{name}: ")


def test_the_journal_can_be_filtered_and_paged_and_updates_by_itself(
    page: Page, front: str, emulator: Emulator
) -> None:
    for _ in range(60):
        emulator.make_order("changelly", scenario="manual")
    open_console(page, front, emulator)
    page.get_by_role("link", name="Journal").click()
    expect(page).to_have_url(re.compile(r"/journal$"))
    expect(page.locator(".parts [aria-current]")).to_have_text("Journal")
    expect(page.locator(".entries li")).to_have_count(50)
    order = emulator.make_order("koywe", "PAYIN", "manual")
    expect(page.locator(".entries li").first).to_contain_text("Koywe")
    page.get_by_role("link", name="Older").last.click()
    expect(page.locator(".entries li")).to_have_count(11)
    emulator.fire(order["id"], "confirm")
    expect(page.locator(".row").first).to_contain_text("PAID")
    expect(page.locator(".entries li")).to_have_count(11)
    page.get_by_role("link", name="Newest").click()
    expect(page.locator(".entries li").first).to_contain_text("PENDING -> PAID")
    page.get_by_label("Kind").select_option("transition")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".entries li")).to_have_count(1)
    address = page.url
    page.locator(".entries a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("transition")
    expect(page.locator(".parts [aria-current]")).to_have_text("Journal")
    page.goto(address)
    expect(page.locator(".entries li")).to_have_count(1)


def test_nothing_moves_under_a_reader_who_has_scrolled(page: Page, front: str, emulator: Emulator) -> None:
    for _ in range(40):
        emulator.make_order("koywe", "PAYIN", "manual")
    open_console(page, front, emulator)
    page.locator("#rows").evaluate("each => { each.scrollTop = 600; }")
    first = page.locator(".row").first.get_attribute("id")
    emulator.make_order("changelly", scenario="manual")
    expect(page.locator("#waiting")).to_have_text("1 new")
    assert page.locator(".row").first.get_attribute("id") == first
    page.locator("#waiting").click()
    expect(page.locator(".row").first).to_contain_text("Changelly")
    expect(page.locator("#waiting")).to_be_hidden()


def test_updates_do_not_discard_what_is_being_typed(page: Page, front: str, emulator: Emulator) -> None:
    order = emulator.make_order("basswallet", "fixed", "manual")
    open_console(page, front, emulator, f"/orders/{order['id']}?fire=pay")
    page.get_by_label("amount", exact=True).fill("1.5")
    emulator.fire(order["id"], "pay", times=0.5)
    expect(page.locator(".row").first).to_be_visible()
    expect(page.get_by_label("amount", exact=True)).to_have_value("1.5")
    page.get_by_label("amount", exact=True).fill("-1")
    page.get_by_role("button", name="Fire pay").click()
    expect(page.locator("#fire").get_by_role("alert")).to_contain_text("this event takes amount")
    expect(page.get_by_label("amount", exact=True)).to_have_value("-1")


def test_a_lost_connection_is_shown_and_disables_buttons_until_it_is_back(
    page: Page, front: str, emulator: Emulator
) -> None:
    open_console(page, front, emulator)
    page.evaluate("htmx.trigger(document.getElementById('stream'), 'htmx:sseError')")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    expect(page.locator("#lost")).to_contain_text("Not connected since")
    expect(page.get_by_role("button", name="+10s")).to_be_disabled()
    page.evaluate("htmx.trigger(document.getElementById('stream'), 'htmx:sseOpen')")
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.get_by_role("button", name="+10s")).to_be_enabled()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


def test_a_hidden_page_sends_no_requests(page: Page, front: str, emulator: Emulator) -> None:
    open_console(page, front, emulator)
    with requests_of(page) as asked:
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/events")):
            page.evaluate(
                "() => { Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
                " document.dispatchEvent(new Event('visibilitychange')); }"
            )
        looked_at = page.context.new_page()
        open_console(looked_at, front, emulator)
        for _ in range(5):
            emulator.make_order("koywe", "PAYIN", "manual")
        expect(looked_at.locator(".row")).to_have_count(5)
        looked_at.close()
        assert page.locator(".row").count() == 0
    assert asked == []
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', {value: false, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    expect(page.locator(".row")).to_have_count(5)


def test_a_burst_of_events_causes_at_most_four_updates_a_second(page: Page, front: str, emulator: Emulator) -> None:
    for _ in range(500):
        emulator.make_order("changelly")
    open_console(page, front, emulator)
    page.evaluate(
        "window.paints = [];"
        "document.addEventListener('htmx:beforeRequest', event => {"
        "  if (event.detail.requestConfig.triggeringEvent?.type === 'life') paints.push(performance.now()); })"
    )
    emulator.advance("5s")
    expect(page.locator(".row").first).to_contain_text("complete")
    expect(page.locator(".row b").filter(has_text="pending")).to_have_count(0)
    paints = page.evaluate("paints")
    assert all(later - before >= 245 for before, later in pairwise(paints))
    page.get_by_role("button", name="+1m").click()
    expect(page.locator("#now")).to_have_text("12:01:05")


def test_the_console_works_without_scripts(browser: Browser, front: str, emulator: Emulator) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{front}/console/{emulator.name}")
    page.get_by_role("button", name="Send webhooks to the built-in receiver").click()
    page.goto(f"{front}/console/{emulator.name}/new?maker=basswallet&kind=fixed")
    page.get_by_label("Scenario").select_option("manual")
    page.get_by_role("button", name="Make the order").click()
    page.get_by_role("link", name="pay…").click()
    page.get_by_label("times").fill("1")
    page.get_by_role("button", name="Fire pay").click()
    for status in ("AwaitingConfirmation", "Success"):
        page.get_by_role("button", name="confirm", exact=True).click()
        expect(page.locator("#state")).to_have_text(status)
    page.get_by_role("link", name="Receiver").click()
    expect(page.locator(".hook").first).to_contain_text("verified")
    page.get_by_role("link", name="Life", exact=True).click()
    page.get_by_role("searchbox").fill("webhook-of-nobody")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".rows")).to_contain_text("Nothing matches")
    context.close()


def test_the_token_is_asked_for_once(browser: Browser) -> None:
    with BackgroundServer(Options(port=0, control_token="sesame")) as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(server.server.addresses.front)
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("alert")).to_contain_text("This is not the token")
        page.get_by_label("Token").fill("sesame")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".live.on")).to_be_visible()
        page.get_by_role("button", name="Koywe order").click()
        expect(page.locator("#state")).to_be_visible()
        context.close()


NARROW, WIDE = WIDTHS[0], WIDTHS[-1]
LOOKS: list[tuple[int, Scheme]] = [*product((NARROW, WIDE), SCHEMES)]


def schemes_at(width: int, name: str, thorough: bool) -> tuple[Scheme, ...]:
    """The colour schemes and widths in which a state is checked: all four with the narrowest and the widest screen, or
    one of these, in turn from state to state.
    """
    looks = LOOKS if thorough else [LOOKS[[*STATES].index(name) % len(LOOKS)]]
    return tuple(scheme for wide, scheme in looks if wide == width)


@pytest.mark.parametrize("name", STATES)
def test_the_console_is_accessible_and_fits_every_width(
    emulator: Emulator, still_page: Page, front: str, name: str, thorough: bool
) -> None:
    path = STATES[name](emulator)
    still_page.set_viewport_size({"width": 1440, "height": 900})
    with requests_of(still_page) as asked:
        still_page.goto(front + path)
        still_page.locator(".live.on").wait_for(state="attached")
        finish(still_page, name)
    assert [url for url in asked if not url.startswith((front, "data:"))] == []
    for width in WIDTHS:
        still_page.set_viewport_size({"width": width, "height": 800})
        wide, moving = still_page.evaluate("[document.documentElement.scrollWidth, document.getAnimations().length]")
        assert (wide, moving) == (width, 0)
        if width in (NARROW, WIDE):
            assert find_barriers(still_page, *schemes_at(width, name, thorough)) == []
