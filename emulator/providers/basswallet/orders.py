"""The payment orders of an account: created, read and listed.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, .../receive/payment-query and
.../account/order-history, seen 2026-11. The form of each parameter is the schema's; what needs the catalogue or a
setting is here. Assumed: which of several refusals comes first, the rule of pairs, and the formula of order ids, which
those in all samples fit.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.chance import write_uuid
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.urls import url_problem
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain.addresses import ADDRESS_BYTES, write_address
from emulator.providers.basswallet.chain.amounts import count_decimals
from emulator.providers.basswallet.chain.tokens import TokenPair
from emulator.providers.basswallet.errors import ERRORS
from emulator.providers.basswallet.lifecycle import FIXED, LIFECYCLE, VARIABLE
from emulator.providers.basswallet.payments import EXPIRE
from emulator.providers.basswallet.settings import BUSINESS_ID_PATTERN, DISPLAY_INFO_MAX
from emulator.providers.basswallet.wire import (
    PENDING,
    Settings,
    write_created,
    write_listed,
    write_order,
    write_success,
)

MAGIC_DISPLAY_INFO = "sandbox:"
"""What `displayInfo` begins with when it chooses a scenario."""

_CREATE_SCHEMA = "create-order.request"
_LIST_SCHEMA = "list-orders.query"
_AFTER_AMOUNT = ("businessId", "displayInfo", "autoReturn", "returnUrl", "expiryMinutes")
_EARLY = frozenset(name for name, case in ERRORS.items() if case.scripted == "early")
_EXPIRY_MINUTES = 60
_MINUTE_MS = 60_000
_LONGEST_SPAN_MS = 30 * 86_400_000
_PAYIN_BYTES = 16
_KEPT = (
    ("businessId", "business_id"),
    ("displayInfo", "display_info"),
    ("returnUrl", "return_url"),
    ("webhookUrl", "webhook_url"),
    ("displayLanguage", "language"),
)
"""Parameters that an order keeps as they were sent, if they were, and what it calls them."""

_ID_EPOCH_MS = 1_585_644_268_888
_ID_STEP = 4_194_304
_ID_FIRST_OF_MS = 33 * 4096
_ID_RANGE_MS = 2**41

SEQUENCE_LIMIT = _ID_STEP - _ID_FIRST_OF_MS
"""So many ids fit into one millisecond. Assumed: more than 4096, which only a clock that stands still can need, go on
into the place of the next worker."""


def create_order(call: Call) -> Reply:
    """Creates an order (`POST /v1/account/payment`).

    Refuses with `PARAM_ERROR`, `AMOUNT_PRECISION_TOO_SMALL`, `CALLBACK_URL_ERROR`, `BUSINESS_ID_EXISTENCE` or
    `ADDRESS_UNAVAILABLE`.
    """
    settings, sent = call.settings, call.body
    if not settings["magic_display_info"] and sent.get("displayInfo", "").startswith(MAGIC_DISPLAY_INFO):
        call.body = {name: value for name, value in sent.items() if name != "displayInfo"}
    call.refuse_as_scripted(_EARLY)
    parameters = sent if all(sent.values()) else {name: value for name, value in sent.items() if value}
    pair = _require_rules(call, parameters)
    keys = (_require_free(call, parameters["businessId"]),) if "businessId" in parameters else ()
    if pair.chain_name in settings["no_addresses"]:
        raise Refusal("ADDRESS_UNAVAILABLE", f"{pair.chain_name} has no addresses left (setting no_addresses)")
    call.refuse_as_scripted()
    order = _make_order(call, parameters, pair.min_deposit_amount, keys)
    # Started first: if a scenario's payer comes at the very instant of expiry, the order has expired already.
    call.tx.start_timer(order, EXPIRE, order.fields["expiry_ms"])
    call.create(order)
    return write_success(call, write_created(order, settings))


def get_order(call: Call) -> Reply:
    """Shows the order that `id` and `businessId` name (`GET /v1/account/order/query`). Refuses with `PARAM_ERROR`."""
    order_id, business_id = call.body.get("id"), call.body.get("businessId")
    if not order_id and not business_id:
        raise Refusal("PARAM_ERROR", "send id or businessId")
    order = _find_order(call, order_id, business_id)
    if order is not None:
        call.seen.append(order)
        return write_success(call, write_order(order, call.settings))
    if call.settings["order_not_found"] == "null_data":
        return write_success(call, None)
    raise Refusal("PARAM_ERROR", "the account has no such order, or id and businessId name different ones")


def list_orders(call: Call) -> Reply:
    """Lists the account's orders, newest first (`GET /v1/account/order/history`). Refuses with `PARAM_ERROR`."""
    parameters = {name: value for name, value in call.body.items() if value}
    broken = _find_broken(call, _LIST_SCHEMA, parameters)
    for name in ("type", "startTime", "endTime"):
        _require_good(name, broken)
    now_ms = call.tx.now_ms
    start_ms = int(parameters.get("startTime", now_ms - _LONGEST_SPAN_MS))
    end_ms = int(parameters.get("endTime", now_ms))
    if not 0 <= end_ms - start_ms <= _LONGEST_SPAN_MS:
        raise Refusal("PARAM_ERROR", f"endTime {end_ms} is not 0 to 30 days after startTime {start_ms}")
    token = parameters.get("tokenName")
    if parameters["type"].lower() == "payment":
        call.seen += [
            order for order in _orders_between(call, start_ms, end_ms) if token in (None, order.fields["token"])
        ]
    return write_success(call, [write_listed(order, call.settings) for order in call.seen])


