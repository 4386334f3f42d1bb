"""A call as it went through the proxy, and as it may be written down: without secrets."""

import re
from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from emulator.core import json_text
from emulator.core.redaction import REDACTED, hide, hide_in_text, is_secret
from emulator.traffic.bodies import read_body, unknown
from emulator.traffic.recorded import Message, Recorded

Headers = tuple[tuple[str, str], ...]
_CREDENTIAL = re.compile(r"(?:api|access|client|callback)-?(?:key|id)|signature")
"""Headers in which clients say who they are. An emulator's are not secret; real ones are."""
_KEYS = ("apiKey", "api_key", "accessKey", "access_key", "client_id", "clientId")
"""Names of members of the same kind."""
_NOT_TEXT = "[{} bytes that are not text]"


class ProxiedCall(Struct, frozen=True):
    """A request with its answer."""

    began_ms: int
    """Real time, ms since 1970."""
    took_ms: int
    method: str
    target: str
    """Path and query below the provider's base URL."""
    headers: Headers
    body: bytes
    status: int | None
    """None: no answer came."""
    answer_headers: Headers = ()
    answer: bytes = b""
    is_whole: bool = True
    """Whether the whole answer arrived."""

    def recorded(self, provider: str, host: str, place: str) -> Recorded:
        """The call as it is judged."""
        path, _, query = self.target.partition("?")
        answer = _message(self.answer_headers, self.answer)
        if not self.is_whole:
            answer = replace(answer, body=unknown("the connection broke off"))
        request = _message(self.headers, self.body)
        return Recorded(place, self.method, host, path, query, request, answer, self.status, provider)

    def redacted(self, secrets: Collection[str] = ()) -> "ProxiedCall":
        """The same without secrets. `secrets`: further names of members that are secret."""
        names = (*secrets, *_KEYS)
        path, mark, query = self.target.partition("?")
        return replace(
            self,
            target=path + mark + hide_in_text(query, names),
            headers=_without_secrets(self.headers),
            body=_hide_in_body(self.body, self.headers, names),
            answer_headers=_without_secrets(self.answer_headers),
            answer=_hide_in_body(self.answer, self.answer_headers, names),
        )


def find_header(headers: Headers, name: str) -> str:
    """The value of a header, `name` in lower case; empty if there is none."""
    return next((value for each, value in headers if each.lower() == name), "")


def _message(headers: Headers, body: bytes) -> Message:
    lowered = {name.lower(): value for name, value in headers}
    message = Message(lowered)
    encoding = lowered.get("content-encoding", "").strip().lower()
    return Message(lowered, read_body(body, message.content_type, encoding))


def _without_secrets(headers: Headers) -> Headers:
    return tuple(
        (name, REDACTED if is_secret(name) or _CREDENTIAL.search(name.lower()) else hide_in_text(value))
        for name, value in headers
    )


def _hide_in_body(octets: bytes, headers: Headers, names: Collection[str]) -> bytes:
    """The body as text, unpacked if possible."""
    body = _message(headers, octets).body
    if body.form == "json":
        return json_text.encode(hide(body.value, names))
    try:
        return hide_in_text(octets.decode(), names).encode()
    except UnicodeDecodeError:
        return _NOT_TEXT.format(len(octets)).encode()
