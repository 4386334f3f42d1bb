"""Products, the user's own data, and the card."""

from typing import Any

import pytest

from emulator.providers.baanx import catalogue
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.baanx import Client

IDS = ["PREMIUM_SUBSCRIPTION", "METAL_CARD", "PRODUCT_ID_ABC"]
EVERYTHING = [True, True, True]


def eligible(client: Client) -> list[bool]:
    """Eligibility of the listed products, in catalogue order."""
    products = client.request("GET", "/v1/order/products/available").json()
    assert [product["id"] for product in products] == IDS
    return [product["isEligible"] for product in products]


def card_status(client: Client) -> tuple[int, Any]:
    response = client.request("GET", "/v1/card/status")
    return response.status_code, response.json()


def test_15_products_are_listed_as_a_bare_array_in_catalogue_order(client: Client) -> None:
    assert client.request("GET", "/v1/order/products/available").text == (
        '[{"id":"PREMIUM_SUBSCRIPTION","description":"Premium subscription","isEligible":true},'
        '{"id":"METAL_CARD","description":"Metal card","isEligible":true},'
        '{"id":"PRODUCT_ID_ABC","description":"Sample product","isEligible":true}]'
    )


def test_15_eligibility_depends_on_the_user(emulator: Emulator, client: Client) -> None:
    assert eligible(client) == EVERYTHING
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    assert eligible(client) == [False, False, True]


def test_15_a_completed_order_ends_eligibility(emulator: Emulator, client: Client) -> None:
    order_id = client.start("METAL_CARD")
    assert eligible(client) == EVERYTHING
    emulator.fire(order_id, "pay")
    assert eligible(client) == [True, False, True]
    emulator.fire(client.start("PRODUCT_ID_ABC"), "pay")
    assert eligible(client) == [True, False, True]
    emulator.fire(order_id, "refund")
    assert eligible(client) == [True, False, True]


def test_15_an_order_that_became_refunded_no_longer_counts(emulator: Emulator, client: Client) -> None:
    first, second = client.start("METAL_CARD"), client.start("METAL_CARD")
    for order_id in (first, second):
        emulator.fire(order_id, "pay")
    emulator.set("baanx", refund_style="refunded")
    emulator.fire(first, "refund")
    assert eligible(client) == [True, False, True]
    emulator.fire(second, "refund")
    assert eligible(client) == EVERYTHING


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"verificationState": "PENDING"}, [False, False, True]),
        ({"verificationState": "REJECTED", "eligible": {"METAL_CARD": True}}, [False, True, True]),
        ({"eligible": {"PRODUCT_ID_ABC": False}}, [True, True, False]),
        ({"eligible": {}}, EVERYTHING),
    ],
)
def test_15_set_user_changes_eligibility_at_once(
    emulator: Emulator, client: Client, changes: dict[str, Any], expected: list[bool]
) -> None:
    emulator.set("baanx", users={"user": changes})
    assert eligible(client) == expected
    for product, is_eligible in zip(IDS, expected, strict=True):
        assert client.create(productId=product).status_code == (200 if is_eligible else 403)


def test_18_the_user_call_shows_all_members(emulator: Emulator, client: Client) -> None:
    response = client.request("GET", "/v1/user")
    assert response.text == (
        '{"id":"3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c02","firstName":"Ada","lastName":"Example",'
        f'"dateOfBirth":"1990-01-01","email":"user@{emulator.name}.test","verificationState":"VERIFIED",'
        '"phoneNumber":"7400000000","phoneCountryCode":"+44","addressLine1":"1 Sample Road","addressLine2":null,'
        '"city":"Leeds","zip":"LS1 1AA","countryOfResidence":"GB","countryOfNationality":"GB","usState":null,'
        '"ssn":null,"createdAt":"2025-01-02T03:04:05.000Z"}'
    )


# A good value for each member of the profile.
PROFILE = {
    "id": "00000000-0000-4000-8000-000000000001",
    "firstName": "Zoë",
    "lastName": "Sample",
    "dateOfBirth": "2000-02-29",
    "email": "zoe@example.test",
    "verificationState": "PENDING",
    "phoneNumber": "1",
    "phoneCountryCode": "+1",
    "addressLine1": "2",
    "addressLine2": "3",
    "city": "4",
    "zip": "5",
    "countryOfResidence": "US",
    "countryOfNationality": "FR",
    "usState": "CA",
    "ssn": "000-00-0000",
    "createdAt": "2026-01-01T00:00:00.000Z",
}


def test_18_every_member_of_the_user_can_be_changed(emulator: Emulator, client: Client) -> None:
    assert list(client.request("GET", "/v1/user").json()) == list(PROFILE)
    emulator.set("baanx", users={"user": PROFILE})
    assert list(client.request("GET", "/v1/user").json().items()) == list(PROFILE.items())


