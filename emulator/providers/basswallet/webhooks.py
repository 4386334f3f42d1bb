"""The webhooks of payments, withdrawals and deposits: when they are raised, what they say, and how they are signed.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook and
https://docs-en.basswallet.com/api-reference/info/webhook-explain, seen 2026-11. Assumed: the numbers of the retry
table, the form encoding by default, and that an account without a callback key sends its webhooks unsigned.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import parse_qsl

from emulator.contract.delivery import Delivery, Message, Response, Skip
from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import WebhookEvent, Webhooks
from emulator.core import json_text
from emulator.core.webhook_bodies import asked_forms, write_body
from emulator.providers.basswallet import catalogue, payments
from emulator.providers.basswallet.chain import blocks
from emulator.providers.basswallet.chain.amounts import write_usd
from emulator.providers.basswallet.chain.transfers import find_credit
from emulator.providers.basswallet.deposits.arrivals import write_webhook_members as write_deposit_members
from emulator.providers.basswallet.signature.texts import (
    Pairs,
    arrange_webhook,
    sign_webhook,
    write_encoded_text,
    write_plain_text,
)
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    COMPLETE,
    DEPOSIT,
    EXPIRED,
    FAILED,
    WITHDRAWAL,
    read_clock_ms,
    write_status,
    write_value,
)
from emulator.providers.basswallet.withdrawals import course
from emulator.providers.basswallet.withdrawals.answers import write_webhook_members as write_withdrawal_members

PAYMENT = "payment"
EXPIRY = "expired"
WITHDRAW = "withdraw"
ARRIVAL = "deposit"

_RAISING = frozenset({payments.CONFIRM, payments.EXPIRE, "fail", "force"})
NUMBERS = ("blockConfirmNum", "blockHigh", "createdTime", "timestamp")
"""Members that are numbers in a webhook as JSON."""
_FORMS = ("ascii", "reordered")
"""How the bytes of a body may vary: the signature covers names and values in their order, not how they are written."""
_UNUSUAL = re.compile(r"[^A-Za-z0-9]", re.ASCII)
_STALE_MS = 3_600_000
_ACCOUNT = 1
"""The account of a sandbox's first key."""


def announce(tx: Transaction, order: Order, event: str) -> None:
    """Raises the webhook of a status that was just entered; without a receiver, none."""
    if event not in _RAISING:
        return
    _complete_forced(tx, order, event)
    if event == payments.CONFIRM and order.status == AWAITING_CONFIRMATION and not _is_news(order):
        return
    settings = tx.settings("basswallet")
    url = order.fields.get("webhook_url") or settings["webhook_url"]
    found = _write_members(tx, order) if url else None
    if found is None:
        return
    name, members = found
    fields = {"account": int(order.owner), "members": members, "stamp": str(read_clock_ms(tx, settings))}
    tx.deliver("basswallet", name, url, order.id, fields)


def compose(tx: Transaction, delivery: Delivery) -> Message | Skip:
    """The request of one attempt, stamped and signed now; an account without a callback key sends it unsigned."""
    settings, fields = tx.settings("basswallet"), delivery.fields
    stamp = str(read_clock_ms(tx, settings)) if settings["webhook_restamp"] else fields["stamp"]
    if delivery.fault_now == "stale-timestamp":
        stamp = str(int(stamp) - _STALE_MS)
    members = fields["members"] | {"timestamp": stamp}
    if delivery.fault_now == "unknown-status":
        members["status"] = "Teleported"
    arranged, asked = arrange_webhook(members), asked_forms(delivery, _FORMS)
    pairs = arranged[::-1] if "reordered" in asked else arranged
    headers = _write_signature(tx, delivery, fields["account"], pairs)
    if settings["webhook_encoding"] == "json":
        value = {name: int(value) if name in NUMBERS else value for name, value in arranged}
        body = write_body(delivery, value, _FORMS)
        return Message(delivery.url, (*headers, ("Content-Type", "application/json")), body)
    form = ("Content-Type", "application/x-www-form-urlencoded")
    text = _write_escaped_text(pairs) if "ascii" in asked else write_encoded_text(pairs)
    return Message(delivery.url, (*headers, form), text.encode())


def sign(tx: Transaction, delivery: Delivery, body: bytes) -> Message:
    """The request of one attempt with a given body, for the account of the sandbox's first key. Raises ValueError for a
    body that is neither JSON nor a form."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ValueError("the signature covers names and values: send a body in UTF-8") from error
    headers = _write_signature(tx, delivery, _ACCOUNT, _read_pairs(text))
    content_type = "application/json" if _is_json(text) else "application/x-www-form-urlencoded"
    return Message(delivery.url, (*headers, ("Content-Type", content_type)), body)


def read_signed(headers: Mapping[str, str], body: str) -> str:
    """What the signature of a request covers. Raises ValueError for a body that is neither JSON nor a form."""
    return write_plain_text(_read_pairs(body))


def find_url(tx: Transaction) -> str | None:
    """Where the account's webhooks go."""
    url: str | None = tx.settings("basswallet")["webhook_url"]
    return url


def send_test(tx: Transaction, event: str, url: str, members: dict[str, str]) -> Delivery:
    """Sends a webhook of the first key's account that belongs to no order."""
    stamp = str(read_clock_ms(tx, tx.settings("basswallet")))
    fields = {"account": _ACCOUNT, "members": members, "stamp": stamp}
    return tx.deliver("basswallet", event, url, fields=fields, about=f"test:{members['id']}")


