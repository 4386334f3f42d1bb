"""Orders: creating payments, reading and listing all kinds.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, .../receive/payment-query and
.../account/order-history, seen 2026-11. The form of each parameter is the schema's; what needs the catalogue or a
setting is here. Assumed: which of several refusals comes first, and that the pair must be in the catalogue.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.contract.card import Call
from emulator.contract.chance import write_uuid
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.core.urls import url_problem
from emulator.providers.basswallet.access import PAGE_KEY
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain.addresses import ADDRESS_BYTES, write_address
from emulator.providers.basswallet.chain.tokens import TokenPair
from emulator.providers.basswallet.deposits.arrivals import write_deposit, write_listed_deposit
from emulator.providers.basswallet.ordering.ids import instant_key, make_free_id
from emulator.providers.basswallet.ordering.rules import (
    address_key,
    business_key,
    find_broken,
    find_broken_names,
    require_amount,
    require_free,
    require_good,
    require_pair,
)
from emulator.providers.basswallet.payments import EXPIRE
from emulator.providers.basswallet.wire import (
    DEPOSIT,
    FIXED,
    PENDING,
    VARIABLE,
    WITHDRAWAL,
    write_answer,
    write_listed_order,
    write_new_order,
    write_order,
)
from emulator.providers.basswallet.withdrawals.answers import write_listed_withdrawal, write_withdrawal

MAGIC_DISPLAY_INFO = "sandbox:"
"""What `displayInfo` begins with when it chooses a scenario."""

_CREATE_SCHEMA = "create-order.request"
_LIST_SCHEMA = "list-orders.query"
_AFTER_AMOUNT = ("businessId", "displayInfo", "autoReturn", "returnUrl", "expiryMinutes")
_EXPIRY_MINUTES = 60
_MINUTE_MS = 60_000
_LONGEST_SPAN_MS = 30 * 86_400_000
_PAYIN_BYTES = 16
_KINDS = {"payment": (FIXED, VARIABLE), "withdraw": (WITHDRAWAL,), "deposit": (DEPOSIT,)}
"""The kinds of orders by type of the history."""
_KEPT = (
    ("businessId", "business_id"),
    ("displayInfo", "display_info"),
    ("returnUrl", "return_url"),
    ("webhookUrl", "webhook_url"),
    ("displayLanguage", "language"),
)
"""Parameters that an order keeps as they were sent, and the fields that keep them."""


def create_order(call: Call) -> Reply:
    """`POST /v1/account/payment`: 200 with the order. Refuses with `PARAM_ERROR`, `AMOUNT_PRECISION_TOO_SMALL`,
    `CALLBACK_URL_ERROR`, `BUSINESS_ID_EXISTENCE`, `ADDRESS_UNAVAILABLE`."""
    settings, sent = call.settings, call.body
    if not settings["magic_display_info"] and sent.get("displayInfo", "").startswith(MAGIC_DISPLAY_INFO):
        call.body = {name: value for name, value in sent.items() if name != "displayInfo"}
    call.refuse_as_scripted("early")
    parameters = sent if all(sent.values()) else {name: value for name, value in sent.items() if value}
    pair = _require_rules(call, parameters)
    keys = (require_free(call, parameters["businessId"]),) if "businessId" in parameters else ()
    if pair.chain_name in settings["no_addresses"]:
        raise Refusal("ADDRESS_UNAVAILABLE", f"{pair.chain_name} has no addresses left (setting no_addresses)")
    call.refuse_as_scripted()
    order = _make_order(call, parameters, pair.min_deposit_amount, keys)
    # Started first, so that an order has expired already if a scenario pays it at the very instant of expiry.
    call.tx.start_timer(order, EXPIRE, order.fields["expiry_ms"])
    call.create(order)
    return write_answer(call, write_new_order(order, settings))


def get_order(call: Call) -> Reply:
    """`GET /v1/account/order/query`: 200 with the order that `id` and `businessId` name. Refuses with `PARAM_ERROR`."""
    order_id, business_id = call.body.get("id"), call.body.get("businessId")
    if not order_id and not business_id:
        raise Refusal("PARAM_ERROR", "send id or businessId")
    order = _find_order(call, order_id, business_id)
    if order is not None:
        call.seen.append(order)
        return write_answer(call, write_any_order(call, order))
    if call.settings["order_not_found"] == "null_data":
        return write_answer(call, None)
    raise Refusal("PARAM_ERROR", "the account has no such order, or id and businessId name different ones")


def list_orders(call: Call) -> Reply:
    """`GET /v1/account/order/history`: 200 with the account's orders, newest first. Refuses with `PARAM_ERROR`."""
    parameters = {name: value for name, value in call.body.items() if value}
    broken = find_broken(call, _LIST_SCHEMA, parameters)
    for name in ("type", "startTime", "endTime"):
        require_good(name, broken)
    now_ms = call.tx.now_ms
    start_ms = int(parameters.get("startTime", now_ms - _LONGEST_SPAN_MS))
    end_ms = int(parameters.get("endTime", now_ms))
    if not 0 <= end_ms - start_ms <= _LONGEST_SPAN_MS:
        raise Refusal("PARAM_ERROR", f"endTime {end_ms} is not 0 to 30 days after startTime {start_ms}")
    token, kinds = parameters.get("tokenName"), _KINDS[parameters["type"].lower()]
    call.seen += [
        order
        for order in _find_orders(call, start_ms, end_ms)
        if order.kind in kinds and token in (None, order.fields["token_name"])
    ]
    return write_answer(call, [write_any_listed_order(call, order) for order in call.seen])


