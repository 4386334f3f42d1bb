"""What the tests of webhooks share: an organization's webhook calls, and what a receiver was told."""

import json
from typing import Any

import httpx

from tests.clients.koywe import Client
from tests.receivers import Receiver

SECRET = "whsec_koywe_test"


def subscribe(client: Client, url: str, secret: str = SECRET) -> str:
    answer = client.request("POST", f"{client.organization}/webhooks", {"url": url, "secret": secret})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def call(client: Client, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
    return client.request(method, f"{client.organization}/{path}", body, params=query)


def names(receiver: Receiver) -> list[str]:
    return [json.loads(each.body)["type"] for each in receiver.received]


def create(client: Client, scenario: str = "manual", **changes: Any) -> str:
    return client.order_id(client.create({"X-Emulator-Scenario": scenario}, **changes))