def test_18_the_journal_shows_no_social_security_number(emulator: Emulator, client: Client) -> None:
    client.token = f"us-{emulator.name}"
    ssn = client.request("GET", "/v1/user").json()["ssn"]
    assert ssn not in str(emulator.journal())


def test_18_the_card_call_shows_the_card(client: Client) -> None:
    assert client.request("GET", "/v1/card/status").text == (
        '{"id":"000000000050277836","holderName":"ADA EXAMPLE","expiryDate":"2029/01","panLast4":"1234",'
        '"status":"ACTIVE","type":"VIRTUAL","orderedAt":"2025-01-02T03:04:05.000Z"}'
    )


def test_18_without_a_card_the_card_call_finds_none(emulator: Emulator, client: Client) -> None:
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    assert card_status(client) == (404, {"message": "Card not found"})


@pytest.mark.parametrize("status", ["ACTIVE", "FROZEN", "BLOCKED"])
@pytest.mark.parametrize("kind", ["VIRTUAL", "PHYSICAL", "METAL"])
def test_18_every_state_of_a_card_can_be_reached(emulator: Emulator, client: Client, status: str, kind: str) -> None:
    emulator.set("baanx", users={"user": {"card": {"status": status, "type": kind}}, "unverified": {"card": {}}})
    body = card_status(client)[1]
    assert (body["holderName"], body["status"], body["type"]) == ("ADA EXAMPLE", status, kind)
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    user = client.request("GET", "/v1/user").json()
    assert card_status(client)[1]["holderName"] == f"{user['firstName']} {user['lastName']}".upper()


def test_18_a_card_can_be_taken_away(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", users={"user": {"card": None}})
    assert card_status(client)[0] == 404


@pytest.mark.parametrize(("setting", "kind"), [(False, "VIRTUAL"), (True, "METAL")])
def test_18_a_metal_card_order_changes_the_card_by_a_setting(
    emulator: Emulator, client: Client, setting: bool, kind: str
) -> None:
    emulator.set("baanx", metal_changes_card=setting)
    emulator.fire(client.start("PREMIUM_SUBSCRIPTION"), "pay")
    order_id = client.start("METAL_CARD")
    assert card_status(client)[1]["type"] == "VIRTUAL"
    emulator.fire(order_id, "pay")
    assert card_status(client)[1]["type"] == kind


@pytest.mark.parametrize(
    "users",
    [
        {"nobody": {}},
        {"user": {"isOtpRequired": True}},
        {"user": {"phase": "DONE"}},
        {"user": {"eligible": {"METAL_CARD": "yes"}}},
        {"user": {"card": {"type": "WOOD"}}},
        {"user": {"email": "x"}},
        {"user": {"totpSecret": "not base32"}},
        {"user": {"otpCode": "12345"}},
        {"user": {"firstName": None}},
        [],
    ],
)
def test_an_impossible_user_is_refused(emulator: Emulator, client: Client, users: Any) -> None:
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.set("baanx", users=users)
    assert client.request("GET", "/v1/user").status_code == 200


def test_tokens_of_an_unknown_user_cannot_be_expired(emulator: Emulator) -> None:
    for arguments in ({"user": "nobody"}, {}, {"user": "user", "more": 1}):
        with pytest.raises(ControlRefused, match="bad-request"):
            emulator.command("baanx", "expire_tokens", **arguments)


def test_18_the_other_users_are_people_made_from_the_seed(emulator_server: BackgroundServer) -> None:
    def people(seed: str) -> list[dict[str, str]]:
        with emulator_server.sandbox(seed=seed) as sandbox, Client(sandbox) as client:
            found = []
            for word in ("us", "unverified"):
                client.token = client.login(f"{word}@{sandbox.name}.test").json()["accessToken"]
                user = client.request("GET", "/v1/user").json()
                found.append({name: user[name] for name in ("firstName", "lastName", "city", "zip", "dateOfBirth")})
            return found

    first = people("one")
    assert first == people("one")
    assert first != people("two")
    assert first[0] != first[1]


SIGNS_IN: dict[str, Any] = {"secondFactor": "none", "phase": None, "disabled": False, "canReadCard": True, "card": {}}


@pytest.mark.parametrize("word", catalogue.USER_WORDS)
def test_18_a_change_of_country_changes_nothing_else_of_the_person(
    emulator: Emulator, client: Client, word: str
) -> None:
    emulator.set("baanx", users={word: SIGNS_IN})
    client.token = client.login(f"{word}@{emulator.name}.test").json()["accessToken"]
    user, card = client.request("GET", "/v1/user").json(), card_status(client)
    assert card[0] == 200
    for country in ("FR", "US", "GB", "JP", "ZZ"):
        emulator.set("baanx", users={word: SIGNS_IN | {"countryOfResidence": country}})
        assert client.request("GET", "/v1/user").json() == user | {"countryOfResidence": country}
        assert card_status(client) == card
