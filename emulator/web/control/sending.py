"""Requests to providers that are built here and then handled like any other."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import WrittenRequest
from emulator.contract.reply import Reply
from emulator.contract.request import Request as ProviderRequest
from emulator.core.redaction import hide, hide_in_text
from emulator.core.sandbox import Sandbox
from emulator.web.control.context import Context
from emulator.web.control.refusals import ControlError
from emulator.web.intake import read_request


async def send(
    context: Context, provider: str, written: WrittenRequest, base_url: str
) -> tuple[dict[str, Any], Any, Reply]:
    """What was sent and answered, for people; the journal's entry of it, if there is one; and the answer."""
    asked = _read(written, base_url)
    reply = await context.engine.answer(context.providers[provider], asked)
    secrets = asked.entry.secrets if asked.entry is not None else ()
    sent = {
        "method": written.method,
        "url": base_url + hide_in_text(written.path, secrets),
        "headers": hide(dict(written.headers), secrets),
        "body": hide_in_text(written.body.decode("utf-8", "replace"), secrets),
        "status": reply.status,
        "answer": hide_in_text(reply.body.decode("utf-8", "replace"), secrets),
    }
    return sent, asked.entry, reply


def sign(context: Context, sandbox: Sandbox, provider: str, unsigned: WrittenRequest, base_url: str) -> WrittenRequest:
    """A request with the sandbox's credentials and signature. Raises CommandRefused."""
    signing = context.providers[provider].signing
    if signing is None:
        raise CommandRefused(f"it is not known how requests to {provider} are signed")
    return signing.sign(context.engine.transaction(sandbox), unsigned, base_url)


def _read(written: WrittenRequest, base_url: str) -> ProviderRequest:
    """The request as it would have come in at the provider's base URL."""
    parts = urlsplit(base_url)
    sent: Mapping[str, str] = {"host": parts.netloc, **written.headers, "content-length": str(len(written.body))}
    raw = [(name.lower().encode("latin-1"), _in_header(value)) for name, value in sent.items()]
    path = written.path.encode("latin-1", "replace")
    asked = read_request(written.method, path, raw, parts.netloc, "127.0.0.1")
    asked.origin, asked.prefix = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    asked.body = written.body
    return asked


def _in_header(value: str) -> bytes:
    try:
        octets = value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ControlError("bad-request", f"{value!r} cannot be sent in a header") from error
    if any(octet < 0x20 for octet in octets):
        raise ControlError("bad-request", f"{value!r} cannot be sent in a header")
    return octets
