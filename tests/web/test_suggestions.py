"""Unknown words get a suggestion, wherever they are sent."""

from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client

SUGGESTED: list[tuple[str, str, Any, str]] = [
    ("PUT", "settings", {"changelly": {"flow_step": 1}}, "did you mean 'flow_step_ms'?"),
    ("PUT", "settings", {"changely": {}}, "did you mean 'changelly'?"),
    ("PUT", "default-scenario", {"changelly": "kyc_hold"}, "did you mean 'kyc-hold'?"),
    ("PUT", "default-scenario", {"chngelly": "happy"}, "did you mean 'changelly'?"),
    ("PUT", "scenarios/kowye/x", {}, "did you mean 'koywe'?"),
    ("POST", "faults", {"fault": "rest"}, "did you mean 'reset'?"),
    ("POST", "faults", {"fault": "reset", "tims": 1}, "did you mean 'times'?"),
    ("POST", "faults", {"fault": "reset", "provider": "baan"}, "did you mean 'baanx'?"),
    ("POST", "faults", {"fault": "reset", "provider": "baanx", "endpoint": "create-oder"}, "mean 'create-order'?"),
    ("POST", "faults", {"fault": "status", "provider": "changelly", "error": "limit"}, "did you mean 'limits'?"),
    ("POST", "faults", {"fault": "drop", "provider": "koywe", "event": "order.complete"}, "did you mean 'order.comp"),
    ("POST", "commands/baanx/expire-token", {}, "did you mean 'expire_tokens'?"),
    ("POST", "orders/{order}/events", {"event": "expir"}, "did you mean 'expire'?"),
    ("POST", "orders/{order}/events", {"to": "COMPLETE"}, "did you mean 'COMPLETED'?"),
    ("GET", "orders?provider=baanx&status=COMPLETE", None, "did you mean 'COMPLETED'?"),
    ("GET", "orders?provider=koyw", None, "did you mean 'koywe'?"),
    ("GET", "journal?kinds=request", None, "did you mean 'kind'?"),
]


@pytest.fixture
def order(emulator: Emulator) -> str:
    with Client(emulator) as client:
        return client.start()


@pytest.mark.parametrize(("method", "path", "body", "words"), SUGGESTED, ids=[path for _, path, *_ in SUGGESTED])
def test_a_misspelt_word_gets_a_suggestion(
    emulator: Emulator, order: str, method: str, path: str, body: Any, words: str
) -> None:
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/{path.format(order=order)}"
    answer = httpx.request(method, url, json=body)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["message"]


def test_a_misspelt_sandbox_gets_a_suggestion(emulator: Emulator) -> None:
    answer = httpx.get(f"{emulator.control_url}/sandboxes/defalt")
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown-sandbox")
    assert answer.json()["message"].endswith("; did you mean 'default'?")


def test_a_misspelt_scenario_in_a_header_gets_a_suggestion(emulator: Emulator) -> None:
    url = f"{emulator.baanx.url}/v1/order"
    with Client(emulator) as client:
        headers = {
            "X-Client-ID": client.client_id,
            "Authorization": f"Bearer {client.token}",
            "Content-Type": "application/json",
            "X-Emulator-Scenario": "hapy",
        }
    answer = httpx.post(url, json={}, headers=headers)
    assert answer.status_code == 400
    assert "baanx has no scenario 'hapy': did you mean 'happy'? use one of " in answer.json()["message"]


def test_a_word_unlike_any_other_gets_only_the_list(emulator: Emulator) -> None:
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/default-scenario"
    message = httpx.put(url, json={"baanx": "zzzzzzzz"}).json()["message"]
    assert "did you mean" not in message
    assert "use one of completed-on-third-poll, " in message
