"""Creating, reading and listing payment orders.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, .../receive/payment-query and
.../account/order-history, seen 2026-11. Assumed: the order of the checks, and what the settings are for.
"""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from emulator.core import wire
from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Refusal, Reply
from emulator.core.transaction import Transaction
from emulator.providers.basswallet import addresses, catalogue
from emulator.providers.basswallet.amounts import count_decimals, parse_amount
from emulator.providers.basswallet.catalogue import TokenPair
from emulator.providers.basswallet.errors import ERRORS, success
from emulator.providers.basswallet.lifecycle import FIXED, LIFECYCLE, VARIABLE
from emulator.providers.basswallet.order_ids import make_order_id
from emulator.providers.basswallet.payments import EXPIRE
from emulator.providers.basswallet.settings import BUSINESS_ID_PATTERN, DISPLAY_INFO_MAX
from emulator.providers.basswallet.statuses import COMPLETE, PENDING, write_status

MAGIC_DISPLAY_INFO = "sandbox:"
"""What `displayInfo` begins with when it chooses a scenario."""
LAST_ID = "basswallet.last-order-id"
LANGUAGES = ("en-US", "zh-CN")

_EARLY = frozenset(name for name, case in ERRORS.items() if case.scripted == "early")
_EXPIRY_MINUTES = 60
_MINUTE_MS = 60_000
_LONGEST_SPAN_MS = 30 * 86_400_000
_AFTER_AMOUNT = ("businessId", "displayInfo", "autoReturn", "returnUrl", "expiryMinutes")


def create_order(call: Call) -> Reply:
    """`POST /v1/account/payment`: 200 with the new order.

    Refuses with `PARAM_ERROR`, `AMOUNT_PRECISION_TOO_SMALL`, `CALLBACK_URL_ERROR`, `BUSINESS_ID_EXISTENCE`,
    `ADDRESS_UNAVAILABLE`.
    """
    sent: Mapping[str, str] = call.body
    if not call.settings["magic_display_info"] and sent.get("displayInfo", "").startswith(MAGIC_DISPLAY_INFO):
        call.body = {name: value for name, value in sent.items() if name != "displayInfo"}
    call.refuse_as_scripted(_EARLY)
    parameters = {name: value for name, value in sent.items() if value}
    pair = _require_rules(call, parameters)
    _require_free_business_id(call, parameters.get("businessId"))
    if pair.chain_name in call.settings["no_addresses"]:
        raise Refusal("ADDRESS_UNAVAILABLE", f"{pair.chain_name} has no addresses left (setting no_addresses)")
    call.refuse_as_scripted()
    order = _new_order(call, parameters, pair)
    # Started first, so that at one and the same instant the order expires before a scenario's payer comes.
    call.tx.start_timer(order, EXPIRE, order.fields["expiry_ms"])
    call.create(order)
    return success(call, created_body(order, call.settings))


def get_order(call: Call) -> Reply:
    """`GET /v1/account/order/query`: 200 with the order that `id` or `businessId` names. Refuses with `PARAM_ERROR`."""
    sent: Mapping[str, str] = call.body
    if not sent.get("id") and not sent.get("businessId"):
        raise Refusal("PARAM_ERROR", "send id or businessId")
    order = _find_order(call, sent.get("id"), sent.get("businessId"))
    if order is None:
        if call.settings["order_not_found"] == "null_data":
            return success(call, None)
        raise Refusal("PARAM_ERROR", "the account has no such order, or id and businessId name different ones")
    call.seen.append(order)
    return success(call, order_body(order, call.settings))


def list_orders(call: Call) -> Reply:
    """`GET /v1/account/order/history`: 200 with the account's orders, newest first. Refuses with `PARAM_ERROR`."""
    parameters = {name: value for name, value in call.body.items() if value}
    broken = _broken(call, "list-orders.query", parameters)
    for name in ("type", "startTime", "endTime"):
        _require_good(name, broken)
    now_ms = call.tx.now_ms
    start_ms = int(parameters.get("startTime", now_ms - _LONGEST_SPAN_MS))
    end_ms = int(parameters.get("endTime", now_ms))
    if not 0 <= end_ms - start_ms <= _LONGEST_SPAN_MS:
        raise Refusal("PARAM_ERROR", f"endTime {end_ms} is not 0 to 30 days after startTime {start_ms}")
    if parameters["type"].lower() == "payment":
        call.seen += _orders_between(call, start_ms, end_ms, parameters.get("tokenName"))
    return success(call, [listed_body(order, call.settings) for order in call.seen])