def _complete_forced(tx: Transaction, order: Order, event: str) -> None:
    (course if order.kind == WITHDRAWAL else payments).complete_forced(tx, order, event)


def _is_news(order: Order) -> bool:
    return order.kind == WITHDRAWAL or payments.is_news(order)


def _write_members(tx: Transaction, order: Order) -> tuple[str, dict[str, str]] | None:
    """The webhook of the order's status: its event, and its members except the timestamp. None: the status has none."""
    settings, told = tx.settings("basswallet"), (AWAITING_CONFIRMATION, *COMPLETE)
    if order.status == EXPIRED:
        return EXPIRY, _write_common_members(tx, order)
    if order.status not in told:
        return None
    if order.kind == WITHDRAWAL:
        return WITHDRAW, write_withdrawal_members(order, settings)
    if order.kind == DEPOSIT:
        return ARRIVAL, write_deposit_members(tx, order, settings)
    return PAYMENT, _write_payment_members(tx, order)


def _write_common_members(tx: Transaction, order: Order) -> dict[str, str]:
    members = {
        "webhookType": "Payment",
        "id": order.id,
        "status": write_status(order.status, tx.settings("basswallet")),
    }
    if "business_id" in order.fields:
        members["businessId"] = order.fields["business_id"]
    return members


def _write_payment_members(tx: Transaction, order: Order) -> dict[str, str]:
    settings, fields = tx.settings("basswallet"), order.fields
    credit = find_credit(fields)
    if credit is None:
        raise LookupError(f"nothing was paid for {order.id}")
    first = blocks.read_first_confirmations(tx)
    is_first = order.status in (AWAITING_CONFIRMATION, FAILED)
    rate = catalogue.read_rated_catalogue(settings).find_usd_rate(fields["token_name"])
    members = _write_common_members(tx, order) | {
        "chainName": fields["chain"],
        "tokenName": fields["token_name"],
        "fromAddress": credit.payer,
        "toAddress": fields["address"],
        "txHash": credit.tx_hash,
        "amountActual": credit.amount,
        "amountUSD": write_usd(Decimal(credit.amount), rate),
        "blockConfirmNum": str(first if is_first else max(first, payments.find_final_confirmations(tx, order))),
        "blockHigh": str(blocks.find_block_height(tx, fields["chain"], credit.at_ms)),
    }
    if "amount" in fields:
        members["amount"] = fields["amount"]
    return members


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _read_pairs(text: str) -> Pairs:
    """Names and values of a body, a form or JSON. Raises ValueError for anything else."""
    if _is_json(text):
        try:
            members = json_text.decode(text)
        except json_text.MalformedJson as error:
            raise ValueError(f"the body is not JSON: {error}") from error
        pairs = tuple((name, write_value(value)) for name, value in members.items())
    else:
        pairs = tuple(parse_qsl(text, keep_blank_values=True))
    if not pairs:
        raise ValueError("the signature covers names and values: send a form or a JSON object")
    return pairs


def _write_signature(tx: Transaction, delivery: Delivery, account: int, pairs: Pairs) -> tuple[tuple[str, str], ...]:
    """The headers that sign an account's webhook; none for an account without a callback key."""
    key = catalogue.find_callback_key(tx.sandbox_name, account)
    if key is None:
        return ()
    secret = f"old-{key.secret_key}" if delivery.fault_now == "old-secret" else key.secret_key
    return (("API-Access-Key", key.access_key), ("Signature", sign_webhook(pairs, secret)))


def _write_escaped_text(pairs: Pairs) -> str:
    """The form-encoded names and values with all but letters and digits escaped."""
    return "&".join(f"{name}={_UNUSUAL.sub(_write_escaped, value)}" for name, value in pairs)


def _write_escaped(found: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in found[0].encode())


def _is_accepted(settings: Settings, response: Response) -> bool:
    return response.status == 200 and not (settings["webhook_require_empty_body"] and response.body)


def _subscribe(tx: Transaction, url: str) -> None:
    tx.change_settings("basswallet", {"webhook_url": url})


WEBHOOKS = Webhooks(
    events=(
        WebhookEvent(PAYMENT, "a payment has its first confirmations; again when the order has its outcome",
                     "webhook-payment"),
        WebhookEvent(EXPIRY, "the order was not paid in time", "webhook-expired"),
        WebhookEvent(WITHDRAW, "a withdrawal has its first confirmations; again when it has its outcome",
                     "webhook-withdraw"),
        WebhookEvent(ARRIVAL, "a deposit has its first confirmations; again when it has its outcome",
                     "webhook-deposit"),
    ),
    compose=compose,
    accepted=_is_accepted,
    retry_delays_ms=lambda settings, response: tuple(delay * 1000 for delay in settings["webhook_retry_delays"]),
    timeout_ms=lambda settings: settings["webhook_timeout"] * 1000,
    subscribe=_subscribe,
    sign=sign,
    find_url=find_url,
    signature_header="Signature",
    signed=read_signed,
    signing="HMAC-SHA256 in hex, keyed with the callback secret key, over plain names and values in the order sent, "
            "joined by = and &",
    supported_faults=frozenset({"old-secret", "stale-timestamp", "unknown-status"}),
    forms=_FORMS,
)  # fmt: skip
