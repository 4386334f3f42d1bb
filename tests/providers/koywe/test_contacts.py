"""Phone numbers and names of contacts."""

import pytest

from emulator.providers.koywe.catalogue import CATALOGUE
from emulator.providers.koywe.contacts import fields


@pytest.mark.parametrize(
    ("phone", "fits"),
    [
        ("+573001234567", True),
        ("+57 300 123-4567", True),
        ("+12345678", True),
        ("+1234567", False),
        ("+123456789012345", True),
        ("+1234567890123456", False),
        ("573001234567", False),
        ("+073001234567", False),
        ("+57(300)1234567", False),
        ("+573001234567\n", False),
        ("+57300123456٧", False),
        ("", False),
    ],
)
def test_a_phone_number_is_in_international_form(phone: str, fits: bool) -> None:
    assert fields.is_phone(phone) is fits


def test_the_seed_contacts_have_valid_phone_numbers() -> None:
    assert all(fields.is_phone(contact.phone) for contact in CATALOGUE.contacts)


def test_phone_numbers_and_email_addresses_are_normalized() -> None:
    assert fields.normalize_phone("+57 300-1234567") == fields.normalize_phone("+573001234567")
    assert fields.normalize_email("Ana@Payer.Example") == fields.normalize_email("ana@payer.example")


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Ana Prueba", "Ana", "Prueba"),
        ("Ana María Prueba", "Ana", "María Prueba"),
        ("Ana", "Ana", None),
        (" Ana ", "Ana", None),
    ],
)
def test_a_full_name_is_split_at_its_first_space(full: str, first: str, last: str | None) -> None:
    assert fields.split_full_name(full) == (first, last)
    assert fields.join_full_name(first, last) == full.strip()


def test_a_contact_in_the_older_form_gets_a_default_type() -> None:
    assert fields.default_contact_type("PERSON") == "PERSON"
    assert fields.default_contact_type("COMPANY") == "BUSINESS"
