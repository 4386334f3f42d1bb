"""Faults on answers, as a client on a real socket sees them."""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from emulator.testing import ControlRefused, Emulator
from emulator.testing.connection import tls

ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


@pytest.fixture
def client(emulator: Emulator) -> Iterator[httpx.Client]:
    access = emulator.baanx.credentials
    headers = {"X-Client-ID": access["client_id"], "Authorization": f"Bearer {access['token']}"}
    with httpx.Client(base_url=emulator.baanx.url, headers=headers, timeout=5, verify=tls()) as http:
        yield http


def create(client: httpx.Client, fault: str | None = None) -> httpx.Response:
    return client.post("/v1/order", json=ORDER, headers={"X-Emulator-Fault": fault} if fault else {})


@pytest.mark.parametrize("when, orders", [("before", 0), ("after", 1)])
@pytest.mark.parametrize("fault", ["reset", "truncate"])
def test_a_broken_connection_keeps_the_order_only_if_it_breaks_after(
    emulator: Emulator, client: httpx.Client, fault: str, when: str, orders: int
) -> None:
    with pytest.raises(httpx.TransportError):
        create(client, f"{fault}; when={when}").read()
    assert len(emulator.orders()) == orders
    assert create(client).status_code == 200


@pytest.mark.parametrize("when, orders", [("before", 0), ("after", 1)])
def test_with_the_fault_timeout_no_answer_comes_until_the_client_gives_up(
    emulator: Emulator, client: httpx.Client, when: str, orders: int
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v1/order", json=ORDER, timeout=0.3, headers={"X-Emulator-Fault": f"timeout; when={when}"})
    assert len(emulator.orders()) == orders


@pytest.mark.parametrize("when, orders", [("before", 0), ("after", 1)])
def test_an_error_status_has_the_provider_s_own_body(
    emulator: Emulator, client: httpx.Client, when: str, orders: int
) -> None:
    answer = create(client, f"status; status=500; when={when}")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    answer = create(client, f"status; error=forbidden; when={when}")
    assert (answer.status_code, answer.json()) == (403, {"message": "Not authorized"})
    assert len(emulator.orders()) == 2 * orders


def test_a_rate_limit_names_the_seconds_to_wait(client: httpx.Client) -> None:
    answer = create(client, "rate-limit; retry_after=7")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("when, status, orders", [("before", 500, 0), ("after", 200, 1)])
def test_a_malformed_answer_is_complete_but_not_json(
    emulator: Emulator, client: httpx.Client, when: str, status: int, orders: int
) -> None:
    answer = create(client, f"malformed; when={when}")
    assert answer.status_code == status
    assert answer.text.startswith("{")
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert len(emulator.orders()) == orders


def test_the_journal_has_a_malformed_answer_as_it_was_sent_without_secrets(
    emulator: Emulator, client: httpx.Client
) -> None:
    access = emulator.baanx.credentials
    body = {"email": access["email"], "password": access["password"]}
    sent = client.post("/v1/auth/login", json=body, headers={"X-Emulator-Fault": "malformed; when=after"}).text
    answered: Any = emulator.journal(kind="request")[-1]["answer"]
    shown = answered["body"]
    assert '"accessToken":"' in sent
    assert shown.startswith(sent.partition('"accessToken":')[0])
    assert sent.partition('"accessToken":"')[2][:20] not in shown


@pytest.mark.parametrize("fault", ["", "truncate", "malformed", "gateway", "status; status=500", "rate-limit"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_answer_to_a_head_request_has_no_body_whatever_the_fault(emulator: Emulator, fault: str, when: str) -> None:
    address = urlsplit(emulator.baanx.url)
    lines = [
        "HEAD /v1/order/products/available HTTP/1.1",
        f"Host: {address.netloc}",
        f"X-Client-ID: {emulator.baanx.credentials['client_id']}",
        f"Authorization: Bearer {emulator.baanx.credentials['token']}",
        "Connection: close",
        *([f"X-Emulator-Fault: {fault}; when={when}"] if fault else []),
    ]
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        octets = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = octets.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 ")
    assert int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]) > 0
    assert body == b""


@pytest.mark.parametrize(
    "rule, least_s",
    [
        ({"fixed": "120ms"}, 0.12),
        ({"uniform": ["60ms", "90ms"]}, 0.06),
        ({"lognormal": {"median": "50ms", "sigma": 0}}, 0.05),
    ],
)
def test_latency_delays_the_answer_in_real_time(
    emulator: Emulator, client: httpx.Client, rule: dict[str, Any], least_s: float
) -> None:
    emulator.inject("latency", **rule)
    answer = create(client)
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= least_s


def test_a_rule_applies_only_to_what_it_names_and_as_often_as_it_says(emulator: Emulator, client: httpx.Client) -> None:
    emulator.inject("status", status=500, provider="baanx", endpoint="create-order", times=2)
    emulator.inject("status", error="forbidden", match={"body.productId": "METAL_CARD"})
    assert client.get("/v1/order/products/available").status_code == 200
    assert [create(client).status_code for _ in range(3)] == [500, 500, 200]
    assert client.post("/v1/order", json={**ORDER, "productId": "METAL_CARD"}).status_code == 403
    emulator.clear_faults()
    assert client.post("/v1/order", json={**ORDER, "productId": "METAL_CARD"}).status_code == 200


def test_a_rule_can_skip_the_first_requests(emulator: Emulator, client: httpx.Client) -> None:
    emulator.inject("status", status=500, provider="baanx", skip=2)
    assert [create(client).status_code for _ in range(4)] == [200, 200, 500, 500]


def test_a_rule_can_name_one_order(emulator: Emulator, client: httpx.Client) -> None:
    first, second = (create(client).json()["orderId"] for _ in range(2))
    emulator.inject("status", status=500, order=first)
    assert [client.get(f"/v1/order/{each}").status_code for each in (first, second)] == [500, 200]


def test_whether_a_fault_applies_by_chance_comes_from_the_seed(emulator_server: Any) -> None:
    def outcomes() -> list[int]:
        with emulator_server.sandbox(seed="dice") as sandbox:
            sandbox.inject("status", status=500, chance=0.5, provider="baanx", when="after")
            access = sandbox.baanx.credentials
            headers = {"X-Client-ID": access["client_id"], "Authorization": f"Bearer {access['token']}"}
            with httpx.Client(base_url=sandbox.baanx.url, headers=headers, verify=tls()) as http:
                return [create(http).status_code for _ in range(20)]

    first = outcomes()
    assert first == outcomes()
    assert {200, 500} == set(first)


def test_a_scenario_brings_faults_for_its_order(emulator: Emulator, client: httpx.Client) -> None:
    document = {
        "version": 1,
        "provider": "baanx",
        "about": "The answer to the create call is lost.",
        "faults": [{"fault": "reset", "when": "after", "endpoint": "create-order"}],
    }
    emulator.scenario("baanx", "lost-answer", document)
    with pytest.raises(httpx.TransportError):
        client.post("/v1/order", json=ORDER, headers={"X-Emulator-Scenario": "lost-answer"})
    (order,) = emulator.orders()
    assert client.get(f"/v1/order/{order['id']}").json()["status"] == "STARTED"


@pytest.mark.parametrize(
    "rule, says",
    [
        ({"fault": "nonsense"}, "latency, status"),
        ({"fault": "reset", "whenn": "after"}, "reset takes"),
        ({"fault": "reset", "provider": "paypal"}, "provider must be one of"),
        ({"fault": "reset", "provider": "baanx", "endpoint": "nope"}, "endpoint must be one of"),
        ({"fault": "status"}, "either error"),
        ({"fault": "status", "error": "nope"}, "no such error"),
        ({"fault": "latency", "fixed": "soon"}, "is not a duration"),
        ({"fault": "stale-timestamp", "provider": "koywe"}, "cannot be injected into webhooks of koywe"),
        ({"fault": "reset", "chance": 2}, "chance"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(emulator: Emulator, rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ControlRefused, match=says):
        emulator.call("POST", "faults", rule)


def test_a_broken_header_is_refused_with_what_to_write(client: httpx.Client) -> None:
    answer = create(client, "resett")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad-fault")


def test_the_story_of_an_order_includes_the_fault(emulator: Emulator, client: httpx.Client) -> None:
    with pytest.raises(httpx.TransportError):
        create(client, "reset; when=after")
    (order,) = emulator.orders()
    assert "reset" in str(emulator.order(order["id"])["story"][-1]["reason"])


def test_the_story_of_an_order_includes_a_refused_request(emulator: Emulator, client: httpx.Client) -> None:
    order_id = create(client).json()["orderId"]
    assert client.get(f"/v1/order/{order_id}", headers={"Authorization": "Bearer nobody"}).status_code == 401
    told = emulator.order(order_id)["story"][-1]
    assert (told["status"], told["error"]) == (401, "unauthenticated")


@pytest.mark.parametrize("when, orders", [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    "status, title",
    [
        (502, "Bad Gateway"),
        (503, "Unavailable"),
        (504, "Time-out"),
        (200, "Please wait"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (429, "Too Many Requests"),
    ],
)
def test_a_gateway_answers_with_a_page(
    emulator: Emulator, client: httpx.Client, when: str, orders: int, status: int, title: str
) -> None:
    answer = create(client, f"gateway; status={status}; when={when}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert title in answer.text
    assert answer.text.startswith("<html>")
    assert len(emulator.orders()) == orders
    (entry,) = emulator.journal(kind="request")
    assert (entry["status"], entry["reason"]) == (status, f"the fault gateway ({when}) was injected")


def test_a_gateway_answers_what_its_rule_says(emulator: Emulator, client: httpx.Client) -> None:
    assert create(client, "gateway").status_code == 502
    body = '{"message":"upstream request timeout ñ"}'
    emulator.inject("gateway", status=504, content_type="application/json; charset=utf-8", body=body, times=1)
    answer = create(client)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "application/json; charset=utf-8")
    assert answer.text == body
    assert create(client, "gateway; body=; content_type=text/plain").content == b""


@pytest.mark.parametrize(
    ("provider", "path", "headers", "body"),
    [
        ("baanx", "/v1/auth/login", {"X-Client-ID": "client-{}"}, {}),
        ("basswallet", "/v1/account/payment", {"API-Access-Key": "access-{}"}, {}),
        ("changelly", "/v1/orders", {"X-Api-Key": "key-{}", "X-Api-Signature": "AAAA"}, {}),
        ("koywe", "/api/v1/auth/sign-in", {}, {"apiKey": "api-{}"}),
    ],
)
def test_a_gateway_stands_before_every_provider(
    emulator: Emulator, provider: Any, path: str, headers: dict[str, str], body: dict[str, str]
) -> None:
    emulator.set("changelly", signatureCheck="off")
    emulator.inject("gateway", provider=provider)
    sent = {name: value.format(emulator.name) for name, value in headers.items()}
    document = {name: value.format(emulator.name) for name, value in body.items()}
    answer = httpx.post(emulator[provider].url + path, headers=sent, json=document, verify=tls())
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")


def test_a_scenario_can_have_a_gateway(emulator: Emulator, client: httpx.Client) -> None:
    rule = {"fault": "gateway", "status": 504, "when": "after", "times": 1}
    emulator.scenario("baanx", "slow", {"version": 1, "provider": "baanx", "about": "Too slow.", "faults": [rule]})
    emulator.choose(baanx="slow")
    assert create(client).status_code == 504
    assert [each["scenario"] for each in emulator.orders()] == ["slow"]


@pytest.mark.parametrize(
    "rule, says",
    [
        ({"status": 500}, "502"),
        ({"content_type": "text/html\r\nX-Evil: 1"}, "does not match"),
        ({"content_type": ""}, "does not match"),
        ({"body": 5}, "string"),
        ({"error": "limits"}, "gateway takes .*status, content_type, body"),
    ],
)
def test_an_impossible_gateway_is_refused(emulator: Emulator, rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ControlRefused, match=says):
        emulator.inject("gateway", **rule)


def test_a_change_of_behaviour_does_not_affect_what_is_already_due(emulator: Emulator) -> None:
    scenario = {
        "version": 1,
        "provider": "basswallet",
        "about": "Over at once.",
        "timeline": [{"after": 0, "do": "expire"}],
    }
    emulator.scenario("basswallet", "at-once", scenario)
    order = emulator.make_order("basswallet", scenario="at-once")
    emulator.scenario("basswallet", "at-once", scenario | {"timeline": [{"after": 0, "do": "pay"}]})
    assert emulator.order(order["id"])["status"] == "Expired"
