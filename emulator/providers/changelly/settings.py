"""What of this provider is not known for sure, or is worth varying. Assumed, unless a setting says otherwise."""

import re
from typing import Any

from msgspec.structs import replace

from emulator.contract.named import by_name
from emulator.contract.setting import Setting, check_by_reading
from emulator.core.common_settings import COMMON
from emulator.core.names import NAME
from emulator.core.schema_parts import FLAG, closed_object, one_of, or_null, whole_number
from emulator.core.urls import url_problem
from emulator.providers.changelly.catalogue import read_catalogue
from emulator.providers.changelly.overlay.entries import PARTS
from emulator.providers.changelly.overlay.merge import ONLY
from emulator.providers.changelly.signature.signed_text import PUBLIC_BASE
from emulator.providers.changelly.signature.test_key import PRIVATE_KEY_PEM, PUBLIC_KEY_PEM
from emulator.providers.changelly.wire import write_checkout_base

MAX_DELAY_MS = 60_000
"""Of a slow provider's answer: clients give up long before."""

_FLOWS = ("complete", "hold", "hold-failed", "failed", "expired", "refunded", "refunded-complete")
DEFAULT_FLOWS = {"happy": "happy", "none": "manual"} | {flow: f"sandbox-flow-{flow}" for flow in _FLOWS}
"""Value of the setting `default_flow` -> its scenario."""

_ORIGIN: dict[str, Any] = {"type": "string", "maxLength": 1024}
_KEY: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 10_000}

API_KEY = "api_key"
"""The setting with an API key of the partner's own, by which its sandbox is found."""

_DERIVED_KEY = re.compile(f"(?:key|other)-{NAME.pattern}")


def _read_public_key(value: str) -> None:
    from emulator.providers.changelly.signature.rsa import read_public_key  # its library takes long to import

    read_public_key(value)


def _read_private_key(value: str) -> None:
    from emulator.providers.changelly.signature.rsa import read_private_key

    read_private_key(value)


def _find_api_key_problem(value: str | None) -> str | None:
    if value is None or not _DERIVED_KEY.fullmatch(value):
        return None
    return "keys of this form belong to the sandboxes and partners that they name: null gives this sandbox its own"


def _with_camel_case(*settings: Setting) -> tuple[Setting, ...]:
    """The settings; those of several words may be written in camelCase, too."""
    spelled = []
    for setting in settings:
        first, *others = setting.name.split("_")
        spelled.append(replace(setting, spelling=first + "".join(map(str.title, others)) if others else ""))
    return tuple(spelled)


PARTNER = _with_camel_case(
    Setting("mode", "test", one_of("test", "production"),
            "whether the partner's orders are test orders; sandbox calls refuse others"),
    Setting("suspended", False, FLAG, "the partner gets 403 for every request"),
    Setting("public_key", PUBLIC_KEY_PEM, _KEY,
            "the RSA key that the partner's signatures are checked with: PEM, or base64 of it",
            check=check_by_reading(_read_public_key)),
    Setting("callback_url", None, or_null({**_ORIGIN, "maxLength": 2048}),
            "where the partner's callbacks go; null: nowhere", "documented", check=url_problem),
    Setting("callback_private_key", PRIVATE_KEY_PEM, _KEY,
            "the RSA key that callbacks are signed with: PKCS#8 or PKCS#1, PEM, or base64 of it",
            check=check_by_reading(_read_private_key)),
)  # fmt: skip
"""The settings of a partner: of the first one, `key-<sandbox>`, on their own; of the other within `other_partner`."""

PARTNER_BY_SPELLING = {spelling: each for each in PARTNER for spelling in each.spellings}


def _find_partner_problem(value: dict[str, Any]) -> str | None:
    """What is wrong with the first bad member; the form of all is known to be right."""
    for spelling, member in value.items():
        setting = PARTNER_BY_SPELLING[spelling]
        if setting.spelling != spelling and setting.spelling in value:
            return f"{setting.name} and {setting.spelling} are two spellings of one member: write only one of them"
        problem = setting.check(member)
        if problem:
            return problem
    return None


