"""The provider contract: routing, settings, requests, refusals."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from emulator.contract.card import Endpoint, Provider
from emulator.contract.reply import Refusal
from emulator.contract.request import Request
from emulator.contract.setting import Setting
from emulator.core.json_text import json_reply
from emulator.core.problems import setting_problem
from tests.core import toy


def routed(*calls: str, prefixes: tuple[str, ...] = ("",)) -> Provider:
    endpoints = []
    for call in calls:
        method, path = call.split()
        endpoints.append(Endpoint(call, method, path, lambda call: json_reply(200, None), "a test"))
    return replace(toy.provider, endpoints=tuple(endpoints), route_prefixes=prefixes)


def found(provider: Provider, method: str, path: str) -> tuple[str | None, dict[str, str]]:
    methods, parameters = provider.routes.find(path)
    endpoint = methods.get(method)
    return (endpoint.name if endpoint else None), dict(parameters)


CALLS = routed(
    "GET /o", "POST /o", "GET /o/{id}", "DELETE /o/{id}", "GET /o/new", "GET /o/{id}/x/{n}", "GET /o/new/x/{n}", "GET /"
)


@pytest.mark.parametrize(
    ("method", "path", "name", "parameters"),
    [
        ("GET", "/o", "GET /o", {}),
        ("POST", "/o", "POST /o", {}),
        ("GET", "/", "GET /", {}),
        ("GET", "/o/5", "GET /o/{id}", {"id": "5"}),
        ("DELETE", "/o/5", "DELETE /o/{id}", {"id": "5"}),
        ("GET", "/o/new", "GET /o/new", {}),
        ("GET", "/o/a%2Fb", "GET /o/{id}", {"id": "a/b"}),
        ("GET", "/o/%7Bid%7D", "GET /o/{id}", {"id": "{id}"}),
        ("GET", "/o/%FF", "GET /o/{id}", {"id": "\ufffd"}),
        ("GET", "/o/%zz", "GET /o/{id}", {"id": "%zz"}),
        ("GET", "/o/..", "GET /o/{id}", {"id": ".."}),
        ("GET", "/o/new/x/1", "GET /o/new/x/{n}", {"n": "1"}),
        ("GET", "/o/old/x/1", "GET /o/{id}/x/{n}", {"id": "old", "n": "1"}),
        ("DELETE", "/o/new", None, {}),
        ("PUT", "/o", None, {}),
        ("GET", "/o/", None, {}),
        ("GET", "//o", None, {}),
        ("GET", "/O", None, {}),
        ("GET", "/%6f", None, {}),
        ("GET", "/o/5/x", None, {}),
        ("GET", "/o/5/x/", None, {}),
        ("GET", "", None, {}),
        ("GET", "o", None, {}),
        ("GET", "*", None, {}),
    ],
)
def test_a_path_leads_to_its_endpoint(method: str, path: str, name: str | None, parameters: dict[str, str]) -> None:
    assert found(CALLS, method, path) == (name, parameters)


def test_a_wrong_method_is_told_from_an_unknown_path() -> None:
    assert list(CALLS.routes.find("/o")[0]) == ["GET", "POST", "HEAD"]
    assert CALLS.routes.find("/nothing") == ({}, {})


def test_each_path_exists_with_every_prefix() -> None:
    provider = routed("GET /o/{id}", "GET /p", prefixes=("", "/api"))
    assert [found(provider, "GET", path)[0] for path in ("/p", "/api/p", "/o/1", "/api/o/1", "/api/api/p")] == [
        "GET /p", "GET /p", "GET /o/{id}", "GET /o/{id}", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("calls", "message"),
    [
        (("GET /o/{id}", "PUT /o/{name}"), "must give their parameters the same names"),
        (("GET /o/{id}", "GET /o/{id}"), "appears twice"),
    ],
)
def test_endpoints_that_hide_each_other_are_refused(calls: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        routed(*calls).routes.find("/o/5")


@given(st.text(min_size=1))
def test_a_quoted_parameter_arrives_as_it_was(text: str) -> None:
    assert CALLS.routes.find(f"/o/{quote(text, safe='')}/x/1")[1]["id"] == text


@given(st.text())
def test_any_path_is_resolved_without_an_exception(path: str) -> None:
    methods, parameters = CALLS.routes.find(path)
    assert methods or not parameters


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("plain", None),
        ("bold", "use one of plain, fancy"),
        (1, "use one of plain, fancy"),
        (None, "use one of plain, fancy"),
    ],
)
def test_a_choice_setting_names_the_good_values(value: object, problem: str | None) -> None:
    assert setting_problem(toy.SETTINGS["style"], value) == problem


def test_any_other_setting_says_what_it_is_about() -> None:
    setting = Setting("n", 1, {"type": "integer", "minimum": 1}, "how many")
    assert setting_problem(setting, 5) is None
    assert "how many" in (setting_problem(setting, 0) or "")
    assert "not a whole number" in (setting_problem(setting, "5") or "")


def test_a_request_says_what_was_asked_for_and_where() -> None:
    request = Request("GET", "/toy/o/5?a=1", "/o/5", "a=1", {}, b"", origin="http://h:1", mount="/toy")
    assert request.base_url == "http://h:1/toy"


def test_details_of_a_refusal_may_have_any_name() -> None:
    details = {"error": 1, "reason": 2, "self": 3, "args": 4}
    assert Refusal("busy", "a test", **details).details == details


def test_only_errors_of_the_create_call_can_be_scripted() -> None:
    assert toy.provider.answers == {"bad_body", "limits"}
