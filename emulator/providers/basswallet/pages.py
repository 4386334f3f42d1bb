"""The hosted page on which the payer pays: what it shows, in two languages, and the form that pays in the sandbox.

All that it shows is escaped, and it leads nowhere but to `returnUrl`.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, seen 2026-11: the address of the
page, that it shows displayInfo in displayLanguage, and that it leads back. Assumed: everything else.
"""

from html import escape
from typing import Any
from urllib.parse import quote

from emulator.contract.card import Call
from emulator.contract.lifecycle import IllegalEvent
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.core.durations import format_instant
from emulator.providers.basswallet import payments
from emulator.providers.basswallet.chain.amounts import read_amount
from emulator.providers.basswallet.lifecycle import LIFECYCLE
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    CANCELLED,
    EXPIRED,
    FAILED,
    PENDING,
    SUCCESS,
    UNDERPAID,
    ParameterError,
    read_body,
    write_status,
)

_HTML = "text/html; charset=utf-8"
_NO_STORE = ("Cache-Control", "no-store")
_ENGLISH, _CHINESE = "en-US", "zh-CN"
_REFRESH_S = 3
_KEEP_STILL = "window.stop()"
"""Calls the refresh off: who types a sum must not lose it when the page is loaded again."""
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"
_RETURNS_ON = {"success": (SUCCESS,), "confirmation": (AWAITING_CONFIRMATION, SUCCESS)}

_WORDS = {
    _ENGLISH: {
        "title": "Payment",
        "order": "Order",
        "status": "Status",
        "amount": "Amount",
        "min_amount": "Amount, at least",
        "address": "Address",
        "network": "Network",
        "expiry": "Pay before",
        "return": "Back to merchant",
        "pay": "Pay (sandbox)",
        PENDING: "Awaiting payment",
        AWAITING_CONFIRMATION: "Confirming",
        SUCCESS: "Success",
        FAILED: "Failed",
        UNDERPAID: "Underpaid",
        EXPIRED: "Expired",
        CANCELLED: "Cancelled",
    },
    _CHINESE: {
        "title": "支付",
        "order": "订单号",
        "status": "状态",
        "amount": "支付金额",
        "min_amount": "支付金额 ≥",
        "address": "收款地址",
        "network": "网络",
        "expiry": "支付截止时间",
        "return": "返回商户",
        "pay": "支付（沙盒）",
        PENDING: "待支付",
        AWAITING_CONFIRMATION: "待确认",
        SUCCESS: "成功",
        FAILED: "失败",
        UNDERPAID: "金额不足",
        EXPIRED: "订单过期",
        CANCELLED: "订单取消",
    },
}

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f4f6;color:#111827}"
    "main{max-width:34rem;margin:3rem auto;padding:1.5rem 2rem 2rem;background:#fff;border-radius:12px;"
    "box-shadow:0 1px 4px #0002}h1{font-size:1.25rem}dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.5rem 1.5rem}dt{color:#6b7280}dd{margin:0;overflow-wrap:anywhere}form{display:flex;gap:.5rem;"
    "margin:1.5rem 0}input,button{font:inherit;padding:.5rem .75rem;border:1px solid #d1d5db;border-radius:8px}"
    "input{flex:1;min-width:0}button{background:#1d4ed8;border-color:#1d4ed8;color:#fff}"
)


def show_payin(call: Call) -> Reply:
    """Shows the page (`GET /payin/{uuid}`), or redirects to the merchant. Refuses with `NOT_FOUND`."""
    order = _require_order(call)
    call.open_page(order)
    return_url = order.fields.get("return_url", "")
    if return_url and order.fields.get("auto_return") and order.status in _RETURNS_ON[call.settings["auto_return_on"]]:
        return Reply(302, b"", _HTML, (("Location", quote(return_url, safe=_URL_CHARACTERS)), _NO_STORE))
    return Reply(200, write_page(call, order, _page_path(call)).encode(), _HTML, (_NO_STORE,), scripts=(_KEEP_STILL,))


