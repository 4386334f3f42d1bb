"""The answer breaks off."""

from msgspec.structs import replace

from emulator.contract.reply import Ending
from emulator.core.faults.fault import AnswerFault

FAULT = AnswerFault(
    "truncate",
    "half of the announced body, then the connection is closed",
    on_reply=lambda rule, reply, fraction: replace(reply, ending=Ending("cut", "close", sent=0.5)),
)
