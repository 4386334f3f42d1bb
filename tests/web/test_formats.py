"""Formats that others depend on, frozen by golden files; `pytest --update-golden` rewrites them."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from emulator import __version__
from emulator.testing import BackgroundServer, Emulator
from tests.clients.baanx import Client

Golden = Callable[[str, str], None]
VARYING = {
    r"127\.0\.0\.1:[0-9]+": "127.0.0.1:PORT",
    re.escape(f'"{__version__}"'): '"VERSION"',
    r"ord_[0-9a-f]{24}": "ORDER",
    r"0x[0-9a-f]{64}": "HASH",
    r"0x[0-9a-fA-F]{40}": "ADDRESS",
    r'"[1-9A-HJ-NP-Za-km-z]{43,44}"': '"REQUEST"',
}
"""What differs between runs, or is the provider's own business."""


@pytest.fixture
def emulator(emulator_server: BackgroundServer) -> Iterator[Emulator]:
    """A sandbox whose name does not depend on the other tests."""
    with emulator_server.sandbox(name="golden") as sandbox:
        yield sandbox


@pytest.fixture
def paid_order(emulator: Emulator, baanx: Client) -> str:
    """An order that was created, read, refused something, and paid."""
    order = baanx.start(scenario="happy")
    baanx.read(order)
    emulator.advance("5s")
    baanx.read(order)
    return order


def written(answer: httpx.Response) -> str:
    """Status and body, with what varies named instead."""
    text = json.dumps(answer.json(), indent=2, ensure_ascii=False)
    for found, name in VARYING.items():
        text = re.sub(found, name, text)
    return f"{answer.status_code}\n{text}\n"


@pytest.mark.parametrize("path", ["health", "ready", "version"])
def test_the_answers_to_probes_are_frozen(control: httpx.Client, golden: Golden, path: str) -> None:
    golden(f"{path}.json", written(control.get(f"/{path}")))


def test_the_health_answer_is_frozen_to_the_byte(control: httpx.Client) -> None:
    answer = control.get("/health")
    assert answer.content == b'{"status":"ok"}'
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("error-not-found", "GET", "nothing"),
        ("error-method", "PATCH", "health"),
        ("error-unknown-sandbox", "GET", "sandboxes/none"),
        ("error-bad-request", "POST", "sandboxes"),
    ],
)
def test_the_form_of_errors_is_frozen(control: httpx.Client, golden: Golden, name: str, method: str, path: str) -> None:
    golden(f"{name}.json", written(control.request(method, f"/{path}")))


@pytest.mark.parametrize("path", ["clock", "orders", "orders/{order}", "webhooks", "faults"])
def test_the_lists_of_a_sandbox_are_frozen(
    control: httpx.Client, golden: Golden, emulator: Emulator, paid_order: str, path: str
) -> None:
    answer = control.get(f"/sandboxes/golden/{path.format(order=paid_order)}")
    golden(f"sandbox-{path.replace('/{order}', '-one')}.json", written(answer))


def test_the_answer_to_an_advance_is_frozen(
    control: httpx.Client, golden: Golden, emulator: Emulator, baanx: Client
) -> None:
    baanx.start(scenario="happy")
    baanx.start(scenario="payment-late")
    golden("advance.json", written(control.post("/sandboxes/golden/clock/advance", json={"until": "idle"})))


def test_the_answer_to_an_event_is_frozen(
    control: httpx.Client, golden: Golden, emulator: Emulator, baanx: Client
) -> None:
    order = baanx.start()
    answer = control.post(f"/sandboxes/golden/orders/{order}/events", json={"event": "pay", "amount": "1"})
    golden("event.json", written(answer))
    again = control.post(f"/sandboxes/golden/orders/{order}/events", json={"event": "fly"})
    golden("error-illegal-event.json", written(again))


def test_the_form_of_the_journal_is_frozen(
    control: httpx.Client, golden: Golden, emulator: Emulator, baanx: Client
) -> None:
    plain: dict[str, str | None] = {"User-Agent": "test", "Accept-Encoding": "identity", "Accept": "*/*"}
    baanx.order_id(baanx.create({**plain, "X-Emulator-Scenario": "manual"}))
    baanx.request("POST", "/v1/order", content=b'{"productId":', headers=plain)
    golden("journal.json", written(control.get("/sandboxes/golden/journal")))
    golden("count.json", written(control.post("/sandboxes/golden/journal/count", json={"match": {"kind": "request"}})))


def test_the_form_of_a_sandbox_is_frozen(control: httpx.Client, golden: Golden, emulator: Emulator) -> None:
    answer = control.get("/sandboxes/golden")
    shown = answer.json()
    shown["credentials"]["changelly"] = dict.fromkeys(shown["credentials"]["changelly"], "...")
    golden("sandbox.json", written(httpx.Response(answer.status_code, json=shown)))


def test_the_form_of_a_snapshot_is_frozen(
    control: httpx.Client, golden: Golden, emulator: Emulator, paid_order: str
) -> None:
    shown = control.get("/sandboxes/golden/snapshot").json()
    kept = {table: rows for table, rows in shown["tables"].items() if table in ("orders", "origin")}
    golden("snapshot.json", written(httpx.Response(200, json={**shown, "tables": kept})))


def test_the_form_of_a_provider_is_frozen(control: httpx.Client, golden: Golden) -> None:
    shown = control.get("/providers").json()["providers"]["baanx"]
    first: dict[str, Any] = {name: value[:1] if isinstance(value, list) else value for name, value in shown.items()}
    golden("provider.json", written(httpx.Response(200, json=first)))
