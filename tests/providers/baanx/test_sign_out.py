"""Ending tokens: logging out, revoking OAuth, and users who are disabled."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client
from tests.providers.baanx import browsers
from tests.providers.baanx.test_grants import authorize, consent, initiate, refresh
from tests.providers.baanx.test_grants import trade as trade_older

UNAUTHENTICATED = (401, {"message": "Not authenticated"})
SUCCESS = (200, {"success": True})
INVALID_GRANT = 400


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def sign_in(client: Client, emulator: Emulator, word: str = "user") -> str:
    return str(client.login(f"{word}@{emulator.name}.test").json()["accessToken"])


def bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def status(client: Client, token: str) -> int:
    return client.request("GET", "/v1/user", headers=bearer(token)).status_code


def sign_out(client: Client, token: str, **more: Any) -> httpx.Response:
    return client.request("POST", "/v1/auth/logout", headers=bearer(token), **more)


def revoke(client: Client) -> httpx.Response:
    return client.request("DELETE", "/v1/auth/oauth/revoke")


def test_27_a_logout_ends_its_own_token_at_once(emulator: Emulator, client: Client) -> None:
    token, other = sign_in(client, emulator), sign_in(client, emulator)
    assert told(sign_out(client, token)) == SUCCESS
    for path in ("/v1/user", "/v1/card/status", "/v1/order/products/available"):
        assert told(client.request("GET", path, headers=bearer(token))) == UNAUTHENTICATED
    assert told(sign_out(client, token)) == UNAUTHENTICATED
    assert status(client, other) == status(client, client.token) == 200


def test_27_a_logout_needs_no_body_and_ignores_one(emulator: Emulator, client: Client) -> None:
    assert told(sign_out(client, sign_in(client, emulator), content=b"[not json")) == SUCCESS


def test_27_ready_tokens_and_oauth_tokens_can_be_logged_out(emulator: Emulator, client: Client) -> None:
    access = trade_older(client, code=consent(client)).json()["access_token"]
    for token in (client.token, access):
        assert told(sign_out(client, token)) == SUCCESS
        assert status(client, token) == 401
    assert status(client, f"us-{emulator.name}") == 200
    emulator.reset()
    assert status(client, client.token) == 200


def test_27_a_logout_may_end_all_tokens_of_the_user(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", logout_scope="user")
    pair = trade_older(client, code=consent(client)).json()
    token, others = sign_in(client, emulator), sign_in(client, emulator, "us")
    assert told(sign_out(client, token)) == SUCCESS
    assert {status(client, each) for each in (token, client.token, pair["access_token"])} == {401}
    assert refresh(client, pair["refresh_token"]).status_code == INVALID_GRANT
    assert status(client, others) == status(client, sign_in(client, emulator)) == 200


def test_27_a_logout_needs_a_client_key_and_a_bearer(client: Client) -> None:
    for headers, expected in (
        ({"Authorization": None}, 401),
        ({"X-Client-ID": None}, 499),
        ({"X-Client-ID": "nobody"}, 498),
    ):
        assert client.request("POST", "/v1/auth/logout", headers=headers).status_code == expected


def test_28_revoking_ends_everything_oauth_has_issued(emulator: Emulator, client: Client) -> None:
    older = trade_older(client, code=consent(client)).json()
    newer = browsers.trade(emulator, code=browsers.new_code(emulator, scope="openid offline_access")).json()
    open_older, open_newer = consent(client), browsers.new_code(emulator)
    login = sign_in(client, emulator)
    assert client.login(f"user@{emulator.name}.test").json()["isLinked"] is True
    client.token = older["access_token"]
    assert told(revoke(client)) == SUCCESS
    assert {status(client, each["access_token"]) for each in (older, newer)} == {401}
    assert refresh(client, older["refresh_token"]).status_code == INVALID_GRANT
    renewal = {"grant_type": "refresh_token", "refresh_token": newer["refresh_token"]}
    assert browsers.trade(emulator, **renewal).status_code == INVALID_GRANT
    assert trade_older(client, code=open_older).status_code == INVALID_GRANT
    assert browsers.trade(emulator, code=open_newer).status_code == INVALID_GRANT
    assert status(client, login) == status(client, f"user-{emulator.name}") == 200
    assert client.login(f"user@{emulator.name}.test").json()["isLinked"] is False


def test_28_other_users_keep_their_tokens_and_a_new_grant_works(emulator: Emulator, client: Client) -> None:
    with Client(emulator, token=f"us-{emulator.name}") as other:
        theirs = trade_older(other, code=consent(other)).json()
        assert told(revoke(client)) == SUCCESS
        assert told(revoke(client)) == SUCCESS
        assert status(client, theirs["access_token"]) == refresh(other, theirs["refresh_token"]).status_code == 200
        assert other.login(f"us@{emulator.name}.test").json()["isLinked"] is True
    again = trade_older(client, code=consent(client)).json()
    assert status(client, again["access_token"]) == 200


def test_28_revoking_needs_a_client_key_and_a_bearer(client: Client) -> None:
    for headers, expected in (({"Authorization": None}, 401), ({"X-Client-ID": None}, 499)):
        assert client.request("DELETE", "/v1/auth/oauth/revoke", headers=headers).status_code == expected


def test_36_the_tokens_of_a_disabled_user_are_refused_until_the_user_is_enabled_again(
    emulator: Emulator, client: Client
) -> None:
    login = sign_in(client, emulator)
    pair = trade_older(client, code=consent(client)).json()
    code = consent(client)
    emulator.set("baanx", users={"user": {"disabled": True}})
    for token in (login, pair["access_token"], client.token):
        assert told(client.request("GET", "/v1/user", headers=bearer(token))) == UNAUTHENTICATED
    assert trade_older(client, code=code).status_code == INVALID_GRANT
    assert refresh(client, pair["refresh_token"]).status_code == INVALID_GRANT
    emulator.set("baanx", users={})
    assert {status(client, each) for each in (login, pair["access_token"], client.token)} == {200}
    assert trade_older(client, code=code).status_code == refresh(client, pair["refresh_token"]).status_code == 200


@pytest.mark.parametrize("word", ["partner"])
def test_27_the_partner_s_token_cannot_act_as_a_user(emulator: Emulator, client: Client, word: str) -> None:
    token = f"{word}-{emulator.name}"
    for path in ("/v1/user", "/v1/card/status", "/v1/order/ord_1"):
        response = client.request("GET", path, headers=bearer(token))
        assert told(response) == (403, {"message": "Not authorized"})
    assert sign_out(client, token).status_code == 403
    assert authorize(client, initiate(client).json()["token"]).status_code == 200
