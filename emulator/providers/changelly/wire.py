"""Reading requests and writing answers: bodies, query strings, times, amounts, redirect URLs, orders.

A request that breaks a schema is refused with all its bad fields at once, in the order of the schema. Sources:
https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp (creation times, redirect URL),
https://fiat-api.changelly.com/docs/endpoints/get-orders-by-a-partner-key (lists and dates in the query) and
https://fiat-api.changelly.com/docs/endpoints/validate-address (the refusal; seen 2026-11). Assumed: what counts as a
body, and its size.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal
from emulator.contract.schemas import Schema
from emulator.contract.setting import Settings
from emulator.core import json_text
from emulator.core.durations import format_instant
from emulator.core.schema import reasons
from emulator.core.wording import kind_word
from emulator.providers.changelly.catalogue import Flow
from emulator.providers.changelly.errors import incorrect
from emulator.providers.changelly.signature.javascript_numbers import write_number

Query = dict[str, str | list[str]]
"""Parameter -> value. A list parameter is always a list; any other one only if it was repeated."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = Context(prec=1000, Emax=999_999, Emin=-999_999)
_INSTANT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")
_URL = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=%._~-]*")
_LIST_NAME = re.compile(r"(?P<name>[^\[\]]+)\[\d*\]", re.ASCII)

BODY_LIMIT_BYTES = 1024 * 1024

_TRADE = ("providerCode", "currencyFrom", "currencyTo", "amountFrom", "country", "state", "ip")
_REST = ("paymentMethod", "userAgent", "metadata")
_IDS = ("externalUserId", "externalOrderId")
RETURN_URLS = ("returnSuccessUrl", "returnFailedUrl")
OUTCOME = ("payinAmount", "payoutAmount", "payinCurrency", "payoutCurrency", "transactionHash")

MEMBERS: dict[str, tuple[str, ...]] = {
    "buy": (*_IDS, *_TRADE, "walletAddress", "walletExtraId", *_REST),
    "sell": (*_IDS, *_TRADE, "refundAddress", *_REST),
}
"""Kind of order -> the members that a request gives and every answer shows, in wire order."""

NOTHING_BAD: Mapping[str, str] = {}


def read_object(call: Call) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Refuses with `validation`.

    Stricter than the check of the signature, which any bytes can pass: half a surrogate pair (`"\\ud83d"`) or a number
    whose exponent is out of range, in whatever property, makes the body unreadable.
    """
    body = call.request.body
    if len(body) > BODY_LIMIT_BYTES:
        raise bad_fields(("body",), f"the body is longer than {BODY_LIMIT_BYTES} bytes")
    if not body.strip():
        return {}
    try:
        value = json_text.decode(body)
    except json_text.MalformedJson as error:
        raise bad_fields(("body",), f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise bad_fields(("body",), f"the body is {kind_word(value)}, not an object")
    return value


def read_query(query: str, lists: Collection[str] = ()) -> Query:
    """The parameters of an undecoded query string; bytes that are not UTF-8 become replacement characters.

    Those in `lists` may be written `id=a`, `id[]=a` or `id[0]=a`, brackets escaped or not, and repeated; they become a
    list in the order sent. Any other parameter keeps its brackets as part of its name, and becomes a list if it is
    repeated, so that a schema that wants a string refuses it (assumed).
    """
    read: Query = {}
    for pair in query.split("&"):
        if not pair:
            continue
        written_name, _, written_value = pair.partition("=")
        name, value = _unescape(written_name), _unescape(written_value)
        match = _LIST_NAME.fullmatch(name)
        if match is not None and match["name"] in lists:
            name = match["name"]
        _add(read, name, value, as_list=name in lists)
    return read


def read_list(query: Mapping[str, str | list[str]], name: str) -> tuple[str, ...] | None:
    """The values of a list parameter, or None if it was not sent."""
    value = query.get(name)
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)


def read_optional(value: object) -> object:
    """The value of an optional field; empty text counts as not given and becomes None."""
    return None if value == "" else value


def read_instant(text: str) -> int | None:
    """An ISO 8601 date, or date and time, in milliseconds since 1970; None for any other text.

    Without a zone it is UTC, a date alone is its midnight (both assumed). Fractions of a millisecond are cut off.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    fraction = (match["fraction"] or "").ljust(3, "0")[:3]
    try:
        day = datetime.fromisoformat(match["day"])
        moment = day.replace(
            hour=int(match["hour"] or 0),
            minute=int(match["minute"] or 0),
            second=int(match["second"] or 0),
            tzinfo=_read_zone(match["zone"]),
        )
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1) * 1000 + int(fraction)


def has_zone(settings: Settings, kind: str) -> bool:
    """Whether the times of an order of this kind end with a `Z`. Assumed: wherever they are shown.

    Purchases have none in the create answer and the callback sample of the oldest edition.
    """
    zone = settings["created_at_zone"]
    if zone != "edition":
        return bool(zone == "always")
    return kind == "sell" or settings["edition"] != "A"


