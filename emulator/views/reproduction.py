"""A reproduction as a document: what a sandbox began with, and all that was done in it. Written, and read again.

Secrets are left out. What the emulator itself issued or accepted, and the sandbox's own test credentials, are not
secret: they are good nowhere else, and follow from the sandbox's name and seed.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from msgspec import Struct
from msgspec.structs import asdict

from emulator import __version__
from emulator.contract.card import Provider
from emulator.contract.delivery import Response
from emulator.contract.request import Request
from emulator.core import json_text
from emulator.core.origin import Origin
from emulator.core.recording import Asked, Called, Ended, Recording, Responded, Settled, Step, Stored, WentOn
from emulator.core.redaction import REDACTED, is_secret

VERSION = 2
_PLAIN: dict[str, type[WentOn | Ended | Settled | Stored]] = {
    "go-on": WentOn, "end": Ended, "settle": Settled, "store": Stored,
}  # fmt: skip
"""The steps that are written with their members as they are."""
_LEAST_LETTERS = 4
"""Shorter values are not looked for in texts."""


class BadReproduction(ValueError):
    """A file that cannot be replayed; the text says why, and what to do."""


class Reproduction(Struct, frozen=True):
    """What was done in a sandbox, ready to be replayed."""

    sandbox: str
    begun_real_ms: int
    origin: Origin
    steps: tuple[Step, ...]


# -- written


def write_reproduction(
    name: str, origin: Origin, recording: Recording, credentials: Mapping[str, Any], providers: Mapping[str, Provider]
) -> dict[str, Any]:
    """The document. `credentials`: those of the sandbox."""
    secrets = _Secrets(name, credentials, providers)
    return {
        "version": VERSION,
        "emulator": __version__,
        "complete": not recording.why_not,
        "why_not": recording.why_not or None,
        "sandbox": name,
        "begun_real_ms": recording.begun_real_ms,
        "seed": origin.seed,
        "clock": {"mode": origin.mode, "rate": origin.rate, "now_ms": recording.begun_ms},
        "settings": _without_keys(origin.settings),
        "webhook_url": origin.webhook_url,
        "steps": [_write_step(step, secrets) for step in recording.steps],
    }


def _write_step(step: Step, secrets: "_Secrets") -> dict[str, Any]:
    if isinstance(step, Asked):
        return _write_asked(step, secrets)
    if isinstance(step, Called):
        hidden = _without_keys_in(step.body) if step.path == "settings" else secrets.hide_body(step.body)
        body = _write_bytes(hidden)
        return {"do": "command", "real_ms": step.real_ms, "number": step.number, "method": step.method,
                "path": step.path, "body": body, "stopped_after": step.stopped_after}  # fmt: skip
    if not isinstance(step, Responded):
        return {"do": next(name for name, kind in _PLAIN.items() if isinstance(step, kind)), **asdict(step)}
    response = step.response
    return {
        "do": "response", "real_ms": step.real_ms, "webhook": step.webhook, "url": step.url, "status": response.status,
        "body": _write_bytes(response.body), "error": response.error, "duration_ms": response.duration_ms,
        "refused": response.refused, "silent": response.silent,
    }  # fmt: skip


def _write_asked(step: Asked, secrets: "_Secrets") -> dict[str, Any]:
    lines = step.header_lines.decode("latin-1").split("\n")
    pairs = list(zip(lines[::2], lines[1::2], strict=False))
    secrets.accept([pair for pair in pairs if is_secret(pair[0])], step)
    headers = [[name, secrets.hide_value(name, value)] for name, value in pairs]
    path, question, query = step.target.partition("?")
    written = {
        "do": "request",
        "real_ms": step.real_ms,
        "provider": step.provider,
        "method": step.method,
        "target": path + question + secrets.hide_form(query),
        "headers": headers,
        "body": _write_bytes(secrets.hide_body(step.body)),
        "origin": step.origin,
        "mount": step.mount,
        "prefix": step.prefix,
        "public_url": step.public_url,
        "peer": step.peer,
        "error": step.error or None,
        "answer": None,
    }
    if step.answer is not None:
        body = _write_bytes(secrets.hide_known(step.answer))
        written["answer"] = {"status": step.status, "body": body, "ending": step.ending or None}
        secrets.issued.append(step.answer)
    return written


def _without_keys(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by provider without private keys, which are the only secrets among them: without one's own, webhooks
    are signed with the test key."""
    return {
        provider: {name: value for name, value in values.items() if "PRIVATE KEY" not in str(value)}
        for provider, values in settings.items()
    }


def _without_keys_in(body: bytes) -> bytes:
    if b"PRIVATE KEY" not in body:
        return body
    try:
        return json_text.encode(_without_keys(json_text.decode(body)))
    except (json_text.MalformedJson, AttributeError):  # it was refused
        return b"{}"


