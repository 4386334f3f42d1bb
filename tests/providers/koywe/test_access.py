"""Signing in, tokens, permissions, and what a path's ids allow to see."""

from typing import Any

import httpx
import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.koywe import SIGN_IN, Client
from tests.providers.koywe.samples import PAYOUT

TOKEN_OF_DEFAULT = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiJhcGktZGVmYXVsdCIsIm9yZyI6Im9yZ19kZWZhdWx0IiwiaWF0IjoxNzY3NjE0NDAwLCJleHAiOjE3Njc2MTgwMDB9."
    "D7lcLGG9KpQm1SV1FcH3ADnRapdNGJp8R0QDFIckO1k"
)
ME = "/api/v1/auth/me"


def error_code(response: httpx.Response) -> str:
    return str(response.json()["errorCode"])


def test_01_the_token_of_the_default_sandbox_is_the_known_vector(emulator: Emulator) -> None:
    clock = emulator.call("GET", "snapshot")["clock"]
    with httpx.Client(base_url=f"{emulator.control_url}/sandboxes/default") as default:
        try:
            # A snapshot brings its clock along; this one is manual, and stands at 2026-01-05T12:00:00Z.
            snapshot = {**json_text.decode(default.get("/snapshot").content), "clock": clock}
            assert default.put("/snapshot", content=json_text.encode(snapshot)).status_code == 200
            credentials = {"apiKey": "api-default", "secret": "secret-default"}
            response = httpx.post(emulator.koywe.url + SIGN_IN, json=credentials)
            assert response.json() == {"token": TOKEN_OF_DEFAULT}
        finally:
            default.post("/reset")


def test_01_signing_in_returns_a_token_and_nothing_else(emulator: Emulator, client: Client) -> None:
    response = client.sign_in()
    assert response.status_code == 200
    assert list(response.json()) == ["token"]
    emulator.set("koywe", sign_in_status=201)
    assert client.sign_in().status_code == 201


@pytest.mark.parametrize("changes", [{"secret": "wrong"}, {"apiKey": "api-nobody"}, {"apiKey": "nonsense"}])
def test_01_wrong_credentials_are_refused(client: Client, changes: dict[str, str]) -> None:
    refused = client.sign_in(**changes)
    assert (refused.status_code, error_code(refused)) == (401, "INVALID_CREDENTIALS")
    assert refused.json()["message"] == "Invalid API key or secret"


def test_01_a_failed_sign_in_can_have_the_bare_form(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", sign_in_error="bare")
    refused = client.sign_in(secret="wrong")
    assert refused.status_code == 401
    assert refused.json() == {
        "error": "Invalid credentials",
        "message": "The provided username or password is incorrect",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"secret": None}, "secret must be a string"),
        ({"apiKey": ""}, "apiKey should not be empty"),
        ({"apiKey": 5, "secret": None}, "apiKey must be a string, secret must be a string"),
    ],
)
def test_01_sign_in_names_missing_and_empty_fields(client: Client, changes: dict[str, Any], message: str) -> None:
    refused = client.sign_in(**changes)
    assert (refused.status_code, error_code(refused)) == (422, "COM90003")
    assert refused.json()["message"] == message


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "AUTH90001"),
        ("Basic YTpi", "AUTH90001"),
        ("Bearer", "AUTH90001"),
        ("Bearer x.y.z", "AUTH90002"),
        (f"Bearer {TOKEN_OF_DEFAULT[:-1]}A", "AUTH90002"),
    ],
)
def test_01_calls_without_a_valid_token_are_refused(client: Client, authorization: str | None, code: str) -> None:
    refused = client.request("GET", ME, headers={"Authorization": authorization})
    assert (refused.status_code, error_code(refused)) == (401, code)


def test_01_a_token_expires_after_an_hour_and_others_stay_valid(emulator: Emulator, client: Client) -> None:
    first = client.sign_in().json()["token"]
    emulator.advance("30m")
    second = client.sign_in().json()["token"]
    assert first != second
    bearer = {"Authorization": f"bearer {first}"}
    assert client.request("GET", ME, headers=bearer).status_code == 200
    emulator.advance("29m59s")
    assert client.request("GET", ME, headers=bearer).status_code == 200
    emulator.advance("1s")
    refused = client.request("GET", ME, headers=bearer)
    assert (refused.status_code, error_code(refused)) == (401, "TOKEN_EXPIRED")
    assert client.request("GET", ME, headers={"Authorization": f"Bearer {second}"}).status_code == 200


def test_01_the_call_me_shows_whose_token_it_is(emulator: Emulator, client: Client) -> None:
    assert client.request("GET", ME).json() == {
        "apiKey": f"api-{emulator.name}",
        "organizationId": f"org_{emulator.name}",
        "permission": "write",
    }


