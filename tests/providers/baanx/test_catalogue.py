"""What a sandbox of Baanx starts with: products, payment, users and credentials."""

import itertools
from decimal import Decimal

import msgspec
import pytest

from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.offer import products

# id, description, amount, needs KYC, once per user, listed
PRODUCTS = [
    ("PREMIUM_SUBSCRIPTION", "Premium subscription", "199", True, True, True),
    ("METAL_CARD", "Metal card", "99", True, True, True),
    ("PRODUCT_ID_ABC", "Sample product", "199", False, False, True),
    ("SANDBOX_COMPLETE", "Sandbox product", "9.99", False, False, False),
    ("SANDBOX_FAIL", "Sandbox product", "9.99", False, False, False),
    ("SANDBOX_PENDING", "Sandbox product", "9.99", False, False, False),
    ("SANDBOX_EXPIRE", "Sandbox product", "9.99", False, False, False),
]

# word, region, second factor, phase, verification state, may order and read the card, disabled, has a card
USERS = [
    ("user", "international", "none", None, "VERIFIED", True, False, True),
    ("us", "us", "none", None, "VERIFIED", True, False, True),
    ("otp", "international", "code", None, "VERIFIED", True, False, True),
    ("totp", "international", "totp", None, "VERIFIED", True, False, True),
    ("onboarding", "international", "none", "PERSONAL_INFORMATION", "UNVERIFIED", True, False, False),
    ("unverified", "international", "none", None, "UNVERIFIED", True, False, False),
    ("noorder", "international", "none", None, "VERIFIED", False, False, True),
    ("disabled", "international", "none", None, "VERIFIED", True, True, True),
]


def test_the_products_are_these_in_this_order() -> None:
    found = [(p.id, p.description, str(p.amount), p.needs_kyc, p.once_per_user, p.listed) for p in catalogue.PRODUCTS]
    assert found == PRODUCTS


def test_a_product_is_found_by_its_exact_id_only() -> None:
    settings = {"products": None}
    found = products.find_product(settings, "SANDBOX_FAIL")
    assert found is not None
    assert found.amount == Decimal("9.99")
    for near in ("sandbox_fail", " SANDBOX_FAIL", "SANDBOX_FAIL ", ""):
        assert products.find_product(settings, near) is None


@pytest.mark.parametrize(
    ("needs_kyc", "once_per_user", "state", "completed"),
    list(
        itertools.product(
            [True, False], [True, False], ["UNVERIFIED", "PENDING", "VERIFIED", "REJECTED"], [True, False]
        )
    ),
)
def test_eligibility_follows_identity_check_and_earlier_orders(
    needs_kyc: bool, once_per_user: bool, state: str, completed: bool
) -> None:
    product = msgspec.structs.replace(catalogue.PRODUCTS[0], needs_kyc=needs_kyc, once_per_user=once_per_user)
    expected = (not needs_kyc or state == "VERIFIED") and not (once_per_user and completed)
    assert catalogue.is_eligible(product, state, completed) is expected
    assert not catalogue.is_eligible(msgspec.structs.replace(product, eligible=False), state, completed)
    assert catalogue.is_eligible(product, state, completed, override=True) is True
    assert catalogue.is_eligible(product, state, completed, override=False) is False


def test_every_role_has_its_user() -> None:
    users = catalogue.list_seed_users("shop-1")
    found = [
        (
            u.word,
            u.region,
            u.second_factor,
            u.phase,
            u.profile.verification_state,
            u.can_order,
            u.disabled,
            bool(u.card),
        )
        for u in users
    ]
    assert found == USERS
    assert tuple(user.word for user in users) == catalogue.USER_WORDS
    for user in users:
        assert user.profile.email == f"{user.word}@shop-1.test"
        assert user.password == "sandbox"
        assert user.can_read_card is user.can_order
        assert user.otp_code == "123456"


