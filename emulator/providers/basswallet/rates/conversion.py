"""The calls that convert an amount into another currency or token.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/common/crypto-to-fiat and the pages fiat-to-crypto and
fiat-to-fiat of the Chinese documentation, revisions of 2024, seen 2026-11. Assumed: the rates, that amounts are exact
until they are rounded half up, and how many decimals they have.
"""

from decimal import Decimal
from fractions import Fraction

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core.suggestion import use_one_of
from emulator.providers.basswallet.catalogue import read_catalogue, read_rated_catalogue
from emulator.providers.basswallet.chain.amounts import read_amount, write_rounded
from emulator.providers.basswallet.rates.currencies import find_currencies
from emulator.providers.basswallet.wire import write_answer

_FIAT_DECIMALS = 2


def convert_fiat_to_crypto(call: Call) -> Reply:
    """`/v1/common/convert/fiatToCrypto`: 200 with what a fiat amount is in a token. Refuses with `PARAM_ERROR`."""
    rate, price = _require_fiat(call, "inCurrency"), _require_token(call, "outCurrency")
    decimals = _find_shown_decimals(call, call.body["outCurrency"])
    return _write_conversion(call, _require_sum(call) / rate / price, decimals)


def convert_crypto_to_fiat(call: Call) -> Reply:
    """`/v1/common/convert/cryptoToFiat`: 200 with what a token amount is in fiat. Refuses with `PARAM_ERROR`."""
    price, rate = _require_token(call, "inCurrency"), _require_fiat(call, "outCurrency")
    return _write_conversion(call, _require_sum(call) * price * rate, _FIAT_DECIMALS)


def convert_fiat_to_fiat(call: Call) -> Reply:
    """`/v1/common/convert/fiatToFiat`: 200 with an amount of a fiat currency in another one. Refuses with
    `PARAM_ERROR`."""
    rate, wanted = _require_fiat(call, "inCurrency"), _require_fiat(call, "outCurrency")
    return _write_conversion(call, _require_sum(call) / rate * wanted, _FIAT_DECIMALS)


def _require_fiat(call: Call, name: str) -> Fraction:
    """Units of the currency per dollar. Refuses with `PARAM_ERROR` what is not a fiat currency."""
    code, currencies = call.body.get(name, ""), find_currencies(call.settings)
    if code not in currencies:
        raise Refusal("PARAM_ERROR", f"{name}: no fiat currency {code[:40]!r}: {use_one_of(code, list(currencies))}")
    return Fraction(currencies[code].rate)


def _require_token(call: Call, name: str) -> Fraction:
    """Dollars per unit of the token. Refuses with `PARAM_ERROR` what is not a token."""
    token, catalogue = call.body.get(name, ""), read_rated_catalogue(call.settings)
    known = [each.token_name for each in catalogue.tokens]
    if token not in known:
        raise Refusal("PARAM_ERROR", f"{name}: no token {token[:40]!r}: {use_one_of(token, known)}")
    return Fraction(catalogue.find_usd_rate(token))


def _require_sum(call: Call) -> Fraction:
    text = call.body.get("inAmount", "")
    amount: Decimal | None = read_amount(text)
    if amount is None:
        raise Refusal("PARAM_ERROR", f"inAmount: {text[:50]!r} is not an amount above 0")
    return Fraction(amount)


def _find_shown_decimals(call: Call, token: str) -> int:
    pairs = read_catalogue(call.settings).pairs.items()
    return max(pair.display_decimal for (name, _), pair in pairs if name == token)


def _write_conversion(call: Call, amount: Fraction, decimals: int) -> Reply:
    return write_answer(call, {"outAmount": write_rounded(amount, decimals)})
