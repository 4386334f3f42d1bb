"""The control API answers any input with JSON that says what to do, and never with an internal error."""

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.origin import Origin
from emulator.engine.engine import Engine
from emulator.stores.memory import MemoryStore
from emulator.web.control.app import Control
from emulator.web.control.refusals import ERRORS
from emulator.web.library import load_library
from tests import nasty
from tests.asgi import Asking
from tests.thorough import tries

LIBRARY = load_library()[0]
WORDS = st.sampled_from(
    [
        "name", "seed", "clock", "mode", "rate", "now", "settings", "by", "to", "until", "event", "force", "match",
        "fault", "when", "times", "chance", "provider", "endpoint", "order", "baanx", "koywe", "use_pending", "version",
        "about", "timeline", "tables", "kind", "body.a", "count", "error", "status", "fixed", "uniform", "lognormal",
        "median", "with",
    ]
)  # fmt: skip
VALUES = nasty.VALUES | st.sampled_from(
    [
        "manual", "real", "1s", "idle", "baanx", "happy", "pay", "COMPLETED", "reset", "latency", "status", "late",
        "after", "2026-01-05", "9000-01-01T00:00:00Z", "36600d", "request", 1, 8999, 0.5,
    ]
)  # fmt: skip
JSON: st.SearchStrategy[Any] = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
BODIES = nasty.BODIES | st.dictionaries(WORDS, JSON, max_size=3).map(json_text.encode)


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with Asking() as asking:
        yield asking


@pytest.fixture(scope="module")
def control(asking: Asking) -> Control:
    """A control API in this process, with an order to do things to."""
    engine = Engine(LIBRARY, MemoryStore(), Origin("seed", "manual", "1", 1_767_614_400_000), self_check=True)
    asking.run(engine.open())
    control = Control(engine)
    control.ready = True
    return control


@pytest.fixture(scope="module")
def calls(asking: Asking, control: Control) -> list[tuple[str, str]]:
    """Every call of the API, as its own description has it."""
    described = asking.ask(control, "GET", b"/_emulator/openapi.json").json()["paths"]
    found = [(method.upper(), path) for path, methods in described.items() for method in methods if len(method) < 8]
    assert len(found) > 20
    return [(method, path) for method, path in found if not path.endswith("/wait")]


@settings(max_examples=tries(400), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_bytes_are_answered_with_json_that_says_what_to_do(
    asking: Asking,
    control: Control,
    calls: list[tuple[str, str]],
    caplog: pytest.LogCaptureFixture,
    data: st.DataObject,
) -> None:
    method, path = data.draw(st.sampled_from(calls))
    parts = path.removeprefix("/_emulator").split("/")
    for place, part in enumerate(parts):
        if part.startswith("{"):
            good = st.sampled_from({"{sandbox}": ["default"], "{provider}": ["baanx"]}.get(part, ["happy", "none"]))
            odd = nasty.TEXTS.map(lambda text: quote(text, safe=""))
            parts[place] = data.draw(good if data.draw(st.integers(0, 4)) else odd)
    known = st.sampled_from([b"", b"", b"?limit=5&after=1&kind=request", b"?limit=1e9", b"?status=PENDING&limit=1"])
    query = data.draw(known if data.draw(st.integers(0, 4)) else nasty.QUERIES)
    target = ("/_emulator" + "/".join(parts)).encode() + (
        query if query.startswith(b"?") or not query else b"?" + query
    )
    answer = asking.ask(control, method, target, (), [data.draw(BODIES)])
    assert 200 <= answer.status < 500, answer
    if answer.status >= 400:
        said = answer.json()
        assert ERRORS[said["error"]] == answer.status
        assert said["message"]
        assert len(answer.body) < 100_000
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_after_hostile_requests_the_emulator_still_works(asking: Asking, control: Control) -> None:
    assert asking.ask(control, "GET", b"/_emulator/health").json() == {"status": "ok"}
    asking.ask(control, "POST", b"/_emulator/sandboxes/default/reset")
    for path in ("orders", "journal", "settings", "scenarios", "snapshot", "clock", "faults", "webhooks"):
        assert asking.ask(control, "GET", f"/_emulator/sandboxes/default/{path}".encode()).status == 200
