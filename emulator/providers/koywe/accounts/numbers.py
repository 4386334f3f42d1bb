"""Bank account numbers and wallet addresses: which ones the provider takes, by country and by network.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/merchant/create-account (seen 2026-11):
a CLABE of 18 digits in Mexico, a number or PIX key in Brazil. Assumed: all other lengths, that the CLABE's last digit
is checked, and the forms of the addresses.
"""

import re
from collections.abc import Callable, Mapping

NumberRule = Callable[[str], bool]

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
    """The last digit of a Mexican CLABE; `body`: its first 17 digits."""
    total = sum(int(digit) * _CLABE_WEIGHTS[position % 3] % 10 for position, digit in enumerate(body))
    return str(-total % 10)


def is_clabe(number: str) -> bool:
    """Whether `number` is 18 digits, the last of them the check digit of the others."""
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
"""Countries where a bank account must name its bank (documented); elsewhere the number says it."""


def is_account_number(country_symbol: str, account_number: str, routing_number: str | None = None) -> bool:
    """Whether a bank account's number is valid in the country; in `US` the routing number has to be valid, too.

    No number is valid in an unknown country.
    """
    rule = _NUMBERS.get(country_symbol)
    if rule is None or not rule(account_number):
        return False
    if country_symbol == "US":
        return routing_number is not None and is_routing_number(routing_number)
    return True


def normalize_network(network: str) -> str:
    """The network's name as the provider keeps it, which is in upper case."""
    return network.upper() if network.isascii() else network


def is_address(network: str, address: str) -> bool:
    """Whether `address` has the network's form; an unknown network has none."""
    pattern = _ADDRESSES.get(normalize_network(network))
    return pattern is not None and pattern.fullmatch(address) is not None