def test_02_a_read_credential_reads_and_never_writes(emulator: Emulator, client: Client) -> None:
    with Client(emulator, api_key=f"readonly-{emulator.name}") as reader:
        assert reader.request("GET", ME).json()["permission"] == "read"
        assert reader.get("/orders")["orders"] == []
        writes = [
            ("POST", f"{reader.merchant}/orders"),
            ("POST", f"{reader.merchant}/quotes"),
            ("POST", f"{reader.merchant}/contacts"),
            ("PUT", reader.merchant),
            ("DELETE", reader.merchant),
            ("POST", f"{reader.organization}/policy"),
        ]
        for method, path in writes:
            refused = reader.request(method, path, {})
            assert (refused.status_code, error_code(refused)) == (403, "PER90001"), path


def test_02_an_unknown_merchant_is_not_found(client: Client) -> None:
    for method in ("GET", "PUT", "DELETE"):
        refused = client.request(method, f"{client.organization}/merchants/mrc_nobody", {})
        assert (refused.status_code, error_code(refused)) == (404, "MC90001")


def test_02_another_organization_sees_nothing_and_writes_nothing(client: Client) -> None:
    order_id = client.order_id(client.create(externalId="inv-1"))
    own, client.organization_id = client.organization_id, "org_other"
    assert client.get("/orders") == {
        "pagination": {"pageNumber": 1, "pageSize": 10, "totalCount": 0, "totalPages": 0},
        "orders": [],
    }
    for path in ("/accounts", "/accounts/balances", "/bank-accounts/balances", "/virtual-accounts", "/deals"):
        assert client.get(path) == [], path
    assert client.get("/contacts") == {"contacts": []}
    for path, code in (
        ("", "MC90001"),
        ("/bankIncome/accounts", "MC90001"),
        (f"/orders/{order_id}", "OR90001"),
        ("/orders/external/inv-1", "OR90001"),
        ("/contacts/con_00000000-0000-4000-8000-000000000301", "CT90001"),
        ("/accounts/acc_00000000-0000-4000-8000-000000000101", "BAA90002"),
    ):
        refused = client.request("GET", client.merchant + path)
        assert (refused.status_code, error_code(refused)) == (404, code), path
    refused = client.create(**PAYOUT)
    assert (refused.status_code, error_code(refused)) == (403, "MC00015")
    assert refused.json()["message"] == "Merchant does not belong to the organization"
    for path in ("merchants", "balances", "policy", "policy/approvals"):
        refused = client.request("GET", f"{client.organization}/{path}")
        assert (refused.status_code, error_code(refused)) == (404, "ORG90001"), path
    client.organization_id = own
    assert client.get("/orders")["pagination"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/nowhere"), ("DELETE", "/api/v1/auth/me"), ("PATCH", SIGN_IN), ("GET", "/")]
)
def test_02_unknown_routes_and_methods_are_not_found(client: Client, method: str, path: str) -> None:
    refused = client.request(method, path, headers={"Authorization": None})
    assert (refused.status_code, error_code(refused)) == (404, "COM90001")
    assert refused.json()["message"] == f"Cannot {method} {path}"
    assert refused.json()["path"] == path


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"1", b'"x"', b"\xff", b"null", b'{"a":1,}'])
def test_02_malformed_json_is_refused(client: Client, content: bytes) -> None:
    refused = client.request("POST", f"{client.merchant}/orders", content=content)
    assert (refused.status_code, error_code(refused)) == (400, "COM90002")
    assert refused.json()["message"] == "Malformed JSON body"


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_02_another_content_type_counts_as_an_empty_object(client: Client, content_type: str | None) -> None:
    refused = client.request(
        "POST", f"{client.merchant}/orders", content=b'{"type":"PAYIN"}', headers={"Content-Type": content_type}
    )
    assert (refused.status_code, error_code(refused)) == (422, "COM90003")
    assert refused.json()["message"].startswith("type must be one of the following values: PAYIN, PAYOUT")


def test_02_the_mount_never_shows_in_the_path_of_an_error(emulator: Emulator) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    response = httpx.get(f"{front}/koywe/api/v1/auth/me?x=1")
    assert response.json()["path"] == ME


def test_02_errors_have_their_members_in_order(client: Client) -> None:
    refused = client.request("GET", f"{client.merchant}/orders/ord_nothing")
    assert list(refused.json()) == ["statusCode", "timestamp", "path", "errorCode", "message"]
    assert refused.json()["timestamp"] == "2026-01-05T12:00:00.000Z"
