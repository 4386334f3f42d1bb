"""What was done by hand, in a form to copy: as curl, as a line of a test, as a program."""

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct


class Taken(Struct, frozen=True):
    """A text to copy."""

    name: str
    text: str


def write_event(control: str, order_id: str, event: str, arguments: Mapping[str, Any]) -> tuple[Taken, ...]:
    """Making an event happen to an order: as a call of the control API, and in a test."""
    body = {"event": event, **arguments}
    given = "".join(f", {name}={value!r}" for name, value in arguments.items())
    return (
        Taken("curl", _post(f"{control}/orders/{order_id}/events", body)),
        Taken("test", f'emulator.fire("{order_id}", "{event}"{given})'),
    )


def write_order(control: str, order_id: str) -> tuple[Taken, ...]:
    """Reading an order."""
    return (
        Taken("curl", _get(f"{control}/orders/{order_id}")),
        Taken("test", f'assert emulator.order("{order_id}")["status"] == "..."'),
    )


def write_replay(control: str, webhook: str) -> tuple[Taken, ...]:
    """Sending a webhook again."""
    return (
        Taken("curl", _post(f"{control}/webhooks/{webhook}/replay")),
        Taken("test", f'emulator.replay("{webhook}")'),
    )


def write_held(control: str, webhook: str, state: str) -> tuple[Taken, ...]:
    """Holding back a webhook that is waiting to be sent or tried again, or releasing it; nothing for any other."""
    word = {"pending": "hold", "held": "release"}.get(state)
    if word is None:
        return ()
    return (
        Taken(f"curl, {word}", _post(f"{control}/webhooks/{webhook}/{word}")),
        Taken(f"test, {word}", f'emulator.{word}_webhook("{webhook}")'),
    )


def write_advance(control: str) -> tuple[Taken, ...]:
    """Moving the clock."""
    return (
        Taken("curl, by a time", _post(f"{control}/clock/advance", {"by": "1h"})),
        Taken("curl, until idle", _post(f"{control}/clock/advance", {"until": "idle"})),
        Taken("test", 'emulator.advance("1h")\nemulator.advance(until="idle")'),
    )


def write_subscription(control: str, url: str) -> tuple[Taken, ...]:
    """Sending all webhooks to a URL."""
    return (
        Taken("curl", _post(f"{control}/webhooks/subscribe", {"url": url})),
        Taken("curl, what came", _get(f"{control}/receiver")),
        Taken("test", "emulator.received()"),
    )


def write_diagnosis(control: str, number: int) -> tuple[Taken, ...]:
    """Asking why a request was refused, and sending it again, corrected."""
    url = f"{control}/journal/{number}"
    return (
        Taken("curl, why", _get(f"{url}/diagnosis")),
        Taken("curl, again", _post(f"{url}/resend")),
        Taken("command", f"emulator explain {number}"),
        Taken("test", f'assert emulator.call("GET", "journal/{number}/diagnosis")["found"]'),
    )


def write_journal(control: str, selection: Mapping[str, str]) -> tuple[Taken, ...]:
    """Reading the entries of the journal that match, the newest first."""
    others = {name: value for name, value in selection.items() if name != "order"}
    orders = [selection["order"], "desc"] if "order" in selection else ["desc"]
    query = [*others.items(), *(("order", each) for each in orders)]
    given = "".join(f"{name}={value!r}, " for name, value in others.items())
    order = repr(orders if len(orders) > 1 else orders[0])
    return (
        Taken("curl", _get(f"{control}/journal?{urlencode(query)}")),
        Taken("test", f"emulator.journal({given}order={order})"),
    )


def write_request(method: str, url: str, headers: Mapping[str, str], body: str) -> tuple[Taken, ...]:
    """A request for curl, Python and Node."""
    python = (
        f"import httpx\n\nanswer = httpx.request(\n    {method!r},\n    {url!r},\n"
        f"    headers={_indented(dict(headers))},\n    content={body!r},\n)\nprint(answer.status_code, answer.text)"
    )
    node = (
        f"const answer = await fetch({json.dumps(url)}, {{\n  method: {json.dumps(method)},\n"
        f"  headers: {_indented(dict(headers), 2)},\n  body: {json.dumps(body)},\n}});\n"
        "console.log(answer.status, await answer.text());"
    )
    return Taken("curl", _curl(method, url, headers, body)), Taken("Python", python), Taken("Node", node)


def write_put(url: str, body: Any) -> Taken:
    """A call of the control API that replaces something."""
    return Taken("curl", _curl("PUT", url, {}, _json(body)))


def write_call(url: str, body: Any) -> Taken:
    """A call of the control API that has a JSON body."""
    return Taken("control API", _post(url, body))


def _get(url: str) -> str:
    return f"curl {shlex.quote(url)}"


def _post(url: str, body: Any = None) -> str:
    return f"curl -X POST {shlex.quote(url)}" if body is None else _curl("POST", url, {}, _json(body))


def _json(body: Any) -> str:
    return json.dumps(body, default=str)


def _curl(method: str, url: str, headers: Mapping[str, str], body: str) -> str:
    sent = dict(headers) or {"Content-Type": "application/json"}
    lines = [f"curl -X {method} {shlex.quote(url)}", *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in
             sent.items()), *([f"--data-binary {shlex.quote(body)}"] if body else [])]  # fmt: skip
    return " \\\n  ".join(lines)


def _indented(value: Mapping[str, str], indent: int = 4) -> str:
    return json.dumps(value, indent=indent).replace("\n", "\n" + " " * indent)
