"""Reading requests and writing answers: bodies and queries, checked against their schemas, and orders.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order (seen 2026-11) for the
members of an order. Assumed: their order.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.schemas import Schema
from emulator.contract.setting import Settings
from emulator.core import json_text, wording
from emulator.core.json_text import json_reply
from emulator.core.suggestion import nearest
from emulator.core.urls import url_problem
from emulator.providers.koywe.formats.moments import read_moment, write_moment
from emulator.providers.koywe.formats.validation import (
    NO_DATE,
    explain_fields,
    join_texts,
    list_moment_fields,
    list_reasons,
    list_unknown_texts,
    list_url_fields,
    place_text,
    write_moment_text,
    write_url_text,
)
from emulator.providers.koywe.ordering.actions import ACTIONS, find_action_type, write_pay_link
from emulator.providers.koywe.ordering.kinds import PAID_ON_PAGE, read_type
from emulator.providers.koywe.ordering.methods import PAID_METHOD

BODY_LIMIT_BYTES = 1024 * 1024
"""Bytes. Assumed."""

_FREE = frozenset({"extra", "userRequestJson", "payload", "applicant", "company"})
"""Members whose content is shown as it was sent, nulls included."""


class Flaws(Struct, frozen=True):
    """What is wrong with a value: dotted name of a field -> the provider's text, and the true reason."""

    texts: dict[str, str]
    reasons: dict[str, str]