class _Secrets:
    """What is secret in a sandbox's requests."""

    def __init__(self, name: str, credentials: Mapping[str, Any], providers: Mapping[str, Provider]) -> None:
        self._name = name
        self._providers = providers
        self._end = f"-{name}"
        self._own = set(_texts(credentials))
        self.issued: list[bytes] = []
        """The answers so far: whatever is in them was made by the emulator."""
        self._known: set[bytes] = set()

    def accept(self, headers: list[tuple[str, str]], step: Asked) -> None:
        """Remembers the values of headers that the emulator made: those of a request that was accepted, and each that
        names the sandbox by itself, such as a token that has expired."""
        self._own |= {
            value.rpartition(" ")[2] for name, value in headers if not step.error or self._is_named(step, name, value)
        }

    def _is_named(self, step: Asked, name: str, value: str) -> bool:
        alone = Request(step.method, "/", "/", "", {name.lower(): value}, b"")
        return self._providers[step.provider].find_sandbox(alone, lambda key: None) == self._name

    def hide_value(self, name: str, value: str) -> str:
        """The value of a header, a parameter or a member, or its replacement."""
        token = value.rpartition(" ")[2]
        if not is_secret(name) or not token or self._is_own(token):
            return value
        if len(token) >= _LEAST_LETTERS:
            self._known.add(token.encode())
        return value.removesuffix(token) + REDACTED

    def _is_own(self, token: str) -> bool:
        if token in self._own or token.endswith(self._end):
            return True
        return len(token) >= _LEAST_LETTERS and any(token.encode() in answer for answer in self.issued)

    def hide(self, value: Any) -> Any:
        """The same JSON value without secrets."""
        if isinstance(value, dict):
            return {
                name: self.hide_value(name, each) if isinstance(each, str) else self.hide(each)
                for name, each in value.items()
            }
        return [self.hide(each) for each in value] if isinstance(value, list) else value

    def hide_body(self, body: bytes) -> bytes:
        """The body without secrets; the same bytes if it has none."""
        try:
            value = json_text.decode(body)
        except json_text.MalformedJson:
            return self.hide_form(body.decode("latin-1")).encode("latin-1")
        hidden = self.hide(value)
        return body if hidden == value else json_text.encode(hidden)

    def hide_form(self, text: str) -> str:
        """A form or a query without secrets; the same text if it has none."""
        pairs = parse_qsl(text, keep_blank_values=True)
        hidden = [(name, self.hide_value(name, value)) for name, value in pairs]
        return text if hidden == pairs else urlencode(hidden)

    def hide_known(self, body: bytes) -> bytes:
        """An answer without the secrets that were in requests."""
        for secret in self._known:
            body = body.replace(secret, REDACTED.encode())
        return body


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _write_bytes(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


# -- read


def read_reproduction(text: bytes) -> Reproduction:
    """What a document says. Raises BadReproduction for one that is incomplete, or of another version."""
    try:
        document = json_text.decode(text)
    except json_text.MalformedJson as error:
        raise BadReproduction(f"it is not JSON: {error}") from error
    if not isinstance(document, dict) or "version" not in document or "steps" not in document:
        raise BadReproduction("this is not a reproduction: give what GET .../reproduction has answered")
    if document["version"] != VERSION:
        raise BadReproduction(
            f"its version is {document['version']}, and this emulator replays {VERSION}: use the emulator that "
            f"wrote it ({document.get('emulator', 'not known')})"
        )
    if not document["complete"]:
        raise BadReproduction(f"it is incomplete: {document['why_not']}")
    try:
        clock = document["clock"]
        origin = Origin(
            document["seed"], clock["mode"], clock["rate"], clock["now_ms"], document["settings"],
            document["webhook_url"],
        )  # fmt: skip
        steps = tuple(map(_read_step, document["steps"]))
        return Reproduction(document["sandbox"], document["begun_real_ms"], origin, steps)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadReproduction(f"somebody has changed it, and it cannot be read: {error!r}") from error


def _read_step(step: Mapping[str, Any]) -> Step:
    done, real_ms = step["do"], step["real_ms"]
    if done == "request":
        lines = "\n".join(text for pair in step["headers"] for text in pair)
        asked = Asked(
            real_ms, step["provider"], step["method"], step["target"], lines.encode("latin-1"),
            _read_bytes(step["body"]), step["origin"], step["mount"], step["prefix"], step["public_url"], step["peer"],
            error=step["error"] or "",
        )  # fmt: skip
        answer = step["answer"]
        if answer is not None:
            asked.status, asked.answer = answer["status"], _read_bytes(answer["body"])
            asked.ending = answer["ending"] or ""
        return asked
    if done == "command":
        body = _read_bytes(step["body"])
        return Called(real_ms, step["number"], step["method"], step["path"], body, step["stopped_after"])
    if done in _PLAIN:
        return _PLAIN[done](*(step[name] for name in _PLAIN[done].__struct_fields__))
    if done != "response":
        raise ValueError(f"no step is called {done!r}")
    response = Response(step["status"], _read_bytes(step["body"]), step["error"], step["duration_ms"],
                        step["refused"], step["silent"])  # fmt: skip
    return Responded(real_ms, step["webhook"], step["url"], response)


def _read_bytes(written: str | Mapping[str, str]) -> bytes:
    return written.encode() if isinstance(written, str) else base64.b64decode(written["base64"])


def is_redacted(step: Asked) -> bool:
    """Whether something was left out of a request, so that it has to be signed again."""
    hidden = REDACTED.encode()
    return hidden in step.header_lines or hidden in step.body or REDACTED in unquote_plus(step.target)


def list_requests(steps: Iterable[Step]) -> Iterator[Asked]:
    """The requests among the steps."""
    return (step for step in steps if isinstance(step, Asked))
