"""The document for Prometheus: what it counts, in a form that its own parser reads."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.clients import baanx, basswallet


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A sandbox of an emulator that nobody else uses."""
    with BackgroundServer(Options(port=0)) as server, server.sandbox() as sandbox:
        yield sandbox


class Samples:
    """The document as it is now."""

    def __init__(self, emulator: Emulator) -> None:
        answer = httpx.get(f"{emulator.control_url}/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        families = list(text_string_to_metric_families(answer.text))
        self._all = [sample for family in families for sample in family.samples]

    def get(self, name: str, **labels: str) -> float:
        """The sum of the samples with these labels, and perhaps others."""
        return sum(
            each.value
            for each in self._all
            if each.name == f"emulator_{name}" and labels.items() <= each.labels.items()
        )


def test_requests_are_counted_by_endpoint_and_outcome(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        client.create()
        client.create(productId="none")
        client.request("GET", "/nowhere")
    found = Samples(emulator)
    assert found.get("requests_total", provider="baanx", endpoint="create-order", outcome="ok") == 1
    assert found.get("requests_total", provider="baanx", endpoint="create-order") == 2
    assert found.get("requests_total", provider="baanx", endpoint="") == 1


def test_orders_are_counted_by_status_and_by_transition(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        orders = [client.order_id(client.create({"X-Emulator-Scenario": "manual"})) for _ in range(3)]
    emulator.fire(orders[0], "pay")
    found = Samples(emulator)
    assert found.get("orders", provider="baanx", status="STARTED") == 2
    assert found.get("orders", provider="baanx", status="COMPLETED") == 1
    assert found.get("transitions_total", provider="baanx", event="pay", status="COMPLETED") == 1


def test_webhooks_are_counted_with_their_attempts_and_the_age_of_the_oldest(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_url="http://127.0.0.1:9/hook")
    with basswallet.Client(emulator) as client:
        emulator.fire(client.start(), "expire")
    emulator.advance("1s")
    found = Samples(emulator)
    assert found.get("webhooks", provider="basswallet", state="pending") == 1
    assert found.get("webhook_attempts_total", provider="basswallet", event="expired", outcome="pending") == 1
    assert found.get("webhook_oldest_seconds") == 1
    emulator.advance("30d")
    found = Samples(emulator)
    assert found.get("webhooks", provider="basswallet", state="failed") == 1
    assert found.get("webhook_oldest_seconds") == 0


def test_the_metrics_include_sandboxes_timers_and_the_store(emulator: Emulator) -> None:
    found = Samples(emulator)
    assert found.get("sandboxes") == 2
    assert found.get("timers_due") == 0
    assert found.get("store", store="memory") == 1
