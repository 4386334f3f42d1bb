"""A refused request, faults and settings of the console in a browser, in whole stories."""

import re

from playwright.sync_api import Page, expect

from emulator.testing import BackgroundServer, Emulator
from tests.refused import refuse


def open_console(page: Page, emulator_server: BackgroundServer, emulator: Emulator, path: str = "") -> None:
    """Opens a page of the sandbox, and waits until it is told what happens."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{emulator_server.server.addresses.front}/console/{emulator.name}{path}")
    expect(page.locator(".live.on")).to_be_visible()


def test_a_refused_request_in_the_list_can_be_corrected_into_an_order(
    page: Page, emulator_server: BackgroundServer, emulator: Emulator
) -> None:
    open_console(page, emulator_server, emulator)
    refuse(emulator, "basswallet")
    page.locator(".row").first.click()
    expect(page.locator(".sentence")).to_contain_text("The client signed the text with its names sorted")
    expect(page.locator(".lines.left .odd").first).to_contain_text("belongs at")
    expect(page.locator(".checks li.refused")).to_have_text(re.compile("signature"))
    page.get_by_role("link", name="Java").click()
    expect(page).to_have_url(re.compile("language=java"))
    expect(page.get_by_label("Java", exact=True)).to_contain_text("class Sign")
    page.get_by_role("button", name="Send again, correctly signed").click()
    expect(page).to_have_url(re.compile(r"/orders/\d+"))
    [order] = emulator.orders()
    expect(page.locator("#state")).to_have_text(order["status"])


def test_a_fault_can_be_added_and_removed(page: Page, emulator_server: BackgroundServer, emulator: Emulator) -> None:
    open_console(page, emulator_server, emulator, "/faults")
    page.get_by_role("link", name="status", exact=True).click()
    expect(page.get_by_role("button", name="Add status")).to_be_visible()
    page.get_by_label("error", exact=True).fill("NOT_FOND")
    page.get_by_label("provider", exact=True).select_option("basswallet")
    page.get_by_role("button", name="Add status").click()
    expect(page.locator("#problem")).to_be_visible()
    expect(page.get_by_label("error", exact=True)).to_have_value("NOT_FOND")
    page.get_by_label("error", exact=True).fill("NOT_FOUND")
    page.get_by_role("button", name="Add status").click()
    expect(page.locator(".hook")).to_contain_text("waits, 0 of 1")
    page.get_by_role("button", name="Remove status").click()
    expect(page.get_by_text("Nothing goes wrong by itself")).to_be_visible()
    assert emulator.call("GET", "faults")["faults"] == []


def test_a_setting_can_be_changed_and_reset(page: Page, emulator_server: BackgroundServer, emulator: Emulator) -> None:
    open_console(page, emulator_server, emulator, "/settings?of=basswallet")
    page.locator("#value-signature_text").select_option("plain")
    page.get_by_role("button", name="Set signature_text", exact=True).click()
    expect(page.locator(".setting.changed")).to_contain_text("usually any")
    assert emulator.call("GET", "settings")["basswallet"]["signature_text"] == "plain"
    page.get_by_role("button", name="Set signature_text back").click()
    expect(page.locator(".setting.changed")).to_have_count(0)
