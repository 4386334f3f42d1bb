"""Account numbers by country and addresses by network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe.accounts.numbers import (
    clabe_check_digit,
    is_account_number,
    is_address,
    is_clabe,
    is_routing_number,
    normalize_network,
)
from emulator.providers.koywe.catalogue import CATALOGUE


@pytest.mark.parametrize(
    ("country", "number", "routing", "fits"),
    [
        ("MX", "032180000118359719", None, True),
        ("MX", "002010077777777771", None, True),
        ("MX", "032180000118359710", None, False),
        ("MX", "03218000011835971", None, False),
        ("MX", "0321800001183597190", None, False),
        ("MX", "03218000011835971９", None, False),
        ("AR", "0000003100012345678907", None, True),
        ("AR", "000000310001234567890", None, False),
        ("AR", "00000031000123456789071", None, False),
        ("PE", "00219300123456789012", None, True),
        ("PE", "0021930012345678901", None, False),
        ("US", "000123456789", "110000000", True),
        ("US", "0001", "110000000", True),
        ("US", "000", "110000000", False),
        ("US", "1" * 18, "110000000", False),
        ("US", "000123456789", None, False),
        ("US", "000123456789", "11000000", False),
        ("US", "000123456789", "11000000x", False),
        ("CO", "1234", None, True),
        ("CO", "123", None, False),
        ("CO", "1" * 20, None, True),
        ("CO", "1" * 21, None, False),
        ("CO", "12 34 56", None, False),
        ("CL", "0012345678", None, True),
        ("CL", "0012345678\n", None, False),
        ("BO", "1000200030", None, True),
        ("BO", "", None, False),
        ("BR", "12345-6", None, True),
        ("BR", "1234567", None, True),
        ("BR", "111444777", None, True),
        ("BR", "pix@store.example", None, True),
        ("BR", "pix@store", None, False),
        ("BR", "+5511912345678", None, True),
        ("BR", "+0511912345678", None, False),
        ("BR", "123e4567-e89b-12d3-a456-426614174000", None, True),
        ("BR", "123e4567-e89b-12d3-a456", None, False),
        ("BR", "a" * 70 + "@example.org", None, False),
        ("BR", "no key", None, False),
        ("FR", "123456", None, False),
    ],
)
def test_an_account_number_has_its_countrys_form(country: str, number: str, routing: str | None, fits: bool) -> None:
    assert is_account_number(country, number, routing) is fits


EVM = "0x00000000000000000000000000000000000000a1"
BITCOIN = "bc1qemulatoremulatoremulatoremulator00000"
TRON = "TEmu1ator1111111111111111111111111"


@pytest.mark.parametrize(
    ("network", "address", "fits"),
    [
        ("POLYGON", EVM, True),
        ("polygon", EVM, True),
        ("ETHEREUM", EVM.upper().replace("0X", "0x"), True),
        ("BSC", EVM, True),
        ("BSC", EVM[2:], False),
        ("BSC", EVM + "0", False),
        ("ETHEREUM", EVM[:-1] + "g", False),
        ("BITCOIN", BITCOIN, True),
        ("BITCOIN", "1" + "A" * 25, True),
        ("BITCOIN", "3" + "A" * 59, True),
        ("BITCOIN", "1" + "A" * 24, False),
        ("BITCOIN", "1" + "A" * 60, False),
        ("BITCOIN", "2" + "A" * 30, False),
        ("BITCOIN", EVM, False),
        ("TRON", TRON, True),
        ("Tron", TRON, True),
        ("TRON", TRON + "1", False),
        ("TRON", TRON[:-1], False),
        ("TRON", "t" + TRON[1:], False),
        ("TRON", TRON[:-1] + "\n", False),
        ("SOLANA", TRON, False),
    ],
)
def test_an_address_has_its_networks_form(network: str, address: str, fits: bool) -> None:
    assert is_address(network, address) is fits


def test_the_seed_accounts_and_addresses_are_valid() -> None:
    for account in CATALOGUE.accounts:
        if account.is_virtual:
            continue
        if account.network is not None and account.address is not None:
            assert is_address(account.network, account.address), account.id
        else:
            assert account.country is not None
            assert account.account_number is not None
            assert is_account_number(account.country, account.account_number, account.routing_number), account.id
    assert all(is_address(network.name, network.deposit_address) for network in CATALOGUE.networks)
    assert is_clabe(CATALOGUE.spei_clabe)


def test_a_network_is_written_in_upper_case() -> None:
    assert normalize_network("pOlygon") == "POLYGON"
    assert normalize_network("tıon") == "tıon"


def test_a_routing_number_is_nine_digits() -> None:
    assert is_routing_number("110000000")
    assert not is_routing_number("1100000000")


@given(st.integers(0, 10**17 - 1))
def test_exactly_one_last_digit_makes_a_clabe(body: int) -> None:
    text = f"{body:017}"
    assert [digit for digit in "0123456789" if is_clabe(text + digit)] == [clabe_check_digit(text)]


@given(st.sampled_from(["CO", "CL", "MX", "BR", "AR", "PE", "BO", "US", "??"]), st.text(), st.none() | st.text())
def test_any_account_number_is_accepted_or_refused(country: str, number: str, routing: str | None) -> None:
    assert is_account_number(country, number, routing) in (True, False)
