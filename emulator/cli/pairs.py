"""NAME=VALUE, as people write it in arguments."""

from collections.abc import Iterable
from typing import Any

from emulator.cli.output import EXIT_USAGE, Failed


def read_pairs(texts: Iterable[str]) -> dict[str, Any]:
    """`("amount=5", "note=hello")` as `{"amount": 5, "note": "hello"}`. Raises Failed."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        if not (name and equals):
            raise Failed(f"{text!r} is not NAME=VALUE: write it like amount=25.50", EXIT_USAGE)
        found[name] = _read_value(written)
    return found


def read_settings(texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`("changelly.edition=C",)` as `{"changelly": {"edition": "C"}}`. Raises ValueError, which quotes no secret."""
    from emulator.core.redaction import cut_safely

    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        provider, dot, setting = name.partition(".")
        if not (equals and dot and setting):
            raise ValueError(f"{cut_safely(text)}: write PROVIDER.SETTING=VALUE, such as changelly.edition=C")
        found.setdefault(provider, {})[setting] = _read_value(written)
    return found


def _read_value(written: str) -> Any:
    """A JSON value, its numbers as they are written, or else the text itself."""
    from emulator.core import json_text

    try:
        return json_text.decode(written.encode())
    except json_text.MalformedJson:
        return written


def only_set(**members: Any) -> dict[str, Any]:
    """The members that are not None."""
    return {name: value for name, value in members.items() if value is not None}
