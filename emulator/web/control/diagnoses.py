"""Calls about one refused request: why it was refused, and sending it again, corrected."""

from typing import Any

from starlette.requests import Request

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import WrittenRequest
from emulator.core.call import FAULT_HEADER
from emulator.core.journal import Entry, hide_secrets
from emulator.core.redaction import hide_by_looks
from emulator.core.sandbox import Sandbox
from emulator.files.programs import LANGUAGES, write_program
from emulator.views.diagnosis import diagnosis_of
from emulator.web.control.context import Context
from emulator.web.control.reading import read_whole_number
from emulator.web.control.refusals import ControlError
from emulator.web.control.sending import send, sign

LAST = "last"
"""Instead of a number: the newest refused request."""
_OF_THE_CONNECTION = frozenset({
    "host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "te", "keep-alive",
    "proxy-connection", "content-encoding", FAULT_HEADER,
})  # fmt: skip
"""Headers that are not sent again: they belong to the connection, or ask for a fault."""


async def get_diagnosis(context: Context, request: Request) -> Any:
    """Why a request was refused, with the text to sign next to the one that was signed, the checks, and programs that
    sign it correctly. The number `last` means the newest refused request."""
    sandbox = context.sandbox(request)
    entry = _find_refused(context, sandbox, request.path_params["number"])
    provider = context.providers[entry.provider]
    shown = diagnosis_of(entry, provider)
    base_url = context.urls(request)[entry.provider]
    try:
        written = _sign(context, sandbox, entry, base_url)
        programs, why_not = _write_programs(context, sandbox, entry, written, base_url), None
    except CommandRefused as error:
        programs, why_not = {}, str(error)
    secret = provider.signing
    environment = None if secret is None else {"variable": secret.variable, "credential": secret.secret}
    return shown | {"how": {"programs": programs, "environment": environment, "why_not": why_not}}


async def post_resend(context: Context, request: Request) -> Any:
    """Sends a refused request again, correctly signed, and says what came of it."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)
    entry = _find_refused(context, sandbox, request.path_params["number"])
    base_url = context.urls(request)[entry.provider]
    try:
        written = _sign(context, sandbox, entry, base_url)
    except CommandRefused as error:
        raise ControlError("not-signable", str(error)) from error
    sent, made, _ = await send(context, entry.provider, written, base_url)
    return {
        "sent": sent,
        "number": made.number if made is not None else None,
        "order": made.orders[0] if made is not None and made.orders else None,
        "error": (made.error or None) if made is not None else None,
        "reason": (hide_secrets(made, made.reason) or None) if made is not None else None,
    }


def _find_refused(context: Context, sandbox: Sandbox, wanted: str) -> Entry:
    """The refused request with this number."""
    journal = context.journal(sandbox)
    if wanted == LAST:
        newest = journal.entries("request", newest_first=True)
        found = next((entry for entry in newest if entry.error or entry.stop is not None), None)
        if found is None:
            raise ControlError("unknown-entry", "no request was refused in this sandbox")
        return found
    number = read_whole_number(wanted)
    entry = journal.find(number) if number is not None else None
    if entry is None:
        good = f"entries go up to {journal.newest}" if journal.newest else "there are none yet"
        raise ControlError("unknown-entry", f"the journal has no entry {wanted[:40]!r}: {good}, or write {LAST}")
    if entry.kind != "request" or not (entry.error or entry.stop is not None):
        what = "a request that was answered" if entry.kind == "request" else f"of the kind {entry.kind}"
        raise ControlError("not-refused", f"entry {entry.number} is {what}: only refused requests have a diagnosis")
    return entry


def _sign(context: Context, sandbox: Sandbox, entry: Entry, base_url: str) -> WrittenRequest:
    """The refused request as it should have been. Raises CommandRefused."""
    lines = entry.headers.decode("latin-1").split("\n")
    headers: dict[str, str] = {}
    for name, value in zip(map(str.lower, lines[::2]), lines[1::2], strict=False):
        if name not in _OF_THE_CONNECTION:
            headers.setdefault(name, value)
    mount = f"/{entry.provider}/"
    path = entry.target.removeprefix(mount[:-1]) if entry.target.startswith(mount) else entry.target
    came = WrittenRequest(entry.method, path, headers, entry.body)
    return sign(context, sandbox, entry.provider, came, base_url)


def _write_programs(
    context: Context, sandbox: Sandbox, entry: Entry, written: WrittenRequest, base_url: str
) -> dict[str, str]:
    signing = context.providers[entry.provider].signing
    if signing is None:
        return {}
    body = hide_secrets(entry, written.body.decode("utf-8", "replace")).encode()
    shown = WrittenRequest(written.method, hide_secrets(entry, written.path), written.headers, body)
    values = signing.values(context.engine.transaction(sandbox), shown, base_url)
    return {
        each: hide_by_looks(write_program(entry.provider, each, shown, base_url, values), entry.values)
        for each in LANGUAGES
    }
