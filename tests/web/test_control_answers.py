"""Every answer of the control API has a schema, is checked against it, and the OpenAPI document says the same."""

import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from schemathesis import checks
from schemathesis.core.result import Ok

from emulator.testing import BackgroundServer, Emulator
from emulator.web.control.answers import NOTHING, members
from emulator.web.control.app import Control
from emulator.web.control.calls import CALLS
from emulator.web.control.context import Call, Context
from emulator.web.control.refusals import ERRORS
from emulator.web.control.shapes import SHAPES, TEXT
from tests.asgi import Asking
from tests.thorough import tries

EXAMPLES = tries(8)
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
)
ENDLESS = "/sandboxes/{sandbox}/events"
SLOW = "/sandboxes/{sandbox}/webhooks/wait"


def document_of(emulator: Emulator) -> Any:
    return httpx.get(f"{emulator.control_url}/openapi.json").json()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_every_call_names_only_known_errors(call: Call) -> None:
    assert set(call.errors) <= ERRORS.keys()


def test_every_shape_is_used_in_the_document(emulator: Emulator) -> None:
    text = json.dumps(document_of(emulator))
    assert [name for name in SHAPES if f'"#/components/schemas/{name}"' not in text] == []


def test_the_openapi_document_has_status_media_type_and_errors_of_every_answer(emulator: Emulator) -> None:
    paths = document_of(emulator)["paths"]
    shown = {
        f"{method.upper()} {path}": (status, *answer.get("content", {"nothing": None}))
        for path, operations in paths.items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status < "300"
    }
    assert shown.keys() == {f"{call.method} {call.path}" for call in CALLS}
    assert shown["POST /sandboxes"] == ("201", "application/json")
    assert shown["DELETE /sandboxes/{sandbox}"] == ("204", "nothing")
    assert shown["GET /docs"] == ("200", "text/html")
    assert shown["GET /metrics"] == ("200", "text/plain; version=1.0.0")
    assert shown[f"GET {ENDLESS}"] == ("200", "text/event-stream")
    answers = paths["/sandboxes/{sandbox}/orders/{order}/events"]["post"]["responses"]
    [conflict] = answers["409"]["content"].values()
    assert conflict["schema"] == {"$ref": "#/components/schemas/error-illegal-event"}
    assert "unknown-sandbox, unknown-order" in answers["404"]["description"]


def test_answers_that_are_not_json_have_their_media_types(emulator: Emulator) -> None:
    for path, media_type in (("docs", "text/html"), ("metrics", "text/plain"), (ENDLESS[1:], "text/event-stream")):
        with httpx.stream("GET", f"{emulator.control_url}/{path.format(sandbox=emulator.name)}") as answer:
            assert answer.headers["content-type"].startswith(media_type)


def said_by(emulator_server: BackgroundServer, call: Call) -> Any:
    control = Control(emulator_server.server.engine, calls=(call,))
    with Asking() as asking:
        answer = asking.ask(control, call.method, b"/_emulator/tried")
    return answer.json()["message"] if answer.body else answer.status


def tried(value: Any) -> Call:
    async def get_tried(context: Context, request: Any) -> Any:
        return value

    return Call("GET", "/tried", get_tried, members(name=TEXT))


def test_an_answer_that_violates_its_schema_fails_the_test(
    emulator_server: BackgroundServer, caplog: pytest.LogCaptureFixture
) -> None:
    broken = "the emulator failed: the answer of GET /tried breaks its own schema: "
    assert said_by(emulator_server, tried({"name": 1})).startswith(f"{broken}/name: ")
    assert said_by(emulator_server, tried({"name": "a", "more": 1})).startswith(broken)
    assert said_by(emulator_server, tried(None)).startswith(broken)
    assert said_by(emulator_server, replace(tried(None), answer=NOTHING)) == 204
    assert len(caplog.records) == 3


def test_an_error_that_the_call_does_not_declare_fails_the_test(
    emulator_server: BackgroundServer, caplog: pytest.LogCaptureFixture
) -> None:
    from emulator.web.control.refusals import ControlError

    async def get_tried(context: Context, request: Any) -> Any:
        raise ControlError("unknown-order", "there is none")

    call = Call("GET", "/tried", get_tried, answer=members(name=TEXT))
    assert "the error unknown-order, which is not among the errors of the call" in said_by(emulator_server, call)
    assert said_by(emulator_server, replace(call, errors=("unknown-order",))) == "there is none"


def test_schemathesis_finds_nothing_in_the_control_api() -> None:
    with BackgroundServer() as server, server.sandbox() as emulator:
        emulator.make_order("baanx")
        document = document_of(emulator)
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for each in operation["parameters"]:
                    if each["name"] == "sandbox":
                        each["schema"] = {"enum": [emulator.name]}
                    if each["name"] == "provider" and each["in"] == "path":
                        each["schema"] = {"enum": ["baanx", "changelly"]}
            if path in (ENDLESS, SLOW):
                operations.clear()
        del document["paths"]["/sandboxes/{sandbox}"]["delete"]
        asked = 0
        for found in schemathesis.openapi.from_dict(document).get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()

            @given(case=operation.as_strategy())
            @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
            def ask(case: Any) -> None:
                response = case.call(base_url=emulator.control_url, timeout=20)
                case.validate_response(response, checks=CHECKS)

            ask()
            asked += 1
    assert asked == len(CALLS) - 3
