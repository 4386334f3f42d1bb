"""Managing webhook endpoints: who may, what an endpoint is, and what is refused."""

import re
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UNKNOWN = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"
GOOD: dict[str, Any] = {"name": "Cards", "url": "https://shop.example.test/hook", "event_types": ["card.*"]}
MASKED = re.compile(r"whk_\*{4}\.{3}\*{4}[a-z0-9]{4}")


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def create(client: Client, **changes: Any) -> httpx.Response:
    body = {name: value for name, value in (GOOD | changes).items() if value is not ...}
    return client.request("POST", "/v1/webhooks", body)


def listed(client: Client) -> Any:
    return client.request("GET", "/v1/webhooks").json()


def test_41_a_new_endpoint_shows_its_key_once(emulator: Emulator, client: Client) -> None:
    response = create(client)
    assert response.status_code == 201
    assert list(response.json()) == ["success", "data"]
    endpoint = response.json()["data"]
    assert list(endpoint) == [
        "id", "tenant", "name", "url", "apiKey", "eventTypes", "isActive", "metadata", "createdAt", "updatedAt",
    ]  # fmt: skip
    assert UUID.fullmatch(endpoint["id"])
    assert re.fullmatch(r"whk_[a-z0-9]{64}", endpoint["apiKey"])
    assert (endpoint["tenant"], endpoint["isActive"], endpoint["metadata"]) == (emulator.name, False, {})
    assert (endpoint["eventTypes"], endpoint["createdAt"]) == (["card.*"], emulator.now)
    shown = client.request("GET", f"/v1/webhooks/{endpoint['id']}").json()
    assert MASKED.fullmatch(shown["apiKey"])
    assert shown["apiKey"][-4:] == endpoint["apiKey"][-4:]
    assert shown | {"apiKey": ""} == endpoint | {"apiKey": ""}
    assert endpoint["apiKey"] not in str(emulator.journal())


def test_41_endpoints_are_listed_as_a_bare_array_oldest_first(client: Client) -> None:
    assert listed(client) == []
    names = ["b", "a", "c"]
    for name in names:
        create(client, name=name, is_active=True, metadata={"k": [1]})
    assert [each["name"] for each in listed(client)] == names
    assert all(MASKED.fullmatch(each["apiKey"]) and each["isActive"] for each in listed(client))


def test_41_named_members_are_changed_and_lists_are_replaced(emulator: Emulator, client: Client) -> None:
    endpoint = create(client, metadata={"a": 1, "b": 2}).json()["data"]
    emulator.advance("5s")
    changes = {"event_types": ["*"], "metadata": {"c": 3}, "is_active": True}
    response = client.request("PUT", f"/v1/webhooks/{endpoint['id']}", changes)
    data = response.json()["data"]
    assert (response.status_code, response.json()["success"]) == (200, True)
    assert MASKED.fullmatch(data["apiKey"])
    assert (data["eventTypes"], data["metadata"], data["isActive"]) == (["*"], {"c": 3}, True)
    assert (data["name"], data["createdAt"], data["updatedAt"]) == ("Cards", endpoint["createdAt"], emulator.now)
    assert listed(client) == [data]
    assert client.request("PUT", f"/v1/webhooks/{endpoint['id']}", {}).status_code == 200


def test_41_a_deleted_endpoint_is_gone(client: Client) -> None:
    path = f"/v1/webhooks/{create(client).json()['data']['id']}"
    assert told(client.request("DELETE", path)) == (200, {"success": True})
    for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/rotate-key"), ("GET", f"{path}/logs")):
        assert told(client.request(method, where)) == (404, {"message": "Webhook not found"})
    assert told(client.request("PUT", path, {})) == (404, {"message": "Webhook not found"})
    assert listed(client) == []


