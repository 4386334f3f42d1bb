"""The hosted page, on which a user signs in and consents: what a browser without scripts sees and does."""

from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client
from tests.providers.baanx.browsers import NEWER, OLDER, Form, allow, open_page, returned, submit, trade
from tests.providers.baanx.test_grants import trade as trade_older

PATHS = pytest.mark.parametrize("path", [OLDER, NEWER])


def told(response: httpx.Response) -> tuple[int, bool]:
    """Status, and whether the form is there."""
    return response.status_code, Form(response).forms == 1


@PATHS
def test_32_a_browser_without_headers_is_shown_the_form(emulator: Emulator, path: str) -> None:
    page = open_page(emulator, path)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (page.headers["cache-control"], page.headers["x-frame-options"]) == ("no-store", "DENY")
    assert "form-action" not in page.headers["content-security-policy"]
    form = Form(page)
    assert (form.method, form.url) == ("post", f"{emulator.baanx.url}/oauth/ui")
    assert list(form.fields) == ["token", "email", "password"]
    assert form.buttons == ["allow", "deny"]
    assert form.loaded == []
    assert f"client-{emulator.name}" in page.text
    assert "localhost:3000" in page.text


def test_32_the_start_of_an_authorization_leads_to_the_page(emulator: Emulator, client: Client) -> None:
    parameters = dict(httpx.QueryParams(open_page(emulator, OLDER).request.url.query))
    assert list(parameters) == ["token"]
    emulator.set("baanx", initiate_style="json")
    answer = open_page(emulator, OLDER)
    assert answer.json()["url"] == f"{emulator.baanx.url}/oauth/ui?token={answer.json()['token']}"
    assert told(httpx.get(answer.json()["url"], verify=False)) == (200, True)
    emulator.set("baanx", initiate_style="redirect")
    bad = {"x-client-key": "no"}
    for mode, headers, expected in (("api", {}, 499), ("api", bad, 498), ("x", bad, 498)):
        url = f"{emulator.baanx.url}{OLDER}"
        query = {"client_id": client.client_id, "mode": mode}
        assert httpx.get(url, params=query, headers=headers, verify=False).status_code == expected


def test_32_a_user_who_allows_returns_with_a_code(emulator: Emulator, client: Client) -> None:
    response = allow(emulator, open_page(emulator, OLDER))
    back = returned(response)
    assert list(back) == ["x", "state", "code"]
    assert back["state"] == "f4 c1&é"
    assert response.headers["cache-control"] == "no-store"
    assert trade_older(client, code=back["code"]).status_code == 200
    assert client.login(f"user@{emulator.name}.test").json()["isLinked"] is True


@PATHS
def test_32_a_user_who_denies_returns_without_signing_in(emulator: Emulator, client: Client, path: str) -> None:
    back = returned(submit(open_page(emulator, path), "deny"))
    assert list(back) == ["x", "error", "error_description", "state"]
    assert (back["error"], back["state"]) == ("access_denied", "f4 c1&é")
    assert client.login(f"user@{emulator.name}.test").json()["isLinked"] is False


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({"email": "user@{s}.test", "password": "wrong"}, 401, "Incorrect email or password"),
        ({"email": "nobody@{s}.test", "password": "sandbox"}, 401, "Incorrect email or password"),
        ({"email": "disabled@{s}.test", "password": "sandbox"}, 403, "Your account has been disabled"),
        ({"email": "onboarding@{s}.test", "password": "sandbox"}, 403, "Your registration is not finished"),
        ({"email": "", "password": "sandbox"}, 422, "email is required"),
        ({"email": "user", "password": "sandbox"}, 422, "email must be a valid email"),
        ({"email": "user@{s}.test", "password": ""}, 422, "password is required"),
    ],
)
def test_32_a_user_who_cannot_sign_in_sees_the_page_again(
    emulator: Emulator, client: Client, fields: dict[str, str], status: int, text: str
) -> None:
    filled = {name: value.format(s=emulator.name) for name, value in fields.items()}
    page = submit(open_page(emulator), **filled)
    assert told(page) == (status, True)
    assert text in page.text
    assert Form(page).fields["email"] == filled["email"]
    assert Form(page).fields["password"] == ""
    assert returned(allow(emulator, page))["code"]


