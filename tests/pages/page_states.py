"""The pages that payers see, each in the states in which it looks different."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page

from emulator.testing import Emulator
from tests.clients import baanx, basswallet, changelly, koywe

_SUBMIT = """
([url, fields]) => {
  const form = document.createElement("form");
  [form.method, form.action] = ["post", url];
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}
"""
"""Sends a form with these fields."""
_SHOP = "https://shop.example/back"
_SUM = {"underpaid_policy": "sum"}


@dataclass(frozen=True)
class State:
    """A page to look at: what leads there is done, and `url` is where it is. `form`: what is sent by POST to it."""

    url: str
    form: Mapping[str, str] | None = None


Make = Callable[[Emulator], State]
"""What leads to a state in an empty sandbox."""


def _payin(**wanted: str) -> Make:
    def make(emulator: Emulator) -> State:
        with basswallet.Client(emulator) as merchant:
            asked = {"amount": "99.99", "displayInfo": "Gold plan, membership for one year", "returnUrl": _SHOP}
            created = merchant.data(merchant.create({"X-Emulator-Scenario": "manual"}, **asked | wanted))
        return State(str(created["redirectUrl"]))

    return make


def _paid_payin(*sums: str, policy: dict[str, Any] = _SUM, wait: str = "7s", **wanted: str) -> Make:
    def make(emulator: Emulator) -> State:
        emulator.set("basswallet", **policy)
        state = _payin()(emulator)
        order_id = str(emulator.orders()[0]["id"])
        for each in sums:
            emulator.fire(order_id, "pay", amount=each)
            emulator.advance(wait)
        return state

    return make


def _bad_sum(emulator: Emulator) -> State:
    return State(f"{_payin()(emulator).url}/pay", {"amount": "12,5"})


def _ended(make: Make, status: Any) -> Make:
    """The same page after its order has got a status."""

    def end(emulator: Emulator) -> State:
        state = make(emulator)
        emulator.move(str(emulator.orders()[0]["id"]), status, force=True)
        return state

    return end


def _pay(query: str = "", form: Mapping[str, str] | None = None, **wanted: Any) -> Make:
    def make(emulator: Emulator) -> State:
        with koywe.Client(emulator) as merchant:
            order_id = merchant.order_id(
                merchant.create({"X-Emulator-Scenario": "interactive"}, description="Suscripción anual", **wanted)
            )
            return State(f"{merchant.url}/pay/{order_id}{query}", form)

    return make


def _in(currency: str, amount: int, *methods: str) -> dict[str, Any]:
    return {"originCurrencySymbol": currency, "destinationCurrencySymbol": currency, "amountIn": amount,
            "paymentMethods": [{"method": method} for method in methods]}  # fmt: skip


_LINK: dict[str, Any] = {"type": "PAYMENT_LINK", "dueDate": "2026-03-31"}


def _checkout(**wanted: str) -> Make:
    def make(emulator: Emulator) -> State:
        with changelly.Client(emulator) as partner:
            created = partner.create({"X-Emulator-Scenario": "manual"}, paymentMethod="card", **wanted).json()
        return State(str(created["redirectUrl"]))

    return make


def _gateway(emulator: Emulator) -> State:
    with baanx.Client(emulator) as app:
        return State(str(emulator.order(app.start())["page"]))


def _consent(emulator: Emulator) -> State:
    query = {
        "client_id": str(emulator.baanx.credentials["client_id"]),
        "response_type": "code",
        "redirect_uri": "http://localhost:3000/callback",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    return State(f"{emulator.baanx.url}/v1/auth/oauth2/authorize?{urlencode(query)}")


def _nothing(provider: str, path: str) -> Make:
    return lambda emulator: State(f"{emulator[provider].url}{path}")


def _refused_button(emulator: Emulator) -> State:
    state = _ended(_payin(), "Success")(emulator)
    return State(state.url, {"event": "expire"})


STATES: Mapping[str, Make] = {
    "basswallet-pending": _payin(),
    "basswallet-pending-zh": _payin(displayLanguage="zh-CN"),
    "basswallet-part-paid": _paid_payin("60"),
    "basswallet-several": _paid_payin("40.50", "20"),
    "basswallet-bad-sum": _bad_sum,
    "basswallet-underpaid": _paid_payin("60", policy={"underpaid_policy": "final"}, wait="2m"),
    "basswallet-success": _paid_payin("120", wait="2m"),
    "basswallet-expired": _ended(_payin(), "Expired"),
    "basswallet-failed": _ended(_payin(displayLanguage="zh-CN"), "Failed"),
    "basswallet-long-words": _payin(amount="1" * 30, displayInfo="W" * 256),
    "basswallet-unknown": _nothing("basswallet", "/payin/3f6c2c1e-5a0a-4b52-9a3c-8f1d2e7b6a90"),
    "basswallet-refused-button": _refused_button,
    "koywe-redirect": _pay(**_in("COP", 50000, "PSE")),
    "koywe-qr-pt": _pay(**_in("BRL", 1234, "PIX_STATIC")),
    "koywe-bank-details": _pay(**_in("MXN", 1234, "SPEI")),
    "koywe-card": _pay(**_in("CLP", 15000, "CARD_PAYMENT")),
    "koywe-bad-card": _pay(form={"cardNumber": "4111 1111"}, **_in("CLP", 15000, "CARD_PAYMENT")),
    "koywe-link": _pay(**_LINK, **_in("CLP", 15000)),
    "koywe-link-en": _pay("?lang=en&method=CARD_PAYMENT", **_LINK, **_in("CLP", 15000)),
    "koywe-link-too-small": _pay(**_LINK, **_in("COP", 500)),
    "koywe-left": _pay(form={"outcome": "abandon"}, **_in("COP", 50000, "PSE")),
    "koywe-paid": _ended(_pay(**_in("COP", 50000, "PSE")), "PAID"),
    "koywe-expired": _ended(_pay(**_in("COP", 50000, "PSE")), "EXPIRED"),
    "koywe-unknown": _nothing("koywe", "/pay/ord_nothing"),
    "changelly-created": _checkout(),
    "changelly-hold": _ended(_checkout(), "hold"),
    "changelly-complete": _ended(_checkout(returnSuccessUrl=_SHOP), "complete"),
    "changelly-failed": _ended(_checkout(), "failed"),
    "changelly-unknown": _nothing("changelly", "/checkout/moonpay/nothing"),
    "baanx-started": _gateway,
    "baanx-completed": _ended(_gateway, "COMPLETED"),
    "baanx-consent": _consent,
    "baanx-consent-refused": lambda emulator: State(f"{emulator.baanx.url}/oauth/ui?token=none"),
    "baanx-unknown": _nothing("baanx", "/pay/nothing"),
}
"""Name -> what leads there."""


def visit(page: Page, state: State) -> None:
    """Opens a page, by sending a form where that is what leads to it."""
    base = state.url.partition("?")[0].removesuffix("/pay") if state.form is not None else state.url
    page.goto(base)
    if state.form is not None:
        with page.expect_navigation():
            page.evaluate(_SUBMIT, [state.url, state.form])
