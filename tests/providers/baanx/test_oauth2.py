"""The newer OAuth calls, as current wallets make them."""

import base64
import json
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client
from tests.providers.baanx.browsers import (
    BACK,
    Form,
    allow,
    new_code,
    open_page,
    returned,
    trade,
)
from tests.providers.baanx.test_grants import consent, initiate
from tests.providers.baanx.test_grants import trade as trade_older

WALLET = "openid profile email platform:full offline_access"
INVALID_GRANT = (400, {"error": "invalid_grant", "error_description": "Invalid or expired grant"})


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def status(client: Client, token: str) -> int:
    return client.request("GET", "/v1/user", headers={"Authorization": f"Bearer {token}"}).status_code


def revoke(emulator: Emulator, *, as_json: bool = True, **members: Any) -> httpx.Response:
    url = f"{emulator.baanx.url}/v1/auth/oauth2/revoke"
    headers = {"x-client-key": str(emulator.baanx.credentials["client_id"])}
    if as_json:
        return httpx.post(url, json=members, headers=headers, verify=False)
    return httpx.post(url, data=members, headers=headers, verify=False)


def test_29_a_mobile_wallet_gets_from_the_sign_in_page_to_an_order(emulator: Emulator, client: Client) -> None:
    back = returned(allow(emulator, open_page(emulator, scope=WALLET, prompt="consent")))
    assert list(back) == ["x", "code", "app_id", "state"]
    assert (back["app_id"], back["state"]) == ("APP", "f4 c1&é")
    body: dict[str, Any] = {"client_id": client.client_id, "redirect_uri": BACK, "code": back["code"]}
    response = trade(emulator, headers={}, **body)
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    tokens = response.json()
    assert list(tokens) == ["access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"]
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 21600, WALLET)
    client.token = tokens["access_token"]
    assert client.status(client.start()) == "STARTED"
    assert client.login(f"user@{emulator.name}.test").json()["isLinked"] is True


def test_29_a_hardware_wallet_sends_no_state_and_no_redirect_uri(emulator: Emulator, client: Client) -> None:
    scope = "openid profile email offline_access"
    back = returned(allow(emulator, open_page(emulator, scope=scope, prompt="consent", state=None)))
    assert list(back) == ["x", "code", "app_id"]
    response = trade(emulator, as_json=True, code=back["code"])
    assert response.status_code == 200
    assert status(client, response.json()["access_token"]) == 200


def test_29_the_app_id_follows_the_users_region(emulator: Emulator) -> None:
    assert returned(allow(emulator, open_page(emulator), "us"))["app_id"] == "APP_US"
    emulator.set("baanx", app_ids={"international": "ONE", "us": "TWO"})
    assert returned(allow(emulator, open_page(emulator), "us"))["app_id"] == "TWO"
    tokens = trade(emulator, code=new_code(emulator)).json()
    assert claims(tokens["access_token"])["app_id"] == "ONE"


@pytest.mark.parametrize(
    ("asked", "granted", "members"),
    [
        (None, "openid", {"id_token"}),
        ("platform:full", "platform:full", set()),
        ("offline_access  openid offline_access", "offline_access openid", {"refresh_token", "id_token"}),
        ("email profile", "email profile", set()),
    ],
)
def test_29_scopes_decide_which_tokens_are_issued(
    emulator: Emulator, asked: str | None, granted: str, members: set[str]
) -> None:
    tokens = trade(emulator, code=new_code(emulator, scope=asked)).json()
    assert tokens["scope"] == granted
    assert tokens.keys() & {"refresh_token", "id_token"} == members


def test_29_tokens_are_jwts_with_claims(emulator: Emulator, client: Client) -> None:
    tokens = trade(emulator, code=new_code(emulator, scope=WALLET)).json()
    access, identity = claims(tokens["access_token"]), claims(tokens["id_token"])
    user = client.request("GET", "/v1/user").json()
    assert access["sub"] == identity["sub"] == user["id"]
    assert access["client_id"] == identity["aud"] == client.client_id
    assert access["exp"] - access["iat"] == 21600
    assert access["jti"] != identity["jti"]
    assert access["scope"] == WALLET
    assert (identity["name"], identity["email"]) == ("Ada Example", user["email"])
    plain = claims(trade(emulator, code=new_code(emulator, scope="openid")).json()["id_token"])
    assert not plain.keys() & {"name", "email"}


