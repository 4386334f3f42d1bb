"""A body that cannot be parsed."""

from msgspec.structs import replace

from emulator.contract.reply import Reply
from emulator.core.faults.fault import AnswerFault, Rule


def _cut_body(rule: Rule, reply: Reply, fraction: float) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3] or b"{")


FAULT = AnswerFault(
    "malformed",
    "a body that is cut so that it cannot be parsed, with a matching length",
    on_reply=_cut_body,
)
