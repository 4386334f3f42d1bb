"""The hosted page over HTTP, as a payer's browser sees it."""

from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.testing import BackgroundServer, Emulator
from tests.clients.basswallet import FORM_TYPE, Client

HTML = "text/html; charset=utf-8"
RETURN = "https://shop.example/return?o=1&p=2"
UNKNOWN = "/payin/3f6c2c1e-5a0a-4b52-9a3c-8f1d2e7b6a90"
STATUSES = {
    "Pending": ("Awaiting payment", "待支付"),
    "AwaitingConfirmation": ("Confirming", "待确认"),
    "Success": ("Success", "成功"),
    "Failed": ("Failed", "失败"),
    "Underpaid": ("Underpaid", "金额不足"),
    "Expired": ("Expired", "订单过期"),
    "Cancelled": ("Cancelled", "订单取消"),
}


class Page(HTMLParser):
    """A parsed page: elements by id or tag with their attributes, and the text of each."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.elements: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}
        self.scripts = 0
        self.forms: set[str] = set()
        self._open = ""
        self.feed(response.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._open = attributes.get("id") or (tag if tag != "meta" else f"meta {attributes.get('http-equiv')}")
        self.elements[self._open] = attributes
        self.scripts += tag == "script"
        if tag == "form":
            self.forms.add(str(attributes["action"]))

    def handle_data(self, data: str) -> None:
        self.texts[self._open] = self.texts.get(self._open, "") + data

    @property
    def pays(self) -> bool:
        """Whether it has the form that pays."""
        return any(action.endswith("/pay") for action in self.forms)

    @property
    def text(self) -> str:
        """All visible text."""
        return " ".join(text for name, text in self.texts.items() if name not in ("style", "script"))


def path_of(client: Client, order_id: str) -> str:
    return httpx.URL(client.data(client.read(order_id))["redirectUrl"]).path


@pytest.mark.parametrize(("language", "place"), [(None, 0), ("en-US", 0), ("zh-CN", 1)])
@pytest.mark.parametrize("status", STATUSES)
def test_18_the_page_shows_each_status_in_both_languages(
    emulator: Emulator, client: Client, status: Any, language: str | None, place: int
) -> None:
    order_id = client.start(amount="25.50", displayLanguage=language, returnUrl=RETURN)
    if status != "Pending":
        emulator.move(order_id, status, force=True)
    response = client.page(order_id)
    page = Page(response)
    assert (response.status_code, response.headers["content-type"]) == (200, HTML)
    assert response.headers["cache-control"] == "no-store"
    assert page.elements["html"]["lang"] == (language or "en-US")
    assert page.elements["payin"]["data-status"] == status
    assert STATUSES[status][place] in page.text
    for words in (
        ("Amount", "支付金额"),
        ("Address", "收款地址"),
        ("Network", "网络"),
        ("Back to merchant", "返回商户"),
    ):
        assert words[place] in page.text
    assert page.elements["return"]["href"] == RETURN
    waits = status in ("Pending", "AwaitingConfirmation")
    assert page.elements.get("meta refresh", {}).get("content") == ("3" if waits else None)
    assert page.pays == (status == "Pending")


@pytest.mark.parametrize(("amount", "attribute", "shown"), [("25.50", "amount", "25.50"), (None, "min-amount", "1")])
def test_18_the_page_shows_a_fixed_and_a_variable_order(
    client: Client, amount: str | None, attribute: str, shown: str
) -> None:
    created = client.data(client.create(amount=amount))
    page = Page(client.page(created["id"]))
    assert page.elements["payin"] == {
        "id": "payin",
        "data-order-id": created["id"],
        "data-status": "Pending",
        "data-token": "USDT",
        "data-chain": "Tron",
        "data-address": created["address"],
        "data-expiry": str(created["expiryDate"]),
        f"data-{attribute}": shown,
        "data-received": "0",
        "tabindex": "-1",
        **({"data-missing": shown} if amount else {}),
    }
    for fact in (created["id"], "USDT", "Tron", created["address"], shown, "Jan 5, 2026 13:00 UTC"):
        assert fact in page.text
    assert page.elements["sum"]["value"] == shown
    assert page.forms == {f"{path_of(client, created['id'])}{end}" for end in ("", "/pay")}
    assert "display-info" not in page.elements
    assert "return" not in page.elements


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_18_the_merchant_s_text_is_shown_as_it_is(emulator_server: BackgroundServer, said: str) -> None:
    with emulator_server.sandbox() as emulator, Client(emulator) as client:
        emulator.choose(basswallet="manual")
        text = f"<script>alert('{said}')</script> & \"{said}\""
        page = Page(client.page(client.order_id(client.create(displayInfo=text))))
        assert page.texts["display-info"].rstrip("\n") == text
        assert page.scripts == 1


def test_18_a_return_url_cannot_break_out_of_its_attribute(client: Client) -> None:
    url = "https://shop.example/\"><script>alert(1)</script>X-Evil: 1 金?a='b'"
    order_id = client.start(returnUrl=url, autoReturn="true")
    page = Page(client.page(order_id))
    assert page.elements["return"]["href"] == url
    assert page.scripts == 1


@pytest.mark.parametrize(
    ("setting", "leads_back"),
    [("success", {"Success"}), ("confirmation", {"AwaitingConfirmation", "Success"})],
)
@pytest.mark.parametrize("status", STATUSES)
def test_18_the_page_returns_to_the_merchant_by_itself(
    emulator: Emulator, client: Client, status: Any, setting: Any, leads_back: set[str]
) -> None:
    emulator.set("basswallet", auto_return_on=setting)
    order_id = client.start(amount="25.50", autoReturn="TRUE", returnUrl=RETURN)
    if status != "Pending":
        emulator.move(order_id, status, force=True)
    response = client.page(order_id)
    assert response.status_code == (302 if status in leads_back else 200)
    assert response.headers.get("location") == (RETURN if status in leads_back else None)


@pytest.mark.parametrize(
    "wanted", [{"autoReturn": "true"}, {"returnUrl": RETURN, "autoReturn": "False"}, {"returnUrl": RETURN}]
)
def test_18_the_page_returns_by_itself_only_if_asked_to_and_if_it_has_a_url(
    emulator: Emulator, client: Client, wanted: dict[str, Any]
) -> None:
    order_id = client.start(**wanted)
    emulator.move(order_id, "Success", force=True)
    assert client.page(order_id).status_code == 200


def test_18_the_redirect_back_is_a_valid_header_whatever_the_url(emulator: Emulator, client: Client) -> None:
    order_id = client.start(autoReturn="true", returnUrl="https://shop.example/金 aX-Evil: 1?x=%20#y")
    emulator.move(order_id, "Success", force=True)
    response = client.page(order_id)
    assert response.headers["location"] == "https://shop.example/%E9%87%91%20aX-Evil:%201?x=%20#y"
    assert "x-evil" not in response.headers


@pytest.mark.parametrize("path", [UNKNOWN, "/payin/x", UNKNOWN.upper().replace("/PAYIN", "/payin"), "/payin/%00"])
def test_18_an_unknown_page_is_not_found(client: Client, path: str) -> None:
    for response in (client.send("GET", path), client.send("POST", f"{path}/pay", b"amount=5")):
        assert (response.status_code, response.headers["content-type"]) == (404, HTML)


@pytest.mark.parametrize(
    ("content", "paid"), [("", "25.5"), ("amount=", "25.5"), ("amount=10", "10"), ("amount=30.00", "30")]
)
def test_18_the_form_pays_and_shows_the_page_again(emulator: Emulator, client: Client, content: str, paid: str) -> None:
    order_id = client.start(amount="25.50")
    response = client.pay_on_page(order_id, content)
    assert (response.status_code, response.headers["location"]) == (303, path_of(client, order_id))
    assert not Page(client.page(order_id)).pays
    emulator.advance("1m")
    assert str(client.data(client.read(order_id))["amountActual"]) == paid


def test_18_without_an_amount_a_variable_order_is_paid_with_its_minimum(emulator: Emulator, client: Client) -> None:
    order_id = client.start(chainName="Ethereum")
    client.pay_on_page(order_id)
    emulator.advance(until="idle")
    assert client.data(client.read(order_id))["amountActual"] == 5


@pytest.mark.parametrize("content", ["amount=ten", "amount=0", "amount=-1", "amount=1&amount=1", "amount=%FF"])
def test_18_a_bad_amount_is_refused_on_a_page(client: Client, content: str) -> None:
    order_id = client.start()
    response = client.pay_on_page(order_id, content)
    assert (response.status_code, response.headers["content-type"]) == (400, HTML)
    assert client.status(order_id) == "Pending"


@pytest.mark.parametrize("status", ["AwaitingConfirmation", "Success", "Cancelled", "Expired"])
def test_18_paying_again_shows_the_page_and_has_no_effect(emulator: Emulator, client: Client, status: Any) -> None:
    order_id = client.start(amount="25.50")
    emulator.move(order_id, status, force=True)
    before = client.read(order_id).content
    assert client.pay_on_page(order_id).status_code == 303
    assert client.read(order_id).content == before
    assert "ignored" in [entry["kind"] for entry in emulator.order(order_id)["story"]]


def test_18_the_form_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", payin_button=False)
    order_id = client.start()
    assert not Page(client.page(order_id)).pays
    assert client.pay_on_page(order_id).status_code == 404


@pytest.mark.parametrize("setting", [{"underpaid_policy": "topup"}, {"late_policy": "credit"}])
def test_18_the_form_is_shown_as_long_as_a_payment_counts(
    emulator: Emulator, client: Client, setting: dict[str, Any]
) -> None:
    order_id = client.start(amount="25.50")
    emulator.move(order_id, "Underpaid" if "underpaid_policy" in setting else "Expired", force=True)
    assert not Page(client.page(order_id)).pays
    emulator.set("basswallet", **setting)
    assert Page(client.page(order_id)).pays


def test_18_the_page_belongs_to_the_sandbox_of_its_order_under_every_address(
    emulator: Emulator, client: Client
) -> None:
    order_id = client.start(displayInfo="Only here")
    front = emulator.control_url.removesuffix("/_emulator") + "/basswallet"
    path = path_of(client, order_id)
    page = Page(httpx.get(front + path))
    assert page.texts["display-info"].strip() == "Only here"
    assert f"/basswallet{path}/pay" in page.forms
    paid = httpx.post(f"{front}{path}/pay", headers={"Content-Type": FORM_TYPE})
    assert paid.headers["location"] == f"/basswallet{path}"


def test_18_through_the_front_door_the_page_s_address_is_there(emulator: Emulator, client: Client) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    url = f"{front}/basswallet/api/v1/account/payment"
    created = client.data(client.request("POST", url, {"tokenName": "USDT", "chainName": "Tron"}))
    assert created["redirectUrl"].startswith(f"{front}/basswallet/payin/")
    assert Page(httpx.get(created["redirectUrl"])).elements["payin"]["data-order-id"] == created["id"]


def test_18_looking_at_the_page_does_not_count_as_reading_the_order(emulator: Emulator, client: Client) -> None:
    document = {"version": 1, "provider": "basswallet", "about": "x", "timeline": [{"reads": 2, "do": "pay"}]}
    emulator.scenario("basswallet", "read-twice", document)
    order_id = client.start("read-twice")
    path = path_of(client, order_id)
    for _ in range(3):
        client.send("GET", path)
    assert Page(client.send("GET", path)).pays
    client.read(order_id)
    assert not Page(client.send("GET", path)).pays
