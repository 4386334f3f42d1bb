"""What the page behind a redirectUrl shows: what is paid, what is received, how, where to, and how far the order is.

It stands in for the page of the order's provider, and has its name. Assumed: all of it.
"""

from collections.abc import Mapping

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.pages.page import Button, Page, make_message
from emulator.pages.steering import make_strip
from emulator.providers.changelly.access import write_page_path
from emulator.providers.changelly.catalogue import Catalogue, read_catalogue
from emulator.providers.changelly.lifecycle import LIFECYCLE
from emulator.providers.changelly.payments import find_payout

COMPLETE, FAILED, EXPIRED = "complete", "failed", "expired"
STEERED: Mapping[str, str] = {
    "start": "Payment seen", "hold": "Hold for review", "resume": "Go on", "refund": "Refund",
}  # fmt: skip
"""Events that testers have a button for, besides those that end the order -> the button's text."""

_HUE = "blue"
_STATES: Mapping[str, tuple[str, str]] = {
    "created": ("wait", "Waiting for your payment"),
    "pending": ("busy", "Payment seen, being processed"),
    "hold": ("busy", "Under review"),
    "refunded": ("short", "Payment returned"),
    EXPIRED: ("over", "Expired"),
    FAILED: ("bad", "Failed"),
    COMPLETE: ("good", "Complete"),
}
"""Status -> the shape and colour in which it is shown, and its words."""
_RETURN_URLS = {COMPLETE: "returnSuccessUrl", FAILED: "returnFailedUrl", EXPIRED: "returnFailedUrl"}


def make_pay_page(call: Call, order: Order, problem: str = "") -> Page:
    """An order's page. `problem`: why a tester's button could do nothing."""
    fields, is_over = order.fields, LIFECYCLE.is_final(order.status)
    catalogue = read_catalogue(call.settings)
    name = name_provider(catalogue, fields["providerCode"])
    kind, state = _STATES[order.status]
    verb, crypto = ("Buy", fields["currencyTo"]) if order.kind == "buy" else ("Sell", fields["currencyFrom"])
    title = f"{verb} {crypto} with {name}"
    return Page(
        template="changelly/pay_page/pay.html",
        title=title,
        language="en",
        provider=name,
        hue=_HUE,
        changes=not is_over,
        look_again_at=write_page_path(call),
        refreshes_without_script=False,
        strip=make_strip(
            call,
            order,
            write_page_path(call),
            STEERED,
            () if is_over else (Button("status", FAILED, "Fail"), Button("status", EXPIRED, "Expire")),
            status=order.status,
            problem=problem,
        ),
        values={
            "heading": title,
            "fields": fields,
            "locale": f"und_{fields['country']}",
            "payout": fields["payoutAmount"] or find_payout(call.settings, order),
            "method": _name_method(catalogue, fields["paymentMethod"]),
            "destination": fields.get("walletAddress") or fields.get("refundAddress") or "",
            "destination_name": "To wallet" if order.kind == "buy" else "Refunds go to",
            "extra_id": fields.get("walletExtraId") or "",
            "transaction_hash": fields["transactionHash"] or "",
            "order_id": order.id,
            "state_kind": kind,
            "state": state,
            "over": is_over,
            "action": write_page_path(call),
            "back": fields[_RETURN_URLS[order.status]] if is_over else None,
        },
    )


def make_unknown_page() -> Page:
    """The page for an order that does not exist."""
    text = "The link is incomplete or no longer works. Go back to where you came from and try again."
    return make_message("Changelly", _HUE, "We cannot find this order", text, id="not-found")


def name_provider(catalogue: Catalogue, code: str) -> str:
    """The provider's name for people."""
    provider = catalogue.find_provider(code)
    return provider.name if provider is not None else code


def _name_method(catalogue: Catalogue, code: str | None) -> str:
    method = catalogue.find_method(code) if code else None
    return method.name if method is not None else code or ""
