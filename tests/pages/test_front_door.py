"""The pages of the emulator itself, in a browser."""

from playwright.sync_api import Page, expect

from emulator.testing import BackgroundServer

DOCUMENTS = ("control API", "baanx", "basswallet", "changelly", "koywe")


def test_the_front_page_says_where_everything_is(emulator_server: BackgroundServer, page: Page) -> None:
    addresses = emulator_server.server.addresses
    page.goto(addresses.front)
    expect(page).to_have_title("Payment provider emulator")
    for name, url in addresses.urls().items():
        expect(page.get_by_role("row", name=name)).to_contain_text(url)
    expect(page.get_by_role("row").filter(has_text="control API")).to_contain_text(addresses.control)


def test_the_front_page_leads_to_the_control_api(emulator_server: BackgroundServer, page: Page) -> None:
    page.goto(emulator_server.server.addresses.front)
    page.get_by_role("link", name="Control API").click()
    expect(page).to_have_title("Control API")
    expect(page.get_by_role("row").filter(has_text="clock/advance")).to_have_count(1)


def test_the_documentation_leads_to_each_openapi_document(emulator_server: BackgroundServer, page: Page) -> None:
    page.goto(f"{emulator_server.server.addresses.control}/docs")
    for name in DOCUMENTS:
        link = page.get_by_role("link", name=name, exact=True)
        answer = page.request.get(link.evaluate("link => link.href"))
        assert answer.status == 200
        assert answer.json()["openapi"].startswith("3.1")