def write_any_order(call: Call, order: Order) -> dict[str, Any]:
    """An order of any kind in the answer of the query."""
    if order.kind == WITHDRAWAL:
        return write_withdrawal(call.tx, order, call.settings)
    return write_deposit(order, call.settings) if order.kind == DEPOSIT else write_order(order, call.settings)


def write_any_listed_order(call: Call, order: Order) -> dict[str, Any]:
    """An order of any kind in the answer of the history."""
    writers = {WITHDRAWAL: write_listed_withdrawal, DEPOSIT: write_listed_deposit}
    return writers.get(order.kind, write_listed_order)(order, call.settings)


def _require_rules(call: Call, parameters: Mapping[str, str]) -> TokenPair:
    """The pair to be paid in, by parameters that are not empty. Refuses with `PARAM_ERROR`,
    `AMOUNT_PRECISION_TOO_SMALL` or `CALLBACK_URL_ERROR` for the first rule that they break."""
    broken = find_broken_names(call, _CREATE_SCHEMA, parameters)
    if broken:
        for name in ("tokenName", "chainName"):
            require_good(name, broken)
    pair = require_pair(call.settings, parameters["tokenName"], parameters["chainName"])
    if not pair.deposit_enable:
        raise Refusal("PARAM_ERROR", f"deposits of {pair.chain_name} are suspended for {parameters['tokenName']}")
    if "amount" in parameters:
        require_good("amount", broken)
        least = pair.min_deposit_amount if call.settings["enforce_min_amount"] else "0"
        require_amount(call.settings, parameters["amount"], pair, least)
    if broken:
        for name in _AFTER_AMOUNT:
            require_good(name, broken)
    problem = broken.get("webhookUrl") or url_problem(parameters.get("webhookUrl"))
    if problem:
        raise Refusal("CALLBACK_URL_ERROR", f"webhookUrl: {problem}")
    if broken:
        require_good("displayLanguage", broken)
    return pair


def _make_order(call: Call, parameters: Mapping[str, str], min_amount: str, keys: tuple[str, ...]) -> Order:
    tx = call.tx
    now_ms = tx.now_ms
    chain = parameters["chainName"]
    octets = tx.chance.octets(_PAYIN_BYTES + ADDRESS_BYTES)
    payin = write_uuid(octets[:_PAYIN_BYTES])
    minutes = int(parameters.get("expiryMinutes", _EXPIRY_MINUTES))
    fields: dict[str, Any] = {
        "token_name": parameters["tokenName"],
        "chain": chain,
        "address": write_address(read_catalogue(call.settings).find_chain(chain).address_form, octets[_PAYIN_BYTES:]),
        "expiry_ms": now_ms + minutes * _MINUTE_MS,
        "redirect_url": f"{call.base_url}/payin/{payin}",
    }
    for name, member in _KEPT:
        if name in parameters:
            fields[member] = parameters[name]
    if "autoReturn" in parameters and parameters["autoReturn"].lower() == "true":
        fields["auto_return"] = True
    if "amount" in parameters:
        kind, fields["amount"] = FIXED, parameters["amount"]
    else:
        kind, fields["min_amount"] = VARIABLE, min_amount
    return Order(
        id=make_free_id(tx),
        provider=call.provider.name,
        owner=str(call.caller.account),
        kind=kind,
        status=PENDING,
        created_ms=now_ms,
        updated_ms=now_ms,
        fields=fields,
        keys=(f"{PAGE_KEY}{payin}", instant_key(tx), address_key(fields["address"]), *keys),
    )


def _find_order(call: Call, order_id: str | None, business_id: str | None) -> Order | None:
    """The account's order with this id, or the newest with this businessId; both have to fit where both are given."""
    if not order_id:
        named = call.tx.order_ids(call.provider.name, business_key(call, business_id or ""))
        return call.tx.order(named[-1]) if named else None
    order = call.tx.order(order_id)
    if order is None or order.provider != call.provider.name or order.owner != str(call.caller.account):
        return None
    return order if business_id in (None, "", order.fields.get("business_id")) else None


def _find_orders(call: Call, start_ms: int, end_ms: int) -> Iterator[Order]:
    """The account's orders that were created from `start_ms` to `end_ms`, newest first."""
    for order_id in reversed(call.tx.order_ids(call.provider.name, f"owner:{call.caller.account}")):
        order = call.tx.order(order_id)
        if order is None or order.created_ms < start_ms:
            return
        if order.created_ms <= end_ms:
            yield order