def test_ids_of_users_and_cards_are_all_different() -> None:
    users = catalogue.list_seed_users("default")
    assert len({user.profile.id for user in users}) == len(users)
    cards = [user.card.id for user in users if user.card]
    assert len(set(cards)) == len(cards)


def test_only_the_totp_user_has_a_secret() -> None:
    secrets = {user.word: user.totp_secret for user in catalogue.list_seed_users("default") if user.totp_secret}
    assert secrets == {"totp": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}


def test_only_the_us_user_has_a_state_and_a_social_security_number() -> None:
    for user in catalogue.list_seed_users("default"):
        is_us = user.region == "us"
        assert (user.profile.us_state is not None, user.profile.ssn is not None) == (is_us, is_us)
        assert (user.profile.country_of_residence == "US") is is_us


def test_the_main_user_is_the_sample_user() -> None:
    user = catalogue.find_seed_user("default", "user")
    assert user is not None
    assert user.card is not None
    assert msgspec.json.encode(wire.write_profile(user.profile)) == (
        b'{"id":"3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c02","firstName":"Ada","lastName":"Example",'
        b'"dateOfBirth":"1990-01-01","email":"user@default.test","verificationState":"VERIFIED",'
        b'"phoneNumber":"7400000000","phoneCountryCode":"+44","addressLine1":"1 Sample Road","addressLine2":null,'
        b'"city":"Leeds","zip":"LS1 1AA","countryOfResidence":"GB","countryOfNationality":"GB","usState":null,'
        b'"ssn":null,"createdAt":"2025-01-02T03:04:05.000Z"}'
    )
    assert msgspec.json.encode(wire.write_card(user.card)) == (
        b'{"id":"000000000050277836","holderName":"ADA EXAMPLE","expiryDate":"2029/01","panLast4":"1234",'
        b'"status":"ACTIVE","type":"VIRTUAL","orderedAt":"2025-01-02T03:04:05.000Z"}'
    )


def test_there_is_no_user_for_another_word() -> None:
    assert catalogue.find_seed_user("default", "nobody") is None


def test_ready_tokens_follow_from_the_name_of_the_sandbox() -> None:
    found = [(ready.token, ready.word, ready.expired) for ready in catalogue.list_ready_tokens("shop-1")]
    assert found == [
        ("user-shop-1", "user", False),
        ("us-shop-1", "us", False),
        ("restricted-shop-1", "noorder", False),
        ("expired-shop-1", "user", True),
    ]


def test_a_ready_token_is_valid_only_in_its_own_sandbox() -> None:
    ready = catalogue.find_ready_token("shop-1", "user-shop-1")
    assert ready is not None
    assert catalogue.find_seed_user("shop-1", ready.word) is not None
    assert catalogue.find_ready_token("shop-2", "user-shop-1") is None
    assert catalogue.find_ready_token("shop-1", "USER-shop-1") is None


@pytest.mark.parametrize("sandbox", ["default", "a", "shop-1", "0", "a" * 40, "client-x"])
def test_a_client_key_names_its_sandbox(sandbox: str) -> None:
    assert catalogue.client_key(sandbox) == f"client-{sandbox}"
    assert catalogue.find_sandbox_of_client_key(f"client-{sandbox}") == sandbox


@pytest.mark.parametrize(
    "key",
    ["", "client", "client-", "client-A", "client--a", "Client-a", "client-a ", "client-a\n", "client-" + "a" * 41],
)
def test_any_other_text_is_not_a_client_key(key: str) -> None:
    assert catalogue.find_sandbox_of_client_key(key) is None


def test_the_case_of_an_email_address_is_ignored() -> None:
    assert catalogue.is_same_email("User@Default.Test", "user@default.test")
    assert not catalogue.is_same_email("user@default.test", "us@default.test")


def test_a_seed_value_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        catalogue.PRODUCTS[0].amount = Decimal(1)  # type: ignore[misc]
