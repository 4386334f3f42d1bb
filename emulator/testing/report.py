"""What a failed test shows of its sandboxes: the last requests with their true reasons, the orders, the webhooks."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emulator.core import json_text
from emulator.testing.calls import Call
from emulator.testing.sandbox import Sandbox, read_answer

_UNFIT = re.compile(r"[^A-Za-z0-9_.]+")
_LONGEST_NAME = 150
"""Letters of the name of a file."""
_SHOWN = 10
"""At most this many of each, the last ones."""
_ELSEWHERE = "those whose key is no sandbox's are in the journal of 'default'"


def sections(arguments: Iterable[object]) -> list[tuple[str, str]]:
    """Title and text for each sandbox among the arguments of a test. Raises nothing: the test's failure comes first."""
    found = {argument.name: argument for argument in arguments if isinstance(argument, Sandbox)}
    return [(f"Emulator: sandbox {each.name}", _text(each)) for each in found.values()]


def leave_reproductions(arguments: Iterable[object], folder: str, test: str) -> list[tuple[str, str]]:
    """Writes what was done in each sandbox among the arguments of a test into the folder; title and text that say so.
    Raises nothing."""
    found = {argument.name: argument for argument in arguments if isinstance(argument, Sandbox)}
    told = []
    for name, each in found.items():
        path = Path(folder) / f"{_UNFIT.sub('-', f'{test}-{name}')[-_LONGEST_NAME:].strip('-.')}.json"
        try:
            document = _get(each, "reproduction")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(json_text.encode(document) + b"\n")
        except Exception as error:
            told.append((f"Emulator: no reproduction of {name}", str(error)))
            continue
        whole = f"emulator reproduce {path}" if document["complete"] else f"{path} is incomplete: {document['why_not']}"
        told.append((f"Emulator: reproduction of {name}", whole))
    return told


def _text(emulator: Sandbox) -> str:
    try:
        journal = _get(emulator, "journal", kind="request", limit=10_000)["entries"]
        orders = _get(emulator, "orders", limit=10_000)["orders"]
        webhooks = _get(emulator, "webhooks")["webhooks"]
    except Exception as error:
        return f"It cannot be asked: {error}"
    parts = (
        ("requests", map(_request, journal[-_SHOWN:]), len(journal)),
        ("orders", map(_order, orders[-_SHOWN:]), len(orders)),
        ("webhooks", map(_webhook, webhooks[-_SHOWN:]), len(webhooks)),
    )
    lines = [line for name, shown, count in parts for line in (_heading(name, count), *shown)]
    return "\n".join(lines if journal else [f"{lines[0]}; {_ELSEWHERE}", *lines[1:]])


def _get(emulator: Sandbox, path: str, **query: Any) -> Any:
    return read_answer(emulator._ask(Call("GET", path, query=query)))


def _heading(name: str, count: int) -> str:
    if not count:
        return f"{name}: none"
    return f"{name}:" if count <= _SHOWN else f"{name}, the last {_SHOWN} of {count}:"


def _request(entry: Mapping[str, Any]) -> str:
    line = f"  {entry['at']} {entry['provider']} {entry['method']} {entry['path']} -> {entry['status']}"
    if entry["error"]:
        line += f" {entry['error']}"
    return f"{line}: {entry['reason']}" if entry["reason"] else line


def _order(order: Mapping[str, Any]) -> str:
    line = f"  {order['provider']} {order['id']} {order['status']}"
    line += f", scenario {order['scenario']}" if order["scenario"] else ""
    return f"{line}, next {json_text.encode(order['next']).decode()}" if order["next"] else line


def _webhook(webhook: Mapping[str, Any]) -> str:
    line = f"  {webhook['provider']} {webhook['event']} to {webhook['url']} {webhook['state']}"
    line += f", fault {webhook['fault']}" if webhook.get("fault") else ""
    return "\n".join([line, *map(_attempt, webhook["attempts"][-3:])])


def _attempt(attempt: Mapping[str, Any]) -> str:
    answered = " ".join(str(attempt[name]) for name in ("status", "error", "answer") if attempt.get(name))
    return f"    {attempt['at']} -> {' '.join(answered.split())}"