def pay_order(call: Call) -> Reply:
    """Pays `amount` (`POST /payin/{uuid}/pay`); leads back to the page, whatever the payment did.

    Refuses with `NOT_FOUND` (also if the setting `payin_button` is off) and `PARAM_ERROR`.
    """
    order = _require_order(call)
    if not call.settings["payin_button"]:
        raise Refusal("NOT_FOUND", "the page has no form (setting payin_button)")
    try:
        amount = read_body(call.header("content-type"), call.request.body).value("amount")
    except ParameterError as error:
        raise Refusal("PARAM_ERROR", error.reason) from error
    if amount and read_amount(amount) is None:
        raise Refusal("PARAM_ERROR", f"amount: {amount[:50]!r} is not a sum above 0")
    arguments = {"amount": amount} if amount else {}
    try:
        events.fire(call.tx, order, "pay", arguments, cause="page", by_hand=True)
    except IllegalEvent as error:
        call.tx.note("ignored", order, status=order.status, reason=str(error))
        call.tx.touch(order)
    return Reply(303, b"", _HTML, (("Location", _page_path(call)), _NO_STORE))


def find_page(tx: Transaction, order: Order) -> str | None:
    """URL of the page on which a payment is made; withdrawals and deposits have none."""
    url: str | None = order.fields.get("redirect_url")
    return url


def _require_order(call: Call) -> Order:
    held = call.tx.order_ids(call.provider.name, f"payin:{call.parameters['uuid']}")
    order = call.tx.order(held[0]) if held else None
    if order is None:
        raise Refusal("NOT_FOUND", "no order has this page")
    return order


def _page_path(call: Call) -> str:
    """The path of the page as the browser sees it."""
    return f"{call.request.mount}/payin/{call.parameters['uuid']}"


def write_page(call: Call, order: Order, path: str) -> str:
    """The page of an order, which is at this path for the browser."""
    fields = order.fields
    language = fields.get("language", _ENGLISH)
    words = _WORDS[language]
    amount = fields.get("amount") or fields["min_amount"]
    amount_name = "amount" if "amount" in fields else "min_amount"
    attributes: dict[str, Any] = {
        "order-id": order.id,
        "status": write_status(order.status, call.settings),
        "token": fields["token"],
        "chain": fields["chain"],
        "address": fields["address"],
        "expiry": fields["expiry_ms"],
        amount_name.replace("_", "-"): amount,
    }
    facts = (
        (words["status"], words[order.status]),
        (words[amount_name], f"{amount} {fields['token']}"),
        (words["network"], fields["chain"]),
        (words["address"], fields["address"]),
        (words["expiry"], format_instant(fields["expiry_ms"])),
        (words["order"], order.id),
    )
    parts = [
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "" if LIFECYCLE.is_final(order.status) else f'<meta http-equiv="refresh" content="{_REFRESH_S}">',
        f"<title>{words['title']}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f'<main id="payin"{"".join(_write_attribute(name, value) for name, value in attributes.items())}>',
        f"<h1>{words['title']}</h1>",
        f'<p id="display-info">{escape(fields["display_info"])}</p>' if "display_info" in fields else "",
        f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in facts)}</dl>",
        _write_form(call, order, words["pay"], amount, path),
        f'<a id="return" href="{escape(fields["return_url"])}">{words["return"]}</a>' if "return_url" in fields else "",
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(filter(None, parts))


def _write_form(call: Call, order: Order, label: str, amount: str, path: str) -> str:
    if not call.settings["payin_button"] or not payments.is_open(call.tx, order):
        return ""
    return (
        f'<form method="post" action="{path}/pay"><input name="amount" inputmode="decimal" autocomplete="off" '
        f'onfocus="{_KEEP_STILL}" value="{escape(amount)}"><button>{label}</button></form>'
    )


def _write_attribute(name: str, value: object) -> str:
    return f' data-{name}="{escape(str(value))}"'
