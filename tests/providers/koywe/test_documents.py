"""Numbers of identity documents by type and by country."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe.catalogue import CATALOGUE
from emulator.providers.koywe.contacts import documents
from emulator.providers.koywe.contacts.documents import is_document, is_enforced_document, strip_punctuation
from tests.providers.koywe.schema_files import DOCUMENT_TYPES

GOOD = [
    ("RUT", "11.111.111-1"),
    ("RUT", "111111111"),
    ("RUT", "10.000.013-K"),
    ("RUT", "10.000.013-k"),
    ("CPF", "111.444.777-35"),
    ("CNPJ", "11.222.333/0001-81"),
    ("CUIT", "20-11111111-2"),
    ("CUIL", "20 11111111 2"),
    ("DNI", "1234567"),
    ("DNI", "12.345.678"),
    ("CED_CIU", "123456"),
    ("CED_CIU", "1020304050"),
    ("CC", "1020304050"),
    ("NIT", "900123456"),
    ("NIT", "900.123.456-7"),
    ("RFC", "XAXX010101000"),
    ("RFC", "ABC010101AB1"),
    ("CURP", "BEML920313HMCLNS09"),
    ("RUC", "20123456789"),
    ("SSN", "123-45-6789"),
    ("EIN", "12-3456789"),
    ("PP", "AB1"),
    ("OTHER", "x" * 30),
    ("TXID", "ñandú-1"),
]
BAD = [
    ("RUT", "11.111.111-2"),
    ("RUT", "1.111.111-1"),
    ("RUT", "K1.111.111-1"),
    ("RUT", "10.000.013-0"),
    ("RUT", ""),
    ("RUT", "1111111-1\n"),
    ("CPF", "111.444.777-36"),
    ("CPF", "1114447773"),
    ("CPF", "１１１４４４７７７３５"),
    ("CNPJ", "11.222.333/0001-82"),
    ("CUIT", "20-11111111-3"),
    ("CUIL", "20-11111111-3"),
    ("CUIT", "2011111111"),
    ("DNI", "123456"),
    ("DNI", "123456789"),
    ("CED_CIU", "12345"),
    ("CED_CIU", "12345678901"),
    ("CC", "12345"),
    ("NIT", "12345678"),
    ("NIT", "12345678901"),
    ("RFC", "ABC010101A"),
    ("RFC", "ABCD010101AB12"),
    ("RFC", "ABC0101_1AB1"),
    ("CURP", "BEML920313HMCLNS0"),
    ("RUC", "2012345678"),
    ("SSN", "12345678"),
    ("EIN", "1234567890"),
    ("PP", "A1"),
    ("PP", "..A-1.."),
    ("OTHER", "x" * 31),
]


@pytest.mark.parametrize(("kind", "number"), GOOD)
def test_a_valid_number_matches_its_document_type(kind: str, number: str) -> None:
    assert is_document(kind, number)


@pytest.mark.parametrize(("kind", "number"), BAD)
def test_an_invalid_number_does_not_match_its_document_type(kind: str, number: str) -> None:
    assert not is_document(kind, number)


@pytest.mark.parametrize(
    ("country", "number", "fits"),
    [
        ("CO", "1020304050", True),
        ("CO", "12345", False),
        ("CL", "11.111.111-1", True),
        ("CL", "11.111.111-2", False),
        ("BR", "111.444.777-35", True),
        ("BR", "11.222.333/0001-81", True),
        ("BR", "111.444.777-36", False),
        ("MX", "XAXX010101000", True),
        ("MX", "BEML920313HMCLNS09", True),
        ("MX", "12345", False),
        ("AR", "12345678", True),
        ("AR", "20-11111111-2", True),
        ("AR", "20-11111111-3", False),
        ("PE", "12345678", True),
        ("PE", "20123456789", True),
        ("PE", "123456789", False),
        ("US", "123456789", True),
        ("US", "12345678", False),
        ("BO", "12345", True),
        ("BO", "1234567890", True),
        ("BO", "1234", False),
        ("BO", "12345678901", False),
        ("FR", "123456789", False),
    ],
)
def test_an_enforced_document_is_one_of_the_country(country: str, number: str, fits: bool) -> None:
    assert is_enforced_document(country, number) is fits


def test_every_country_of_the_catalogue_has_enforced_documents() -> None:
    assert {country.symbol for country in CATALOGUE.countries} == {*documents.ENFORCED_DOCUMENT_TYPES, "BO"}


def test_the_document_types_are_the_observed_ones_without_cc() -> None:
    assert len(DOCUMENT_TYPES) == len(set(DOCUMENT_TYPES)) == 26
    assert documents.CITIZEN_CARD_ALIAS not in DOCUMENT_TYPES


def test_the_seed_contacts_have_valid_documents() -> None:
    assert all(is_document(contact.document_type, contact.document_number) for contact in CATALOGUE.contacts)


def test_a_check_digit_of_ten_means_that_no_such_cuit_exists() -> None:
    body = next(
        f"{number:010}"
        for number in range(2_000_000_000, 2_000_000_100)
        if documents.cuit_check_digit(f"{number:010}") is None
    )
    assert not any(is_document("CUIT", body + digit) for digit in "0123456789")


@given(st.integers(0, 99_999_999))
def test_exactly_one_last_character_makes_a_rut(body: int) -> None:
    assert sum(is_document("RUT", f"{body:08}{last}") for last in "0123456789K") == 1


@given(st.integers(0, 999_999_999))
def test_exactly_one_pair_of_digits_makes_a_cpf(body: int) -> None:
    assert sum(is_document("CPF", f"{body:09}{last:02}") for last in range(100)) == 1


@given(st.sampled_from([*DOCUMENT_TYPES, "CC", "??"]), st.text())
def test_any_document_number_is_accepted_or_refused(kind: str, number: str) -> None:
    assert is_document(kind, number) in (True, False)


@given(st.sampled_from(GOOD), st.lists(st.sampled_from("./- "), max_size=5))
def test_punctuation_never_changes_the_result(case: tuple[str, str], marks: list[str]) -> None:
    kind, number = case
    assert is_document(kind, "".join(marks).join(strip_punctuation(number)))
