"""Settings that every provider has, with the same names and the same effect."""

from emulator.contract.setting import Setting
from emulator.core.schema_parts import FLAG, one_of, whole_number
from emulator.core.urls import url_problem

PERSON_TAKES_OVER = "person_takes_over"
PAYER_WAIT_S = "payer_wait_s"
PUBLIC_BASE = "public_base"
TESTER_STRIP = "tester_strip"

COMMON = (
    Setting(
        PERSON_TAKES_OVER,
        "unchosen",
        one_of("unchosen", "always", "never"),
        "which orders leave their timeline when a person acts, by opening the pay page or by setting a status by "
        "hand; unchosen: those for which nobody has chosen a scenario; always: all; never: none; `on` means "
        "unchosen, `off` never",
        aliases=("page_waits", "handEndsTimeline", "pay_page_takes_over"),
        words=(("on", "unchosen"), (True, "unchosen"), ("off", "never"), (False, "never")),
    ),
    Setting(
        PAYER_WAIT_S,
        0,
        whole_number(0, 31_536_000),
        "seconds that an order with a pay page waits for its payer before it is paid automatically, if nobody has "
        "chosen a scenario",
    ),
    Setting(
        PUBLIC_BASE,
        None,
        {"type": ["string", "null"], "maxLength": 1024, "pattern": "^[^?#]*$"},
        "base of the links that payers are sent to, such as https://pay.example; null: the emulator itself, as the "
        "client has reached it",
        check=url_problem,
        spelling="publicBase",
        aliases=("pay_base_url",),
    ),
    Setting(
        TESTER_STRIP,
        True,
        FLAG,
        "pages on which payers pay end with a strip for testers: succeed, fail, expire and the like",
    ),
)
