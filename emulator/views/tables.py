"""Tables for the terminal. Plain text; bold and colour only if the caller wants them."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

RED, GREEN, YELLOW, CYAN, DIM, BOLD = "31", "32", "33", "36", "2", "1"
"""What terminals call them."""
_COLUMNS = 80
_INDENT = " " * 12
_LONGEST_VALUE = 64
_TIED = "\N{NO-BREAK SPACE}"
"""Between what belongs on one line."""


def start_table(document: dict[str, Any], *, color: bool) -> str:
    """Where everything is, and the test credentials of the default sandbox, provider after provider."""
    control = document["control"]
    front = [_entry("control", control), _entry("pages", control.removesuffix("/_emulator") + "/")]
    access = credentials_table(document["urls"], document["credentials"], color=color)
    long = f"Those marked .. are long: start with --json, or ask\nGET {control}/sandboxes/default"
    return "\n".join([*front, "", access, "", long])


def credentials_table(urls: dict[str, str], credentials: dict[str, Any], *, color: bool) -> str:
    """Base URL and credentials of each provider, in lines that fit a terminal; of long ones only the names."""
    lines: list[str] = []
    for name, url in urls.items():
        words = [
            f"{key}{_TIED}{value}" if len(str(value)) <= _LONGEST_VALUE else f"{key}{_TIED}.."
            for key, value in credentials[name].items()
        ]
        lines.append(heading(_entry(name, url), color=color))
        lines += textwrap.wrap(
            ", ".join(words), _COLUMNS, initial_indent=_INDENT, subsequent_indent=_INDENT,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    return "\n".join(lines).replace(_TIED, " ")


def _entry(name: str, value: str) -> str:
    return name.ljust(len(_INDENT)) + value


def provider_table(description: dict[str, Any], *, color: bool) -> str:
    """Everything that a provider has, as several tables."""
    parts = [heading(f"{description['title']} ({description['name']})", color=color)]
    kinds: tuple[tuple[str, tuple[str, ...], Iterable[Sequence[Any]]], ...] = (
        ("Endpoints", ("name", "call", "about"), (
            (each["name"], f"{each['method']} {each['path']}", each["about"]) for each in description["endpoints"])),
        ("Statuses", ("status", "final", "known", "about"), (
            (each["name"], "final" if each["final"] else "", _known(each), each["about"])
            for each in description["statuses"])),
        ("Events", ("event", "arguments", "about"), (
            (each["name"], ", ".join(each["arguments"]), each["about"]) for each in description["events"])),
        ("Errors", ("error", "HTTP", "known", "when"), (
            (each["name"], str(each["status"]), _known(each), each["about"]) for each in description["errors"])),
        ("Settings", ("setting", "default", "known", "about"), (
            (each["name"], _short(each["default"]), _known(each), each["about"]) for each in description["settings"])),
        ("Scenarios", ("scenario", "match", "about"), (
            (each["name"], ", ".join(f"{path}={_short(value)}" for path, value in each["match"].items()), each["about"])
            for each in description["scenarios"])),
    )  # fmt: skip
    for title, columns, rows in kinds:
        parts += ["", heading(title, color=color), table(columns, list(rows), color=color)]
    return "\n".join([*parts, ""])


def _known(fact: dict[str, Any]) -> str:
    """The mark, and the source that the user's own file gives."""
    return f"{fact['mark']}: {_short(fact['known_from'])}" if fact["known_from"] else str(fact["mark"])


def assumptions_table(title: str, items: Sequence[dict[str, Any]], *, color: bool) -> str:
    """What is assumed about a provider, and the setting that changes it."""
    rows = [(each["kind"], each["name"], each["setting"] or "", _cut(each["about"])) for each in items]
    return f"{heading(title, color=color)}\n{table(('kind', 'name', 'setting', 'about'), rows, color=color)}\n"


def _cut(text: str) -> str:
    return text if len(text) <= _COLUMNS else text[: _COLUMNS - 3] + "..."


def _short(value: Any) -> str:
    text = "none" if value is None else " ".join(str(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def heading(text: str, *, color: bool) -> str:
    """A line that stands out."""
    return paint(text, BOLD, color=color)


def paint(text: str, tone: str, *, color: bool) -> str:
    """A text in one of the tones, if colour is wanted; empty: in none."""
    return f"\x1b[{tone}m{text}\x1b[0m" if color and tone else text


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, color: bool) -> str:
    """Rows under their columns, as wide as they need."""
    widths = [max(len(str(row[place])) for row in (columns, *rows)) for place in range(len(columns))]
    lines = [
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (columns, *rows)
    ]
    return "\n".join([heading(lines[0], color=color), *lines[1:]])
