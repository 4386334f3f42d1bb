"""No answer at all."""

from msgspec.structs import replace

from emulator.contract.reply import Ending
from emulator.core.faults.fault import AnswerFault

FAULT = AnswerFault(
    "timeout",
    "no answer at all, until the client gives up",
    on_reply=lambda rule, reply, fraction: replace(reply, ending=Ending("silence", "silence")),
)
