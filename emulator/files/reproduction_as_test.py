"""A reproduction as a pytest file: the same requests, signed again by clients, the same commands, and receivers that
answer the same."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from emulator.core import json_text
from emulator.core.recording import Asked, Called, Ended, Responded, Step
from emulator.files.yaml_text import read_text, read_yaml
from emulator.views.reproduction import Reproduction

_CARRIED = ("host", "content-length", "connection", "transfer-encoding", "accept-encoding", "user-agent", "accept")
"""Headers that belong to the connection rather than the request."""
_OK, _REFUSED = 200, 400
_SAME_HOUR_MS = 3_600_000


def write_test(reproduction: Reproduction) -> str:
    """The text of the file."""
    name = reproduction.sandbox
    used = dict.fromkeys(step.provider for step in reproduction.steps if isinstance(step, Asked))
    ended = {step.number: step.status for step in reproduction.steps if isinstance(step, Ended)}
    body = [
        *_receivers(reproduction),
        *(f'{provider} = emulator.client("{provider}")' for provider in used),
        *(line for step in reproduction.steps for line in _lines(name, step, ended)),
    ]
    text = "\n".join(body)
    imports = ["import httpx"] if "httpx." in text else []
    ours = ["\nfrom emulator.testing import ControlRefused"] if "ControlRefused" in text else []
    lines = [
        f'"""What was done in the sandbox {name}: written by `emulator reproduce --as-test`."""\n',
        *imports,
        "import pytest",
        *ours,
        "\n",
        *([_SAYING] if _receivers(reproduction) else []),
        f"@pytest.mark.emulator({_beginning(reproduction)})",
        "def test_reproduction(emulator):",
        *(f"    {line}" for line in body or ["assert emulator.now"]),
    ]
    return "\n".join(lines) + "\n"


_SAYING = '''def saying(*answers):
    """A receiver that says what was said then, and the last of it again and again."""
    left = list(answers)

    def receive(environ, start):
        status, body = left.pop(0) if len(left) > 1 else left[0]
        start(f"{status} Said", [])
        return [body]

    return receive


'''


def _beginning(reproduction: Reproduction) -> str:
    origin = reproduction.origin
    now = {"now": origin.now_ms if origin.now_ms is not None else reproduction.begun_real_ms}
    rate = {"rate": float(origin.rate)} if origin.mode == "rate" else {}
    given: dict[str, Any] = {"clock": {"mode": origin.mode, **now, **rate}, "seed": origin.seed}
    if origin.settings:
        given["settings"] = json_text.plain(origin.settings)
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _receivers(reproduction: Reproduction) -> list[str]:
    """A receiver for each host to which webhooks went; an answer that did not come becomes a 500."""
    by_host: dict[str, list[tuple[int, bytes]]] = {}
    for step in reproduction.steps:
        if isinstance(step, Responded) and not step.response.refused:
            said = (step.response.status or 500, step.response.body)
            by_host.setdefault(urlsplit(step.url).hostname or "", []).append(said)
    return [
        f"emulator.receive_at({host!r}, saying({', '.join(map(repr, answers))}))" for host, answers in by_host.items()
    ]


def _lines(name: str, step: Step, ended: Mapping[int, int]) -> Iterator[str]:
    if isinstance(step, Called):
        body = json_text.plain(read_yaml(read_text(step.body))) if step.body.strip() else None
        called = f"emulator.call({step.method!r}, {_python(name, step.path)}, {_python(name, body)})"
        refused = ended.get(step.number, _OK) >= _REFUSED
        yield f"with pytest.raises(ControlRefused):\n        {called}" if refused else called
    elif isinstance(step, Asked):
        yield from _request(name, step)


def _request(name: str, step: Asked) -> Iterator[str]:
    path, _, query = step.target.removeprefix(step.mount).partition("?")
    sent = [("params", _without_stamp(step, parse_qsl(query, keep_blank_values=True)))] if query else []
    content = _content(step)
    parts = [
        repr(step.method),
        _python(name, path),
        *(f"{key}={_python(name, dict(value))}" for key, value in sent if value),
        *([f"content={_python(name, content)}.encode()"] if content else []),
        f"headers={_python(name, _headers(step))}",
    ]
    asked = f"{step.provider}.request({', '.join(parts)})"
    if step.ending:
        yield f"with pytest.raises(httpx.TransportError):\n        {asked}.read()"
    else:
        yield f"assert {asked}.status_code == {step.status}"


def _headers(step: Asked) -> dict[str, str]:
    """The headers that the client does not make itself; for a refused request, all of them."""
    lines = step.header_lines.decode("latin-1").split("\n")
    pairs = dict(zip(lines[::2], lines[1::2], strict=False))
    kept = (
        [name for name in pairs if name not in _CARRIED]
        if step.error
        else [name for name in pairs if name.startswith("x-emulator-") or name == "content-type"]
    )
    return {name: pairs[name] for name in kept}


def _content(step: Asked) -> str:
    """The body, without the time at which a form or an object was sent, because the client adds its own."""
    text = step.body.decode("utf-8", "replace")
    if step.error or "timestamp" not in text:
        return text
    if not text.lstrip().startswith("{"):
        return urlencode(_without_stamp(step, parse_qsl(text, keep_blank_values=True)))
    try:
        value = json_text.decode(step.body)
    except json_text.MalformedJson:
        return text
    return json_text.encode(dict(_without_stamp(step, list(value.items())))).decode()


def _without_stamp(step: Asked, pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    def is_stamp(value: Any) -> bool:
        text = str(value)
        return text.isdecimal() and len(text) < 16 and abs(int(text) - step.real_ms) < _SAME_HOUR_MS

    return [(name, value) for name, value in pairs if step.error or not (name == "timestamp" and is_stamp(value))]


def _python(name: str, value: Any) -> str:
    """A value as a Python expression, in which the name of the test's sandbox replaces that of the original one."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_python(name, each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_python(name, each) for each in value) + "]"
    if not isinstance(value, str):
        return repr(value)
    parts = re.split(rf"(?<=[-_@]){re.escape(name)}(?![\w-])", value)
    if len(parts) == 1:
        return repr(value)
    return "(" + " + emulator.name + ".join(repr(part) for part in parts) + ")"