def created_body(order: Order, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A new order as the create call shows it."""
    fields = order.fields
    body: dict[str, Any] = {
        "createdDate": order.created_ms,
        "expiryDate": fields["expiry_ms"],
        "redirectUrl": fields["redirect_url"],
        "status": write_status(order.status, settings),
        "id": order.id,
    }
    if order.kind == FIXED:
        body["amount"] = fields["amount"]
    else:
        body["minAmount"] = fields["min_amount"]
    body["tokenName"] = fields["token"]
    body["chainName"] = fields["chain"]
    body["address"] = fields["address"]
    absent = "" if settings["absent_optional"] == "empty" else None
    business_id = fields.get("business_id", absent)
    if business_id is not None:
        body["businessId"] = business_id
    body["returnUrl"] = fields.get("return_url", "")
    display_info = fields.get("display_info", absent)
    if display_info is not None:
        body["displayInfo"] = display_info
    return body


def order_body(order: Order, settings: Mapping[str, Any]) -> dict[str, Any]:
    """An order as the query shows it; `amountActual` is a number here."""
    fields = order.fields
    shows_page = settings["query_redirect_url"] == "payin"
    body: dict[str, Any] = {
        "id": order.id,
        "businessId": fields.get("business_id", ""),
        "redirectUrl": fields["redirect_url"] if shows_page else fields.get("return_url", ""),
        "tokenName": fields["token"],
        "chainName": fields["chain"],
    }
    if order.kind == FIXED:
        body["amount"] = fields["amount"]
    body["address"] = fields["address"]
    body["status"] = write_status(order.status, settings)
    if "paid" in fields:
        body["txHash"] = fields["paid"]["tx_hash"]
        body["amountActual"] = wire.read_number(fields["paid"]["amount"])
    body["createdTime"] = order.created_ms
    body["expiryTime"] = fields["expiry_ms"]
    return body


def listed_body(order: Order, settings: Mapping[str, Any]) -> dict[str, Any]:
    """An order as the history shows it; `amountActual` is text here."""
    fields = order.fields
    body: dict[str, Any] = {"id": order.id}
    if "business_id" in fields:
        body["businessId"] = fields["business_id"]
    body["chainName"] = fields["chain"]
    body["tokenName"] = fields["token"]
    if order.kind == FIXED:
        body["amount"] = fields["amount"]
    paid = fields.get("paid")
    if paid is not None:
        body["amountActual"] = paid["amount"]
        body["fromAddress"] = paid["from"]
    body["toAddress"] = fields["address"]
    if paid is not None:
        body["txHash"] = paid["tx_hash"]
    body["createdTime"] = order.created_ms
    body["expiryTime"] = fields["expiry_ms"]
    if order.status in COMPLETE:
        body["completeTime"] = fields["completed_ms"]
    body["status"] = write_status(order.status, settings)
    return body


# -- the rules of a create call, in the order in which they are checked


def _require_rules(call: Call, parameters: Mapping[str, str]) -> TokenPair:
    settings = call.settings
    broken = _broken_create(call, parameters)
    _require_good("tokenName", broken)
    _require_good("chainName", broken)
    pair = catalogue.effective(settings).find_pair(parameters["tokenName"], parameters["chainName"])
    if pair is None or not pair.deposit_enable:
        why = "there is no such pair" if pair is None else "its deposits are suspended"
        raise Refusal("PARAM_ERROR", f"{parameters['tokenName']} on {parameters['chainName']}: {why}")
    _require_good("amount", broken)
    if "amount" in parameters:
        _require_amount(settings, parameters["amount"], pair)
    if broken:
        for name in _AFTER_AMOUNT:
            _require_good(name, broken)
        if "webhookUrl" in broken:
            raise Refusal("CALLBACK_URL_ERROR", f"webhookUrl: {broken['webhookUrl']}")
        _require_good("displayLanguage", broken)
    return pair


def _broken_create(call: Call, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with parameters by themselves; two rules of the schema can be changed by settings."""
    settings = call.settings
    pattern, longest = settings["business_id_pattern"], settings["display_info_max"]
    if pattern == BUSINESS_ID_PATTERN and longest == DISPLAY_INFO_MAX:
        return _broken(call, "create-order.request", parameters)
    fixed = {name: value for name, value in parameters.items() if name not in ("businessId", "displayInfo")}
    broken = dict(_broken(call, "create-order.request", fixed))
    if "businessId" in parameters and not re.fullmatch(pattern, parameters["businessId"]):
        broken["businessId"] = f"it does not match {pattern} (setting business_id_pattern)"
    if len(parameters.get("displayInfo", "")) > longest:
        broken["displayInfo"] = f"it is longer than {longest} characters (setting display_info_max)"
    return broken


def _broken(call: Call, schema: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What the schema says against parameters, by name."""
    checked = call.provider.schemas[schema]
    if checked.accepts(parameters):
        return {}
    return {str(violation.path[0]): violation.message for violation in checked.violations(parameters)}


def _require_good(name: str, broken: Mapping[str, str]) -> None:
    if name in broken:
        raise Refusal("PARAM_ERROR", f"{name}: {broken[name]}")


def _require_amount(settings: Mapping[str, Any], text: str, pair: TokenPair) -> None:
    amount = parse_amount(text)
    if amount is None:
        raise Refusal("PARAM_ERROR", f"amount: {text} is not above 0")
    decimals = pair.display_decimal if settings["amount_precision"] == "display" else pair.decimals
    if count_decimals(text) > decimals:
        raise Refusal("AMOUNT_PRECISION_TOO_SMALL", f"amount: {text} has more than {decimals} decimals")
    if settings["enforce_min_amount"] and amount < Decimal(pair.min_deposit_amount):
        raise Refusal("PARAM_ERROR", f"amount: {text} is below {pair.min_deposit_amount}, the least of the pair")


def _require_free_business_id(call: Call, business_id: str | None) -> None:
    if business_id is None:
        return
    held = _orders_named(call, business_id)
    if not held:
        return
    if not call.settings["business_id_reuse_after_final"]:
        raise Refusal("BUSINESS_ID_EXISTENCE", f"order {held[-1]} has the businessId {business_id}")
    open_ids = [order_id for order_id in held if _is_open(call.tx, order_id)]
    if open_ids:
        raise Refusal("BUSINESS_ID_EXISTENCE", f"order {open_ids[-1]} has the businessId {business_id}, and is open")


# -- making and finding orders


def _new_order(call: Call, parameters: Mapping[str, str], pair: TokenPair) -> Order:
    tx = call.tx
    now_ms, account = tx.now_ms, str(call.caller.account)
    minutes = int(parameters.get("expiryMinutes", _EXPIRY_MINUTES))
    form = catalogue.CATALOGUE.chains[pair.chain_name].address_form
    payin = tx.chance.uuid()
    base_url = (call.settings["pay_base_url"] or call.request.base_url).rstrip("/")
    fields: dict[str, Any] = {
        "token": pair.token_name_in(parameters),
        "chain": pair.chain_name,
        "address": addresses.write_address(form, tx.chance.octets(addresses.ADDRESS_BYTES)),
        "expiry_ms": now_ms + minutes * _MINUTE_MS,
        "payin": payin,
        "redirect_url": f"{base_url}/payin/{payin}",
    }
    keys: tuple[str, ...] = (f"payin:{payin}",)
    kind = VARIABLE
    if "amount" in parameters:
        kind = FIXED
        fields["amount"] = parameters["amount"]
    else:
        fields["min_amount"] = pair.min_deposit_amount
    return Order(
        id=_next_id(tx),
        provider=call.provider.name,
        owner=account,
        kind=kind,
        status=PENDING,
        created_ms=now_ms,
        updated_ms=now_ms,
        fields=fields,
        keys=keys,
    )


def _next_id(tx: Transaction) -> str:
    last = tx.get(LAST_ID, LAST_ID)
    sequence = last[1] + 1 if last is not None and last[0] == tx.now_ms else 0
    tx.put(LAST_ID, LAST_ID, (tx.now_ms, sequence))
    return make_order_id(tx.now_ms, sequence)


def _business_key(account: int, business_id: str) -> str:
    return f"business:{account}:{business_id}"


def _orders_named(call: Call, business_id: str) -> Collection[str]:
    return call.tx.order_ids(call.provider.name, _business_key(call.caller.account, business_id))


def _is_open(tx: Transaction, order_id: str) -> bool:
    order = tx.order(order_id)
    return order is not None and not LIFECYCLE.is_final(order.status)
