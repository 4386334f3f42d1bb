"""The card of a user: ordering one, freezing it, looking at it, buying a better one."""

import re
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client

SUCCESS = (200, {"success": True})
NO_CARD = (404, {"message": "Card not found"})
BLOCKED = (400, {"message": "Card is blocked"})
TOKEN_CALLS = pytest.mark.parametrize("kind", ["details", "pin"])


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def card(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.request("GET", "/v1/card/status").json()
    return found


def order(client: Client, body: Any = None) -> tuple[int, Any]:
    return told(client.request("POST", "/v1/card/order", {"type": "VIRTUAL"} if body is None else body))


def turn(client: Client, call: str, **more: Any) -> tuple[int, Any]:
    return told(client.request("POST", f"/v1/card/{call}", **more))


def new_token(client: Client, kind: str, body: Any = None) -> httpx.Response:
    return client.request("POST", f"/v1/card/{kind}/token", body)


def look(response: httpx.Response) -> httpx.Response:
    return httpx.get(response.json()["imageUrl"], verify=False)


@pytest.fixture
def newcomer(emulator: Emulator, client: Client) -> Client:
    """The client, with a verified user who has no card."""
    emulator.set("baanx", users={"unverified": {"verificationState": "VERIFIED"}})
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    return client


def test_37_an_ordered_card_exists_at_once(emulator: Emulator, newcomer: Client) -> None:
    assert told(newcomer.request("GET", "/v1/card/status")) == NO_CARD
    assert order(newcomer) == SUCCESS
    found = card(newcomer)
    profile = newcomer.request("GET", "/v1/user").json()
    assert re.fullmatch(r"[0-9]{18}", found["id"])
    assert re.fullmatch(r"[0-9]{4}", found["panLast4"])
    assert found["holderName"] == f"{profile['firstName']} {profile['lastName']}".upper()
    assert (found["status"], found["type"]) == ("ACTIVE", "VIRTUAL")
    assert (found["orderedAt"], found["expiryDate"]) == (emulator.now, "2030/01")


def test_37_a_user_has_one_card(emulator: Emulator, newcomer: Client) -> None:
    assert order(newcomer) == SUCCESS
    assert order(newcomer) == (400, {"message": "User already has a card"})
    emulator.set("baanx", users={"unverified": {"verificationState": "VERIFIED", "card": {"status": "BLOCKED"}}})
    assert order(newcomer) == (400, {"message": "User already has a card"})
    emulator.set("baanx", users={"unverified": {"verificationState": "VERIFIED", "card": None}})
    assert order(newcomer) == SUCCESS


def test_37_an_unverified_user_gets_no_card(emulator: Emulator, client: Client) -> None:
    client.token = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    assert order(client) == (400, {"message": "User is not verified"})
    emulator.command("baanx", "change_verification", user="unverified", state="VERIFIED")
    assert order(client) == SUCCESS


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"{}", None, "type is required"),
        (b'{"type":null}', None, "type is required"),
        (b'{"type":""}', None, "type is required"),
        (b'{"type":1}', None, "type must be a string"),
        (b'{"type":"METAL"}', None, "type must be one of: VIRTUAL"),
        (b"{", None, "Request body is not valid JSON"),
        (b"", None, "Request body is not valid JSON"),
        (b"[]", None, "Request body must be a JSON object"),
        (b'{"type":"VIRTUAL"}', "text/plain", "Content-Type must be application/json"),
    ],
)
def test_37_a_bad_order_of_a_card_is_refused_with_the_reason(
    newcomer: Client, content: bytes, kind: str | None, message: str
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    response = newcomer.request("POST", "/v1/card/order", content=content, headers=headers)
    assert told(response) == (422, {"message": message})


@pytest.mark.parametrize("body", [{}, {"content": b"{}"}, {"content": b"not json", "headers": {"Content-Type": "x/y"}}])
def test_38_a_card_is_frozen_and_unfrozen(client: Client, body: dict[str, Any]) -> None:
    assert turn(client, "unfreeze", **body) == (400, {"message": "Card is not frozen"})
    assert turn(client, "freeze", **body) == SUCCESS
    assert card(client)["status"] == "FROZEN"
    assert turn(client, "freeze", **body) == (400, {"message": "Card is already frozen"})
    assert turn(client, "unfreeze", **body) == SUCCESS
    assert card(client)["status"] == "ACTIVE"


def test_38_a_blocked_card_stays_blocked(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", users={"user": {"card": {"status": "BLOCKED"}}})
    assert turn(client, "freeze") == turn(client, "unfreeze") == BLOCKED
    assert card(client)["status"] == "BLOCKED"


def test_38_without_a_card_or_the_permission_nothing_is_frozen(
    emulator: Emulator, client: Client, newcomer: Client
) -> None:
    assert turn(newcomer, "freeze") == turn(newcomer, "unfreeze") == NO_CARD
    newcomer.token = f"restricted-{emulator.name}"
    assert turn(newcomer, "freeze") == (403, {"message": "Not authorized"})


def test_38_of_a_call_and_a_setting_the_later_one_counts(emulator: Emulator, client: Client) -> None:
    assert turn(client, "freeze") == SUCCESS
    emulator.set("baanx", users={"user": {"firstName": "Bea"}})
    assert card(client)["status"] == "FROZEN"
    active = {"user": {"card": {"status": "ACTIVE"}}}
    emulator.set("baanx", users=active)
    assert card(client)["status"] == "ACTIVE"
    assert turn(client, "freeze") == SUCCESS
    assert card(client)["status"] == "FROZEN"
    emulator.set("baanx", users=active)
    assert card(client)["status"] == "ACTIVE"


@TOKEN_CALLS
@pytest.mark.parametrize("body", [None, {}, {"customCss": {}}])
def test_39_an_image_can_be_seen_once(emulator: Emulator, client: Client, kind: str, body: Any) -> None:
    response = new_token(client, kind, body)
    assert list(response.json()) == ["token", "imageUrl"]
    base = f"{emulator.baanx.url}/details-image?token={response.json()['token']}"
    assert response.json()["imageUrl"] == f"{base}&client_id=client-{emulator.name}"
    assert httpx.head(response.json()["imageUrl"], verify=False).status_code == 200
    image = look(response)
    assert (image.status_code, image.headers["content-type"]) == (200, "image/svg+xml")
    assert image.headers["cache-control"] == "no-store"
    assert "TEST" in image.text
    shown = re.findall(r">([0-9 ]+)</text>", image.text)[0]
    assert re.fullmatch(r"([0-9]{4} ){3}1234" if kind == "details" else "[0-9]{4}", shown)
    assert told(look(response)) == (404, {"message": "Not found"})
    assert shown in look(new_token(client, kind)).text


def test_39_the_address_in_the_default_sandbox_has_only_the_token(emulator: Emulator) -> None:
    headers = {"x-client-key": "client-default", "Authorization": "Bearer user-default"}
    body = httpx.post(f"{emulator.baanx.url}/v1/card/pin/token", headers=headers, verify=False).json()
    assert body["imageUrl"] == f"{emulator.baanx.url}/details-image?token={body['token']}"
    assert httpx.get(body["imageUrl"], verify=False).status_code == 200


@TOKEN_CALLS
def test_39_an_image_is_available_for_ten_minutes(emulator: Emulator, client: Client, kind: str) -> None:
    early, late = new_token(client, kind), new_token(client, kind)
    emulator.advance("599999ms")
    assert look(early).status_code == 200
    emulator.advance("1ms")
    assert look(late).status_code == 404


@pytest.mark.parametrize("query", ["", "?token=", "?token=no-such-token"])
def test_39_an_unknown_image_is_not_found(emulator: Emulator, query: str) -> None:
    response = httpx.get(f"{emulator.baanx.url}/details-image{query}", verify=False)
    assert told(response) == (404, {"message": "Not found"})


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("details", ["cardBackgroundColor", "cardTextColor", "panBackgroundColor", "panTextColor"]),
        ("pin", ["backgroundColor", "textColor"]),
    ],
)
def test_39_the_image_has_the_colours_asked_for(client: Client, kind: str, names: list[str]) -> None:
    colours = {name: f"#12345{place}" for place, name in enumerate(names)}
    image = look(new_token(client, kind, {"customCss": colours})).text
    assert all(colour in image for colour in colours.values())
    for name in names:
        for bad in ("red", "#12345", "#1234567", "#12345g", 5, None):
            refused = told(new_token(client, kind, {"customCss": {name: bad}}))
            assert refused == (422, {"message": f"customCss.{name} must be a hex colour"})


