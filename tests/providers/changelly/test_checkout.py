"""The page behind a redirectUrl, as a browser uses it."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from emulator.testing.connection import tls
from tests.clients.changelly import BUY, ETH, Client

SUCCESS = "https://shop.example/thanks?a=1#top"
FAILURE = "https://shop.example/sorry"
HTML = "text/html; charset=utf-8"
BUTTONS = ["complete", "failed", "expired"]
WALLETS = {"wert": {"currencyTo": "BTC", "walletAddress": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}}


def browse(method: str, url: str, status: str | None = None) -> httpx.Response:
    form = None if status is None else {"status": status}
    with httpx.Client(verify=tls()) as browser:
        return browser.request(method, url, data=form)


def start(client: Client, provider: str = "moonpay", urls: bool = True, scenario: str = "manual") -> tuple[str, str]:
    """Order id and redirectUrl of a new order."""
    returns = {"returnSuccessUrl": SUCCESS, "returnFailedUrl": FAILURE} if urls else {}
    headers = {"X-Emulator-Scenario": scenario}
    created = client.create(headers, providerCode=provider, **returns, **WALLETS.get(provider, {})).json()
    return created["orderId"], created["redirectUrl"]


def test_25_the_redirect_url_opens_a_page_with_buttons(client: Client) -> None:
    order_id, url = start(client)
    page = browse("GET", url)
    assert (page.status_code, page.headers["content-type"]) == (200, HTML)
    assert re.findall(r'<button name="status" value="(\w+)">', page.text) == BUTTONS
    assert all(text in page.text for text in ("150 USD", "ETH", ETH, order_id, "created"))
    assert client.status(order_id) == "created"


def test_25_the_page_is_at_the_address_that_the_client_used(client: Client, emulator: Emulator) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    created = client.request("POST", f"{front}/changelly/v1/orders", BUY).json()
    assert created["redirectUrl"].startswith(f"{front}/changelly/checkout/moonpay/{created['orderId']}?")
    assert browse("GET", created["redirectUrl"]).status_code == 200
    assert browse("POST", created["redirectUrl"], "failed").status_code == 200
    assert client.status(created["orderId"]) == "failed"


@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("kind", ["buy", "sell"])
def test_25_each_button_moves_the_order(client: Client, emulator: Emulator, button: str, kind: str) -> None:
    create = client.create if kind == "buy" else client.sell
    created = create({"X-Emulator-Scenario": "manual"}).json()
    page = browse("POST", created["redirectUrl"], button)
    assert (page.status_code, page.headers["content-type"]) == (200, HTML)
    assert button in page.text
    order_id = created["orderId"]
    assert client.status(order_id) == button
    story = emulator.order(order_id)["story"]
    passed = [entry["status"] for entry in story if entry["kind"] == "transition"]
    assert passed == (["expired"] if button == "expired" else ["pending", button])


@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize(
    ("provider", "parameters"),
    [
        ("moonpay", "transactionId={order}&transactionStatus={status}"),
        ("transak", "orderId={order}&status={status}"),
        ("banxa", ""),
    ],
)
def test_25_the_browser_returns_with_the_parameters_the_provider_adds(
    client: Client, button: str, provider: str, parameters: str
) -> None:
    order_id, url = start(client, provider)
    answer = browse("POST", url, button)
    added = parameters.format(order=order_id, status=button)
    if button == "complete":
        expected = f"https://shop.example/thanks?a=1{'&' if added else ''}{added}#top"
    else:
        expected = f"{FAILURE}{'?' if added else ''}{added}"
    assert (answer.status_code, answer.headers["location"]) == (302, expected)


@pytest.mark.parametrize(("button", "target"), [("complete", SUCCESS), ("failed", FAILURE), ("expired", FAILURE)])
def test_25_wert_does_not_redirect_but_has_a_link(client: Client, button: str, target: str) -> None:
    order_id, url = start(client, "wert")
    page = browse("POST", url, button)
    assert page.status_code == 200
    [link] = re.findall(r'<a href="([^"]*)">Back</a>', page.text)
    assert unescape(link) == target
    assert client.status(order_id) == button


@pytest.mark.parametrize("status", BUTTONS)
def test_25_a_final_order_does_not_change(client: Client, emulator: Emulator, status: Any) -> None:
    order_id, url = start(client)
    emulator.move(order_id, status, force=True)
    for button in BUTTONS:
        answer = browse("POST", url, button)
        assert f"transactionStatus={status}" in answer.headers["location"]
        assert answer.headers["location"].startswith("https://shop.example/thanks") == (status == "complete")
    assert client.status(order_id) == status


@pytest.mark.parametrize("status", ["pending", "hold", "refunded"])
@pytest.mark.parametrize("button", BUTTONS)
def test_25_buttons_work_from_every_status(client: Client, emulator: Emulator, status: Any, button: str) -> None:
    order_id, url = start(client)
    emulator.move(order_id, status, force=True)
    assert browse("POST", url, button).status_code == 302
    assert client.status(order_id) == button


def test_25_a_scenario_may_wait_for_a_button(client: Client, emulator: Emulator) -> None:
    document = {
        "version": 1,
        "provider": "changelly",
        "about": "The user pays, and the provider gives up.",
        "timeline": [{"on": "start", "to": "pending"}, {"on": "complete", "to": "failed"}],
    }
    emulator.scenario("changelly", "pays-in-vain", document)
    order_id, url = start(client, scenario="pays-in-vain")
    assert "transactionStatus=failed" in browse("POST", url, "complete").headers["location"]
    assert client.status(order_id) == "failed"


@pytest.mark.parametrize("body", ["status=pending", "status=completed", "status=", "", "x", "%ff=%00", '{"status":1}'])
def test_25_other_forms_are_refused(client: Client, body: str) -> None:
    order_id, url = start(client)
    answer = httpx.post(url, content=body, verify=tls())
    assert answer.status_code == 400
    assert answer.json()["errorDetails"] == [{"cause": "status", "value": "Incorrect status"}]
    assert client.status(order_id) == "created"


@pytest.mark.parametrize(
    "path", ["/checkout/moonpay/nothing", "/checkout/banxa/{order}", "/checkout/moonpay", "/checkout"]
)
def test_25_other_pages_are_not_found(client: Client, emulator: Emulator, path: str) -> None:
    order_id, _ = start(client)
    assert browse("GET", emulator.changelly.url + path.format(order=order_id)).status_code == 404


def test_25_text_of_the_partner_is_never_markup(client: Client, emulator: Emulator) -> None:
    order_id, url = start(client, "wert")
    client.patch(order_id, amountFrom="1", currencyFrom="EUR")
    emulator.set("changelly", validateWallets=False)
    client.patch(order_id, walletAddress="<script>alert(1)</script>")
    assert "<script>" not in browse("GET", url).text
    assert "&lt;script&gt;" in browse("GET", url).text


def test_25_a_return_url_beyond_ascii_is_escaped(client: Client) -> None:
    created = client.create(returnSuccessUrl="https://shop.example/zoë?a=€%20\x00").json()
    assert created["returnSuccessUrl"] == "https://shop.example/zoë?a=€%20\x00"
    location = browse("POST", created["redirectUrl"], "complete").headers["location"]
    assert location.startswith("https://shop.example/zo%C3%AB?a=%E2%82%AC%20%00&transactionId=")


def test_25_an_unknown_order_is_answered_with_a_page_for_people_and_json_for_programs(
    client: Client, emulator: Emulator
) -> None:
    url = f"{emulator.changelly.url}/checkout/moonpay/nothing"
    for method in ("GET", "POST"):
        page = browse(method, url)
        assert (page.status_code, page.headers["content-type"]) == (404, HTML)
        assert "We cannot find this order" in page.text
    told = httpx.get(url, headers={"Accept": "application/json"}, verify=tls())
    assert (told.status_code, told.json()["errorType"]) == (404, "notFound")


@pytest.mark.parametrize(
    ("country", "amount", "shown"),
    [("DE", "1234.5", "1.234,5 EUR"), ("US", "1234.50", "1,234.50 EUR"), ("FR", "1234", "1\u202f234 EUR")],
)
def test_25_the_amount_is_formatted_for_the_payer_s_country(
    client: Client, country: str, amount: str, shown: str
) -> None:
    order_id, url = start(client)
    client.patch(order_id, country=country, amountFrom=amount, currencyFrom="EUR")
    assert f"Pay {shown}" in unescape(browse("GET", url).text)


def test_25_the_page_says_what_the_user_gets_and_how(client: Client, emulator: Emulator) -> None:
    created = client.create({"X-Emulator-Scenario": "manual"}, paymentMethod="card").json()
    text = browse("GET", created["redirectUrl"]).text
    for fact in ("Buy ETH with MoonPay", "Visa / Mastercard", "0,04775 ETH", "Waiting for your payment"):
        assert fact in text
    emulator.move(created["orderId"], "complete", force=True)
    assert client.order(created["orderId"])["transactionHash"] in browse("GET", created["redirectUrl"]).text


def test_25_head_of_the_page_is_answered_like_get_without_a_body_and_opens_nothing(
    client: Client, emulator: Emulator
) -> None:
    order_id, url = start(client)
    for each, status in ((url, 200), (url.replace(order_id, "nothing"), 404)):
        asked, got = browse("HEAD", each), browse("GET", each)
        assert (asked.status_code, got.status_code, asked.content) == (status, status, b"")
        assert asked.headers["content-length"] == str(len(got.content))
    story = [line["kind"] for line in emulator.order(order_id)["story"]]
    assert story.count("page-opened") == 1


def test_25_testers_hold_and_resume_on_the_page(client: Client, emulator: Emulator) -> None:
    order_id, url = start(client)
    for event, status in (("start", "pending"), ("hold", "hold"), ("resume", "pending"), ("refund", "refunded")):
        with httpx.Client(verify=tls()) as browser:
            answer = browser.post(url, data={"event": event})
        assert (answer.status_code, answer.headers["location"]) == (303, url.removeprefix(emulator.changelly.url))
        assert client.status(order_id) == status
    with httpx.Client(verify=tls()) as browser:
        refused = browser.post(url, data={"event": "hold"})
    assert refused.status_code == 409
    assert "hold cannot happen to an order that is refunded" in refused.text
    emulator.set("changelly", tester_strip=False)
    assert "<aside" not in browse("GET", url).text
    with httpx.Client(verify=tls()) as browser:
        assert browser.post(url, data={"event": "resume"}).status_code == 400
