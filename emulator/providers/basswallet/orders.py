"""Creating, reading and listing payment orders.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, .../receive/payment-query and
.../account/order-history, seen 2026-11. Assumed: which of several refusals comes first.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.core.call import Call
from emulator.core.chance import write_uuid
from emulator.core.order import Order
from emulator.core.provider import Refusal, Reply
from emulator.core.transaction import Transaction
from emulator.providers.basswallet.addresses import ADDRESS_BYTES, write_address
from emulator.providers.basswallet.catalogue import CATALOGUE
from emulator.providers.basswallet.errors import ERRORS, success
from emulator.providers.basswallet.lifecycle import FIXED, LIFECYCLE, VARIABLE
from emulator.providers.basswallet.order_bodies import write_created, write_listed, write_order
from emulator.providers.basswallet.order_ids import make_order_id
from emulator.providers.basswallet.order_rules import find_broken, require_good, require_rules
from emulator.providers.basswallet.payments import EXPIRE
from emulator.providers.basswallet.statuses import PENDING

MAGIC_DISPLAY_INFO = "sandbox:"
"""What `displayInfo` begins with when it chooses a scenario."""

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


def create_order(call: Call) -> Reply:
    """`POST /v1/account/payment`: 200 with the new order.

    Refuses with `PARAM_ERROR`, `AMOUNT_PRECISION_TOO_SMALL`, `CALLBACK_URL_ERROR`, `BUSINESS_ID_EXISTENCE` or
    `ADDRESS_UNAVAILABLE`.
    """
    settings, sent = call.settings, call.body
    if not settings["magic_display_info"] and sent.get("displayInfo", "").startswith(MAGIC_DISPLAY_INFO):
        call.body = {name: value for name, value in sent.items() if name != "displayInfo"}
    call.refuse_as_scripted(_EARLY)
    parameters = sent if all(sent.values()) else {name: value for name, value in sent.items() if value}
    pair = require_rules(call, parameters)
    keys = (_require_free(call, parameters["businessId"]),) if "businessId" in parameters else ()
    if pair.chain_name in settings["no_addresses"]:
        raise Refusal("ADDRESS_UNAVAILABLE", f"{pair.chain_name} has no addresses left (setting no_addresses)")
    call.refuse_as_scripted()
    order = _new_order(call, parameters, pair.min_deposit_amount, keys)
    # Started first: if a scenario's payer comes at the very instant of expiry, the order has expired already.
    call.tx.start_timer(order, EXPIRE, order.fields["expiry_ms"])
    call.create(order)
    return success(call, write_created(order, settings))


def get_order(call: Call) -> Reply:
    """`GET /v1/account/order/query`: 200 with the order that `id` and `businessId` name. Refuses with `PARAM_ERROR`."""
    order_id, business_id = call.body.get("id"), call.body.get("businessId")
    if not order_id and not business_id:
        raise Refusal("PARAM_ERROR", "send id or businessId")
    order = _find_order(call, order_id, business_id)
    if order is not None:
        call.seen.append(order)
        return success(call, write_order(order, call.settings))
    if call.settings["order_not_found"] == "null_data":
        return success(call, None)
    raise Refusal("PARAM_ERROR", "the account has no such order, or id and businessId name different ones")


def list_orders(call: Call) -> Reply:
    """`GET /v1/account/order/history`: 200 with the account's orders, newest first. Refuses with `PARAM_ERROR`."""
    parameters = {name: value for name, value in call.body.items() if value}
    broken = find_broken(call, "list-orders.query", parameters)
    for name in ("type", "startTime", "endTime"):
        require_good(name, broken)
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
    return success(call, [write_listed(order, call.settings) for order in call.seen])


def _require_free(call: Call, business_id: str) -> str:
    """Gives the key of the name. BUSINESS_ID_EXISTENCE if the account has an order with this name already."""
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


def _new_order(call: Call, parameters: Mapping[str, str], min_amount: str, keys: tuple[str, ...]) -> Order:
    tx = call.tx
    now_ms = tx.now_ms
    chain = parameters["chainName"]
    octets = tx.chance.octets(_PAYIN_BYTES + ADDRESS_BYTES)
    payin = write_uuid(octets[:_PAYIN_BYTES])
    base_url = (call.settings["pay_base_url"] or call.request.base_url).rstrip("/")
    minutes = int(parameters.get("expiryMinutes", _EXPIRY_MINUTES))
    fields: dict[str, Any] = {
        "token": parameters["tokenName"],
        "chain": chain,
        "address": write_address(CATALOGUE.chains[chain].address_form, octets[_PAYIN_BYTES:]),
        "expiry_ms": now_ms + minutes * _MINUTE_MS,
        "redirect_url": f"{base_url}/payin/{payin}",
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
        id=_free_id(tx, tx.count_orders(provider, instant)),
        provider=provider,
        owner=str(call.caller.account),
        kind=kind,
        status=PENDING,
        created_ms=now_ms,
        updated_ms=now_ms,
        fields=fields,
        keys=(f"payin:{payin}", instant, *keys),
    )


def _free_id(tx: Transaction, sequence: int) -> str:
    """The id of this instant's order with this number, or a higher one: a snapshot may have orders without a number."""
    order_id = make_order_id(tx.now_ms, sequence)
    while tx.order(order_id) is not None:
        sequence += 1
        order_id = make_order_id(tx.now_ms, sequence)
    return order_id


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
