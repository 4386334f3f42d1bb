"""What the provider offers: providers, payment methods, currencies, countries, and who serves what.

Sources of the codes of providers and methods: the pages of https://fiat-api.changelly.com/docs and the type
definitions of the official Node SDK (seen 2026-11). Assumed: everything else, such as prices, limits, fees, served
countries and address patterns.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from emulator.contract.setting import Settings
from emulator.core import json_text
from emulator.providers.changelly.overlay.merge import lay_over

Flow = Literal["buy", "sell"]
FLOWS: tuple[Flow, ...] = ("buy", "sell")

STATE_COUNTRY = "US"
"""The country whose orders name a state."""

STATE_PREFIX = "US-"


class _Row(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A row of the file: its members in camel case, nothing misspelt, nothing changed after loading."""


class MethodFee(_Row, frozen=True):
    """A payment method at one provider, with its fee in percent of the fiat amount."""

    method: str
    percent: Decimal


class MethodFees(_Row, frozen=True):
    """A provider's methods by flow, in the order in which offers list them."""

    buy: tuple[MethodFee, ...]
    sell: tuple[MethodFee, ...]


class Provider(_Row, frozen=True):
    """Who sells or buys the crypto. `trust_pilot_rating` is text; `excluded_states` are US states it does not serve."""

    code: str
    name: str
    trust_pilot_rating: str
    flows: tuple[Flow, ...]
    countries: tuple[str, ...]
    excluded_states: tuple[str, ...]
    methods: MethodFees

    def fees(self, flow: Flow) -> tuple[MethodFee, ...]:
        """Its methods in that flow; empty if it does not have the flow."""
        return self.methods.buy if flow == "buy" else self.methods.sell


class Method(_Row, frozen=True):
    """A payment method, and the fiat currencies that it works with."""

    code: str
    name: str
    fiats: tuple[str, ...]


class Limits(_Row, frozen=True):
    """The smallest and the largest amount that may be paid in."""

    min: Decimal
    max: Decimal


class Fiat(_Row, frozen=True):
    """A fiat currency. `usd` is what one unit is worth; `buy_limits` and `sell_at` name providers by code."""

    ticker: str
    name: str
    usd: Decimal
    precision: int
    buy_limits: dict[str, Limits]
    sell_at: tuple[str, ...]


class Crypto(_Row, frozen=True, dict=True):
    """A crypto currency: one coin on one network. `extra_id_name` is None for a coin without memo or tag; without
    `extra_id_pattern` any text is one.
    """

    ticker: str
    name: str
    network: str
    usd: Decimal
    precision: int
    extra_id_name: str | None
    buy_at: tuple[str, ...]
    sell_limits: dict[str, Limits]
    address_pattern: str
    extra_id_pattern: str | None
    extra_id_required: bool = True
    """Whether a coin that has a memo or tag needs it."""

    @property
    def needs_extra_id(self) -> bool:
        """Whether an address of this coin is incomplete without memo or tag."""
        return self.extra_id_required and self.extra_id_name is not None

    @cached_property
    def _address(self) -> re.Pattern[str]:
        return re.compile(self.address_pattern, re.ASCII)

    def is_address(self, address: str) -> bool:
        """Whether the text looks like an address of this coin; checksums are not checked."""
        return self._address.fullmatch(address) is not None

    def is_extra_id(self, extra_id: str) -> bool:
        """Whether the text can be a memo or tag of this coin; never if the coin has none."""
        if self.extra_id_name is None:
            return False
        return self.extra_id_pattern is None or re.fullmatch(self.extra_id_pattern, extra_id, re.ASCII) is not None


class ExcludedPair(_Row, frozen=True):
    """A pair that a provider does not trade although it has both currencies."""

    provider: str
    flow: Flow
    currency_from: str
    currency_to: str


class State(_Row, frozen=True):
    """A US state; the code is two letters, as `CA`."""

    code: str
    name: str


class Country(_Row, frozen=True):
    """A country; only the US has states."""

    code: str
    name: str
    states: tuple[State, ...] = ()