def _require_rules(call: Call, parameters: Mapping[str, str]) -> TokenPair:
    """The pair to be paid in, if these parameters, all not empty, keep the rules.

    The first rule that is broken refuses, with `PARAM_ERROR`, `AMOUNT_PRECISION_TOO_SMALL` or `CALLBACK_URL_ERROR`.
    """
    broken = _find_broken_parameters(call, parameters)
    if broken:
        for name in ("tokenName", "chainName"):
            _require_good(name, broken)
    pair = _require_pair(call.settings, parameters["tokenName"], parameters["chainName"])
    if "amount" in parameters:
        _require_good("amount", broken)
        _require_amount(call.settings, parameters["amount"], pair)
    if broken:
        for name in _AFTER_AMOUNT:
            _require_good(name, broken)
    problem = broken.get("webhookUrl") or url_problem(parameters.get("webhookUrl"))
    if problem:
        raise Refusal("CALLBACK_URL_ERROR", f"webhookUrl: {problem}")
    if broken:
        _require_good("displayLanguage", broken)
    return pair


def _find_broken_parameters(call: Call, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with each parameter by itself; two rules of the schema can be changed by settings."""
    pattern, longest = call.settings["business_id_pattern"], call.settings["display_info_max"]
    if pattern == BUSINESS_ID_PATTERN and longest == DISPLAY_INFO_MAX:
        return _find_broken(call, _CREATE_SCHEMA, parameters)
    rest = {name: value for name, value in parameters.items() if name not in ("businessId", "displayInfo")}
    broken = dict(_find_broken(call, _CREATE_SCHEMA, rest))
    if "businessId" in parameters and not re.fullmatch(pattern, parameters["businessId"]):
        broken["businessId"] = f"it does not match {pattern} (setting business_id_pattern)"
    if len(parameters.get("displayInfo", "")) > longest:
        broken["displayInfo"] = f"it is longer than {longest} characters (setting display_info_max)"
    return broken


def _find_broken(call: Call, schema: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What the schema has against parameters, by their names; empty if nothing."""
    checked = call.provider.schemas[schema]
    if checked.accepts(parameters):
        return {}
    broken: dict[str, str] = {}
    for violation in checked.violations(parameters):
        broken.setdefault(str(violation.path[0]), violation.message)
    return broken


def _require_good(name: str, broken: Mapping[str, str]) -> None:
    """Refuses with `PARAM_ERROR` if the parameter is among those that are broken."""
    if name in broken:
        raise Refusal("PARAM_ERROR", f"{name}: {broken[name]}")


def _require_pair(settings: Settings, token_name: str, chain_name: str) -> TokenPair:
    tokens = read_catalogue(settings)
    pair = tokens.find_pair(token_name, chain_name)
    if pair is None:
        known = ", ".join("/".join(names) for names in tokens.pairs)
        raise Refusal("PARAM_ERROR", f"there is no {token_name[:40]!r} on {chain_name[:40]!r}; there are {known}")
    if not pair.deposit_enable:
        raise Refusal("PARAM_ERROR", f"deposits of {token_name} on {chain_name} are suspended")
    return pair


def _require_amount(settings: Settings, text: str, pair: TokenPair) -> None:
    """Refuses an amount of good form, with `PARAM_ERROR` or `AMOUNT_PRECISION_TOO_SMALL`."""
    amount = Decimal(text)
    if not amount:
        raise Refusal("PARAM_ERROR", f"amount: {text} is not above 0")
    decimals = pair.display_decimal if settings["amount_precision"] == "display" else pair.decimals
    if count_decimals(text) > decimals:
        raise Refusal("AMOUNT_PRECISION_TOO_SMALL", f"amount: {text} has more than {decimals} decimals")
    if settings["enforce_min_amount"] and amount < Decimal(pair.min_deposit_amount):
        raise Refusal("PARAM_ERROR", f"amount: {text} is below {pair.min_deposit_amount}, the least of the pair")


def _require_free(call: Call, business_id: str) -> str:
    """The key of a name that is free. Refuses with `BUSINESS_ID_EXISTENCE` if an order of the account has it."""
    key = _business_key(call, business_id)
    for order_id in call.tx.order_ids(call.provider.name, key):
        if not call.settings["business_id_reuse_after_final"] or not _is_final(call.tx, order_id):
            raise Refusal("BUSINESS_ID_EXISTENCE", f"order {order_id} has the businessId {business_id}")
    return key


def _is_final(tx: Transaction, order_id: str) -> bool:
    order = tx.order(order_id)
    return order is not None and LIFECYCLE.is_final(order.status)


def _business_key(call: Call, business_id: str) -> str:
    return f"business:{call.caller.account}:{business_id}"


def _make_order(call: Call, parameters: Mapping[str, str], min_amount: str, keys: tuple[str, ...]) -> Order:
    tx = call.tx
    now_ms = tx.now_ms
    chain = parameters["chainName"]
    octets = tx.chance.octets(_PAYIN_BYTES + ADDRESS_BYTES)
    payin = write_uuid(octets[:_PAYIN_BYTES])
    minutes = int(parameters.get("expiryMinutes", _EXPIRY_MINUTES))
    fields: dict[str, Any] = {
        "token": parameters["tokenName"],
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
    provider, instant = call.provider.name, f"created:{now_ms}"
    return Order(
        id=_make_free_id(tx, tx.count_orders(provider, instant)),
        provider=provider,
        owner=str(call.caller.account),
        kind=kind,
        status=PENDING,
        created_ms=now_ms,
        updated_ms=now_ms,
        fields=fields,
        keys=(f"payin:{payin}", instant, *keys),
    )


def _make_free_id(tx: Transaction, sequence: int) -> str:
    """The id of this instant's order with this number, or a higher one: a snapshot may have orders without a number."""
    order_id = make_order_id(tx.now_ms, sequence)
    while tx.order(order_id) is not None:
        sequence += 1
        order_id = make_order_id(tx.now_ms, sequence)
    return order_id


def make_order_id(created_ms: int, sequence: int) -> str:
    """The id of an order created at `created_ms` (Unix ms), the `sequence`-th (from 0) of that millisecond.

    Distinct for each two: the caller counts the orders of one millisecond.

    >>> make_order_id(1735119737043, 0)
    '626945553984524288'
    """
    if not 0 <= sequence < SEQUENCE_LIMIT:
        raise ValueError(f"sequence {sequence} is not in 0 to {SEQUENCE_LIMIT - 1}")
    since_epoch_ms = created_ms - _ID_EPOCH_MS
    if since_epoch_ms < 0:
        # A test clock may stand before the epoch; ids are digits, so such instants count from the end of the range.
        since_epoch_ms += _ID_RANGE_MS
    return str(since_epoch_ms * _ID_STEP + _ID_FIRST_OF_MS + sequence)


def _find_order(call: Call, order_id: str | None, business_id: str | None) -> Order | None:
    """The account's order with this id and this name, whichever are given; of several with one name the newest."""
    if not order_id:
        named = call.tx.order_ids(call.provider.name, _business_key(call, business_id or ""))
        return call.tx.order(named[-1]) if named else None
    order = call.tx.order(order_id)
    if order is None or order.provider != call.provider.name or order.owner != str(call.caller.account):
        return None
    return order if business_id in (None, "", order.fields.get("business_id")) else None


def _orders_between(call: Call, start_ms: int, end_ms: int) -> Iterator[Order]:
    """The account's orders that were created from `start_ms` to `end_ms`, newest first."""
    for order_id in reversed(call.tx.order_ids(call.provider.name, f"owner:{call.caller.account}")):
        order = call.tx.order(order_id)
        if order is None or order.created_ms < start_ms:
            return
        if order.created_ms <= end_ms:
            yield order
