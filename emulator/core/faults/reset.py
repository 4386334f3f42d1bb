"""The connection is reset."""

from msgspec.structs import replace

from emulator.contract.reply import Ending
from emulator.core.faults.fault import AnswerFault

FAULT = AnswerFault(
    "reset",
    "the connection is reset, and there is no answer",
    on_reply=lambda rule, reply, fraction: replace(reply, ending=Ending("reset", "reset")),
)
