"""What the provider offers: currencies, methods, networks, banks, and what every sandbox starts with.

Source of method names: https://docs.koywe.com/en/accepting-payments/payment-methods (seen 2026-11); networks and their
currencies: https://docs.koywe.com/core-concepts/quotes-and-exchange-rates. Assumed: everything else, rates included.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.names import NAME

CurrencyKind = Literal["fiat", "crypto"]
Permission = Literal["write", "read"]

_PLACE = "{sandbox}"
NO_DECIMALS: Mapping[str, int] = {}
"""Every currency has the catalogue's decimals."""

_CARD_METHODS = frozenset({"CARD_PAYMENT", "CARD"})


class _Row(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A row of the file: its members in camel case, nothing misspelt, nothing changed after loading."""


class Country(_Row, frozen=True):
    """A country; `currency` is the symbol of its only fiat currency."""

    id: str
    symbol: str
    name: str
    currency: str


class Currency(_Row, frozen=True):
    """A currency. `units_per_usd`: how many units one US dollar is worth; `country` is None for crypto."""

    id: str
    symbol: str
    kind: CurrencyKind
    decimals: int
    units_per_usd: Decimal
    country: str | None = None


class PaymentMethod(_Row, frozen=True):
    """A way to pay in one country and currency; both limits are amounts that it takes."""

    country: str
    currency: str
    method: str
    name: str
    min_amount: Decimal
    max_amount: Decimal
    response_type: str
    contact_fields: tuple[str, ...]


class Network(_Row, frozen=True):
    """A network, the currencies that it carries, and the provider's address for deposits."""

    name: str
    currencies: tuple[str, ...]
    deposit_address: str


class SeedAccount(_Row, frozen=True):
    """A virtual account, bank account or wallet of the first merchant; only virtual accounts have a balance.

    `account_number` is None for wallets, and for virtual accounts, whose number follows from the merchant's id.
    """

    id: str
    kind: Literal["BANK", "CRYPTO"]
    currency: str
    type: Literal["SAVINGS", "CHECKING", "VIRTUAL"]
    country: str | None = None
    account_number: str | None = None
    routing_number: str | None = None
    entity: str | None = None
    network: str | None = None
    address: str | None = None
    contact_id: str | None = None
    is_virtual: bool = False
    is_default: bool = False
    is_tracked: bool = False
    balance: Decimal | None = None


class SeedContact(_Row, frozen=True):
    """A contact of the first merchant."""

    id: str
    first_name: str
    last_name: str
    country_symbol: str
    business_type: str
    type: str
    email: str
    phone: str
    document_type: str
    document_number: str


class Bank(_Row, frozen=True):
    """A bank; an account's `entity` is its `code`."""

    country_symbol: str
    code: str
    name: str


class Choice(_Row, frozen=True):
    """A choice in a form: its code, and its name for people."""

    code: str
    name: str


class SeedRule(_Row, frozen=True):
    """A rule of the policy; None means any."""

    id: str
    operation: str
    currency_symbol: str | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    action: str


class SeedPolicy(_Row, frozen=True):
    """The policy of the sandbox's organization."""

    id: str
    active: bool
    rules: tuple[SeedRule, ...]


class DepositInstructions(_Row, frozen=True):
    """Where banks send money: the provider's own account, the same for everybody."""

    currency: str
    country: str
    account_number: str
    bank_name: str
    account_holder_name: str
    document_number: str
    account_type: str
    virtual_account_provider: str


class Organization(_Row, frozen=True):
    """An organization of a sandbox."""

    id: str
    name: str


class SeedMerchant(_Row, frozen=True):
    """The first merchant of a sandbox."""

    id: str
    name: str
    country_symbol: str


SECRET_DIGITS = 40
"""How many hexadecimal digits a new secret has."""


class Credential(Struct, frozen=True, rename="camel", omit_defaults=True):
    """An api key and its secret for sign-in, and what they allow."""

    api_key: str
    secret: str
    permission: Permission
    name: str = ""
    """What the client that made it calls it; those that every sandbox has have no name."""
    merchant_id: str = ""
    """The only merchant that it sees; empty: the whole organization."""


class SandboxNames(_Row, frozen=True):
    """The ids and names of a sandbox's own objects; in the catalogue `{sandbox}` stands for the sandbox's name."""

    organization: Organization
    merchant: SeedMerchant
    credentials: tuple[Credential, ...]
    webhook_secret_example: str


class Catalogue(_Row, frozen=True):
    """The catalogue, in the order in which it is listed."""

    sandbox: SandboxNames
    countries: tuple[Country, ...]
    currencies: tuple[Currency, ...]
    payment_methods: tuple[PaymentMethod, ...]
    guide_methods: tuple[PaymentMethod, ...]
    """Methods as the older guides name them: PIX is PIX_DYNAMIC, CARD is CARD_PAYMENT, and Argentina has a QRI."""
    networks: tuple[Network, ...]
    accounts: tuple[SeedAccount, ...]
    contacts: tuple[SeedContact, ...]
    banks: tuple[Bank, ...]
    economic_activities: tuple[Choice, ...]
    applicant_company_roles: tuple[Choice, ...]
    policy: SeedPolicy
    spei_clabe: str
    deposit_instructions: DepositInstructions


CATALOGUE = msgspec.json.decode(Path(__file__).with_name("catalogue.json").read_bytes(), type=Catalogue)

_Item = TypeVar("_Item", Country, Currency, Network)


def _index(items: Iterable[_Item], member: str) -> Mapping[str, _Item]:
    return {getattr(item, member): item for item in items}


_COUNTRIES = _index(CATALOGUE.countries, "symbol")
_COUNTRIES_BY_CURRENCY = _index(CATALOGUE.countries, "currency")
_CURRENCIES = _index(CATALOGUE.currencies, "symbol")
_CURRENCIES_BY_ID = _index(CATALOGUE.currencies, "id")
_METHODS = {(each.currency, each.method): each for each in CATALOGUE.payment_methods}
_GUIDE_METHODS = {(each.currency, each.method): each for each in CATALOGUE.guide_methods}
_NETWORKS = _index(CATALOGUE.networks, "name")
_KEY_BEGINNINGS = "|".join(re.escape(each.api_key.removesuffix(_PLACE)) for each in CATALOGUE.sandbox.credentials)
_API_KEY = re.compile(rf"(?:{_KEY_BEGINNINGS})({NAME.pattern})(?:\.[0-9a-f]{{8}})?")
"""The keys that every sandbox has, and, with a dot and digits behind them, those that clients make."""


def find_country(symbol: str) -> Country | None:
    """The country with this ISO alpha-2 symbol."""
    return _COUNTRIES.get(symbol)


def find_country_of_currency(symbol: str) -> Country | None:
    """The country of a fiat currency; None for crypto and for unknown symbols."""
    return _COUNTRIES_BY_CURRENCY.get(symbol)


def find_currency(symbol: str, decimals: Mapping[str, int] = NO_DECIMALS) -> Currency | None:
    """The currency with this symbol. `decimals`: the setting `currency_decimals`, for whoever looks at its decimals."""
    currency = _CURRENCIES.get(symbol)
    return currency if currency is None or symbol not in decimals else _with_decimals(currency, decimals[symbol])


@lru_cache(maxsize=256)
def _with_decimals(currency: Currency, decimals: int) -> Currency:
    return replace(currency, decimals=decimals)


def list_symbols() -> list[str]:
    """The symbols of all currencies."""
    return sorted(_CURRENCIES)


def list_methods(currency_symbol: str, *, of_guides: bool = False) -> list[str]:
    """The codes of a currency's payment methods. `of_guides`: also those that only the older guides have."""
    pairs = [*_METHODS, *(_GUIDE_METHODS if of_guides else ())]
    return [method for currency, method in pairs if currency == currency_symbol]


def find_currency_by_id(currency_id: str) -> Currency | None:
    """The currency with this id (`cur_...`)."""
    return _CURRENCIES_BY_ID.get(currency_id)


def list_fiat_currencies() -> tuple[Currency, ...]:
    """The currencies in which a merchant has a virtual account, in catalogue order."""
    return tuple(currency for currency in CATALOGUE.currencies if currency.kind == "fiat")


def list_payment_methods(country_symbol: str, currency_symbol: str) -> tuple[PaymentMethod, ...]:
    """The methods of a country and currency; none for an unknown pair."""
    pair = (country_symbol, currency_symbol)
    return tuple(method for method in CATALOGUE.payment_methods if (method.country, method.currency) == pair)


def list_payment_methods_of_currency(currency_symbol: str) -> tuple[PaymentMethod, ...]:
    """The methods by which an order with this origin currency can be paid."""
    return tuple(method for method in CATALOGUE.payment_methods if method.currency == currency_symbol)


def find_payment_method(currency_symbol: str, code: str) -> PaymentMethod | None:
    """The method of a currency with this code, which may be one that only the older guides have."""
    pair = (currency_symbol, code)
    return _METHODS.get(pair) or _GUIDE_METHODS.get(pair)


def is_guide_method(currency_symbol: str, code: str) -> bool:
    """Whether only the older guides have this code."""
    return (currency_symbol, code) in _GUIDE_METHODS


def takes_cards(method: PaymentMethod) -> bool:
    """Whether payers pay by card number."""
    return method.method in _CARD_METHODS


def find_network(name: str) -> Network | None:
    """The network with this upper-case name."""
    return _NETWORKS.get(name)


def network_supports(name: str, currency_symbol: str) -> bool:
    """Whether the network exists and carries the currency."""
    network = find_network(name)
    return network is not None and currency_symbol in network.currencies


def find_default_network(currency_symbol: str) -> Network | None:
    """The first network that carries the currency."""
    return next((network for network in CATALOGUE.networks if currency_symbol in network.currencies), None)


def list_banks(country_symbol: str) -> tuple[Bank, ...]:
    """The banks of a country."""
    return tuple(bank for bank in CATALOGUE.banks if bank.country_symbol == country_symbol)


def find_bank(country_symbol: str, code: str) -> Bank | None:
    """The bank with this code."""
    return next((bank for bank in list_banks(country_symbol) if bank.code == code), None)


@lru_cache(maxsize=256)
def read_names(sandbox: str) -> SandboxNames:
    """The ids, names and credentials of a sandbox."""
    template = msgspec.json.encode(CATALOGUE.sandbox).decode()
    return msgspec.json.decode(template.replace(_PLACE, sandbox), type=SandboxNames)


def find_sandbox_of_api_key(api_key: str) -> str | None:
    """The sandbox that an api key belongs to; None for a key that no sandbox can have."""
    match = _API_KEY.fullmatch(api_key)
    return match[1] if match else None
