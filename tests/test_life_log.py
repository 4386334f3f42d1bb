"""What `serve` and `tail` print about what happens: a line for each request, transition and webhook."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from emulator.testing import Emulator
from emulator.views.lines import line_of
from tests.clients import baanx, basswallet
from tests.command import Serving, environment

BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default", "X-Emulator-Scenario": "manual"}
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


def logged(folder: Path, *arguments: str) -> tuple[str, list[str]]:
    """Id of an order that is made, paid and refused once more, and the lines that are written of it."""
    serving = Serving(folder / "ready", "--port", "0", *arguments)
    ready = serving.ready()
    order = httpx.post(f"{ready['urls']['baanx']}/v1/order", json=ORDER, headers=BAANX).json()["orderId"]
    httpx.post(f"{ready['control']}/sandboxes/default/orders/{order}/events", json={"event": "pay"})
    httpx.post(f"{ready['urls']['baanx']}/v1/order", json={**ORDER, "productId": "none"}, headers=BAANX)
    code, _, errors = serving.end()
    assert code == 0
    return order, errors.splitlines()


def test_serve_logs_a_line_for_everything_with_the_true_reason(tmp_path: Path) -> None:
    order, lines = logged(tmp_path)
    short = f"{order[:10]}.."
    made, paid, refused = lines
    assert re.fullmatch(rf"\d\d:\d\d:\d\d baanx POST /v1/order 200 {re.escape(short)}", made)
    assert re.fullmatch(rf"\d\d:\d\d:\d\d baanx {re.escape(short)} STARTED -> COMPLETED \(pay\)", paid)
    assert re.match(r"\d\d:\d\d:\d\d baanx POST /v1/order 422: .*none", refused)


def test_as_json_each_log_line_is_a_document(tmp_path: Path) -> None:
    order, lines = logged(tmp_path, "--log-format", "json")
    made, paid, refused = map(json.loads, lines)
    assert (made["level"], made["sandbox"], made["kind"], made["order"]) == ("info", "default", "request", order)
    assert (paid["source"], paid["status"], paid["event"]) == ("STARTED", "COMPLETED", "pay")
    assert "none" in refused["reason"]


def test_above_the_level_info_none_of_it_is_logged(tmp_path: Path) -> None:
    assert logged(tmp_path, "--log-level", "warning")[1] == []


def test_the_line_of_a_webhook_says_what_became_of_it(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_url="http://127.0.0.1:9/hook")
    with basswallet.Client(emulator) as client:
        emulator.fire(client.start(), "expire")
    emulator.advance("1s")
    [entry] = emulator.journal(kind="delivery")
    assert re.match(r"12:00:0\d basswallet \w+\.\. webhook expired pending \(.*ConnectError", line_of(entry))


@pytest.mark.parametrize(
    ("changes", "color"),
    [({}, ""), ({"status": 422}, "31"), ({"status": None, "sent": False}, "31")],
)
def test_colour_marks_what_went_wrong(changes: dict[str, object], color: str) -> None:
    entry = {
        "at": "2026-01-05T12:00:00.000Z", "kind": "request", "provider": "baanx", "order": None, "method": "GET",
        "path": "/", "status": 200, "sent": True, "reason": None, **changes,
    }  # fmt: skip
    shown = line_of(entry, color=True)
    assert shown.startswith(f"\x1b[{color}m" if color else "12:00:00 baanx GET / 200")
    assert "\x1b" not in line_of(entry)


@contextmanager
def tailing(emulator: Emulator, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """`emulator tail` as a process, listening."""
    where = environment({"EMULATOR_URL": emulator.control_url, "EMULATOR_SANDBOX": emulator.name})
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "tail", *arguments],
        env=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


def first_line(process: "subprocess.Popen[str]", emulator: Emulator) -> str:
    """The first line that it prints. Requests come until it listens."""
    assert process.stdout is not None
    with baanx.Client(emulator) as client:
        import selectors

        waiting = selectors.DefaultSelector()
        waiting.register(process.stdout, selectors.EVENT_READ)
        for _ in range(200):
            client.create(productId="none")
            if waiting.select(0.05):
                return process.stdout.readline()
    raise AssertionError("nothing was printed")


def test_tail_shows_what_happens_until_ctrl_c(emulator: Emulator) -> None:
    with tailing(emulator) as process:
        assert re.match(r"12:00:00 baanx POST /v1/order 422: ", first_line(process, emulator))
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_tail_can_print_json(emulator: Emulator) -> None:
    with tailing(emulator, "--json", "--kind", "request") as process:
        assert json.loads(first_line(process, emulator))["endpoint"] == "create-order"


def test_tail_ends_with_the_sandbox_and_says_so(emulator: Emulator) -> None:
    with tailing(emulator) as process:
        first_line(process, emulator)
        emulator.call("DELETE", "")
        assert process.wait(20) == 4
        assert process.stderr is not None
        assert "has stopped, or the sandbox is gone" in process.stderr.read()
