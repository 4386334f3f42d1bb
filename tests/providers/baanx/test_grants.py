"""OAuth over HTTP: an app starts, the user consents, the app gets tokens and renews them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.baanx import Client

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "http://localhost:3000/callback?x=1"
INITIATE = "/v1/auth/oauth/authorize/initiate"
INVALID_GRANT = (400, {"error": "invalid_grant", "error_description": "Invalid or expired grant"})
UNAUTHENTICATED = (401, {"message": "Not authenticated"})


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def initiate(client: Client, **changes: str | None) -> httpx.Response:
    """Starts an authorization without a bearer; None takes a parameter out."""
    parameters: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": BACK,
        "state": "f4 c1&é",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "mode": "api",
    }
    parameters |= changes
    present = {name: value for name, value in parameters.items() if value is not None}
    return client.request("GET", INITIATE, params=present, headers={"Authorization": None})


def authorize(client: Client, token: Any) -> httpx.Response:
    return client.request("POST", "/v1/auth/oauth/authorize", {"token": token})


def consent(client: Client) -> str:
    """A code, by way of both calls."""
    return str(authorize(client, initiate(client).json()["token"]).json()["code"])


def trade(client: Client, **members: Any) -> httpx.Response:
    """The token call; `...` leaves a member out."""
    body: dict[str, Any] = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER}
    body |= members
    present = {name: value for name, value in body.items() if value is not ...}
    return client.request("POST", "/v1/auth/oauth/token", present, headers={"Authorization": None})


def refresh(client: Client, token: Any) -> httpx.Response:
    body = {"grant_type": "refresh_token", "refresh_token": token}
    return client.request("POST", "/v1/auth/oauth/token", body, headers={"Authorization": None})


def invalid_request(description: str) -> tuple[int, Any]:
    return 400, {"error": "invalid_request", "error_description": description}


def test_17_an_app_gets_from_the_start_to_an_order(emulator: Emulator, client: Client) -> None:
    started = initiate(client)
    session = started.json()["token"]
    assert told(started) == (200, {"token": session, "url": f"{emulator.baanx.url}/oauth/ui?token={session}"})
    login = client.login(f"user@{emulator.name}.test").json()
    assert login["isLinked"] is False
    client.token = login["accessToken"]
    consented = authorize(client, session)
    code = consented.json()["code"]
    assert list(consented.json()) == ["url", "code", "state"]
    assert consented.json()["state"] == "f4 c1&é"
    url = urlsplit(consented.json()["url"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == "http://localhost:3000/callback"
    assert list(parse_qs(url.query).items()) == [("x", ["1"]), ("state", ["f4 c1&é"]), ("code", [code])]
    tokens = trade(client, code=code)
    assert tokens.status_code == 200
    assert list(tokens.json()) == [
        "access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "token_type",
    ]  # fmt: skip
    client.token = tokens.json()["access_token"]
    assert client.status(client.start()) == "STARTED"
    assert client.login(f"user@{emulator.name}.test").json()["isLinked"] is True
    assert client.login(f"us@{emulator.name}.test").json()["isLinked"] is False


def test_17_without_the_api_mode_the_user_is_sent_to_the_page(emulator: Emulator, client: Client) -> None:
    response = initiate(client, mode=None)
    assert response.status_code == 302
    location = response.headers["location"]
    assert location.startswith(f"{emulator.baanx.url}/oauth/ui?token=")
    session = parse_qs(urlsplit(location).query)["token"][0]
    assert authorize(client, session).status_code == 200


def test_17_the_page_is_at_the_address_that_the_client_used(emulator: Emulator, client: Client) -> None:
    client.request("GET", "/v1/user")
    front = emulator.control_url.removesuffix("/_emulator")
    parameters = dict(httpx.QueryParams(initiate(client).request.url.query))
    headers = {"X-Client-ID": client.client_id}
    response = httpx.get(f"{front}/baanx{INITIATE}", params=parameters, headers=headers, verify=False)
    assert response.json()["url"].startswith(f"{front}/baanx/oauth/ui?token=")


@pytest.mark.parametrize(
    "name", ["response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"]
)
@pytest.mark.parametrize("value", [None, ""])
def test_17_a_missing_parameter_is_named(client: Client, name: str, value: str | None) -> None:
    expected = invalid_request(f"Missing required parameter: {name}")
    assert told(initiate(client, **{name: value})) == expected
    assert told(initiate(client, **{"client_id": "nobody", name: value})) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_type", "token"),
        ("code_challenge_method", "plain"),
        ("code_challenge", VERIFIER[:-1]),
        ("code_challenge", CHALLENGE + "="),
    ],
)
def test_17_a_malformed_parameter_is_named(client: Client, name: str, value: str) -> None:
    assert told(initiate(client, **{name: value})) == invalid_request(f"Invalid parameter: {name}")


def test_17_another_app_cannot_be_named(client: Client) -> None:
    expected = (401, {"error": "invalid_client", "error_description": "Unknown client"})
    for other in ("nobody", "client-default", client.client_id.upper()):
        assert told(initiate(client, client_id=other)) == expected


def test_17_a_setting_names_the_addresses_that_are_allowed(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", redirect_uris=["https://a.test/", BACK])
    assert initiate(client).status_code == 200
    assert told(initiate(client, redirect_uri=BACK + "2")) == invalid_request("Invalid parameter: redirect_uri")
    emulator.set("baanx", redirect_uris=[])
    assert initiate(client).status_code == 400


def test_17_a_session_is_valid_for_ten_minutes(emulator: Emulator, client: Client) -> None:
    session = initiate(client).json()["token"]
    emulator.advance("599999ms")
    assert authorize(client, session).status_code == 200
    emulator.advance("1ms")
    assert told(authorize(client, session)) == UNAUTHENTICATED


def test_17_a_session_is_valid_only_with_its_own_client_key(emulator: Emulator, client: Client) -> None:
    session = initiate(client).json()["token"]
    with Emulator.create(emulator.control_url, name=f"{emulator.name}-b") as neighbour, Client(neighbour) as other:
        assert told(authorize(other, session)) == UNAUTHENTICATED


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.", "é.é.é", "\u0000"])
def test_17_a_bad_session_is_not_authenticated(client: Client, token: str) -> None:
    assert told(authorize(client, token)) == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({}, "Missing required parameter: token"),
        ({"token": None}, "Missing required parameter: token"),
        ({"token": ""}, "Missing required parameter: token"),
        ({"token": 1}, "Invalid parameter: token"),
        ([], "Request body must be a JSON object"),
    ],
)
def test_17_a_consent_needs_its_session(client: Client, body: Any, description: str) -> None:
    response = client.request("POST", "/v1/auth/oauth/authorize", body)
    assert told(response) == invalid_request(description)
    assert told(client.request("POST", "/v1/auth/oauth/authorize", body, headers={"Authorization": "Bearer x"})) == (
        UNAUTHENTICATED
    )


def test_17_a_code_can_be_used_once(client: Client) -> None:
    code = consent(client)
    assert trade(client, code=code).status_code == 200
    assert told(trade(client, code=code)) == INVALID_GRANT


def test_17_a_code_is_valid_for_ten_minutes(emulator: Emulator, client: Client) -> None:
    early, late = consent(client), consent(client)
    emulator.advance("599999ms")
    assert trade(client, code=early).status_code == 200
    emulator.advance("1ms")
    assert told(trade(client, code=late)) == INVALID_GRANT


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "no-such-code"},
        {"code_verifier": VERIFIER[:-1] + "l"},
        {"code_verifier": "short"},
        {"code_verifier": CHALLENGE},
        {"redirect_uri": BACK + "#"},
        {"redirect_uri": "https://app.example.test/callback"},
    ],
)
def test_17_code_verifier_and_redirect_uri_must_belong_together(client: Client, wrong: dict[str, str]) -> None:
    code = consent(client)
    assert told(trade(client, **{"code": code, **wrong})) == INVALID_GRANT
    assert trade(client, code=code).status_code == 200


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "code_verifier"])
@pytest.mark.parametrize("value", [..., None, "", 1])
def test_17_the_token_call_names_what_is_missing(client: Client, name: str, value: Any) -> None:
    word = "Invalid" if value == 1 else "Missing required"
    response = trade(client, **{"code": "c", name: value})
    assert told(response) == invalid_request(f"{word} parameter: {name}")


def test_17_there_are_two_grants(client: Client) -> None:
    expected = (400, {"error": "unsupported_grant_type", "error_description": "Unsupported grant type"})
    assert told(trade(client, grant_type="password", code="c")) == expected


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"{", "application/json"), (b"[]", "application/json"), (b"grant_type=refresh_token", None), (b"{}", "text/xml")],
)
def test_17_the_token_call_takes_json_objects_only(client: Client, content: bytes, content_type: str | None) -> None:
    headers = {"Content-Type": content_type}
    response = client.request("POST", "/v1/auth/oauth/token", content=content, headers=headers)
    assert told(response) == invalid_request("Request body must be a JSON object")


def test_17_a_refresh_token_can_be_traded_once_for_a_new_pair(client: Client) -> None:
    first = trade(client, code=consent(client)).json()
    second = refresh(client, first["refresh_token"])
    assert second.status_code == 200
    assert second.json()["access_token"] != first["access_token"]
    assert told(refresh(client, first["refresh_token"])) == INVALID_GRANT
    assert refresh(client, second.json()["refresh_token"]).status_code == 200
    for client.token in (first["access_token"], second.json()["access_token"]):
        assert client.request("GET", "/v1/user").status_code == 200


def test_17_access_token_and_refresh_token_cannot_be_swapped(client: Client) -> None:
    pair = trade(client, code=consent(client)).json()
    assert told(refresh(client, pair["access_token"])) == INVALID_GRANT
    client.token = pair["refresh_token"]
    assert told(client.request("GET", "/v1/user")) == UNAUTHENTICATED


def test_17_an_access_token_is_valid_for_six_hours_and_a_refresh_token_for_184_days(
    emulator: Emulator, client: Client
) -> None:
    pair = trade(client, code=consent(client)).json()
    other = trade(client, code=consent(client)).json()
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (21600, 15897600)
    client.token = pair["access_token"]
    emulator.advance("21599999ms")
    assert client.request("GET", "/v1/user").status_code == 200
    emulator.advance("1ms")
    assert told(client.request("GET", "/v1/user")) == UNAUTHENTICATED
    emulator.advance(15897600 - 21600 - 1)
    renewed = refresh(client, pair["refresh_token"])
    assert renewed.status_code == 200
    emulator.advance("1s")
    assert told(refresh(client, other["refresh_token"])) == INVALID_GRANT


def test_17_a_consent_remains_after_tokens_expire(emulator: Emulator, client: Client) -> None:
    pair = trade(client, code=consent(client)).json()
    emulator.command("baanx", "expire_tokens", user="user")
    client.token = pair["access_token"]
    assert told(client.request("GET", "/v1/user")) == UNAUTHENTICATED
    client.token = refresh(client, pair["refresh_token"]).json()["access_token"]
    assert client.request("GET", "/v1/user").status_code == 200


def test_the_journal_shows_no_secret_of_a_grant(emulator: Emulator, client: Client) -> None:
    session = initiate(client, client_secret="hunter2").json()["token"]
    code = authorize(client, session).json()["code"]
    pair = trade(client, code=code).json()
    refresh(client, pair["refresh_token"])
    text = json_text.encode(emulator.journal()).decode()
    for secret in ("hunter2", session, code, VERIFIER, pair["access_token"], pair["refresh_token"]):
        assert secret not in text