def require_valid(schema: Schema, fields: Mapping[str, Any], also_bad: Mapping[str, str] = NOTHING_BAD) -> None:
    """Refuses with `validation` fields that break the schema. `also_bad`: fields that break another rule -> how."""
    if not also_bad and schema.accepts(fields):
        return
    violations = schema.violations(fields)
    broken = {str(violation.path[0]) for violation in violations}
    names = [name for name in schema.document["properties"] if name in broken or name in also_bad]
    if not names:
        return
    told = [reasons(violations)] if violations else []
    told += [f"/{name}: {problem}" for name, problem in also_bad.items() if name not in broken]
    raise bad_fields(names, "; ".join(told))


def bad_fields(names: Collection[str], reason: str) -> Refusal:
    """The refusal that names these fields."""
    return Refusal("validation", reason, details=tuple(incorrect(name) for name in names))


def write_order(order: Order, settings: Settings, extras: dict[str, Any]) -> dict[str, Any]:
    """An order with its status, keys in wire order, `extras` last."""
    fields, zone = order.fields, has_zone(settings, order.kind)
    body: dict[str, Any] = {
        "redirectUrl": fields["redirectUrl"],
        "orderId": order.id,
        "status": order.status,
        "type": order.kind,
    }
    for name in (*MEMBERS[order.kind], *RETURN_URLS, *OUTCOME):
        body[name] = fields[name]
    body["createdAt"] = write_instant(order.created_ms, zone=zone)
    body["updatedAt"] = write_instant(order.updated_ms, zone=zone)
    return body | extras


def write_amount(amount: Decimal) -> str:
    """An amount in plain digits, without exponent or trailing zeros: `0.04775`, `10000`."""
    return format(amount.normalize(_DIGITS), "f") if amount else "0"


def write_sent_number(value: int | Decimal) -> str:
    """A number from a JSON body, as JavaScript prints it (`1.0` gives `1`); sell amounts come back like this."""
    return write_number(str(value))


def write_instant(at_ms: int, *, zone: bool = True) -> str:
    """A moment in UTC with milliseconds, `2026-01-02T03:04:05.678Z`.

    Without `zone` it has no final `Z`, as for buy orders in the oldest edition of the documentation.
    """
    return format_instant(at_ms) if zone else format_instant(at_ms).removesuffix("Z")


def write_transaction_hash(order_id: str) -> str:
    """The hash of the transaction that completes an order. Assumed: lower-case hex SHA-256 of the order id."""
    return sha256(order_id.encode()).hexdigest()


@lru_cache(maxsize=256)
def write_checkout_base(redirect_base: str, public_base: str) -> str:
    """Where redirect URLs lead: `redirect_base`, with `public_base` as ASCII text in place of a leading
    `{public_base}`."""
    path = redirect_base.removeprefix("{public_base}").removeprefix("{publicBase}")
    return path if path == redirect_base else escape_url(public_base).rstrip("/") + path


def write_redirect_url(
    redirect_base: str,
    flow: Flow,
    *,
    provider_code: str,
    order_id: str,
    currency_from: str,
    currency_to: str,
    amount_from: str,
    external_order_id: str | None = None,
    address: str | None = None,
    extra_id: str | None = None,
) -> str:
    """Where the user pays: `{base}/{provider}/{order}?CurrencyCode=eth&...`, values percent-encoded.

    `address` is the wallet of a buy order or the refund address of a sell order, `extra_id` the wallet's memo or tag;
    None leaves them out. Parameters as in the samples of the pages. Assumed: base and path, and that a sell order has
    its crypto as currency and its fiat as base currency.
    """
    crypto, fiat = (currency_to, currency_from) if flow == "buy" else (currency_from, currency_to)
    external_id, receiver = external_order_id or order_id, address or ""
    values: Sequence[str] = (provider_code, order_id, crypto.lower(), fiat.lower(), amount_from, external_id, receiver)
    if not _UNRESERVED.fullmatch("".join(values)):
        values = [quote(value, safe="", errors="replace") for value in values]
    provider, order, coin, base_coin, amount, external_id, receiver = values
    url = (
        f"{redirect_base.rstrip('/')}/{provider}/{order}?CurrencyCode={coin}&baseCurrencyCode={base_coin}"
        f"&currencyCode={coin}&baseCurrencyAmount={amount}&externalTransactionId={external_id}"
    )
    if address is None:
        return url
    url = f"{url}&{'walletAddress' if flow == 'buy' else 'refundAddress'}={receiver}"
    return url if extra_id is None else f"{url}&walletAddressTag={quote(extra_id, safe='', errors='replace')}"


def escape_url(url: str) -> str:
    """The same URL as ASCII text without spaces or control bytes; escapes stay as they are."""
    return url if _URL.fullmatch(url) else quote(url, safe=":/?#[]@!$&'()*+,;=%-._~", errors="replace")


def _add(read: Query, name: str, value: str, *, as_list: bool) -> None:
    before = read.get(name)
    if before is None:
        read[name] = [value] if as_list else value
    elif isinstance(before, str):
        read[name] = [before, value]
    else:
        before.append(value)


def _read_zone(zone: str | None) -> timezone:
    if zone is None or zone == "Z":
        return UTC
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timezone(-offset if zone[0] == "-" else offset)


def _unescape(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1", errors="replace")).decode(errors="replace")