def test_29_a_setting_shows_the_lifetime_of_the_refresh_token(emulator: Emulator) -> None:
    emulator.set("baanx", oauth2_refresh_expires_in=True)
    tokens = trade(emulator, code=new_code(emulator, scope="offline_access")).json()
    assert list(tokens)[4:] == ["refresh_token", "refresh_token_expires_in"]
    assert tokens["refresh_token_expires_in"] == 15897600
    assert "refresh_token_expires_in" not in trade(emulator, code=new_code(emulator)).json()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": None}, "Unknown client"),
        ({"client_id": "nobody"}, "Unknown client"),
        ({"client_id": "client-no-such-sandbox"}, "Unknown client"),
        ({"redirect_uri": None}, "Missing required parameter: redirect_uri"),
        ({"redirect_uri": "https://evil.example.test/"}, "Invalid parameter: redirect_uri"),
        ({"redirect_uri": "https://evil.example.test/", "response_type": "token"}, "Invalid parameter: redirect_uri"),
    ],
)
def test_30_a_bad_client_or_redirect_uri_is_refused_on_a_page(emulator: Emulator, changes: Any, text: str) -> None:
    response = open_page(emulator, **changes)
    assert response.status_code == 400
    assert text in response.text
    assert "location" not in response.headers
    assert Form(response).forms == 0


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"response_type": None}, "invalid_request", "Missing required parameter: response_type"),
        ({"response_type": "token"}, "unsupported_response_type", "Unsupported response type"),
        ({"code_challenge": None}, "invalid_request", "Missing required parameter: code_challenge"),
        ({"code_challenge_method": ""}, "invalid_request", "Missing required parameter: code_challenge_method"),
        ({"code_challenge_method": "plain"}, "invalid_request", "Invalid parameter: code_challenge_method"),
        ({"code_challenge": "short"}, "invalid_request", "Invalid parameter: code_challenge"),
        ({"scope": "openid admin"}, "invalid_scope", "Invalid scope"),
    ],
)
def test_30_all_other_errors_go_back_to_the_app(emulator: Emulator, changes: Any, error: str, description: str) -> None:
    back = returned(open_page(emulator, **changes))
    assert back == {"x": "1", "error": error, "error_description": description, "state": "f4 c1&é"}
    assert "state" not in returned(open_page(emulator, **{**changes, "state": None}))


def test_30_a_code_can_be_used_once_with_its_own_verifier_and_redirect_uri(emulator: Emulator) -> None:
    code = new_code(emulator)
    assert told(trade(emulator, code=code, code_verifier="a" * 43)) == INVALID_GRANT
    assert told(trade(emulator, code=code, redirect_uri="http://localhost:3000/callback")) == INVALID_GRANT
    assert trade(emulator, code=code, redirect_uri=BACK).status_code == 200
    assert told(trade(emulator, code=code)) == INVALID_GRANT


def test_30_a_code_is_valid_for_ten_minutes(emulator: Emulator) -> None:
    early, late = new_code(emulator), new_code(emulator)
    emulator.advance("599999ms")
    assert trade(emulator, code=early).status_code == 200
    emulator.advance("1ms")
    assert told(trade(emulator, code=late)) == INVALID_GRANT


def test_30_older_and_newer_oauth_do_not_accept_each_other_s_codes_and_tokens(
    emulator: Emulator, client: Client
) -> None:
    older, newer = consent(client), new_code(emulator)
    assert told(trade(emulator, code=older)) == INVALID_GRANT
    assert told(trade_older(client, code=newer)) == INVALID_GRANT
    pair = trade_older(client, code=older).json()
    tokens = trade(emulator, code=newer).json()
    assert tokens["scope"] == "openid"
    renewal = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    assert told(trade(emulator, **renewal)) == INVALID_GRANT
    session = Form(open_page(emulator)).fields["token"]
    response = client.request("POST", "/v1/auth/oauth/authorize", {"token": session})
    assert response.status_code == 401
    assert initiate(client).status_code == 200


def test_30_a_refresh_token_can_be_used_once_within_184_days(emulator: Emulator, client: Client) -> None:
    first = trade(emulator, code=new_code(emulator, scope=WALLET)).json()
    renewal: dict[str, Any] = {"grant_type": "refresh_token", "code_verifier": None}
    second = trade(emulator, as_json=True, refresh_token=first["refresh_token"], **renewal).json()
    assert second["scope"] == WALLET
    assert told(trade(emulator, refresh_token=first["refresh_token"], **renewal)) == INVALID_GRANT
    assert status(client, first["access_token"]) == status(client, second["access_token"]) == 200
    emulator.advance("21600s")
    assert status(client, second["access_token"]) == 401
    emulator.advance("15875999999ms")
    third = trade(emulator, refresh_token=second["refresh_token"], **renewal)
    assert third.status_code == 200
    emulator.advance("15897600s")
    assert told(trade(emulator, refresh_token=third.json()["refresh_token"], **renewal)) == INVALID_GRANT