SETTINGS = by_name(
    *COMMON,
    *_with_camel_case(
        Setting("edition", "A", one_of("A", "C", "D"),
                "which edition of the documentation new orders follow: A, the oldest, to D, the newest"),
        Setting(API_KEY, None, {"type": ["string", "null"], "pattern": "^[!-~]{1,256}$"},
                "the partner's API key, such as the 64 hex digits of a real one; null: key-<sandbox>",
                check=_find_api_key_problem, identifies=True),
        *PARTNER,
        Setting("callback_public_key_form", "spki", one_of("spki", "pkcs1"),
                "how credentials show the key that callbacks are checked with; spki: BEGIN PUBLIC KEY; pkcs1: BEGIN "
                "RSA PUBLIC KEY, as one receiver wants it"),
        Setting("other_partner", {},
                closed_object(**{name: each.schema for name, each in PARTNER_BY_SPELLING.items()}),
                "the second partner, `other-<sandbox>`, with the settings of the first; those left out have their "
                "defaults",
                check=_find_partner_problem),
        Setting("accepted_bases", [PUBLIC_BASE], {"type": "array", "items": _ORIGIN, "maxItems": 20},
                "base URLs that a signed text may have, besides the one that the client used",
                check=lambda bases: next(filter(None, map(url_problem, bases)), None)),
        Setting("trust_proxy", False, FLAG, "X-Forwarded-Proto and X-Forwarded-Host say which base the client used"),
        Setting("accept_decoded_query", False, FLAG,
                "a URL may be signed before its query is percent-encoded, as when the HTTP library encodes it"),
        Setting("signature_check", "tolerant", one_of("tolerant", "off"),
                "tolerant: any text that a correct client may have signed is accepted; off: only the key is checked"),
        Setting("rate_limit_per_minute", 0, whole_number(0, 1_000_000),
                "requests per API key in a fixed window of a minute; 0: no limit"),
        Setting("initialize_status", 400, one_of(400, 500), "the HTTP status of the error initialize"),
        Setting("unique_external_order_id", False, FLAG, "a repeated externalOrderId is refused with 409"),
        Setting("strict_precision", False, FLAG, "an amount with more decimals than its currency has is refused"),
        Setting("validate_wallets", True, FLAG, "wallet and refund addresses must look like addresses of the coin"),
        Setting("require_extra_id", True, FLAG, "XRP, XLM, EOS and BNB need their memo or tag", "documented"),
        Setting("require_refund_address", False, FLAG, "a sale needs refundAddress, as the older tables say",
                "documented"),
        Setting("created_at_zone", "edition", one_of("edition", "always", "never"),
                "whether times of orders end with Z; edition: not those of purchases in A"),
        Setting("full_list", True, FLAG, "GET /v1/orders without any parameter shows all orders, not 30", "documented"),
        Setting("offer_ttl_ms", 300_000, whole_number(1, 31_536_000_000), "how long an offer is valid"),
        Setting("emit_aliases", True, FLAG, "both spellings of the documentation where it has two"),
        Setting("transition_check", "final", one_of("final", "graph", "off"),
                "how a PATCH may change the status; final: unless it is final; graph: only as events do; off: at will"),
        Setting("complete_hash", "sha256", one_of("sha256", "none"),
                "transactionHash of a complete order; sha256: made from its id; none: null until an event gives it"),
        Setting("default_flow", "happy", one_of(*DEFAULT_FLOWS),
                "what happens to an order without a scenario; happy: it completes; none: it waits; any other value: "
                "it goes that way"),
        Setting("flow_step_ms", 1000, whole_number(0, 86_400_000), "time from one status to the next in the flows"),
        Setting("magic_values", True, FLAG,
                "reserved values of externalUserId and X-Sandbox-Fault have their effect; an order whose "
                "externalUserId begins with `sandbox-production` is not a test order"),
        Setting("fault_delay_ms", 0, whole_number(0, MAX_DELAY_MS),
                "how late, in real time, the errors timeout and unavailable are answered if somebody asks for them"),
        Setting("checkout_page", True, FLAG, "the emulator has the page that redirectUrl opens"),
        Setting("redirect_base", "{public_base}/checkout",
                {"type": "string", "maxLength": 1024},
                "where redirectUrl leads; {public_base} stands for that setting",
                check=lambda base: url_problem(write_checkout_base(base, PUBLIC_BASE))),
        Setting("catalogue", None, {"type": ["object", "null"], "properties": {part: {} for part in (*PARTS, ONLY)}},
                "entries laid over the catalogue by code or ticker; `only` names parts given whole; null: none",
                check=check_by_reading(lambda parts: read_catalogue({"catalogue": parts}))),
        Setting("accept_callback_url", False, FLAG, "an order's callbackUrl is where its callbacks go", "observed"),
        Setting("callback_extras", False, FLAG,
                "orders and callbacks also have amountTo, the expected payout, and callbacks also have type",
                "observed"),
        Setting("callback_timeout_ms", 10_000, whole_number(1, 600_000),
                "how long, in real time, a receiver may take to answer"),
        Setting("callback_max_retries", 23, whole_number(0, 1000), "how often a failed callback is sent again",
                "observed"),
        Setting("callback_retry_ms", 156_000, whole_number(0, 86_400_000), "time between attempts"),
    ),
)  # fmt: skip