def test_32_a_code_is_asked_for_in_a_second_step(emulator: Emulator) -> None:
    asking = allow(emulator, open_page(emulator), "otp")
    assert told(asking) == (200, True)
    assert list(Form(asking).fields) == ["token", "email", "password", "otpCode"]
    wrong = submit(asking, password="sandbox", otpCode="654321")
    assert (wrong.status_code, "Invalid OTP code" in wrong.text) == (400, True)
    malformed = submit(wrong, password="sandbox", otpCode="12")
    assert (malformed.status_code, "otpCode must be 6 digits" in malformed.text) == (422, True)
    assert returned(submit(malformed, password="sandbox", otpCode="123456"))["code"]


def test_32_a_session_can_be_used_more_than_once_within_ten_minutes(emulator: Emulator) -> None:
    page = open_page(emulator)
    first, second = (returned(allow(emulator, page))["code"] for _ in range(2))
    assert first != second
    assert trade(emulator, code=first).status_code == trade(emulator, code=second).status_code == 200
    emulator.advance("600s")
    over = allow(emulator, page)
    assert told(over) == (400, False)
    assert "no longer valid" in over.text


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=a.b.c", "?other=1"])
def test_32_without_a_valid_session_there_is_no_form(emulator: Emulator, query: str) -> None:
    for response in (
        httpx.get(f"{emulator.baanx.url}/oauth/ui{query}", verify=False),
        httpx.post(
            f"{emulator.baanx.url}/oauth/ui",
            data={"token": query.removeprefix("?token="), "action": "allow"},
            verify=False,
        ),
    ):
        assert told(response) == (400, False)
        assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert httpx.put(f"{emulator.baanx.url}/oauth/ui", verify=False).json() == {"message": "Method not allowed"}


def test_32_text_from_clients_is_escaped(emulator: Emulator) -> None:
    hostile = "'\"><script>alert(1)</script>\r\nSet-Cookie: a=b"
    # The one script is the page's own, which it works without.
    page = open_page(emulator, state=hostile, redirect_uri="http://localhost:3000/callback?x=1&q=<script>")
    assert page.text.count("<script") == 1
    again = submit(page, email='"><script>alert(1)</script>', password="x")
    assert again.text.count("<script") == 1
    response = allow(emulator, page)
    assert response.status_code == 302
    assert "set-cookie" not in response.headers
    assert parse_qs(urlsplit(response.headers["location"]).query)["state"] == [hostile]
    refused = open_page(emulator, client_id="<script>alert(1)</script>")
    assert refused.text.count("<script") == 1


def test_32_the_page_works_under_a_mount(emulator: Emulator) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    query = open_page(emulator).request.url.query.decode()
    page = httpx.get(f"{front}/baanx{NEWER}?{query}", verify=False)
    assert Form(page).url == f"{front}/baanx/oauth/ui"
    assert returned(allow(emulator, page))["code"]
    wrong = submit(page, email="x@y.test", password="x")
    assert Form(wrong).url == f"{front}/baanx/oauth/ui"


def test_32_logins_on_the_page_count_towards_the_rate_limit(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_rate_limit="1/60")
    page = open_page(emulator)
    assert client.login(f"user@{emulator.name}.test").status_code == 200
    limited = allow(emulator, page)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
    assert "Too many requests" in limited.text


@PATHS
def test_33_a_named_user_consents_without_a_browser(emulator: Emulator, client: Client, path: str) -> None:
    emulator.set("baanx", oauth_auto_consent="us")
    back = returned(open_page(emulator, path))
    assert back["state"] == "f4 c1&é"
    tokens = trade(emulator, code=back["code"]) if path == NEWER else trade_older(client, code=back["code"])
    client.token = tokens.json()["access_token"]
    assert client.request("GET", "/v1/user").json()["email"] == f"us@{emulator.name}.test"
    emulator.set("baanx", oauth_auto_consent=None)
    assert open_page(emulator, path).status_code == 200


def test_33_a_user_who_may_not_sign_in_cannot_consent(emulator: Emulator) -> None:
    for word, text in (("disabled", "has been disabled"), ("onboarding", "not finished")):
        emulator.set("baanx", oauth_auto_consent=cast(Any, word))
        page = open_page(emulator)
        assert told(page) == (403, True)
        assert text in page.text