def test_41_there_are_five_at_most(client: Client) -> None:
    ids = [create(client).json()["data"]["id"] for _ in range(5)]
    expected = (400, {"message": "Maximum webhook limit (5) reached for this tenant"})
    assert told(create(client)) == expected
    assert told(create(client, name=...)) == (400, {"message": "name is required"})
    client.request("DELETE", f"/v1/webhooks/{ids[2]}")
    assert create(client).status_code == 201


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ...}, "name is required"),
    ({"name": None}, "name is required"),
    ({"name": ""}, "name is required"),
    ({"name": 5}, "name must be a string"),
    ({"name": "x" * 256}, "name must be at most 255 characters"),
    ({"url": ...}, "url is required"),
    ({"url": None}, "url is required"),
    ({"url": ""}, "url is required"),
    ({"url": 5}, "url must be a valid URL"),
    ({"url": "x"}, "url must be a valid URL"),
    ({"url": "ftp://a.test/"}, "url must be a valid URL"),
    ({"url": "http://"}, "url must be a valid URL"),
    ({"url": "https://a b/"}, "url must be a valid URL"),
    ({"url": "http://shop.example.test/hook"}, "url must use HTTPS"),
    ({"url": "http://8.8.8.8/hook"}, "url must use HTTPS"),
    ({"event_types": ...}, "event_types is required"),
    ({"event_types": None}, "event_types is required"),
    ({"event_types": "*"}, "event_types must be an array"),
    ({"event_types": {}}, "event_types must be an array"),
    ({"event_types": []}, "event_types must contain at least one item"),
    ({"event_types": ["card.*", "order.completed"]}, "Unknown event type: order.completed"),
    ({"event_types": [5]}, "Unknown event type: 5"),
    ({"is_active": "true"}, "is_active must be a boolean"),
    ({"is_active": None}, "is_active must be a boolean"),
    ({"metadata": []}, "metadata must be an object"),
    ({"metadata": None}, "metadata must be an object"),
    ({"metadata": [], "name": 5, "url": "x"}, "name must be a string"),
    ({"metadata": [], "url": "http://shop.example.test/", "event_types": []}, "url must use HTTPS"),
    ({"metadata": [], "event_types": []}, "event_types must contain at least one item"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_41_the_first_broken_rule_is_reported(client: Client, changes: dict[str, Any], message: str) -> None:
    assert told(create(client, **changes)) == (400, {"message": message})
    assert listed(client) == []
    endpoint = create(client).json()["data"]
    present = {name: value for name, value in changes.items() if value is not ...}
    if len(present) == len(changes):
        response = client.request("PUT", f"/v1/webhooks/{endpoint['id']}", changes)
        assert told(response) == (400, {"message": message})


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"{", "application/json", "Request body is not valid JSON"),
        (b"[]", "application/json", "Request body must be a JSON object"),
        (b"{}", "text/plain", "Content-Type must be application/json"),
    ],
)
def test_41_invalid_bodies_get_400(client: Client, content: bytes, kind: str, message: str) -> None:
    response = client.request("POST", "/v1/webhooks", content=content, headers={"Content-Type": kind})
    assert told(response) == (400, {"message": message})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/hook", "http://localhost/hook", "http://[::1]:9000/", "http://192.168.1.5/hook"]
)
def test_41_http_is_for_this_machine_and_private_networks(emulator: Emulator, client: Client, url: str) -> None:
    assert create(client, url=url).status_code == 201
    emulator.set("baanx", webhook_https_only=True)
    assert told(create(client, url=url)) == (400, {"message": "url must use HTTPS"})


@pytest.mark.parametrize("endpoint_id", ["x", "1", UNKNOWN + "0", UNKNOWN.replace("-", ""), "%00"])
def test_41_an_id_that_is_not_a_uuid_is_refused_as_such(client: Client, endpoint_id: str) -> None:
    path = f"/v1/webhooks/{endpoint_id}"
    expected = (400, {"message": "id must be a valid UUID"})
    for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/rotate-key"), ("GET", f"{path}/logs")):
        assert told(client.request(method, where)) == expected
    assert told(client.request("PUT", path, content=b"{")) == expected
    assert told(client.request("GET", f"/v1/webhooks/{UNKNOWN}")) == (404, {"message": "Webhook not found"})
    assert told(client.request("PUT", f"/v1/webhooks/{UNKNOWN}", {"name": ""})) == (
        400,
        {"message": "name is required"},
    )


def ask(emulator: Emulator, token: str | None, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"x-client-key": key} if key is not None else {}
    return told(httpx.get(f"{emulator.baanx.url}/v1/webhooks", headers=headers, verify=False))


def test_47_a_ready_token_identifies_its_sandbox(emulator: Emulator, client: Client) -> None:
    create(client)
    token = emulator.baanx.credentials["partner_token"]
    assert token == f"partner-{emulator.name}"
    for good in (token, client.token, f"us-{emulator.name}"):
        status, body = ask(emulator, good)
        assert (status, [each["tenant"] for each in body]) == (200, [emulator.name])
    assert ask(emulator, f"restricted-{emulator.name}") == (403, {"message": "Not authorized"})
    assert ask(emulator, f"expired-{emulator.name}") == (401, {"message": "Not authenticated"})


def test_47_other_tokens_need_the_client_key(emulator: Emulator, client: Client) -> None:
    login = client.login(f"user@{emulator.name}.test").json()["accessToken"]
    missing = (499, {"message": "Missing client key"})
    assert ask(emulator, login) == ask(emulator, None) == ask(emulator, "no-such-token") == missing
    assert ask(emulator, login, client.client_id)[0] == 200
    assert ask(emulator, None, client.client_id) == (401, {"message": "Not authenticated"})
    for key in ("nobody", "client-default"):
        status = ask(emulator, f"partner-{emulator.name}", key)[0]
        assert status == (498 if key == "nobody" else 401)
    assert ask(emulator, f"partner-{emulator.name}", client.client_id)[0] == 200


def test_47_a_setting_admits_only_the_partner(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", webhook_token="partner")
    assert ask(emulator, client.token) == (403, {"message": "Not authorized"})
    assert ask(emulator, f"partner-{emulator.name}")[0] == 200


def test_47_the_error_unavailable_is_available_on_demand(emulator: Emulator) -> None:
    emulator.inject("status", provider="baanx", endpoint="list-webhooks", status=503, times=1)
    assert ask(emulator, f"partner-{emulator.name}") == (503, {"message": "Service unavailable"})
    assert ask(emulator, f"partner-{emulator.name}")[0] == 200
