"""Webhooks that differ from the emulator's are named, and nothing else is."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator.core import json_text
from emulator.files.recorded_traffic import read_recording
from emulator.providers import load_all
from emulator.testing import Emulator
from emulator.traffic.judge import Judge
from emulator.traffic.report import Report

Change = Callable[[dict[str, Any]], Any]


def webhooks_of(emulator: Emulator, provider: str) -> list[Any]:
    """The webhooks of an order whose whole life has passed."""
    receiver = f"{emulator.control_url.removesuffix('/_emulator')}/receiver/{emulator.name}"
    emulator.call("POST", "webhooks/subscribe", {"url": receiver})
    emulator.call("POST", "orders", {"provider": provider})
    emulator.call("POST", "clock/advance", {"by": "1h"})
    webhooks: list[Any] = emulator.webhooks()
    assert webhooks
    return webhooks


def report_of(webhooks: list[dict[str, Any]]) -> Report:
    """What is found in the list of webhooks."""
    judge, report = Judge(load_all()), Report()
    for recorded in read_recording(BytesIO(json_text.encode({"webhooks": webhooks}))):
        report.add(recorded.place, recorded.host, judge.judge(recorded))
    return report


def changed(webhook: dict[str, Any], change: Change) -> dict[str, Any]:
    """The webhook with another body in its first attempt; it no longer says which event it is of."""
    [attempt, *_] = webhook["attempts"]
    body = json.loads(attempt["body"])
    other = change(body)
    return {
        **webhook,
        "event": "",
        "attempts": [{**attempt, "body": json.dumps(other if isinstance(other, list) else body)}],
    }


@pytest.mark.parametrize("provider", ["basswallet", "changelly", "koywe"])
def test_the_webhooks_of_a_whole_life_show_no_drift(emulator: Emulator, provider: str) -> None:
    report = report_of(webhooks_of(emulator, provider))
    assert report.groups == {}
    assert report.matched >= 2


@pytest.mark.parametrize(
    ("provider", "change", "kind", "field"),
    [
        ("koywe", lambda body: body.update(livemode=True), "new-member", "/livemode"),
        ("koywe", lambda body: body["data"].pop("type"), "missing-member", "/data/type"),
        ("koywe", lambda body: body.update(type="order.blessed"), "unknown-event", "/type"),
        ("koywe", lambda body: body["data"].update(status="BLESSED"), "unknown-status", "/data/status"),
        ("koywe", lambda body: body["data"].update(amount_in="1"), "other-type", "/data/amount_in"),
        ("koywe", lambda body: [body], "other-type", "/"),
        ("changelly", lambda body: body.pop("orderId"), "missing-member", "/orderId"),
        ("changelly", lambda body: body.update(status="done"), "unknown-status", "/status"),
        ("changelly", lambda body: body.update(createdAt=1), "other-type", "/createdAt"),
    ],
)
def test_a_drifting_webhook_is_named(emulator: Emulator, provider: str, change: Change, kind: str, field: str) -> None:
    first = webhooks_of(emulator, provider)[0]
    report = report_of([changed(first, change)])
    assert [(group.drift.kind, group.drift.field) for group in report.groups.values()] == [(kind, field)]


def test_a_form_in_place_of_json_is_reported_as_another_content_type(emulator: Emulator) -> None:
    [first, *_] = webhooks_of(emulator, "changelly")
    attempt = first["attempts"][0]
    form = {**attempt, "headers": {**attempt["headers"], "Content-Type": "application/x-www-form-urlencoded"},
            "body": urlencode({"orderId": "x"})}  # fmt: skip
    report = report_of([{**first, "attempts": [form]}])
    assert [group.drift.kind for group in report.groups.values()] == ["other-content-type"]


def test_a_late_or_repeated_webhook_is_not_drift(emulator: Emulator) -> None:
    webhooks = webhooks_of(emulator, "koywe")
    assert report_of([*webhooks, *reversed(webhooks)]).groups == {}


def test_a_webhook_with_an_unreachable_status_is_drift(emulator: Emulator) -> None:
    *_, last = webhooks_of(emulator, "koywe")

    def expire(body: dict[str, Any]) -> None:
        body["type"], body["data"]["status"] = "order.expired", "EXPIRED"

    report = report_of([last, changed(last, expire)])
    assert [group.drift.line for group in report.groups.values()] == [
        "koywe order.expired webhook /data/status: illegal-transition: COMPLETED -> EXPIRED (assumed)"
    ]
