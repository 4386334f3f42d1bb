"""The journal entry of a request and its answer, and the reason of a refusal for a client that asks for it."""

import logging
from itertools import chain

from msgspec.structs import replace

from emulator.contract.reply import Reply
from emulator.core.call import OWN_ERRORS, Answered, Call
from emulator.core.journal import Entry, hide_of
from emulator.core.json_text import json_reply
from emulator.core.self_check import problem_of_reply

EXPLAIN_HEADER = "x-emulator-explain"
REASON_HEADER = "X-Emulator-Reason"

log = logging.getLogger("emulator")


def record(call: Call, answered: Answered, reply: Reply, number: int, *, self_check: bool) -> Reply:
    """The answer as the client gets it: with the reason, if it asks for that; with `self_check`, a loud 500 instead of
    an answer that breaks its own schema. The request gets its `entry`, for which this number is the next."""
    provider, endpoint, request, reason = call.provider, call.endpoint, call.request, answered.reason
    if call.fault is not None and not reason:
        reason = f"the fault {call.fault.name} ({call.fault.when}) was injected"
    broken = None
    if self_check and call.fault is None and answered.error not in OWN_ERRORS:
        broken = problem_of_reply(provider, endpoint, reply, refused=answered.refused)
    request.entry = entry = Entry(
        number, call.tx.now_ms, "request", provider.name, answered.orders, b"", request.method, request.target,
        endpoint.name if endpoint else "", request.header_lines, request.body, reply.status,
        "\n".join(chain.from_iterable(reply.headers)).encode() if reply.headers else b"", reply.body, answered.error,
        reason, endpoint.secrets if endpoint else provider.secrets, 0, reply.ending is None or reply.ending.sent > 0,
        not answered.interrupted, answered.stop,
    )  # fmt: skip
    if broken:
        message = f"the answer breaks its own schema: {broken}; see entry {number} of the journal"
        log.error("%s %s: %s", request.method, request.path, message)
        return json_reply(500, {"error": "self-check", "message": message, "journal": number})
    if reason and request.headers.get(EXPLAIN_HEADER, "0") not in ("0", "false", ""):
        reply = replace(reply, headers=(*reply.headers, (REASON_HEADER, _in_header(hide_of(entry, reason)))))
    return reply


def _in_header(reason: str) -> str:
    """The reason in ASCII, on one line. A backslash stays single, because people compare texts to sign by eye."""
    return reason.encode("unicode_escape").decode("ascii").replace("\\\\", "\\")[:4000]