def test_30_a_token_request_must_name_the_client(emulator: Emulator, client: Client) -> None:
    code = new_code(emulator)
    invalid_client = (401, {"error": "invalid_client", "error_description": "Unknown client"})
    good = {"x-client-key": client.client_id}
    assert told(trade(emulator, headers={}, code=code)) == (499, {"message": "Missing client key"})
    assert told(trade(emulator, headers={"x-client-key": "no"}, code=code)) == (498, {"message": "Invalid client key"})
    assert told(trade(emulator, headers={}, code=code, client_id="no")) == invalid_client
    assert told(trade(emulator, headers=good, code=code, client_id="client-default")) == invalid_client
    assert trade(emulator, headers=good, code=code, client_id=client.client_id).status_code == 200


@pytest.mark.parametrize(
    ("members", "error", "description"),
    [
        ({"grant_type": None}, "invalid_request", "Missing required parameter: grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type", "Unsupported grant type"),
        ({}, "invalid_request", "Missing required parameter: code"),
        ({"code": "x", "code_verifier": None}, "invalid_request", "Missing required parameter: code_verifier"),
        ({"grant_type": "refresh_token"}, "invalid_request", "Missing required parameter: refresh_token"),
        ({"code": "x"}, "invalid_grant", "Invalid or expired grant"),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_30_a_missing_parameter_is_named(
    emulator: Emulator, members: Any, error: str, description: str, as_json: bool
) -> None:
    response = trade(emulator, as_json=as_json, **members)
    assert told(response) == (400, {"error": error, "error_description": description})


@pytest.mark.parametrize("path", ["token", "revoke"])
def test_30_a_body_that_cannot_be_read_is_refused(client: Client, path: str) -> None:
    for content, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")):
        response = client.request(
            "POST", f"/v1/auth/oauth2/{path}", content=content, headers={"Content-Type": kind, "Authorization": None}
        )
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_31_revoking_an_access_token_affects_no_other(emulator: Emulator, client: Client) -> None:
    tokens = trade(emulator, code=new_code(emulator, scope=WALLET)).json()
    response = revoke(emulator, token=tokens["access_token"], token_hint="access_token")
    assert told(response) == (200, {"success": True})
    assert response.headers["cache-control"] == "no-store"
    assert status(client, tokens["access_token"]) == 401
    renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert trade(emulator, **renewal).status_code == 200


@pytest.mark.parametrize(
    "hint", [{"token_hint": "refresh_token"}, {"token_type_hint": "access_token"}, {}, {"token_hint": "x"}]
)
@pytest.mark.parametrize("as_json", [True, False])
def test_31_a_refresh_token_is_revoked_with_the_access_tokens_of_its_grant(
    emulator: Emulator, client: Client, hint: Any, as_json: bool
) -> None:
    first = trade(emulator, code=new_code(emulator, scope=WALLET)).json()
    second = trade(emulator, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    other = trade(emulator, code=new_code(emulator, scope=WALLET)).json()
    assert revoke(emulator, as_json=as_json, token=second["refresh_token"], **hint).status_code == 200
    assert status(client, first["access_token"]) == status(client, second["access_token"]) == 401
    renewal = {"grant_type": "refresh_token", "refresh_token": second["refresh_token"]}
    assert told(trade(emulator, **renewal)) == INVALID_GRANT
    assert status(client, other["access_token"]) == 200


def test_31_tokens_of_the_older_oauth_can_be_revoked_too(emulator: Emulator, client: Client) -> None:
    login = client.login(f"user@{emulator.name}.test").json()["accessToken"]
    pair = trade_older(client, code=consent(client)).json()
    assert revoke(emulator, token=login).status_code == 200
    assert status(client, login) == 401
    assert revoke(emulator, token=pair["refresh_token"]).status_code == 200
    assert status(client, pair["access_token"]) == 401


def test_31_revoking_an_unknown_or_another_client_s_token_does_nothing(emulator: Emulator, client: Client) -> None:
    assert told(revoke(emulator, token="no-such-token")) == (200, {"success": True})
    with Emulator.create(emulator.control_url, name=f"{emulator.name}-b") as other, Client(other) as app:
        theirs = app.login(f"user@{other.name}.test").json()["accessToken"]
        assert told(revoke(emulator, token=theirs)) == (200, {"success": True})
        assert status(app, theirs) == 200


def test_31_a_token_must_be_named(emulator: Emulator) -> None:
    missing = (400, {"error": "invalid_request", "error_description": "Missing required parameter: token"})
    wrong: list[dict[str, Any]] = [{}, {"token": ""}, {"token_hint": "access_token"}]
    for members in wrong:
        assert told(revoke(emulator, **members)) == missing
