"""Why a provider refuses a trade: its country, state, currency, pair, method or amount. Follows from the catalogue
alone.

Source of the error types: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp (seen 2026-11).
Assumed: the order of the checks.
"""

from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from emulator.providers.changelly.catalogue import STATE_COUNTRY, Catalogue, Flow
from emulator.providers.changelly.errors import MIN_WITHOUT_LIMITS, Detail, detail
from emulator.providers.changelly.offers.prices import ZERO, Trade
from emulator.providers.changelly.wire import write_amount


class TradeError(Struct, frozen=True):
    """An error type, with its details; empty where the wire says null."""

    type: str
    reason: str
    """Why, in a sentence."""
    details: tuple[Detail, ...] = ()


Rule = Callable[[Catalogue, Trade], TradeError | None]


def find_trade_error(catalogue: Catalogue, trade: Trade, *, offer: bool = False) -> TradeError | None:
    """Why the provider refuses the trade; None if it takes it.

    `offer`: the trade is part of a list of offers, where an excluded pair is a `currency` error.
    """
    error = _find_lasting_error(
        catalogue,
        trade.provider.code,
        trade.flow,
        trade.currency_from,
        trade.currency_to,
        trade.country,
        trade.state,
        trade.payment_method,
    ) or _find_amount_error(catalogue, trade)
    if offer and error is not None and error.type == EXCLUDED_PAIR:
        return TradeError("currency", error.reason)
    return error


def make_limits_error(catalogue: Catalogue, trade: Trade) -> TradeError:
    """The `limits` error that somebody asked for, with the provider's minimum for what is paid in."""
    limits = catalogue.find_pay_in_limits(trade.provider.code, trade.flow, trade.currency_from)
    bound = write_amount(limits.min) if limits else MIN_WITHOUT_LIMITS
    return TradeError("limits", "asked for", (detail("min", bound),))


EXCLUDED_PAIR = "unsupportedExchangePair"


def _find_missing_state_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    if trade.country == STATE_COUNTRY and not trade.state:
        return TradeError("state", f"/state: missing, {STATE_COUNTRY} needs one")
    return None


def _find_country_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    if trade.country in trade.provider.countries and trade.country in catalogue.country_by_code:
        return None
    return TradeError("country", f"{trade.provider.code} does not serve {trade.country}")


def _find_state_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    if trade.country != STATE_COUNTRY or not trade.state:
        return None
    if catalogue.find_state_code(trade.state) not in trade.provider.excluded_states:
        return None
    return TradeError("state", f"{trade.provider.code} does not serve {trade.state}")


def _find_currency_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    code = trade.provider.code
    if trade.flow not in trade.provider.flows:
        return TradeError("currency", f"{code} does not {trade.flow}")
    if catalogue.find_pay_in_limits(code, trade.flow, trade.currency_from) is None:
        return TradeError("currency", f"{code} does not take {trade.currency_from} when you {trade.flow}")
    if not catalogue.pays_out(code, trade.flow, trade.currency_to):
        return TradeError("currency", f"{code} does not pay out {trade.currency_to} when you {trade.flow}")
    return None


def _find_pair_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    if not catalogue.is_excluded(trade.provider.code, trade.flow, trade.currency_from, trade.currency_to):
        return None
    return TradeError(EXCLUDED_PAIR, f"{trade.provider.code} excludes {trade.currency_from} to {trade.currency_to}")


def _find_method_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    named, fiat = trade.payment_method, trade.fiat
    for fee in trade.provider.fees(trade.flow):
        if named in (None, fee.method) and fiat in catalogue.method_by_code[fee.method].fiats:
            return None
    missing = f"method {named}" if named else "method"
    return TradeError("paymentMethod", f"{trade.provider.code} has no {missing} to {trade.flow} with {fiat}")


def _find_amount_error(catalogue: Catalogue, trade: Trade) -> TradeError | None:
    limits = catalogue.find_pay_in_limits(trade.provider.code, trade.flow, trade.currency_from)
    if limits is None or limits.min <= trade.amount <= limits.max:
        return None
    too_small = trade.amount < limits.min
    cause, bound, how = ("min", limits.min, "below") if too_small else ("max", limits.max, "above")
    written = write_amount(bound)
    told = f"/amountFrom: {how} {written} {trade.currency_from}, the {cause} of {trade.provider.code}"
    return TradeError("limits", f"{told}, got {write_amount(trade.amount)}", (detail(cause, written),))


_LASTING_RULES: tuple[Rule, ...] = (
    _find_missing_state_error,
    _find_country_error,
    _find_state_error,
    _find_currency_error,
    _find_pair_error,
    _find_method_error,
)
"""Those that do not look at the amount, in the order in which they are asked; the first that refuses wins."""


@lru_cache(maxsize=1024)
def _find_lasting_error(
    catalogue: Catalogue,
    code: str,
    flow: Flow,
    currency_from: str,
    currency_to: str,
    country: str,
    state: str | None,
    payment_method: str | None,
) -> TradeError | None:
    """Why the provider refuses every trade of this kind. Cached: a partner asks for few kinds, and often."""
    provider = catalogue.provider_by_code[code]
    trade = Trade(flow, provider, currency_from, currency_to, ZERO, country, state, payment_method)
    return next(filter(None, (rule(catalogue, trade) for rule in _LASTING_RULES)), None)
