"""How values are written on the wire and read from it: times, amounts, ids, redirect URLs, query strings. Pure text
work.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp (creation times, redirect URL) and
https://fiat-api.changelly.com/docs/endpoints/get-orders-by-a-partner-key (lists and dates in the query; seen
2026-11).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes

from emulator.providers.changelly.catalogue import Flow
from emulator.providers.changelly.javascript_numbers import print_number

Query: TypeAlias = dict[str, str | list[str]]
"""Parameters by name. A parameter that is a list is always a list; another one only if it was repeated."""

UUID_PATTERN: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = Context(prec=1000, Emax=999_999, Emin=-999_999)
_INSTANT: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]*")
_URL: Final = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=%._~-]*")
_LIST_NAME: Final = re.compile(r"(?P<name>[^\[\]]+)\[\d*\]", re.ASCII)


def plain(amount: Decimal) -> str:
    """An amount as plain digits, without exponent and without zeros at the end: `0.04775`, `10000`."""
    return format(amount.normalize(_DIGITS), "f") if amount else "0"


def given(value: object) -> object:
    """The value of an optional field, where the empty string counts as not given: it becomes None."""
    return None if value == "" else value


def print_sent_number(value: int | Decimal) -> str:
    """A number from a JSON body, as JavaScript prints it (`1.0` gives `1`); sell amounts come back like this."""
    return print_number(str(value))


def format_instant(at_ms: int, *, zone: bool = True) -> str:
    """A moment in UTC with milliseconds, `2026-01-02T03:04:05.678Z`.

    Without `zone` the final `Z` is missing, as in the answer to creating an order in the oldest edition of the API.
    """
    seconds, ms = divmod(at_ms, 1000)
    return f"{_format_second(seconds)}.{ms:03d}{'Z' if zone else ''}"


@lru_cache(maxsize=4096)
def _format_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()


def parse_instant(text: str) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 date, or date and time; None if it is none.

    No zone means UTC, a date alone means its midnight (both assumed). Fractions of a millisecond are cut off.
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
            tzinfo=_parse_zone(match["zone"]),
        )
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1) * 1000 + int(fraction)


def is_uuid(text: str) -> bool:
    """Whether the text has the shape of a UUID of any version, in either case."""
    return UUID_PATTERN.fullmatch(text) is not None


def hash_transaction(order_id: str) -> str:
    """The hash of the transaction that completes an order. Assumed: lower-case hex SHA-256 of the order id."""
    return sha256(order_id.encode()).hexdigest()


@lru_cache(maxsize=256)
def place_checkout(redirect_base: str, public_base: str) -> str:
    """Where redirect URLs lead: `redirect_base`, with `public_base` as ASCII text in place of `{publicBase}` at its
    beginning.
    """
    path = redirect_base.removeprefix("{publicBase}")
    return path if path == redirect_base else escape_url(public_base).rstrip("/") + path


def build_redirect_url(
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
) -> str:
    """Where the user pays: `{base}/{provider}/{order}?CurrencyCode=eth&...`, values percent-encoded.

    `address` is the wallet of a buy order or the refund address of a sell order; None leaves it out. Parameters as
    in the sample of the page; assumed: base and path, and that a sell order names its crypto as currency and its
    fiat as base.
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
    return f"{url}&{'walletAddress' if flow == 'buy' else 'refundAddress'}={receiver}"


def escape_url(url: str) -> str:
    """The same URL as ASCII text without spaces or control bytes; what is escaped already stays."""
    return url if _URL.fullmatch(url) else quote(url, safe=":/?#[]@!$&'()*+,;=%-._~", errors="replace")


def read_query(query: str, lists: Collection[str] = ()) -> Query:
    """The parameters of an undecoded query string; bytes that are not UTF-8 become replacement characters.

    Those named in `lists` may be written `id=a`, repeated, `id[]=a` or `id[0]=a`, brackets escaped or not, and
    become a list in the order sent. Others with brackets are other names; others that are repeated become a list
    too, so that a schema that wants a string refuses them (assumed).
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


def _add(read: Query, name: str, value: str, *, as_list: bool) -> None:
    before = read.get(name)
    if before is None:
        read[name] = [value] if as_list else value
    elif isinstance(before, str):
        read[name] = [before, value]
    else:
        before.append(value)


def _parse_zone(zone: str | None) -> timezone:
    if zone is None or zone == "Z":
        return UTC
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timezone(-offset if zone[0] == "-" else offset)


def _unescape(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1", errors="replace")).decode(errors="replace")
