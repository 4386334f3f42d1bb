"""Small programs that sign a request correctly: a template for each provider and language, filled with its values."""

import json
import re
import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from emulator.contract.order_request import WrittenRequest
from emulator.contract.signing import Literal

LANGUAGES = ("shell", "python", "node", "java")
"""shell: bash with curl and openssl. node: an ECMAScript module. java: runs from its source file."""

_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
_FOLDER = "how_to_sign"
_PROVIDERS = Path(__file__).parent.parent / "providers"

Pairs = tuple[tuple[str, str], ...]


def write_program(
    provider: str, language: str, request: WrittenRequest, base_url: str, values: Mapping[str, Literal]
) -> str:
    """The program that sends a request; `values` are the provider's own, and override those of the request."""
    body = request.body.decode(errors="replace")
    usual: dict[str, Literal] = {"method": request.method, "url": base_url + request.path, "body": body}
    filled = usual | dict(values)
    return _PLACEHOLDER.sub(lambda found: _write(language, found[1], filled), _read(provider, language))


@lru_cache(maxsize=64)
def _read(provider: str, language: str) -> str:
    return (_PROVIDERS / provider / _FOLDER / f"{language}.txt").read_text("utf-8")


def _write(language: str, name: str, values: Mapping[str, Literal]) -> str:
    if name == "get":
        return " --get" if values["method"] == "GET" else ""
    if name == "data":
        return f" --data-raw {shlex.quote(str(values['body']))}" if values["body"] else ""
    value = values[name]
    write, write_pairs = _WRITERS[language]
    return write(value) if isinstance(value, str) else write_pairs(value)


def _write_escaped(text: str) -> str:
    """A double-quoted literal in pure ASCII, which JavaScript and Java read the same way."""
    return json.dumps(text)


def _write_python(text: str) -> str:
    return ascii(text) if any(ord(letter) > 0xFFFF for letter in text) else json.dumps(text)


_WRITERS: Mapping[str, tuple[Callable[[str], str], Callable[[Pairs], str]]] = {
    "shell": (shlex.quote, lambda pairs: " ".join(shlex.quote(f"{name}={value}") for name, value in pairs)),
    "python": (
        _write_python,
        lambda pairs: "[" + ", ".join(f"({_write_python(n)}, {_write_python(v)})" for n, v in pairs) + "]",
    ),
    "node": (_write_escaped, lambda pairs: json.dumps(pairs)),
    "java": (
        _write_escaped,
        lambda pairs: "List.of(" + ", ".join(f"List.of({json.dumps(n)}, {json.dumps(v)})" for n, v in pairs) + ")",
    ),
}
"""How each language writes a text, and names with values."""
