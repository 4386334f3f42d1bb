"""One-time codes: the published vectors, the drift of one step, and masked numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.baanx.accounts import one_time_codes

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

# The last six of the eight digits of RFC 6238, appendix B, and one vector more.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (1735119737, "743523"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("unix_s", "code"), VECTORS)
def test_the_time_based_codes_are_the_published_ones(unix_s: int, code: str) -> None:
    assert one_time_codes.totp(SECRET, unix_s) == code


@pytest.mark.parametrize("spelling", [SECRET.lower(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"])
def test_a_secret_may_have_spaces_and_lower_case_letters(spelling: str) -> None:
    assert one_time_codes.totp(spelling, 59) == "287082"


def test_a_secret_needs_no_padding() -> None:
    assert one_time_codes.totp("GEZDGNBV" + "GY", 59) == one_time_codes.totp("GEZDGNBV" + "GY======", 59)


def test_a_secret_that_is_not_base32_is_refused() -> None:
    with pytest.raises(ValueError):
        one_time_codes.totp("not base32!", 59)


def test_a_time_before_1970_is_refused() -> None:
    with pytest.raises(ValueError):
        one_time_codes.totp(SECRET, -1)


# The code of the step that begins at second 1735119720.
@pytest.mark.parametrize(
    ("unix_s", "is_good"),
    [
        (1735119689, False),
        (1735119690, True),
        (1735119720, True),
        (1735119749, True),
        (1735119779, True),
        (1735119780, False),
    ],
)
def test_a_code_is_valid_for_its_step_and_one_to_either_side(unix_s: int, is_good: bool) -> None:
    assert one_time_codes.is_code_of_time(SECRET, "743523", unix_s) is is_good


@given(st.integers(min_value=0, max_value=2**40))
def test_the_current_code_is_always_valid(unix_s: int) -> None:
    code = one_time_codes.totp(SECRET, unix_s)
    assert one_time_codes.is_code_form(code)
    assert one_time_codes.is_code_of_time(SECRET, code, unix_s)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "123456\n", " 123456", "１２３４５６", "-12345"])
def test_only_six_ascii_digits_are_a_code(text: str) -> None:
    assert not one_time_codes.is_code_form(text)
    assert not one_time_codes.is_code_of_time(SECRET, text, 59)


def test_a_code_keeps_its_leading_zeros() -> None:
    assert one_time_codes.is_code_form("005924")


@pytest.mark.parametrize(
    ("country_code", "number", "masked"),
    [
        ("+44", "500000225", "+445*****225"),
        ("+44", "7400000000", "+447*****000"),
        ("+1", "2025550143", "+12*****143"),
        ("+44", "2250", "+44*****"),
        ("+44", "", "+44*****"),
    ],
)
def test_a_masked_number_shows_its_first_and_its_last_three_digits(country_code: str, number: str, masked: str) -> None:
    assert one_time_codes.write_masked_phone(country_code, number) == masked
