"""Transferable numbers, to which a bank can send money for a virtual account: their forms, and whose they are.

Source: https://docs.koywe.com/en/balance-management/deposit-accounts (seen 2026-11): that by country there is a virtual
number, CLABE or CVU, an alias, a routing number. Assumed: all forms, and that a number counts merchants.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from emulator.contract.transaction import Transaction
from emulator.core.collection import Collection
from emulator.providers.koywe.access import MERCHANTS, Merchant
from emulator.providers.koywe.accounts.numbers import clabe_check_digit
from emulator.providers.koywe.catalogue import CATALOGUE, Country, find_country

_CVU_WEIGHTS = (3, 9, 7, 1)

ROUTING_NUMBERS: Mapping[str, str] = {"US": "110000000"}
"""Country -> the routing number of its numbers; the other countries have none."""


def _write_clabe(merchant_number: str) -> str:
    body = f"646180{merchant_number}001"
    return body + clabe_check_digit(body)


def _write_cvu(merchant_number: str) -> str:
    """A CVU has two blocks; that of the bank already has its check digit."""
    body = f"00000{merchant_number}"
    total = sum(int(digit) * _CVU_WEIGHTS[position % 4] for position, digit in enumerate(body))
    return f"00000031{body}{-total % 10}"


_FORMS: Mapping[str, str] = {
    "CO": "105{}",
    "CL": "200{}",
    "BR": "k{}@pix.emulator.example",
    "PE": "002193{}000000",
    "BO": "1000{}",
    "US": "9{}",
}


def write_virtual_number(country: str, merchant_number: int) -> str:
    """A merchant's transferable number in a country."""
    counted = f"{merchant_number:08}"
    if country == "MX":
        return _write_clabe(counted)
    return _write_cvu(counted) if country == "AR" else _FORMS[country].format(counted)


def write_alias(country: str, merchant_number: int) -> str | None:
    """The alias of the number; only those of Argentina have one."""
    return f"emulador.{merchant_number:08}" if country == "AR" else None


# -- which ones there are


class Issued(Struct):
    """A number that a merchant has."""

    issued_ms: int


ISSUED = Collection("koywe.virtual-numbers", Issued)
"""By merchant and country."""


def issue(tx: Transaction, merchant_id: str, country: str) -> None:
    """Gives a merchant its number in a country."""
    ISSUED.put(tx, f"{merchant_id}/{country}", Issued(tx.now_ms))


def is_issued(tx: Transaction, merchant_id: str, country: str) -> bool:
    """Whether the merchant has its number in the country."""
    return ISSUED.find(tx, f"{merchant_id}/{country}") is not None


def list_issued(tx: Transaction, merchant_id: str) -> Iterator[Country]:
    """The countries in which the merchant has a number, in the order of the catalogue."""
    return (country for country in CATALOGUE.countries if is_issued(tx, merchant_id, country.symbol))


def issue_first(tx: Transaction, merchant_id: str) -> None:
    """Gives a new merchant its numbers in the countries of the setting `virtual_account_countries`."""
    for country in tx.settings("koywe")["virtual_account_countries"]:
        issue(tx, merchant_id, country)


def list_known(tx: Transaction) -> Iterator[tuple[str, str, Country]]:
    """Every number that money can be sent to, with its merchant and country: issued ones, and those of the deposit
    instructions."""
    by_country = tx.settings("koywe")["deposit_accounts"] == "by_country"
    for merchant_id, merchant in MERCHANTS.scan(tx):
        own = find_country_of_instructions(merchant) if by_country else None
        for country in CATALOGUE.countries:
            if country is own or is_issued(tx, merchant_id, country.symbol):
                yield write_virtual_number(country.symbol, merchant.number), merchant_id, country


def find_country_of_instructions(merchant: Merchant) -> Country:
    """The country whose number a merchant's deposit instructions name where they go by country."""
    return find_country(merchant.country) or CATALOGUE.countries[0]
