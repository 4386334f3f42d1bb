"""What the hosted page of an order shows: what is to be paid, where and until when, and what has come in.

All facts are also attributes of `<main id="payin">`. Assumed: all of it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.core import events
from emulator.pages.page import Button, Page, Strip, make_message
from emulator.pages.steering import make_strip
from emulator.pages.words import preferred_language
from emulator.providers.basswallet import payments
from emulator.providers.basswallet.chain.amounts import write_decimal
from emulator.providers.basswallet.chain.transfers import read_transfers
from emulator.providers.basswallet.lifecycle import LIFECYCLE
from emulator.providers.basswallet.pay_page.words import CHINESE, ENGLISH, REASONS, STATUSES, WORDS
from emulator.providers.basswallet.wire import write_status

SUCCEED, HALF, FAIL = "succeed", "half", "fail"
STEERED: Mapping[str, str] = {"confirm": "Confirm", "expire": "Expire", "cancel": "Cancel"}
"""Events that testers have a button for -> the button's text."""

_NAME = "BassWallet"
_HUE = "indigo"


class _Payment(Struct, frozen=True):
    """A payment as the page shows it."""

    amount: str
    tx_hash: str
    confirmations: int


def make_pay_page(call: Call, order: Order, path: str, *, problem: str = "", typed: str | None = None) -> Page:
    """The page of an order; `path`: where the browser sees it; `problem`: what was wrong with the amount that the payer
    has `typed`."""
    fields, status = order.fields, order.status
    language = fields.get("language", ENGLISH)
    words = WORDS[language]
    state_kind, state_words = STATUSES[status]
    missing = payments.find_missing_amount(order)
    seen = _list_payments(call, order)
    return Page(
        template="basswallet/pay_page/pay.html",
        title=f"{words['title']} · {state_words[language]}",
        language=language,
        provider=_NAME,
        hue=_HUE,
        shop=_find_shop(fields),
        changes=not problem and payments.is_changeable(call.tx, order),
        look_again_at=path,
        strip=_make_strip(call, order, path),
        values={
            "words": words,
            "attributes": _write_attributes(call, order, seen),
            "fields": {"display_info": "", "return_url": "", **fields},
            "order_id": order.id,
            "missing": missing,
            "received": write_decimal(payments.find_received_amount(order)),
            "state_kind": state_kind,
            "state": state_words[language],
            "open": payments.is_open(call.tx, order),
            "awaited": payments.is_awaited(order) or not LIFECYCLE.is_final(status),
            "left_ms": fields["expiry_ms"] - call.tx.now_ms,
            "payments": seen,
            "needed": payments.find_final_confirmations(call.tx, order),
            "notice": _write_notice(fields, language),
            "pays_here": call.settings["payin_button"],
            "pay_path": f"{path}/pay",
            "typed": missing if typed is None else typed,
            "problem": problem,
        },
    )


def make_message_page(call: Call, text: str = "") -> Page:
    """What is shown where no order has a page, or the provider's `text` in place of a page that is refused."""
    language = CHINESE if preferred_language(call.header("accept-language"), ("en", "zh"), "en") == "zh" else ENGLISH
    words = WORDS[language]
    if text:
        return make_message(_NAME, _HUE, text, language=language)
    return make_message(_NAME, _HUE, words["unknown_title"], words["unknown"], language=language, id="not-found")


def _list_payments(call: Call, order: Order) -> list[_Payment]:
    return [
        _Payment(each.amount, each.tx_hash, payments.count_confirmations(call.tx, order, each))
        for each in read_transfers(order.fields)
    ]


def _write_attributes(call: Call, order: Order, seen: list[_Payment]) -> dict[str, Any]:
    """The facts for programs: attributes by name, without `data-`."""
    fields = order.fields
    attributes: dict[str, Any] = {
        "order-id": order.id,
        "status": write_status(order.status, call.settings),
        "token": fields["token_name"],
        "chain": fields["chain"],
        "address": fields["address"],
        "expiry": fields["expiry_ms"],
    }
    attributes |= {"amount": fields["amount"]} if "amount" in fields else {"min-amount": fields["min_amount"]}
    attributes["received"] = write_decimal(payments.find_received_amount(order))
    if "amount" in fields:
        attributes["missing"] = payments.find_missing_amount(order)
    if seen:
        attributes["confirmations"] = seen[-1].confirmations
        attributes["confirmations-needed"] = payments.find_final_confirmations(call.tx, order)
    return attributes


def _write_notice(fields: Mapping[str, Any], language: str) -> str:
    """What the page says of the last payment that was not credited."""
    notice = fields.get("notice")
    return f"{notice['amount']} {fields['token_name']}: {REASONS[notice['reason']][language]}" if notice else ""


def _make_strip(call: Call, order: Order, path: str) -> Strip | None:
    buttons: list[Button] = []
    legal = events.legal_events(call.tx, order)
    if payments.is_open(call.tx, order):
        buttons += [Button("outcome", SUCCEED, "Succeed"), Button("outcome", HALF, "Pay half")]
    elif "confirm" in legal and payments.is_enough(call.tx, order, payments.find_received_amount(order)):
        buttons.append(Button("outcome", SUCCEED, "Succeed"))
    if buttons or "fail" in legal:
        buttons.append(Button("outcome", FAIL, "Fail"))
    status = write_status(order.status, call.settings)
    return make_strip(call, order, path, STEERED, tuple(buttons), status=status)


def _find_shop(fields: Mapping[str, Any]) -> str:
    """Where the payer came from, if the order says."""
    try:
        return urlsplit(fields.get("return_url", "")).hostname or ""
    except ValueError:
        return ""
