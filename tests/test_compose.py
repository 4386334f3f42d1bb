"""The compose file, without a container engine: its settings for the emulators and the balancer match the emulator."""

import asyncio
import re
from pathlib import Path
from typing import Any

import yaml

from emulator.cli.serve import serve
from emulator.providers import NAMES
from emulator.stores import SharedStore
from emulator.stores.open import open_store
from emulator.web.application import DEFAULT_PORT

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_the_emulators_share_a_store_defined_in_the_file() -> None:
    service = COMPOSE["services"]["emulator"]
    assert service["deploy"]["replicas"] == 2
    assert {*service["environment"]} <= {flag.envvar for flag in serve.params}
    url = service["environment"]["EMULATOR_STORE"]
    assert url.partition("://")[2].partition(":")[0] in COMPOSE["services"]
    store = open_store(url)
    assert isinstance(store, SharedStore)
    asyncio.run(store.close())


def test_the_balancer_passes_every_port_on_to_the_same_one() -> None:
    text = COMPOSE["configs"]["balancer"]["content"]
    ports = range(DEFAULT_PORT, DEFAULT_PORT + 1 + len(NAMES))
    targets = dict(re.findall(r"upstream (\w+) { server emulator:(\d+); }", text))
    assert targets == dict(zip(("front", *NAMES), map(str, ports), strict=True))
    assert re.findall(r"listen (\d+); proxy_pass (\w+);", text) == [(port, name) for name, port in targets.items()]
    assert COMPOSE["services"]["balancer"]["ports"] == [f"127.0.0.1:{ports[0]}-{ports[-1]}:{ports[0]}-{ports[-1]}"]
