"""Quotes: creating and reading them, and when an order or deal may use one.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/quotes/create-quote (seen 2026-11) for the
fields; the answer has all that the reference and the guides show. Assumed: that a quote is used once.
"""

from decimal import Decimal
from functools import partial
from typing import Any

from msgspec import Struct, convert

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.durations import format_duration
from emulator.providers.koywe.accounts.numbers import normalize_network
from emulator.providers.koywe.catalogue import Currency, find_default_network, network_supports
from emulator.providers.koywe.collection import OwnedCollection
from emulator.providers.koywe.formats.identifiers import PREFIXES, make_id
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.ordering.kinds import TYPES
from emulator.providers.koywe.quotes.amounts import (
    exchange,
    require_shape_with_amounts,
    require_sides,
)
from emulator.providers.koywe.wire import read_object, without_nulls, write_answer, write_created

MAX_QUOTES = 10_000
"""How many quotes a sandbox keeps. Assumed."""
KEPT_MS = 86_400_000
"""How long an expired quote is kept: it can be read, and an order that uses it hears why that is refused. A quote of a
deal stays, because the deal goes by it. Assumed."""


class Quote(Struct, omit_defaults=True):
    """A quote; amounts keep the client's literals. `used`: the order or deal that executed it."""

    merchant: str
    user: str
    type: str
    origin: str
    destination: str
    rate: Decimal
    fee: Decimal
    amount_in: Any
    amount_out: Any
    body: dict[str, Any]
    created_ms: int
    ttl_s: int
    executable: bool = True
    network: str | None = None
    used: str | None = None

    @property
    def ends_ms(self) -> int:
        """The instant at which it expires."""
        return self.created_ms + self.ttl_s * 1000


QUOTES = OwnedCollection("koywe.quotes", Quote, "quote")


def require_usable_quote(call: Call, quote_id: str, order_type: str | None) -> Quote:
    """The quote, which an order of this type (None: ONRAMP or OFFRAMP) may use now.

    Refuses with `QE90001`, `QE90004`, `QE90002`, `QE90003`, `QE90005`.
    """
    quote = QUOTES.require(call, quote_id)
    if quote.used is not None:
        raise Refusal("quote-used", f"{quote_id} was used by {quote.used}: create another quote")
    if call.tx.now_ms >= quote.ends_ms:
        lived, late = format_duration(quote.ttl_s * 1000), format_duration(call.tx.now_ms - quote.ends_ms)
        reason = f"{quote_id} was valid for {lived} and expired {late} ago by the sandbox's clock"
        raise Refusal("quote-expired", reason)
    if not quote.executable:
        raise Refusal("quote-not-executable", f"{quote_id} was created with executable false")
    if quote.type != order_type if order_type is not None else not TYPES[quote.type].crypto:
        raise Refusal(
            "quote-type", f"{quote_id} is for {quote.type}, not for {order_type or 'a deal'}", orderType=quote.type
        )
    return quote


def mark_used(tx: Transaction, quote_id: str, quote: Quote, user_id: str) -> None:
    """Marks the quote as used by the order or deal."""
    quote.used = user_id
    QUOTES.put(tx, quote_id, quote)


# -- calls


def create_quote(call: Call) -> Reply:
    """`POST M/quotes`: the quote. Refuses with `OR90004`, `OR90003`, `CU90001`, `CU90002`, `BT90001`, `QE90006`."""
    call.body = sent = read_object(call)
    body = without_nulls(sent)
    require_shape_with_amounts(call, call.provider.schemas["create-quote.request"], body)
    order_type: str = body["orderType"] if "orderType" in body else body["type"]
    origin, destination = require_sides(call, body, order_type)
    crypto = next((each for each in (origin, destination) if each.kind == "crypto"), None)
    conversion = exchange(call.settings, body, origin, destination)
    quote = Quote(
        merchant=call.caller.merchant_id,
        user=call.caller.credential.api_key,
        type=order_type,
        origin=origin.symbol,
        destination=destination.symbol,
        rate=conversion.rate,
        fee=conversion.fee,
        amount_in=conversion.amount_in,
        amount_out=conversion.amount_out,
        body=sent,
        created_ms=call.tx.now_ms,
        ttl_s=call.settings["quote_ttl_s"],
        executable=body.get("executable", True),
        network=None if crypto is None else _find_network(call, body.get("network"), crypto, order_type),
    )
    quote_id = make_id(call.tx.chance, QUOTES.id_kind)
    call.tx.put_passing(QUOTES.table, quote_id, quote, MAX_QUOTES, partial(_is_over, call.tx.now_ms))
    return write_created(call, _write_quote(quote_id, quote, sent))


