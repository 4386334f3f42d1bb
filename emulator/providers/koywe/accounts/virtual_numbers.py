"""Numbers to which a bank can transfer, so that the money arrives at a virtual account: their forms, which of them a
merchant has, and whose a number is.

Source: https://docs.koywe.com/en/balance-management/deposit-accounts (seen 2026-11): by country a virtual number, CLABE
or CVU, an alias, a routing number come. Assumed: every form here, and that a number counts merchants.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from emulator.contract.transaction import Transaction
from emulator.providers.koywe.access import MERCHANTS, Merchant
from emulator.providers.koywe.accounts.numbers import clabe_check_digit
from emulator.providers.koywe.catalogue import CATALOGUE, Country, find_country

_CVU_WEIGHTS = (3, 9, 7, 1)

ROUTING_NUMBERS: Mapping[str, str] = {"US": "110000000"}
"""Country -> the routing number that goes with its numbers; the other countries have none."""


def _write_clabe(merchant_number: str) -> str:
    body = f"646180{merchant_number}001"
    return body + clabe_check_digit(body)


def _write_cvu(merchant_number: str) -> str:
    """Two blocks, of which the first has its check digit already."""
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
    """The transferable number of a merchant in a country."""
    counted = f"{merchant_number:08}"
    if country == "MX":
        return _write_clabe(counted)
    return _write_cvu(counted) if country == "AR" else _FORMS[country].format(counted)


def write_alias(country: str, merchant_number: int) -> str | None:
    """The other name of the number, which only Argentina's have."""
    return f"emulador.{merchant_number:08}" if country == "AR" else None


# -- which ones there are


class Issued(Struct):
    """A number that a merchant has; by its id and the symbol of the country."""

    issued_ms: int


ISSUED = "koywe.virtual-numbers"


def issue(tx: Transaction, merchant_id: str, country: str) -> None:
    """Gives a merchant its number of a country."""
    tx.put(ISSUED, _key(merchant_id, country), Issued(tx.now_ms))


def is_issued(tx: Transaction, merchant_id: str, country: str) -> bool:
    """Whether the merchant has its number of the country."""
    return tx.get(ISSUED, _key(merchant_id, country)) is not None


def list_issued(tx: Transaction, merchant_id: str) -> Iterator[Country]:
    """The countries of which the merchant has a number, in the order of the catalogue."""
    return (country for country in CATALOGUE.countries if is_issued(tx, merchant_id, country.symbol))


def issue_first(tx: Transaction, merchant_id: str) -> None:
    """Gives a new merchant the numbers that the setting `virtual_account_countries` says."""
    for country in tx.settings("koywe")["virtual_account_countries"]:
        issue(tx, merchant_id, country)


def list_known(tx: Transaction) -> Iterator[tuple[str, str, Country]]:
    """Every number at which money arrives, whose it is, and of which country: those that were issued, and those that
    the provider's instructions name."""
    by_country = tx.settings("koywe")["deposit_accounts"] == "by_country"
    for merchant_id, merchant in MERCHANTS.scan(tx):
        own = country_of_instructions(merchant) if by_country else None
        for country in CATALOGUE.countries:
            if country is own or is_issued(tx, merchant_id, country.symbol):
                yield write_virtual_number(country.symbol, merchant.number), merchant_id, country


def country_of_instructions(merchant: Merchant) -> Country:
    """The country whose number the provider names to a merchant where it goes by countries."""
    return find_country(merchant.country) or CATALOGUE.countries[0]


def _key(merchant_id: str, country: str) -> str:
    return f"{merchant_id}/{country}"
