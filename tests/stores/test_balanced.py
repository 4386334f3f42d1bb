"""What compose.yaml starts, as processes: a store, two emulators, and nginx before them, configured as in the file."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from emulator.providers import NAMES
from emulator.web.application import DEFAULT_PORT
from tests.command import Serving
from tests.proxies import free_ports, nginx_by
from tests.redis_server import RedisServer

ROOT = Path(__file__).parent.parent.parent
BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default", "X-Emulator-Scenario": "manual"}
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
DEFAULT_PORTS = range(DEFAULT_PORT, DEFAULT_PORT + 1 + len(NAMES))


class Balanced:
    """Two emulators behind one set of ports."""

    def __init__(self, folder: Path, redis: RedisServer, stack: ExitStack) -> None:
        self.emulators = [Serving(folder / name, "--port", "0", "--store", redis.url) for name in ("one", "other")]
        for each in self.emulators:
            stack.callback(_end, each)
        self.ready = [each.ready() for each in self.emulators]
        self.ports = dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True))
        stack.enter_context(nginx_by(self._configuration(), folder, [*self.ports.values()]))
        self.baanx = f"http://127.0.0.1:{self.ports[DEFAULT_PORT + 1]}"

    def _configuration(self) -> str:
        """The file's, with addresses in place of the container's name, as its resolver would give them."""
        compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
        text: str = compose["configs"]["balancer"]["content"]

        def servers(found: re.Match[str]) -> str:
            place = int(found[1]) - DEFAULT_PORT
            return " ".join(f"server 127.0.0.1:{_ports(ready)[place]};" for ready in self.ready)

        text = re.sub(r"server emulator:(\d+);", servers, text)
        return re.sub(r"listen (\d+);", lambda found: f"listen 127.0.0.1:{self.ports[int(found[1])]};", text)

    def answered(self) -> list[float]:
        """How many requests each emulator that lives has answered."""
        return [_requests(each["control"]) for each, process in zip(self.ready, self.emulators, strict=True)
                if process.process.poll() is None]  # fmt: skip


def _end(serving: Serving) -> None:
    if serving.process.poll() is None:
        serving.end()


def _ports(ready: dict[str, Any]) -> list[int]:
    """The front door's port, and each provider's."""
    front = httpx.URL(ready["control"]).port
    return [port for port in (front, *(httpx.URL(each).port for each in ready["urls"].values())) if port is not None]


def _requests(control: str) -> float:
    families = text_string_to_metric_families(httpx.get(f"{control}/metrics").text)
    return sum(each.value for family in families for each in family.samples if each.name == "emulator_requests_total")


@pytest.fixture
def balanced(tmp_path: Path, redis_server: RedisServer) -> Iterator[Balanced]:
    """All of it."""
    with ExitStack() as stack:
        yield Balanced(tmp_path, redis_server, stack)


def test_requests_go_round_and_every_port_leads_to_its_provider(balanced: Balanced) -> None:
    orders = []
    for _ in range(20):
        created = httpx.post(f"{balanced.baanx}/v1/order", json=ORDER, headers=BAANX)
        orders.append(created.json()["orderId"])
        shown = httpx.get(f"{balanced.baanx}/v1/order/{orders[-1]}", headers=BAANX)
        assert shown.status_code == 200, "what one has acknowledged, the other shows"
    assert min(balanced.answered()) >= 10 and sum(balanced.answered()) == 40
    control = f"http://127.0.0.1:{balanced.ports[DEFAULT_PORT]}/_emulator/sandboxes/default"
    assert [each["id"] for each in httpx.get(f"{control}/orders").json()["orders"]] == orders
    for port in balanced.ports.values():
        assert httpx.get(f"http://127.0.0.1:{port}/_emulator/health").status_code == 200


def test_when_an_emulator_dies_a_client_loses_one_connection(balanced: Balanced) -> None:
    orders, failures = [], 0
    with httpx.Client(timeout=30) as client:
        for turn in range(40):
            if turn == 10:  # the client's one connection leads to one of them: to that which dies
                busiest = max(range(2), key=lambda place: _requests(balanced.ready[place]["control"]))
                balanced.emulators[busiest].process.kill()
                balanced.emulators[busiest].process.communicate(timeout=20)
            try:
                created = client.post(f"{balanced.baanx}/v1/order", json=ORDER, headers=BAANX)
            except httpx.TransportError:
                failures += 1
                continue
            assert created.status_code == 200, created.text
            orders.append(created.json()["orderId"])
        assert failures <= 1 and len(orders) == 40 - failures
        for order in orders:
            assert client.get(f"{balanced.baanx}/v1/order/{order}", headers=BAANX).status_code == 200
