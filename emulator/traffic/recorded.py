"""Recorded calls and webhooks, as values, whatever the format of the file that they come from."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

NO_HEADERS: Mapping[str, str] = {}


class Body(Struct, frozen=True):
    """A body as far as it is known."""

    form: Literal["nothing", "json", "form", "text", "unknown"] = "nothing"
    """unknown: there was one, but it was not recorded, or cannot be read."""
    value: Any = None
    """Of JSON the value, of a form its members, of a text the text."""
    why: str = ""
    """Why it is unknown."""


NOTHING = Body()


class Message(Struct, frozen=True):
    """A request, an answer, or a webhook."""

    headers: Mapping[str, str] = NO_HEADERS
    """Names in lower case; only those that were recorded."""
    body: Body = NOTHING
    octets: bytes = b""
    """The body's bytes as they were recorded; empty if they were not, or if there were none."""

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty if none was recorded."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Recorded(Struct, frozen=True):
    """A request with its answer, or a webhook."""

    place: str
    """Where it is in the record, such as `entry 12`."""
    method: str
    host: str
    """Without a port; empty if it was not recorded."""
    path: str
    query: str
    request: Message
    answer: Message = Message()
    status: int | None = None
    """None: no answer came."""
    provider: str = ""
    """Whose it is, if the record says so."""
    is_webhook: bool = False
    """Whether the record says that it is one."""
    event: str = ""
    """Of a webhook, if the record names it."""
