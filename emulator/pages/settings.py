"""What can be set about the pages of every provider."""

from emulator.contract.setting import Setting

TESTER_STRIP = Setting(
    "tester_strip",
    True,
    {"type": "boolean"},
    "pages that payers see end with a strip for testers: succeed, fail, expire and the like",
)