def get_quote(call: Call) -> Reply:
    """`GET M/quotes/{quoteId}`: the quote, even an expired or used one. Refuses with `QE90001`."""
    quote_id, quote = QUOTES.require_in_path(call)
    return write_answer(
        call,
        {
            "id": quote_id,
            "merchantId": quote.merchant,
            "userId": quote.user,
            "createdAt": write_moment(quote.created_ms),
            "validForSeconds": quote.ttl_s,
            "validUntil": write_moment(quote.ends_ms),
            "isExecutable": quote.executable,
            "amountIn": quote.amount_in,
            "amountOut": quote.amount_out,
            "exchangeRate": quote.rate,
            "originCurrencySymbol": quote.origin,
            "destinationCurrencySymbol": quote.destination,
            "totalBaseFeesApplied": quote.fee,
            "totalTaxesOnAmountApplied": 0,
            "totalTaxesOnFeesApplied": 0,
            "feeDetailsJson": _write_components(quote),
            "taxDetailsJson": [],
            "orderType": quote.type,
            "koyweQuotesJson": [],
            "userRequestJson": quote.body,
        },
    )


def _is_over(now_ms: int, document: dict[str, Any]) -> bool:
    quote = convert(document, Quote)
    return now_ms >= quote.ends_ms + KEPT_MS and not (quote.used or "").startswith(PREFIXES["deal"])


def _find_network(call: Call, wanted: str | None, crypto: Currency, order_type: str) -> str:
    if wanted is None:
        default = find_default_network(crypto.symbol)
        if default is None or call.settings["quote_network_required"]:
            raise Refusal(
                "network-required",
                f"/network: missing, {crypto.symbol} needs one (setting quote_network_required)",
                orderType=order_type,
            )
        return default.name
    network = normalize_network(wanted)
    if not network_supports(network, crypto.symbol):
        reason = f"/network: {network} does not carry {crypto.symbol}"
        raise Refusal("network-unsupported", reason, network=wanted, symbol=crypto.symbol)
    return network


def _write_components(quote: Quote) -> list[dict[str, Any]]:
    return [{"name": "KOYWE_FEE", "amount": quote.fee, "currencySymbol": quote.origin}]


def _write_quote(quote_id: str, quote: Quote, requested: dict[str, Any]) -> dict[str, Any]:
    ends_at = write_moment(quote.ends_ms)
    return {
        "id": quote_id,
        "orderType": quote.type,
        "originCurrencySymbol": quote.origin,
        "destinationCurrencySymbol": quote.destination,
        "network": quote.network,
        "exchangeRate": quote.rate,
        "requestedAmountIn": requested.get("amountIn"),
        "requestedAmountOut": requested.get("amountOut"),
        "finalAmountIn": quote.amount_in,
        "finalAmountOut": quote.amount_out,
        "amountIn": quote.amount_in,
        "amountOut": quote.amount_out,
        "fee": quote.fee,
        "taxes": 0,
        "koyweFee": quote.fee,
        "components": _write_components(quote),
        "summary": {"totalFees": quote.fee, "totalTaxes": 0},
        "isExecutable": quote.executable,
        "createdAt": write_moment(quote.created_ms),
        "validForSeconds": quote.ttl_s,
        "validUntil": ends_at,
        "validFor": quote.ttl_s,
        "expiresAt": ends_at,
    }