def read_object(call: Call) -> dict[str, Any]:
    """The JSON object in the body, as sent; `{}` for any other content type. Refuses with `COM90002`."""
    if not is_json(call):
        return {}
    body = call.request.body
    if len(body) > BODY_LIMIT_BYTES:
        raise Refusal("malformed-json", f"the body is longer than {BODY_LIMIT_BYTES} bytes")
    try:
        value = json_text.decode(body)
    except json_text.MalformedJson as error:
        raise Refusal("malformed-json", f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refusal("malformed-json", f"the body is {wording.kind_word(value)}, not an object")
    return value


def read_body(call: Call, schema: Schema | None = None) -> dict[str, Any]:
    """The body without its nulls, once it has passed the endpoint's schema (or `schema`).

    Refuses with `COM90002`, or with `COM90003`, which names every bad field.
    """
    call.body = read_object(call)
    body = without_nulls(call.body)
    require_shape(call, schema or call.provider.schemas[f"{_read_name(call)}.request"], body)
    return body


def read_query(call: Call) -> dict[str, str]:
    """The query's parameters, once they have passed the endpoint's schema. Refuses with `COM90003`."""
    query = dict(parse_qsl(call.request.query, keep_blank_values=True)) if call.request.query else {}
    flaws = find_flaws(call, call.provider.schemas[f"{_read_name(call)}.query"], query)
    if flaws.texts:
        hint = " (a bare + is a space in a query)" if "+" in call.request.query else ""
        told = [f"{name}: {reason}{hint if ' ' in reason else ''}" for name, reason in flaws.reasons.items()]
        raise invalid(call, list(flaws.texts.values()), "; ".join(told))
    return query


def is_json(call: Call) -> bool:
    """Whether the body says that it is JSON."""
    return call.request.media_type == "application/json"


def require_shape(call: Call, schema: Schema, value: Mapping[str, Any]) -> None:
    """Refuses with `COM90003` a value that breaks the schema, or has members that the setting does not ignore."""
    refuse_flaws(call, find_flaws(call, schema, value))


def refuse_flaws(call: Call, flaws: Flaws) -> None:
    """Refuses with `COM90003` a body with any flaw, and names all of them."""
    if not flaws.texts:
        return
    sent = wording.cut(call.request.media_type or "missing")
    told = [] if is_json(call) else [f"Content-Type is {sent}: send application/json"]
    told += [_write_placed(call, f"/{name.replace('.', '/')}", reason) for name, reason in flaws.reasons.items()]
    raise invalid(call, list(flaws.texts.values()), "; ".join(told))


def find_flaws(call: Call, schema: Schema, value: Mapping[str, Any]) -> Flaws:
    """What is wrong with a value, field by field in the schema's order."""
    texts: dict[str, str] = {}
    reasons: dict[str, str] = {}
    if not schema.accepts(value):
        violations = schema.violations(value)
        texts = explain_fields(schema.document, violations)
        reasons = list_reasons(schema.document, violations, call.provider.secrets)
    for name in _list_moment_fields(schema):
        # No pattern can say whether the time, in UTC, is still in the calendar.
        if name in value and name not in texts and read_moment(value[name]) is None:
            texts = place_text(schema.document, texts, name, write_moment_text(name))
            reasons[name] = f"{NO_DATE}, got {wording.shown(value[name])}"
    for name in _list_url_fields(schema):
        problem = url_problem(value[name]) if name in value and name not in texts else None
        if problem is not None:
            texts = place_text(schema.document, texts, name, write_url_text(name))
            reasons[name] = problem
    if call.settings["unknown_properties"] == "reject":
        unknown = list_unknown_texts(schema.document, value)
        texts |= {text: text for text in unknown}
        reasons |= {name: _write_unknown_reason(schema, name) for name in (text.split()[-4] for text in unknown)}
    return Flaws(texts, reasons)


def invalid(call: Call, texts: list[str], reason: str) -> Refusal:
    """The refusal with all of `texts`; `reason` has rule, limit and value."""
    return Refusal("validation-failed", reason, message=join_texts(texts, call.settings["validation_message"]))


def without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members that have a value; null in a request is the same as leaving the member out."""
    return {name: member for name, member in value.items() if member is not None}


def write_answer(call: Call, value: Any, status: int = 200) -> Reply:
    """The answer, with or without its nulls, as the setting `null_fields` says."""
    return json_reply(status, _strip_nulls(value) if call.settings["null_fields"] == "omit" else value)


def write_created(call: Call, value: Any) -> Reply:
    """The answer of a call that created something."""
    return write_answer(call, value, call.settings["create_status"])


def write_nothing() -> Reply:
    """The answer of a call that removed something."""
    return Reply(204, b"")


def answer_order(call: Call, order: Order, status: int = 200) -> Reply:
    """The order as an answer; it counts as seen."""
    call.seen.append(order)
    return write_answer(call, write_order(order, call.settings), status)


def write_order(order: Order, settings: Settings) -> dict[str, Any]:
    """The order as clients see it, keys in wire order."""
    fields = order.fields
    get = fields.get
    action_type = find_action_type(order.kind, fields)
    action = ACTIONS[action_type](settings, order) if action_type else None
    receiver = {"destinationMerchantId": fields["destinationMerchantId"]} if "destinationMerchantId" in fields else {}
    body = {
        "id": order.id,
        "type": read_type(order.kind),
        "originAccountId": get("originAccountId"),
        "destinationAccountId": fields["destinationAccountId"],
        **receiver,
        "originCurrencySymbol": fields["originCurrencySymbol"],
        "destinationCurrencySymbol": fields["destinationCurrencySymbol"],
        "amountIn": fields["amountIn"],
        "amountOut": fields["amountOut"],
        "dueDate": get("dueDate"),
        "description": get("description"),
        "externalId": get("externalId"),
        "paymentMethods": _list_methods(settings, fields),
        "quoteId": get("quoteId"),
        "contactId": get("contactId"),
        "enforcedDocument": get("enforcedDocument"),
        "sendEmail": get("sendEmail", False),
        "sendNotification": get("sendNotification", False),
        "sendWhatsapp": get("sendWhatsapp", False),
        "sendReminders": get("sendReminders", False),
        "providedAction": action,
        "providedActionType": action_type,
        "createdAt": write_moment(order.created_ms),
        "status": order.status,
    }
    if settings["order_aliases"] == "on":
        body["orderId"] = order.id
        body["paymentUrl"] = write_pay_link(order) if order.kind in PAID_ON_PAGE else None
    return body


def write_orders(call: Call, orders: Sequence[Order]) -> list[dict[str, Any]]:
    """Orders as a list shows them; each counts as seen."""
    call.seen += orders
    return [write_order(order, call.settings) for order in orders]


def _write_placed(call: Call, pointer: str, reason: str) -> str:
    """The reason with its place; written so that the place of a secret does not look like a secret and its value."""
    return f"{reason} at {pointer}" if pointer[1:] in call.provider.secrets else f"{pointer}: {reason}"


def _write_unknown_reason(schema: Schema, name: str) -> str:
    near = nearest(name, schema.document.get("properties", ()))
    return "no such member (setting unknown_properties)" + (f", did you mean {near}?" if near is not None else "")


@lru_cache(maxsize=256)
def _list_moment_fields(schema: Schema) -> tuple[str, ...]:
    return list_moment_fields(schema.document)


@lru_cache(maxsize=256)
def _list_url_fields(schema: Schema) -> tuple[str, ...]:
    return list_url_fields(schema.document)


def _strip_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        kept = without_nulls(value)
        return {name: member if name in _FREE else _strip_nulls(member) for name, member in kept.items()}
    return [_strip_nulls(member) for member in value] if isinstance(value, list) else value


def _read_name(call: Call) -> str:
    return call.endpoint.name if call.endpoint else ""


def _list_methods(settings: Settings, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    if PAID_METHOD in fields and settings["paid_method"] == "shown":
        return [{"method": fields[PAID_METHOD]}]
    methods: list[dict[str, Any]] = fields.get("paymentMethods", [])
    return methods
