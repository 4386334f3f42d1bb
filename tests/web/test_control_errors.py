"""Every way in which the control API refuses, as data: what is sent, and what comes back."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from emulator.core import json_text
from emulator.testing import BackgroundServer, Emulator
from emulator.web.control.answers import members
from emulator.web.control.app import Control
from emulator.web.control.calls import CALLS
from emulator.web.control.context import Call, Context
from emulator.web.control.refusals import ERRORS
from emulator.web.control.shapes import WHOLE
from tests.asgi import Asking, Headers
from tests.clients.baanx import Client
from tests.web.refusals import REFUSED


@pytest.fixture
def fill(emulator: Emulator, baanx: Client) -> Callable[[str], str]:
    order = baanx.start()
    return lambda path: path.format(sandbox=emulator.name, order=order)


@pytest.mark.parametrize(
    ("method", "path", "body", "error", "words"),
    REFUSED,
    ids=lambda value: repr(value)[:40] if not isinstance(value, str) else value[:60],
)
def test_a_refusal_names_the_error_and_says_what_to_do(
    control: httpx.Client, fill: Callable[[str], str], method: str, path: str, body: Any, error: str, words: str
) -> None:
    content = None if body is None else body if isinstance(body, bytes) else json_text.encode(body)
    if content is not None:
        content = content.replace(b"{sandbox}", fill("{sandbox}").encode())
    answer = control.request(method, f"/{fill(path)}" if path else "", content=content)
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert (said["error"], answer.status_code) == (error, ERRORS[error])
    assert words in said["message"]
    assert len(said["message"]) < 2000
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_probe_may_have_any_query(control: httpx.Client, path: str) -> None:
    assert control.get(f"{path}?t=1767614400").status_code == 200


def test_unreadable_yaml_is_refused_with_its_line(emulator: Emulator, control: httpx.Client) -> None:
    answer = control.put(f"/sandboxes/{emulator.name}/scenarios/baanx/x", content="version: 1\nabout: [}\n")
    assert [(problem["path"], problem["line"]) for problem in answer.json()["problems"]] == [([], 2)]


def test_a_test_reaches_every_named_error() -> None:
    elsewhere = {
        "unauthorized", "foreign-origin", "unknown-host", "not-ready", "internal", "advance-under-way",
        "too-many-sandboxes", "too-many-scenarios", "too-many-faults", "too-many-streams", "order-refused",
        "not-signable", "store-unavailable",
    }  # fmt: skip
    assert {error for *_, error, _ in REFUSED} | elsewhere == set(ERRORS)


def test_a_refused_method_is_answered_with_the_allowed_ones(control: httpx.Client) -> None:
    answer = control.patch("/sandboxes")
    assert answer.headers["allow"] == "POST, GET"
    assert answer.json()["allowed"] == ["POST", "GET"]


def test_an_illegal_event_is_refused_with_the_legal_ones(
    emulator: Emulator, baanx: Client, control: httpx.Client
) -> None:
    order = baanx.start()
    emulator.fire(order, "fail")
    answer = control.post(f"/sandboxes/{emulator.name}/orders/{order}/events", json={"event": "pay"})
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "illegal-event",
        "message": "pay cannot happen to an order that is FAILED; possible now: none",
        "legal": [],
    }


def test_problems_in_a_scenario_have_path_and_line(emulator: Emulator, control: httpx.Client) -> None:
    text = (
        "version: 1\nprovider: baanx\nabout: .\ntimeline:\n  - {after: soon, to: FAILED}\n  - {after: 1s, to: PAID}\n"
    )
    answer = control.put(f"/sandboxes/{emulator.name}/scenarios/baanx/x", content=text)
    assert answer.status_code == 422
    assert [(problem["path"], problem["line"]) for problem in answer.json()["problems"]] == [
        (["timeline", 0, "after"], 5),
        (["timeline", 1, "to"], 6),
    ]


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/version", "/providers", "/sandboxes", "/docs", "/openapi.json"]
)
def test_every_get_call_also_answers_head(control: httpx.Client, path: str) -> None:
    answer = control.head(path)
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] != "0"


def ask(app: Any, path: str, method: str = "GET", headers: Headers = ()) -> tuple[int, Any]:
    """Status and JSON of the answer of an application without a server around it."""
    with Asking() as asking:
        answer = asking.ask(app, method, path.encode(), headers)
    return answer.status, answer.json()


def test_the_emulator_is_not_ready_before_it_serves_or_while_it_stops(emulator_server: BackgroundServer) -> None:
    control = Control(emulator_server.server.engine)
    assert ask(control, "/_emulator/ready") == (
        503, {"error": "not-ready", "message": "the emulator is starting or stopping"},
    )  # fmt: skip
    assert ask(control, "/_emulator/health") == (200, {"status": "ok"})
    control.ready = True
    assert ask(control, "/_emulator/ready") == (200, {"status": "ready"})


def test_a_fixed_word_in_a_path_is_never_taken_for_a_parameter(
    emulator_server: BackgroundServer,
) -> None:
    async def count(context: Context, request: Request) -> Any:
        return {"count": 7}

    later = Call("GET", "/sandboxes/{sandbox}/orders/count", count, answer=members(count=WHOLE))
    control = Control(emulator_server.server.engine, calls=(*CALLS, later))
    control.ready = True
    assert ask(control, "/_emulator/sandboxes/default/orders/count") == (200, {"count": 7})


def test_an_unexpected_exception_is_answered_as_json(
    emulator_server: BackgroundServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        records = SimpleNamespace(self_check=True)

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("as asked for")

    status, said = ask(Control(Broken()), "/_emulator/sandboxes")  # type: ignore[arg-type]
    assert (status, said["error"]) == (500, "internal")
    assert "as asked for" in said["message"]
    assert "GET /_emulator/sandboxes failed" in caplog.text


def test_requests_given_up_during_shutdown_are_refused(emulator_server: BackgroundServer) -> None:
    class Stopping:
        records = SimpleNamespace(self_check=True)

        def __getattr__(self, name: str) -> Any:
            raise asyncio.CancelledError

    status, said = ask(Control(Stopping()), "/_emulator/sandboxes")  # type: ignore[arg-type]
    assert (status, said["error"]) == (503, "not-ready")


OPEN = ("/_emulator/health", "/_emulator/ready")
GUARDED = (
    "/_emulator",
    "/_emulator/version",
    "/_emulator/sandboxes/ready",
    "/_emulator/sandboxes/default/orders/health",
    "/_emulator/sandboxes/default/scenarios/baanx/ready",
    "/_emulator//health",
    "/_emulator/nothing",
)


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "sent",
    [
        (),
        ((b"authorization", b"Bearer wrong"),),
        ((b"authorization", b"s3cret"),),
        ((b"authorization", b"Bearer \xff"),),
    ],
)
def test_with_a_control_token_every_call_needs_it(
    emulator_server: BackgroundServer, path: str, sent: tuple[tuple[bytes, bytes], ...]
) -> None:
    control = Control(emulator_server.server.engine, token="s3cret")
    for method in ("GET", "PUT", "DELETE"):
        status, said = ask(control, path, method, sent)
        assert (status, said["error"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", OPEN)
def test_probes_need_no_token(emulator_server: BackgroundServer, path: str) -> None:
    control = Control(emulator_server.server.engine, token="s3cret")
    control.ready = True
    assert ask(control, path)[0] == 200


def test_the_token_gives_access_to_everything(emulator_server: BackgroundServer) -> None:
    control = Control(emulator_server.server.engine, token="s3cret")
    assert ask(control, "/_emulator/version", headers=((b"authorization", b"Bearer s3cret"),))[0] == 200
