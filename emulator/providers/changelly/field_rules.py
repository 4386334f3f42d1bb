"""What a JSON Schema cannot say about a field because it takes the catalogue: codes, states, addresses, memos, sizes.

Never about the trade itself (see `trade_rules`). Sources:
https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/validate-address (seen 2026-11). Assumed: the patterns.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from emulator.core import wire
from emulator.providers.changelly.catalogue import STATE_COUNTRY, Catalogue, Crypto, Flow
from emulator.providers.changelly.formats import print_sent_number

METADATA_MAX_BYTES: Final = 16 * 1024
"""As compact JSON. Assumed."""

MAY_BE_MISSED: Final = "walletExtraId"
"""The field that can be bad because it is not there."""

Fields: TypeAlias = Mapping[str, Any]
Settings: TypeAlias = Mapping[str, Any]


def find_bad_fields(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> list[str]:
    """Names of the fields that break a rule of the catalogue; for bodies of orders and queries of offers alike.

    Fields that are not given, or not of the right type, are left to the schema. The settings say how closely the others
    are looked at.
    """
    return [
        name
        for name, breaks in RULES.items()
        if (name in fields or name == MAY_BE_MISSED) and breaks(catalogue, flow, fields, settings)
    ]


def find_address_problem(
    crypto: Crypto, address: str, extra_id: str | None, *, require_extra_id: bool = False
) -> Literal["walletAddress", "walletExtraId"] | None:
    """Which of the two is wrong for the coin, the address first; None if both are right. `""` counts as no extra id."""
    if not crypto.owns_address(address):
        return "walletAddress"
    return "walletExtraId" if _breaks_extra_id(crypto, extra_id, required=require_extra_id) else None


def _text(fields: Fields, name: str) -> str | None:
    """The value of a field that is given, and is text."""
    value = fields.get(name)
    return value if value and isinstance(value, str) else None


def _coin(catalogue: Catalogue, flow: Flow, fields: Fields) -> Crypto | None:
    ticker = _text(fields, "currencyTo" if flow == "buy" else "currencyFrom")
    return catalogue.crypto(ticker) if ticker else None


def _breaks_extra_id(crypto: Crypto, extra_id: str | None, *, required: bool) -> bool:
    if extra_id:
        return not crypto.owns_extra_id(extra_id)
    return required and crypto.extra_id_pattern is not None


def _bad_provider(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    code = _text(fields, "providerCode")
    return code is not None and catalogue.provider(code, flow) is None


def _bad_amount(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    amount = fields.get("amountFrom")
    if isinstance(amount, (int, Decimal)) and not isinstance(amount, bool):
        amount = print_sent_number(amount)
        if amount in ("0", "null"):
            return True
    if not settings["strictPrecision"] or not isinstance(amount, str):
        return False
    currency = catalogue.currency(_text(fields, "currencyFrom") or "")
    return currency is not None and _count_decimals(amount) > currency.precision


def _count_decimals(amount: str) -> int:
    """Digits after the point, as written."""
    try:
        exponent = Decimal(amount).as_tuple().exponent
    except ArithmeticError:
        return 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _bad_state(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    state = _text(fields, "state")
    return state is not None and fields.get("country") == STATE_COUNTRY and catalogue.state_code(state) is None


def _bad_wallet(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    address, crypto = _text(fields, "walletAddress"), _coin(catalogue, flow, fields)
    if flow != "buy" or not settings["validateWallets"] or address is None or crypto is None:
        return False
    return not crypto.owns_address(address)


def _bad_extra_id(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    extra_id, required = _text(fields, "walletExtraId"), settings["requireExtraId"]
    if flow != "buy" or "walletAddress" not in fields or not (extra_id or required):
        return False
    crypto = _coin(catalogue, flow, fields)
    return crypto is not None and _breaks_extra_id(crypto, extra_id, required=required)


def _bad_refund_address(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    address, crypto = _text(fields, "refundAddress"), _coin(catalogue, flow, fields)
    if flow != "sell" or not settings["validateWallets"] or address is None or crypto is None:
        return False
    return not crypto.owns_address(address)


def _bad_metadata(catalogue: Catalogue, flow: Flow, fields: Fields, settings: Settings) -> bool:
    metadata = fields.get("metadata")
    return isinstance(metadata, dict) and len(wire.encode(metadata)) > METADATA_MAX_BYTES


_Rule: TypeAlias = Callable[[Catalogue, Flow, Fields, Settings], bool]

RULES: Final[Mapping[str, _Rule]] = {
    "providerCode": _bad_provider,
    "amountFrom": _bad_amount,
    "state": _bad_state,
    "walletAddress": _bad_wallet,
    "walletExtraId": _bad_extra_id,
    "refundAddress": _bad_refund_address,
    "metadata": _bad_metadata,
}
