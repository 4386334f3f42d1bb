"""Writes what has happened in the emulator to the summary of a GitHub job: orders, and requests that were refused.

It reads the ready file that the action has written, and `EMULATOR_CONTROL_TOKEN` where the emulator asks for one.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

_REFUSED = 400


def main() -> None:
    """Fails where the emulator is not there any more."""
    ready = json.loads(Path(os.environ["RUNNER_TEMP"], "payment-provider-emulator.json").read_text("utf-8"))
    control = ready["control"]
    names = [sandbox["name"] for sandbox in ask(control, "sandboxes")["sandboxes"]]
    lines = [line for name in names for line in tell(control, name)]
    text = "\n".join(["## Payment provider emulator", "", *lines, ""])
    with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as file:
        file.write(text)
    print(text)


def ask(control: str, path: str) -> Any:
    """The answer of a call of the control API."""
    token = os.environ.get("EMULATOR_CONTROL_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urlopen(Request(f"{control}/{path}", headers=headers)) as answer:
        return json.load(answer)


def tell(control: str, sandbox: str) -> Iterator[str]:
    """What has happened in a sandbox, as Markdown; nothing if nothing has."""
    orders = ask(control, f"sandboxes/{sandbox}/orders")["orders"]
    requests = ask(control, f"sandboxes/{sandbox}/journal?kind=request")["entries"]
    refused = [each for each in requests if each["status"] is None or each["status"] >= _REFUSED]
    if not requests:
        return
    yield f"### Sandbox {sandbox}: {len(requests)} requests, {len(refused)} refused, {len(orders)} orders"
    yield from table(
        ("provider", "order", "status", "scenario"),
        ([each["provider"], each["id"], each["status"], each["scenario"]] for each in orders),
    )
    yield from table(
        ("provider", "refused request", "status", "why"),
        ([each["provider"], f"{each['method']} {each['path']}", each["status"], each["reason"]] for each in refused),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A table; nothing without rows."""
    written = [write_row(row) for row in rows]
    if written:
        yield from ("", write_row(head), write_row(["---"] * len(head)), *written)


def write_row(cells: Sequence[Any]) -> str:
    """A line of a table, in which nothing of a cell's text means anything to Markdown."""
    texts = ("" if cell is None else str(cell) for cell in cells)
    return "| " + " | ".join(text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ") for text in texts) + " |"


if __name__ == "__main__":
    main()
