"""What a JSON Schema cannot say about a field because it takes the catalogue: codes, states, addresses, memos, sizes.

Never about the trade itself (see `trades`). Sources:
https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/validate-address (seen 2026-11). Assumed: the patterns.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from emulator.contract.setting import Settings
from emulator.core import json_text
from emulator.core.suggestion import use_one_of
from emulator.core.urls import url_problem
from emulator.core.wording import counted, shown
from emulator.providers.changelly.catalogue import STATE_COUNTRY, Catalogue, Crypto, Flow
from emulator.providers.changelly.wire import write_sent_number

METADATA_MAX_BYTES = 16 * 1024
"""As compact JSON. Assumed."""

Fields = Mapping[str, Any]


def find_bad_fields(
    catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings, *, offer: bool = False
) -> dict[str, str]:
    """Field that breaks a rule of the catalogue -> what is wrong with it. `offer`: the fields are the query of offers,
    not the body of an order.

    Fields that are missing or of a wrong type are left to the schema. Settings say how strict the other rules are.
    """
    return {
        name: problem
        for name, judge in (_OFFER_RULES if offer else _ORDER_RULES[flow])
        if name in fields and (problem := judge(fields[name], catalogue, flow, fields, settings))
    }


def misses_extra_id(catalogue: Catalogue, flow: Flow, fields: Fields) -> bool:
    """Whether a new order lacks the memo or tag that its wallet needs. A sale has no wallet."""
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


def _judge_provider(code: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    if not isinstance(code, str) or not code or catalogue.find_provider(code, flow) is not None:
        return ""
    known = [each.code for each in catalogue.list_providers(flow)]
    return f"no provider {shown(code)} to {flow} at: {use_one_of(code, known)}"


def _judge_amount(amount: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    if not isinstance(amount, str):
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            return ""
        amount = write_sent_number(amount)
        if amount in ("0", "null"):
            return "not an amount above 0"
    return _judge_precision(amount, catalogue, fields.get("currencyFrom")) if settings["strict_precision"] else ""


def _judge_precision(amount: str, catalogue: Catalogue, ticker: Any) -> str:
    currency = catalogue.find_currency(ticker) if isinstance(ticker, str) else None
    count = _count_decimals(amount)
    if currency is None or count <= currency.precision:
        return ""
    return f"{counted(count, 'decimal')}, at most {currency.precision} for {ticker} (setting strict_precision)"


def _count_decimals(amount: str) -> int:
    """How many digits stand after the point."""
    try:
        exponent = Decimal(amount).as_tuple().exponent
    except ArithmeticError:
        return 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _judge_state(state: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    if not isinstance(state, str) or not state or fields.get("country") != STATE_COUNTRY:
        return ""
    return "" if catalogue.find_state_code(state) else f"not a state of {STATE_COUNTRY}, got {shown(state)}"


def _judge_address(address: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    if not isinstance(address, str) or not address or not settings["validate_wallets"]:
        return ""
    crypto = _find_coin(catalogue, flow, fields)
    if crypto is None or crypto.is_address(address):
        return ""
    return f"not an address of {crypto.ticker}, got {shown(address)} (setting validate_wallets)"


def _judge_extra_id(extra_id: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    if not isinstance(extra_id, str) or not extra_id:
        return ""
    crypto = _find_coin(catalogue, flow, fields)
    if crypto is None or crypto.is_extra_id(extra_id):
        return ""
    name = crypto.extra_id_name
    return f"{f'not a {name} of {crypto.ticker}' if name else f'{crypto.ticker} has none'}, got {shown(extra_id)}"


def _judge_metadata(metadata: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    size = len(json_text.encode(metadata)) if isinstance(metadata, dict) else 0
    return f"{counted(size, 'byte')} as JSON, at most {METADATA_MAX_BYTES}" if size > METADATA_MAX_BYTES else ""


def _judge_callback_url(url: Any, catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> str:
    if not settings["accept_callback_url"] or url in (None, ""):
        return ""
    return (url_problem(url) or "") if isinstance(url, str) else f"not a string, got {shown(url)}"


_Rule = Callable[[Any, Catalogue, Flow, Fields, Settings], str]

_OFFER_RULES: tuple[tuple[str, _Rule], ...] = (
    ("providerCode", _judge_provider),
    ("amountFrom", _judge_amount),
    ("state", _judge_state),
)
_LAST_RULES: tuple[tuple[str, _Rule], ...] = (("metadata", _judge_metadata), ("callbackUrl", _judge_callback_url))
_ORDER_RULES: Mapping[Flow, tuple[tuple[str, _Rule], ...]] = {
    "buy": (
        *_OFFER_RULES,
        ("walletAddress", _judge_address),
        ("walletExtraId", _judge_extra_id),
        *_LAST_RULES,
    ),
    "sell": (*_OFFER_RULES, ("refundAddress", _judge_address), *_LAST_RULES),
}