class Catalogue(_Row, frozen=True, dict=True, eq=False):
    """The catalogue, in the order in which it is listed. Lookups give None for what is not there."""

    providers: tuple[Provider, ...]
    methods: tuple[Method, ...]
    fiats: tuple[Fiat, ...]
    cryptos: tuple[Crypto, ...]
    excluded_pairs: tuple[ExcludedPair, ...]
    countries: tuple[Country, ...]

    @cached_property
    def provider_by_code(self) -> Mapping[str, Provider]:
        """Providers, in catalogue order."""
        return {provider.code: provider for provider in self.providers}

    @cached_property
    def method_by_code(self) -> Mapping[str, Method]:
        """Payment methods, in catalogue order."""
        return {method.code: method for method in self.methods}

    @cached_property
    def fiat_by_ticker(self) -> Mapping[str, Fiat]:
        """Fiat currencies, in catalogue order."""
        return {fiat.ticker: fiat for fiat in self.fiats}

    @cached_property
    def crypto_by_ticker(self) -> Mapping[str, Crypto]:
        """Crypto currencies, in catalogue order."""
        return {crypto.ticker: crypto for crypto in self.cryptos}

    @cached_property
    def country_by_code(self) -> Mapping[str, Country]:
        """Countries, in catalogue order."""
        return {country.code: country for country in self.countries}

    @cached_property
    def state_codes(self) -> frozenset[str]:
        """The two letters of every US state."""
        return frozenset(state.code for country in self.countries for state in country.states)

    @cached_property
    def _excluded(self) -> frozenset[tuple[str, Flow, str, str]]:
        return frozenset(
            (pair.provider, pair.flow, pair.currency_from, pair.currency_to) for pair in self.excluded_pairs
        )

    def find_provider(self, code: str, flow: Flow | None = None) -> Provider | None:
        """The provider with this code, if it has the flow (None: any)."""
        provider = self.provider_by_code.get(code)
        return provider if provider is None or flow is None or flow in provider.flows else None

    def list_providers(self, flow: Flow) -> tuple[Provider, ...]:
        """The providers with this flow, in catalogue order."""
        return tuple(provider for provider in self.providers if flow in provider.flows)

    def find_method(self, code: str) -> Method | None:
        """The payment method with this code."""
        return self.method_by_code.get(code)

    def find_fiat(self, ticker: str) -> Fiat | None:
        """The fiat currency with this ticker."""
        return self.fiat_by_ticker.get(ticker)

    def find_crypto(self, ticker: str) -> Crypto | None:
        """The crypto currency with this ticker."""
        return self.crypto_by_ticker.get(ticker)

    def find_currency(self, ticker: str) -> Fiat | Crypto | None:
        """The currency with this ticker, whatever its kind."""
        return self.find_fiat(ticker) or self.find_crypto(ticker)

    def find_country(self, code: str) -> Country | None:
        """The country with this code."""
        return self.country_by_code.get(code)

    def find_state_code(self, state: str) -> str | None:
        """The two letters of a US state that is written `CA` or `US-CA`; None if there is no such state."""
        code = state.removeprefix(STATE_PREFIX)
        return code if code in self.state_codes else None

    def is_excluded(self, provider_code: str, flow: Flow, currency_from: str, currency_to: str) -> bool:
        """Whether the provider refuses this very pair."""
        return (provider_code, flow, currency_from, currency_to) in self._excluded

    def find_pay_in_limits(self, provider_code: str, flow: Flow, ticker: str) -> Limits | None:
        """The limits of what is paid in: fiat when buying, crypto when selling. None if the provider does not take
        it."""
        if flow == "buy":
            fiat = self.fiat_by_ticker.get(ticker)
            return fiat.buy_limits.get(provider_code) if fiat else None
        crypto = self.crypto_by_ticker.get(ticker)
        return crypto.sell_limits.get(provider_code) if crypto else None

    def pays_out(self, provider_code: str, flow: Flow, ticker: str) -> bool:
        """Whether the provider pays out this currency: crypto when buying, fiat when selling."""
        if flow == "buy":
            crypto = self.crypto_by_ticker.get(ticker)
            return crypto is not None and provider_code in crypto.buy_at
        fiat = self.fiat_by_ticker.get(ticker)
        return fiat is not None and provider_code in fiat.sell_at

    def list_flows(self, provider_code: str, ticker: str) -> tuple[Flow, ...]:
        """The flows in which the provider takes the currency, on either side."""
        return tuple(
            flow
            for flow in FLOWS
            if self.find_pay_in_limits(provider_code, flow, ticker) or self.pays_out(provider_code, flow, ticker)
        )

    def fees(self, provider: Provider, flow: Flow, fiat_ticker: str) -> tuple[MethodFee, ...]:
        """The provider's methods that work with the fiat currency, in offer order."""
        return tuple(fee for fee in provider.fees(flow) if fiat_ticker in self.method_by_code[fee.method].fiats)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that is shipped."""
    return msgspec.convert(load_document(), Catalogue)


@cache
def load_document() -> Mapping[str, Any]:
    """The JSON of the catalogue that is shipped."""
    document: Mapping[str, Any] = json_text.decode(Path(__file__).with_name("catalogue.json").read_bytes())
    return document


def read_catalogue(settings: Settings) -> Catalogue:
    """The catalogue of a sandbox with these settings: the shipped one, with the setting `catalogue` laid over it."""
    parts = settings["catalogue"]
    return load_catalogue() if parts is None else _lay_over(json_text.encode(parts))


@lru_cache(maxsize=64)
def _lay_over(parts: bytes) -> Catalogue:
    return msgspec.convert(lay_over(load_document(), json_text.decode(parts)), Catalogue)
