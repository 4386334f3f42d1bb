"""How much the control API takes: bytes of a body, and bytes, levels and references of a match."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from emulator.core import json_text
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.web.control.calls import CALLS
from tests.clients.baanx import Client
from tests.raw import RawAnswer, send

MIB = 1024 * 1024
BODIES = [call for call in CALLS if call.body is not None]
LIMITS = {call.path: 64 * MIB if call.path.endswith("/snapshot") else MIB for call in BODIES}


def path_of(path: str, emulator: Emulator) -> str:
    """A path of the table, in the test's sandbox."""
    name = "mine" if "scenarios" in path else "expire_tokens"
    return "/_emulator" + path.format(sandbox=emulator.name, provider="baanx", name=name, order="none")


def begin(server: BackgroundServer, method: str, path: str, length: str, body: bytes = b"") -> RawAnswer:
    """The answer to a request whose rest never arrives."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n"
    return send(server.server.addresses.front_port, head.encode() + body)


def test_only_a_snapshot_may_be_over_a_mebibyte() -> None:
    assert len(BODIES) > 10
    assert [path for path, limit in LIMITS.items() if limit > MIB] == ["/sandboxes/{sandbox}/snapshot"]
    assert {call.path: call.body_limit for call in BODIES} == LIMITS


@pytest.mark.parametrize("call", BODIES, ids=lambda call: f"{call.method} {call.path}")
def test_a_body_with_too_large_a_content_length_is_refused_before_it_arrives(
    emulator: Emulator, emulator_server: BackgroundServer, call: Any
) -> None:
    limit = LIMITS[call.path]
    for announced in (limit + 1, 10**15):
        answer = begin(emulator_server, call.method, path_of(call.path, emulator), f"Content-Length: {announced}")
        assert (answer.status, answer.error, answer.json()["limit"]) == (413, "too-large", limit)
        assert f"at most {limit} bytes" in answer.json()["message"]


def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(
    emulator: Emulator, emulator_server: BackgroundServer
) -> None:
    path = path_of("/sandboxes/{sandbox}/faults", emulator)
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = begin(emulator_server, "POST", path, "Transfer-Encoding: chunked", piece * 17)
    assert (answer.status, answer.error) == (413, "too-large")


@pytest.mark.parametrize(
    ("call", "document"),
    [
        ("POST faults", {"fault": "reset"}),
        ("PUT settings", {}),
    ],
)
def test_a_body_may_be_as_long_as_the_limit(
    emulator: Emulator, control: httpx.Client, call: str, document: dict[str, Any]
) -> None:
    method, _, path = call.partition(" ")
    url, text = f"/sandboxes/{emulator.name}/{path}", json_text.encode(document)
    assert control.request(method, url, content=text.ljust(MIB)).is_success
    assert control.request(method, url, content=text.ljust(MIB + 1)).json()["error"] == "too-large"


def test_a_snapshot_may_be_longer_than_other_bodies(emulator: Emulator, control: httpx.Client) -> None:
    url = f"/sandboxes/{emulator.name}/snapshot"
    snapshot = control.get(url).content
    assert control.put(url, content=snapshot.ljust(5 * MIB)).is_success
    assert control.put(url, content=snapshot.ljust(64 * MIB + 1)).status_code == 413


def test_the_connection_goes_on_after_a_body_that_was_too_long(emulator: Emulator, control: httpx.Client) -> None:
    for _ in range(3):
        assert control.post(f"/sandboxes/{emulator.name}/faults", content=b" " * (3 * MIB)).status_code == 413
        assert control.get("/health").json() == {"status": "ok"}


# -- depth


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"match":', b'{"tables":', b'{"settings":', b'{"with":'])
@pytest.mark.parametrize("levels", [150, 5_000, 200_000])
def test_json_of_any_depth_is_refused_without_a_failure(
    emulator: Emulator, control: httpx.Client, caplog: pytest.LogCaptureFixture, opening: bytes, levels: int
) -> None:
    closing = b"]" if opening == b"[" else b"}"
    bodies = (opening * levels + b"1" + closing * levels, opening * levels)
    for call in BODIES:
        for body in bodies:
            url = path_of(call.path, emulator).removeprefix("/_emulator")
            answer = control.request(call.method, url, content=body[: MIB - 1])
            assert 400 <= answer.status_code < 500, (call.path, answer.text)
            assert answer.json()["message"]
    assert caplog.text == ""


# -- matches


def nested(levels: int, of: str = "not") -> Any:
    """A schema with this many levels."""
    schema: Any = {"type": "string"}
    for _ in range(levels - 1):
        schema = {of: schema}
    return schema


def listed(levels: int) -> Any:
    """This many lists, one inside the other."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def doubling(references: int) -> Any:
    """A schema that leads to each of its parts twice, so that the last is reached by 2 ** (references / 2) ways."""
    parts = {f"p{place}": {"allOf": [{"$ref": f"#/$defs/p{place + 1}"}] * 2} for place in range(references // 2)}
    return {"$defs": {**parts, f"p{references // 2}": {"type": "string"}}, "$ref": "#/$defs/p0"}


SMALL = {
    "deep": {"body.a": nested(19)},
    "deep list": {"body.a": {"enum": listed(18)}},
    "long": {"body.a": "x" * (64 * 1024 - len('{"body.a":""}'))},
    "referring": {"body.a": doubling(30)},
}
EXCESSIVE = {
    "deep": ({"body.a": nested(20)}, "at most 20 levels deep"),
    "deeper": ({"body.a": nested(190)}, "at most 20 levels deep"),
    "deep list": ({"body.a": {"enum": listed(19)}}, "at most 20 levels deep"),
    "long": ({"body.a": "x" * (64 * 1024 - len('{"body.a":"') - 1)}, "at most 65536 bytes of JSON; this one has 65537"),
    "wide": ({f"body.a{place}": nested(10) for place in range(700)}, "at most 65536 bytes"),
    "referring": ({"body.a": doubling(200)}, "at most 32 times"),
}
TOO_LONG_A_SCENARIO = "longer than 65536 bytes"
"""A whole scenario may be no longer than a match, so that its match has to be shorter."""
SCENARIO = {"version": 1, "provider": "baanx", "about": "."}
CALLERS: dict[str, Callable[[Emulator, Any], Any]] = {
    "faults": lambda emulator, match: emulator.inject("reset", match=match),
    "count": lambda emulator, match: emulator.count(match),
    "wait": lambda emulator, match: emulator.wait_for_webhooks(0, match),
    "scenario": lambda emulator, match: emulator.scenario("baanx", "mine", {**SCENARIO, "match": match}),
    "faults of a scenario": lambda emulator, match: emulator.scenario(
        "baanx", "mine", {**SCENARIO, "faults": [{"fault": "reset", "match": match}]}
    ),
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("size", SMALL)
def test_a_match_may_be_as_large_as_the_limits(emulator: Emulator, caller: str, size: str) -> None:
    if size == "long" and "scenario" in caller:
        with pytest.raises(ControlRefused, match=TOO_LONG_A_SCENARIO):
            CALLERS[caller](emulator, SMALL[size])
    else:
        CALLERS[caller](emulator, SMALL[size])


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(("match", "words"), EXCESSIVE.values(), ids=list(EXCESSIVE))
def test_a_larger_match_is_refused_with_the_limit(emulator: Emulator, caller: str, match: Any, words: str) -> None:
    told = TOO_LONG_A_SCENARIO if "scenario" in caller and "65536" in words else words
    with pytest.raises(ControlRefused, match=told) as refused:
        CALLERS[caller](emulator, match)
    assert refused.value.error == ("broken-scenario" if "scenario" in caller else "bad-request")
    assert emulator.call("GET", "faults") == {"faults": []}


@pytest.mark.parametrize(("match", "words"), EXCESSIVE.values(), ids=list(EXCESSIVE))
def test_a_larger_match_in_a_snapshot_is_refused(emulator: Emulator, match: Any, words: str) -> None:
    emulator.inject("reset", match={"body.a": 1})
    snapshot = emulator.call("GET", "snapshot")
    for rule in snapshot["tables"]["faults"].values():
        rule["match"] = match
    with pytest.raises(ControlRefused, match=words):
        emulator.call("PUT", "snapshot", snapshot)


def test_a_rule_with_the_largest_match_is_checked_quickly(emulator: Emulator) -> None:
    for match in SMALL.values():
        emulator.inject("reset", match=match)
    with Client(emulator) as app:
        assert app.create().status_code == 200
