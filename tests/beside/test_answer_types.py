"""The calls answer what their types say: each is made, and its real answer checked against its type."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import httpx

from emulator.core import json_text
from emulator.testing import Emulator
from emulator.testing.types import answers
from scripts.generate_types import answer_names

TYPES = answer_names()
"""The name of the type of what each call answers in JSON."""
OPEN = (answers.HappenedItem, answers.StoryItem, answers.JournalEntry)
"""Providers have their own kinds of events, with any members."""


def problem(value: Any, kind: Any, where: str = "") -> str:
    """Why a value is not of a type; empty if it is."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any or (kind is type(None) and value is None):
        return ""
    if origin in (Union, UnionType):
        return min((problem(value, each, where) for each in parts), key=bool)
    if origin is Literal:
        return "" if value in parts else f"{where}: {value!r} is none of {parts}"
    if is_typeddict(kind):
        return _problem_of_members(value, kind, where)
    if origin is list and isinstance(value, list):
        found = (problem(each, parts[0], f"{where}/{place}") for place, each in enumerate(value))
    elif origin is dict and isinstance(value, dict):
        found = (problem(each, parts[1], f"{where}/{name}") for name, each in value.items())
    else:
        is_one = origin is None and isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)
        return "" if is_one else f"{where}: {value!r} is no {kind}"
    return next(filter(None, found), "")


def _problem_of_members(value: Any, kind: Any, where: str) -> str:
    if not isinstance(value, dict):
        return f"{where}: {value!r} is no {kind.__name__}"
    hints = get_type_hints(kind)
    missing, more = kind.__required_keys__ - value.keys(), value.keys() - hints.keys()
    if missing or (more and kind not in OPEN):
        return f"{where}: of {kind.__name__} {missing} are missing, {more} are too much"
    known = hints.keys() & value.keys()
    found = (problem(value[each], hints[each], f"{where}/{each}") for each in known)
    return next(filter(None, found), "")


LAST = ("PUT /sandboxes/{sandbox}/snapshot", "POST /sandboxes/{sandbox}/reset")
TRIED: dict[str, Any] = {
    "PUT /sandboxes/{sandbox}/clock": {"mode": "manual", "now": "2026-01-05T12:04:00Z"},
    "POST /sandboxes/{sandbox}/clock/advance": {"by": "10s"},
    "POST /sandboxes/{sandbox}/orders": {"provider": "koywe"},
    "POST /sandboxes/{sandbox}/orders/{order}/events": {"event": "pay"},
    "POST /sandboxes/{sandbox}/commands/{provider}/{name}": {"tokenName": "USDT", "free": "5"},
    "POST /sandboxes/{sandbox}/journal/count": {"match": {"kind": "request"}},
    "POST /sandboxes/{sandbox}/faults": {"fault": "latency", "lognormal": {"median": "1ms", "sigma": 0.5}},
    "POST /sandboxes/{sandbox}/webhooks/wait": {"count": 1},
    "POST /sandboxes/{sandbox}/webhooks/send": {"provider": "basswallet", "body": "id=1"},
    "POST /sandboxes/{sandbox}/receiver/verify": {"url": "http://a.test/x", "headers": {}, "body_base64": ""},
    "PUT /sandboxes/{sandbox}/settings": {"koywe": {"token_ttl_s": 60}},
    "PUT /sandboxes/{sandbox}/default-scenario": {"baanx": "manual"},
}
"""Bodies of the calls that need one."""


def prepared(emulator: Emulator) -> dict[str, str]:
    """A sandbox in which each call finds something, and the parameters of the calls' paths."""
    emulator.set("basswallet", webhook_url=emulator.call("GET", "receiver")["url"])
    order = emulator.make_order("basswallet", scenario="manual")["id"]
    emulator.make_order("basswallet")
    emulator.advance("2m")
    emulator.set("basswallet", webhook_url="http://127.0.0.1:9/hook")  # where nobody is, so that one waits for a try
    emulator.make_order("basswallet")
    emulator.advance("1m")
    emulator.inject("reset", provider="baanx", times=1)
    with emulator.client("basswallet") as client:
        client.get("/v1/account/balance", headers={"Signature": "wrong"})
    return {
        "sandbox": emulator.name, "order": order, "document": "koywe", "provider": "basswallet",
        "number": str(emulator.journal(kind="request")[-1]["number"]), "webhook": emulator.webhooks()[-1]["id"],
    }  # fmt: skip


def test_a_real_answer_of_each_call_has_its_type(emulator: Emulator) -> None:
    parameters = prepared(emulator)
    bodies: dict[str, Any] = {
        **TRIED,
        "POST /sandboxes": {"name": f"{emulator.name}-more"},
        "PUT /sandboxes/{sandbox}/scenarios/{provider}/{name}": {
            "version": 1, "provider": "basswallet", "about": "It waits.", "timeline": [{"on": "pay"}],
        },
        "PUT /sandboxes/{sandbox}/snapshot": emulator.call("GET", "snapshot"),
    }  # fmt: skip
    with httpx.Client(base_url=emulator.control_url, timeout=20) as client:
        for call in sorted(TYPES, key=lambda each: (each in LAST, each.startswith("GET"))):
            method, path = call.split()
            content = json_text.encode(bodies.get(call, {}))
            name = "set_balance" if "commands" in path else "slow"
            url = path.format(name=name, **parameters)
            answer = client.request(method, url, content=content if method != "GET" else None)
            assert answer.is_success, (call, answer.text)
            assert problem(json_text.decode(answer.content), getattr(answers, TYPES[call])) == "", call
        client.delete(f"/sandboxes/{emulator.name}-more")
    assert len(TYPES) > 30


def test_an_answer_of_another_type_is_detected() -> None:
    clock = {"mode": "manual", "rate": 1, "now": "2026-01-05T12:00:00.000Z", "now_ms": 5}
    assert problem(clock, answers.Clock) == ""
    for change in ({"mode": "slow"}, {"now_ms": "5"}, {"now_ms": True}, {"more": 1}, {"rate": None}):
        assert problem(clock | change, answers.Clock) != "", change
    assert problem({}, answers.Clock) != ""