@TOKEN_CALLS
@pytest.mark.parametrize("colours", [5, None, [], "x"])
def test_39_colours_must_be_an_object(client: Client, kind: str, colours: Any) -> None:
    assert told(new_token(client, kind, {"customCss": colours})) == (422, {"message": "customCss must be an object"})
    assert client.request("POST", f"/v1/card/{kind}/token", content=b"{").status_code == 422


@TOKEN_CALLS
def test_39_a_frozen_card_can_be_seen_and_a_blocked_one_cannot(emulator: Emulator, client: Client, kind: str) -> None:
    turn(client, "freeze")
    assert look(new_token(client, kind)).status_code == 200
    emulator.set("baanx", users={"user": {"card": {"status": "BLOCKED"}}})
    assert told(new_token(client, kind)) == BLOCKED
    emulator.set("baanx", users={"user": {"card": None}})
    assert told(new_token(client, kind)) == NO_CARD


@pytest.mark.parametrize(("status", "freezable"), [("ACTIVE", True), ("FROZEN", True), ("BLOCKED", False)])
def test_39_a_setting_shows_whether_a_card_can_be_frozen(
    emulator: Emulator, client: Client, status: str, freezable: bool
) -> None:
    assert "isFreezable" not in card(client)
    emulator.set("baanx", card_is_freezable=True, users={"user": {"card": {"status": status}}})
    assert list(card(client).items())[-1] == ("isFreezable", freezable)


def test_40_buying_a_metal_card_turns_the_card_into_one(emulator: Emulator, client: Client) -> None:
    before = card(client)
    emulator.fire(client.start("METAL_CARD"), "pay")
    assert card(client) == before
    emulator.set("baanx", metal_changes_card=True)
    emulator.fire(client.start("PRODUCT_ID_ABC"), "pay")
    assert card(client) == before
    emulator.set("baanx", users={"user": {"eligible": {"METAL_CARD": True}}})
    emulator.fire(client.start("METAL_CARD"), "pay")
    assert card(client) == {**before, "type": "METAL"}


@pytest.mark.parametrize("kind", ["PHYSICAL", "METAL", "VIRTUAL"])
def test_40_a_user_without_a_card_gets_one_of_the_product_s_type(
    emulator: Emulator, newcomer: Client, kind: str
) -> None:
    emulator.set("baanx", products=[{"id": "CARD", "amount": 5, "cardType": kind}], metal_changes_card=True)
    emulator.fire(newcomer.start("CARD"), "pay")
    found = card(newcomer)
    assert (found["type"], found["status"], found["orderedAt"]) == (kind, "ACTIVE", emulator.now)
    assert told(newcomer.request("POST", "/v1/card/freeze")) == SUCCESS
