"""Reading requests and writing answers: bodies, instants, amounts, identifiers.

Sources: https://docs.baanx.com/api-reference/order/create, https://docs.baanx.com/api-reference/order/status,
https://docs.baanx.com/api-reference/order/enum-products, https://docs.baanx.com/api-reference/user/get-user and
https://docs.baanx.com/api-reference/card/status, seen 2026-11. Assumed: the texts of refusals, and CORS headers, which
no page mentions.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.schemas import Violation
from emulator.core import json_text, wording
from emulator.core.durations import format_instant
from emulator.core.schema import reasons
from emulator.providers.baanx.catalogue import Card, Product, Profile

Wording = Callable[[Violation, Any], str]
"""The message for a broken rule; the second argument is the value of the member that breaks it, None if absent."""

ANY_ORIGIN = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "Retry-After"))
"""The CORS headers of every answer while the setting `cors` is on."""

BODY_LIMIT_BYTES = 100 * 1024

REQUEST_ID_BYTES = 43
ORDER_ID_BYTES = 12
ADDRESS_BYTES = 20
TRANSACTION_HASH_BYTES = 32

_WITHOUT_METADATA = {"present": ("STARTED", "EXPIRED"), "omit": ("STARTED", "EXPIRED", "PENDING")}
"""The statuses without `metadata`, by the setting `pending_metadata`."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BASE58_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_OF_OCTET = bytes(_BASE58_ALPHABET.encode()[octet % 58] for octet in range(256))
_FIRST_DIGITS = _BASE58_ALPHABET[4:].encode()
"""With one of these before 42 other digits, the number takes exactly 32 bytes."""


def read_body(call: Call) -> Refusal | None:
    """Puts the decoded body into `call.body`. What comes back is the refusal if it is not a JSON object, else None."""
    try:
        call.body = json_text.decode(call.request.body)
        malformed = None
    except json_text.MalformedJson as error:
        malformed = Refusal("malformed_json", f"the body is not JSON: {error}")
    media_type = call.request.media_type
    if media_type != "application/json":
        told = f"Content-Type is {wording.cut(media_type or 'missing')}: send application/json"
        return _invalid("Content-Type must be application/json", told)
    if malformed is None and not isinstance(call.body, dict):
        return _invalid(
            "Request body must be a JSON object", f"the body is {wording.kind_word(call.body)}, not an object"
        )
    return malformed


def require_object(call: Call) -> None:
    """Refuses a body that is not a JSON object with `validation` or `malformed_json`."""
    refusal = read_body(call)
    if refusal is not None:
        raise refusal


def require_object_of_webhook(call: Call) -> None:
    """As `require_object`, for the calls that refuse whatever is wrong with a body with `bad_webhook`."""
    refusal = read_body(call)
    if refusal is not None:
        message = refusal.details.get("message", "Request body is not valid JSON")
        raise Refusal("bad_webhook", refusal.reason, message=message)


def require_valid(call: Call, schema: str, word: Wording) -> None:
    """Refuses with `validation` for the first rule that the body breaks, in the order of the schema's members."""
    checked = call.provider.schemas[schema]
    if checked.accepts(call.body):
        return
    violation = checked.violations(call.body)[0]
    message = word(violation, call.body.get(violation.path[0]))
    raise _invalid(message, reasons([violation], call.provider.secrets))


def word_choice(violation: Violation, value: Any) -> str:
    """The message for a member that must be a text, or one of some texts."""
    name = violation.path[0]
    if value is None or value == "":
        return f"{name} is required"
    if not isinstance(value, str):
        return f"{name} must be a string"
    return f"{name} must be one of: {', '.join(violation.expected)}"


