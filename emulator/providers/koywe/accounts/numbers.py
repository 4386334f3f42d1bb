"""Bank account numbers and wallet addresses: which ones the provider takes, by country and by network.

Pure. It never knows whether an account exists, and never whether a network carries a currency (the catalogue does).

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/merchant/create-account (seen 2026-11):
18-digit CLABE in Mexico, number or PIX key in Brazil. Assumed: all other lengths, the check of the CLABE's last digit,
the forms of the addresses.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

NumberRule: TypeAlias = Callable[[str], bool]

_CLABE = re.compile(r"[0-9]{18}")
_ROUTING_NUMBER = re.compile(r"[0-9]{9}")
_CLABE_WEIGHTS = (3, 7, 1)

_PIX_KEY_LONGEST = 77
_BRAZILIAN_NUMBER = re.compile(
    r"[0-9]{4,20}"  # an account number, a CPF or a CNPJ
    r"|[0-9]{1,18}-[0-9Xx]"  # an account number with its check character
    r"|\+[1-9][0-9]{7,14}"  # a telephone as PIX key
    r"|[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+"  # an e-mail as PIX key
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # a random PIX key
)

_EVM_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_ADDRESSES: Mapping[str, re.Pattern[str]] = {
    "ETHEREUM": _EVM_ADDRESS,
    "POLYGON": _EVM_ADDRESS,
    "BSC": _EVM_ADDRESS,
    "BITCOIN": re.compile(r"(?:bc1|[13])[0-9A-Za-z]{25,59}"),
    "TRON": re.compile(r"T[0-9A-Za-z]{33}"),
}


def clabe_check_digit(body: str) -> str:
    """The last digit of a Mexican CLABE; `body` is its first 17 digits."""
    total = sum(int(digit) * _CLABE_WEIGHTS[position % 3] % 10 for position, digit in enumerate(body))
    return str(-total % 10)


def is_clabe(number: str) -> bool:
    """Whether `number` is 18 digits and the last one is the check digit of the others."""
    return _CLABE.fullmatch(number) is not None and clabe_check_digit(number[:17]) == number[17]


def is_routing_number(number: str) -> bool:
    """Whether `number` is the nine digits of a bank in the United States."""
    return _ROUTING_NUMBER.fullmatch(number) is not None


def _is_brazilian_number(number: str) -> bool:
    return len(number) <= _PIX_KEY_LONGEST and _BRAZILIAN_NUMBER.fullmatch(number) is not None


def _has_digits(shortest: int, longest: int) -> NumberRule:
    pattern = re.compile(rf"[0-9]{{{shortest},{longest}}}")
    return lambda number: pattern.fullmatch(number) is not None


_NUMBERS: Mapping[str, NumberRule] = {
    "CO": _has_digits(4, 20),
    "CL": _has_digits(4, 20),
    "MX": is_clabe,
    "BR": _is_brazilian_number,
    "AR": _has_digits(22, 22),
    "PE": _has_digits(20, 20),
    "BO": _has_digits(4, 20),
    "US": _has_digits(4, 17),
}

ENTITY_COUNTRIES = frozenset({"CO", "CL"})
"""Countries where a bank account must name its bank (documented); elsewhere the number tells."""


def is_account_number(country_symbol: str, account_number: str, routing_number: str | None = None) -> bool:
    """Whether a bank account's number is good in the country; in `US` the routing number must be good as well.

    A country that is not in the table takes no number.
    """
    rule = _NUMBERS.get(country_symbol)
    if rule is None or not rule(account_number):
        return False
    if country_symbol == "US":
        return routing_number is not None and is_routing_number(routing_number)
    return True


def normalize_network(network: str) -> str:
    """The network's name as the provider stores it: upper case, whatever the client wrote."""
    return network.upper() if network.isascii() else network


def is_address(network: str, address: str) -> bool:
    """Whether `address` has the network's form. The network is named in any case; an unknown one takes none."""
    pattern = _ADDRESSES.get(normalize_network(network))
    return pattern is not None and pattern.fullmatch(address) is not None
