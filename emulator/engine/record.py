"""Writes a request and its answer into the journal, and explains a refusal to a client that asks for it."""

import logging

from msgspec.structs import replace

from emulator.contract.reply import Reply
from emulator.core.call import OWN_ERRORS, Answered, Call
from emulator.core.journal import Journal, hide_of
from emulator.core.json_text import json_reply
from emulator.core.self_check import problem_of_reply

EXPLAIN_HEADER = "x-emulator-explain"
REASON_HEADER = "X-Emulator-Reason"

log = logging.getLogger("emulator")


def record(
    journal: Journal,
    call: Call,
    answered: Answered,
    reply: Reply,
    orders: tuple[str, ...],
    *,
    self_check: bool,
    take: bool = True,
) -> Reply:
    """The answer as the client gets it: with the reason, if it asks for that; with `self_check`, a loud 500 instead of
    an answer that breaks its own schema. `orders`: ids of those that the request is about. The entry becomes the
    request's `entry`; without `take`, the journal does not get it yet."""
    provider, endpoint, request, reason = call.provider, call.endpoint, call.request, answered.reason
    if call.fault is not None and not reason:
        reason = f"the fault {call.fault.name} ({call.fault.when}) was injected"
    broken = None
    if self_check and call.fault is None and answered.error not in OWN_ERRORS:
        broken = problem_of_reply(provider, endpoint, reply, refused=answered.refused)
    stop = answered.stop
    secrets = endpoint.secrets if endpoint else provider.secrets
    request.entry = entry = journal.add_request(
        call.tx.now_ms, provider.name, endpoint.name if endpoint else "", request, reply, orders, answered.error,
        reason, secrets, stop, stop.diagnosis.size_bytes if stop is not None and stop.diagnosis is not None else 0,
        take=take,
    )  # fmt: skip
    entry.decided = not answered.interrupted
    if broken:
        message = f"the answer breaks its own schema: {broken}; see entry {entry.number} of the journal"
        log.error("%s %s: %s", request.method, request.path, message)
        return json_reply(500, {"error": "self-check", "message": message, "journal": entry.number})
    if reason and request.headers.get(EXPLAIN_HEADER, "0") not in ("0", "false", ""):
        reply = replace(reply, headers=(*reply.headers, (REASON_HEADER, _in_header(hide_of(entry, reason)))))
    return reply


def _in_header(reason: str) -> str:
    """The reason in ASCII, on one line. A backslash stays single, because people compare texts to sign by eye."""
    return reason.encode("unicode_escape").decode("ascii").replace("\\\\", "\\")[:4000]
