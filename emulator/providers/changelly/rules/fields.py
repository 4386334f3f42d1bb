"""What a JSON Schema cannot say about a field because it takes the catalogue: codes, states, addresses, memos, sizes.

Never about the trade itself (see `trade_rules`). Sources:
https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/validate-address (seen 2026-11). Assumed: the patterns.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from emulator.core import json_text
from emulator.core.urls import url_problem
from emulator.providers.changelly.catalogue import STATE_COUNTRY, Catalogue, Crypto, Flow
from emulator.providers.changelly.wire import write_sent_number

METADATA_MAX_BYTES = 16 * 1024
"""As compact JSON. Assumed."""

Fields: TypeAlias = Mapping[str, Any]
Settings: TypeAlias = Mapping[str, Any]


def find_bad_fields(
    catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings, *, offer: bool = False
) -> list[str]:
    """Names of the fields that break a rule of the catalogue. `offer`: they are the query of offers, not an order's
    body.

    Fields that are not given, or not of the right type, are left to the schema. The settings say how closely the others
    are looked at.
    """
    return [
        name
        for name, breaks in (_OFFER_RULES if offer else _ORDER_RULES[flow])
        if name in fields and breaks(fields[name], catalogue, flow, fields, settings)
    ]


def misses_extra_id(catalogue: Catalogue, flow: Flow, fields: Fields) -> bool:
    """Whether a new order has to say the memo or tag of its wallet, and does not. A sale has no wallet."""
    crypto = _find_coin(catalogue, flow, fields) if flow == "buy" else None
    return crypto is not None and crypto.needs_extra_id and not fields.get("walletExtraId")


def find_address_problem(
    crypto: Crypto, address: str, extra_id: str | None, *, require_extra_id: bool = False
) -> Literal["walletAddress", "walletExtraId"] | None:
    """Which of the two is wrong for the coin, the address first; None if both are right."""
    if not crypto.is_address(address):
        return "walletAddress"
    if extra_id is not None:
        return None if crypto.is_extra_id(extra_id) else "walletExtraId"
    return "walletExtraId" if require_extra_id and crypto.needs_extra_id else None


def _find_coin(catalogue: Catalogue, flow: Flow, fields: Fields) -> Crypto | None:
    ticker = fields.get("currencyTo" if flow == "buy" else "currencyFrom")
    return catalogue.crypto_by_ticker.get(ticker) if isinstance(ticker, str) else None


def _is_bad_provider(code: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    return isinstance(code, str) and code != "" and catalogue.find_provider(code, flow) is None


def _is_bad_amount(amount: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    if not isinstance(amount, str):
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            return False
        amount = write_sent_number(amount)
        if amount in ("0", "null"):
            return True
    return settings["strict_precision"] and _is_too_precise(amount, catalogue, fields.get("currencyFrom"))


def _is_too_precise(amount: str, catalogue: Catalogue, ticker: Any) -> bool:
    currency = catalogue.find_currency(ticker) if isinstance(ticker, str) else None
    return currency is not None and _count_decimals(amount) > currency.precision


def _count_decimals(amount: str) -> int:
    """Digits after the point, as written."""
    try:
        exponent = Decimal(amount).as_tuple().exponent
    except ArithmeticError:
        return 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _is_bad_state(state: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    if not isinstance(state, str) or not state or fields.get("country") != STATE_COUNTRY:
        return False
    return catalogue.state_code(state) is None


def _is_bad_address(address: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    if not isinstance(address, str) or not address or not settings["validate_wallets"]:
        return False
    crypto = _find_coin(catalogue, flow, fields)
    return crypto is not None and not crypto.is_address(address)


def _is_bad_extra_id(extra_id: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    if not isinstance(extra_id, str) or not extra_id:
        return False
    crypto = _find_coin(catalogue, flow, fields)
    return crypto is not None and not crypto.is_extra_id(extra_id)


def _is_bad_metadata(metadata: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    return isinstance(metadata, dict) and len(json_text.encode(metadata)) > METADATA_MAX_BYTES


def _is_bad_callback_url(url: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    if not settings["accept_callback_url"] or url in (None, ""):
        return False
    return not isinstance(url, str) or url_problem(url) is not None


_Rule: TypeAlias = Callable[[Any, Catalogue, Flow, Fields, Settings], bool]

_OFFER_RULES: tuple[tuple[str, _Rule], ...] = (
    ("providerCode", _is_bad_provider),
    ("amountFrom", _is_bad_amount),
    ("state", _is_bad_state),
)
_LAST_RULES: tuple[tuple[str, _Rule], ...] = (("metadata", _is_bad_metadata), ("callbackUrl", _is_bad_callback_url))
_ORDER_RULES: Mapping[Flow, tuple[tuple[str, _Rule], ...]] = {
    "buy": (
        *_OFFER_RULES,
        ("walletAddress", _is_bad_address),
        ("walletExtraId", _is_bad_extra_id),
        *_LAST_RULES,
    ),
    "sell": (*_OFFER_RULES, ("refundAddress", _is_bad_address), *_LAST_RULES),
}
