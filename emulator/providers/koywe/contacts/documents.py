"""Numbers of identity documents: which ones the provider takes, by type of document and by country.

Source: https://docs.koywe.com/core-concepts/contacts-and-bank-accounts (seen 2026-11) for the lengths of Colombian
numbers, CPF and RFC, and for the form of the RUT. Observed: the types, which the schema of contacts lists. Assumed: all
other lengths, and the check digits.
"""

import re
from collections.abc import Callable, Mapping

CITIZEN_CARD_ALIAS = "CC"
"""The guides' name for a Colombian citizen card; taken only if the setting `document_type_cc` says so."""

DocumentRule = Callable[[str], bool]

_IGNORED = re.compile(r"[./ -]")
_RUT_LENGTH = 9


def strip_punctuation(number: str) -> str:
    """The number without the dots, hyphens, slashes and spaces that people write into it."""
    return _IGNORED.sub("", number)


def rut_check_character(body: str) -> str:
    """The last character of a Chilean RUT, `0` to `9` or `K`; `body`: the digits before it."""
    total = sum(int(digit) * (2 + position % 6) for position, digit in enumerate(reversed(body)))
    return {11: "0", 10: "K"}.get(11 - total % 11, str(11 - total % 11))


def _modulo_11_digit(digits: str, weights: tuple[int, ...]) -> str:
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return "0" if remainder < 2 else str(11 - remainder)


def cpf_check_digits(body: str) -> str:
    """The two check digits of a Brazilian CPF; `body`: its first nine digits."""
    first = _modulo_11_digit(body, tuple(range(10, 1, -1)))
    return first + _modulo_11_digit(body + first, tuple(range(11, 1, -1)))


def cnpj_check_digits(body: str) -> str:
    """The two check digits of a Brazilian CNPJ; `body`: its first twelve digits."""
    weights = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first = _modulo_11_digit(body, weights)
    return first + _modulo_11_digit(body + first, (6, *weights))


def cuit_check_digit(body: str) -> str | None:
    """The check digit of an Argentine CUIT or CUIL; None if no number starts with `body`, its first ten digits."""
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    distance = 11 - sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    return {11: "0", 10: None}.get(distance, str(distance))


def _has_digits(shortest: int, longest: int) -> DocumentRule:
    pattern = re.compile(rf"[0-9]{{{shortest},{longest}}}")
    return lambda number: pattern.fullmatch(number) is not None


def _has_letters_or_digits(shortest: int, longest: int) -> DocumentRule:
    pattern = re.compile(rf"[0-9A-Za-z]{{{shortest},{longest}}}")
    return lambda number: pattern.fullmatch(number) is not None


def _is_rut(number: str) -> bool:
    if len(number) != _RUT_LENGTH or re.fullmatch(r"[0-9]+[0-9Kk]", number) is None:
        return False
    return rut_check_character(number[:-1]) == number[-1].upper()


def _is_cpf(number: str) -> bool:
    return re.fullmatch(r"[0-9]{11}", number) is not None and cpf_check_digits(number[:9]) == number[9:]


def _is_cnpj(number: str) -> bool:
    return re.fullmatch(r"[0-9]{14}", number) is not None and cnpj_check_digits(number[:12]) == number[12:]


def _is_cuit(number: str) -> bool:
    return re.fullmatch(r"[0-9]{11}", number) is not None and cuit_check_digit(number[:10]) == number[10]


def _is_some_document(number: str) -> bool:
    return 3 <= len(number) <= 30


_CITIZEN_CARD = _has_digits(6, 10)

_RULES: Mapping[str, DocumentRule] = {
    "RUT": _is_rut,
    "CPF": _is_cpf,
    "CNPJ": _is_cnpj,
    "CUIT": _is_cuit,
    "CUIL": _is_cuit,
    "DNI": _has_digits(7, 8),
    "CED_CIU": _CITIZEN_CARD,
    CITIZEN_CARD_ALIAS: _CITIZEN_CARD,
    "NIT": _has_digits(9, 10),
    "RFC": _has_letters_or_digits(12, 13),
    "CURP": _has_letters_or_digits(18, 18),
    "RUC": _has_digits(11, 11),
    "SSN": _has_digits(9, 9),
    "EIN": _has_digits(9, 9),
}

ENFORCED_DOCUMENT_TYPES: Mapping[str, tuple[str, ...]] = {
    "CO": ("CED_CIU", "NIT"),
    "CL": ("RUT",),
    "BR": ("CPF", "CNPJ"),
    "MX": ("RFC", "CURP"),
    "AR": ("DNI", "CUIT"),
    "PE": ("DNI", "RUC"),
    "US": ("SSN", "EIN"),
}
"""Country -> the types of document that an order's `enforcedDocument` may be. Bolivia has a rule without a type."""

_BOLIVIAN_DOCUMENT = _has_digits(5, 10)


def is_document(document_type: str, number: str) -> bool:
    """Whether `number` is valid for the type of document; for a type without a rule, 3 to 30 characters are.

    Assumed: punctuation does not count for the length.
    """
    return _RULES.get(document_type, _is_some_document)(strip_punctuation(number))


def is_enforced_document(country_symbol: str, number: str) -> bool:
    """Whether an order's `enforcedDocument` is valid in the country of its fiat side (`CO`, `CL`, ...).

    Nothing is valid in an unknown country.
    """
    if country_symbol == "BO":
        return _BOLIVIAN_DOCUMENT(strip_punctuation(number))
    return any(is_document(kind, number) for kind in ENFORCED_DOCUMENT_TYPES.get(country_symbol, ()))