def write_answer(call: Call, value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An answer with `value` as compact JSON, and with CORS headers where the setting `cors` asks for them."""
    if call.settings["cors"]:
        headers = (*headers, *ANY_ORIGIN)
    return json_text.json_reply(status, value, headers)


def write_new_order(call: Call, order: Order) -> dict[str, Any]:
    """The order in the answer that creates it: its ids, and where to pay."""
    return _write_ids(call, order) | {"paymentConfig": write_payment_configuration(order.fields)}


def write_order(call: Call, order: Order) -> dict[str, Any]:
    """The order as its owner reads it."""
    fields = order.fields
    body = _write_ids(call, order)
    body["status"] = order.status
    if "paid_ms" in fields:
        body["paidAt"] = PAID_AT_FORMATS[call.settings["paid_at_format"]](fields["paid_ms"])
    if order.status not in _WITHOUT_METADATA[call.settings["pending_metadata"]]:
        metadata = {"paymentId": fields["request_id"]}
        if "tx_hash" in fields:
            metadata["txHash"] = fields["tx_hash"]
        if "note" in fields:
            metadata["note"] = fields["note"]
        body["metadata"] = metadata
    elif call.settings["empty_metadata"] != "omit":
        body["metadata"] = {} if call.settings["empty_metadata"] == "object" else None
    return body


def write_product(product: Product, is_eligible: bool) -> dict[str, Any]:
    """A product as the list of available products shows it to a user."""
    return {"id": product.id, "description": product.description, "isEligible": is_eligible}


def write_payment_configuration(fields: Mapping[str, Any]) -> dict[str, str | msgspec.Raw]:
    """The six members of `paymentConfig` for an order with these fields; the amount keeps its literal."""
    return {
        "paymentAmount": msgspec.Raw(fields["amount"].encode("ascii")),
        "paymentCurrency": fields["currency"],
        "destinationAddress": fields["address"],
        "destinationChainId": fields["chain_id"],
        "destinationTokenSymbol": fields["token_symbol"],
        "destinationTokenAddress": fields["token_address"],
    }


def write_profile(profile: Profile) -> dict[str, str | None]:
    """The answer of `GET /v1/user`."""
    body: dict[str, str | None] = msgspec.to_builtins(profile)
    return body


def write_card(card: Card) -> dict[str, str]:
    """The answer of `GET /v1/card/status`."""
    body: dict[str, str] = msgspec.to_builtins(card)
    return body


@lru_cache(maxsize=1000)
def write_amount(amount: Decimal) -> str:
    """The JSON number literal of an amount: `199`, `9.99`; never `199.0`, never an exponent.

    Raises ValueError when the amount is not finite.
    """
    if not amount.is_finite():
        raise ValueError(f"an amount must be finite, not {amount}")
    literal = f"{amount:f}"
    if "." not in literal:
        return literal
    return literal.rstrip("0").rstrip(".")


def write_postgres_instant(moment_ms: int) -> str:
    """An instant as PostgreSQL prints it, in UTC, such as `2026-02-03 10:22:41.118+00`.

    The page's example of `paidAt` has this form with another offset. Assumed: UTC, and always three decimals.
    Raises OverflowError beyond the year 9999.
    """
    moment = _EPOCH + timedelta(milliseconds=moment_ms)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment_ms % 1000:03d}+00"


PAID_AT_FORMATS = {"postgres": write_postgres_instant, "iso": format_instant}
"""The writer of `paidAt` for each value of the setting `paid_at_format`."""


def write_request_id(octets: bytes) -> str:
    """The payment request id that 43 random bytes make: 43 characters that are the base58 form of 32 bytes.

    Assumed: the form. Clients hand the text to the payment gateway as the payment id.
    Raises ValueError when the bytes are not 43.
    """
    _require_length(octets, REQUEST_ID_BYTES)
    first = _FIRST_DIGITS[octets[0] % len(_FIRST_DIGITS)]
    return chr(first) + octets[1:].translate(_BASE58_OF_OCTET).decode("ascii")


def write_order_id(octets: bytes) -> str:
    """The order id that 12 random bytes make: `ord_` and 24 lower-case hex digits, safe in a path without encoding.

    Assumed: the form; the provider calls the id opaque. Raises ValueError when the bytes are not 12.
    """
    _require_length(octets, ORDER_ID_BYTES)
    return "ord_" + octets.hex()


def write_address(octets: bytes) -> str:
    """The deposit address of 20 bytes: `0x` and 40 lower-case hex digits. Raises ValueError when they are not 20."""
    _require_length(octets, ADDRESS_BYTES)
    return "0x" + octets.hex()


def write_transaction_hash(octets: bytes) -> str:
    """The transaction hash of 32 bytes: `0x` and 64 lower-case hex digits. Raises ValueError when they are not 32.

    Assumed: the length, which is the chain's; the page's example is shorter.
    """
    _require_length(octets, TRANSACTION_HASH_BYTES)
    return "0x" + octets.hex()


def _invalid(message: str, reason: str) -> Refusal:
    return Refusal("validation", reason, message=message)


def _write_ids(call: Call, order: Order) -> dict[str, Any]:
    if call.settings["omit_request_id"]:
        return {"orderId": order.id}
    return {"requestId": order.fields["request_id"], "orderId": order.id}


def _require_length(octets: bytes, expected: int) -> None:
    if len(octets) != expected:
        raise ValueError(f"{expected} random bytes are needed, not {len(octets)}")
