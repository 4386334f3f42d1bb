"""Tables for the terminal. Plain text; bold and colour only where the caller says that they are wanted."""

from collections.abc import Iterable, Sequence
from typing import Any


def start_table(document: dict[str, Any], *, color: bool) -> str:
    """Base URLs and test credentials of the default sandbox, provider after provider, and where the long ones are."""
    rows: list[tuple[str, str, str]] = [("control", document["control"], "")]
    for name, url in document["urls"].items():
        credentials = document["credentials"][name]
        short = {key: value for key, value in credentials.items() if len(str(value)) <= 64}
        long = [key for key in credentials if key not in short]
        shown = ", ".join([f"{key} {value}" for key, value in short.items()] + [f"{key}: see below" for key in long])
        rows.append((name, url, shown))
    table = _table(("", "base URL", "credentials of the sandbox 'default'"), rows, color=color)
    return f"{table}\nAll of them: GET {document['control']}/sandboxes/default, or start with --json"


def provider_table(description: dict[str, Any], *, color: bool) -> str:
    """Everything that a provider has, as several tables."""
    parts = [_heading(f"{description['title']} ({description['name']})", color=color)]
    kinds: tuple[tuple[str, tuple[str, ...], Iterable[Sequence[Any]]], ...] = (
        ("Endpoints", ("name", "call", "about"), (
            (each["name"], f"{each['method']} {each['path']}", each["about"]) for each in description["endpoints"])),
        ("Statuses", ("status", "final", "known", "about"), (
            (each["name"], "final" if each["final"] else "", each["mark"], each["about"])
            for each in description["statuses"])),
        ("Events", ("event", "arguments", "about"), (
            (each["name"], ", ".join(each["arguments"]), each["about"]) for each in description["events"])),
        ("Errors", ("error", "HTTP", "known", "when"), (
            (each["name"], str(each["status"]), each["mark"], each["about"]) for each in description["errors"])),
        ("Settings", ("setting", "default", "about"), (
            (each["name"], _short(each["default"]), each["about"]) for each in description["settings"])),
        ("Scenarios", ("scenario", "match", "about"), (
            (each["name"], ", ".join(f"{path}={_short(value)}" for path, value in each["match"].items()), each["about"])
            for each in description["scenarios"])),
    )  # fmt: skip
    for title, columns, rows in kinds:
        parts += ["", _heading(title, color=color), _table(columns, list(rows), color=color)]
    return "\n".join([*parts, ""])


def _short(value: Any) -> str:
    text = "none" if value is None else " ".join(str(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def _heading(text: str, *, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, color: bool) -> str:
    widths = [max(len(str(row[place])) for row in (columns, *rows)) for place in range(len(columns))]
    lines = [
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (columns, *rows)
    ]
    return "\n".join([_heading(lines[0], color=color), *lines[1:]])
