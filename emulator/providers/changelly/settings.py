"""What of this provider is not known for sure, or is worth varying. All assumed, unless its text says otherwise.

Those that begin with `callback`, and `acceptCallbackUrl`, concern callbacks alone.
"""

from functools import cache
from typing import Any, Final

from emulator.contract.setting import Setting
from emulator.core.urls import url_problem
from emulator.providers.changelly import flows
from emulator.providers.changelly.catalogue import PARTS, find_parts_problem
from emulator.providers.changelly.formats import place_checkout
from emulator.providers.changelly.signed_text import PUBLIC_BASE
from emulator.providers.changelly.test_key import PRIVATE_KEY_PEM, PUBLIC_KEY_PEM

MAX_DELAY_MS: Final = 60_000
"""Longer answers to a slow provider make no sense: clients have given up long before."""

_FLAG: Final[dict[str, Any]] = {"type": "boolean"}
_ORIGIN: Final[dict[str, Any]] = {"type": "string", "maxLength": 1024}
_KEY: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 10_000}


def _one_of(*values: Any) -> dict[str, Any]:
    return {"enum": list(values)}


def _count(most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


@cache
def _keys() -> Any:
    """The module that reads keys. Imported when it is first needed, because its library takes long to import."""
    from emulator.providers.changelly import signature

    return signature


def _problem_of_public_key(value: str) -> str | None:
    try:
        _keys().load_public_key(value)
    except ValueError as error:
        return str(error)
    return None


def _problem_of_private_key(value: str) -> str | None:
    try:
        _keys().load_private_key(value)
    except ValueError as error:
        return str(error)
    return None


PARTNER: Final = (
    Setting("mode", "test", _one_of("test", "production"),
            "whether the partner's orders are test orders; sandbox calls refuse others"),
    Setting("suspended", False, _FLAG, "the partner gets 403 for everything"),
    Setting("publicKey", PUBLIC_KEY_PEM, _KEY,
            "the partner's RSA key that its signatures are checked with: PEM, or base64 of it",
            check=_problem_of_public_key),
    Setting("callbackUrl", None, _or_null({**_ORIGIN, "maxLength": 2048}),
            "where callbacks of the partner go; none: nowhere", "documented", check=url_problem),
    Setting("callbackPrivateKey", PRIVATE_KEY_PEM, _KEY,
            "the RSA key that callbacks are signed with: PKCS#8 or PKCS#1, PEM, or base64 of it",
            check=_problem_of_private_key),
)  # fmt: skip
"""What there is to say of a partner. As settings of their own they are those of the first one, `key-<sandbox>`."""


def _problem_of_partner(value: dict[str, Any]) -> str | None:
    """The first of its members that is no good; their form is known to be right."""
    problems = (setting.check(value[setting.name]) for setting in PARTNER if setting.name in value)
    return next(filter(None, problems), None)


SETTINGS: Final = {
    setting.name: setting
    for setting in (
        Setting("edition", "A", _one_of("A", "C"),
                "edition of the documentation that POST /v1/orders follows: A, the oldest, or C, the newest"),
        *PARTNER,
        Setting("otherPartner", {},
                {"type": "object", "properties": {each.name: each.schema for each in PARTNER},
                 "additionalProperties": False},
                "the second partner, `other-<sandbox>`, in the words of the first; what is left out is as by default",
                check=_problem_of_partner),
        Setting("acceptedBases", [PUBLIC_BASE], {"type": "array", "items": _ORIGIN, "maxItems": 20},
                "base URLs that may stand in a signed text, besides the one that the client has really used",
                check=lambda bases: next(filter(None, map(url_problem, bases)), None)),
        Setting("trustProxy", False, _FLAG, "X-Forwarded-Proto and X-Forwarded-Host say what the client has used"),
        Setting("signatureCheck", "tolerant", _one_of("tolerant", "off"),
                "tolerant: any text that a correct client can have signed is good; off: only the key is looked at"),
        Setting("rateLimitPerMinute", 0, _count(1_000_000),
                "requests per API key in a fixed window of a minute; 0: no limit"),
        Setting("initializeStatus", 400, _one_of(400, 500), "HTTP status of the error initialize"),
        Setting("uniqueExternalOrderId", False, _FLAG, "a repeated externalOrderId is refused with 409"),
        Setting("strictPrecision", False, _FLAG, "an amount with more decimals than its currency has is refused"),
        Setting("validateWallets", True, _FLAG, "wallet and refund addresses must look like the coin's"),
        Setting("requireExtraId", False, _FLAG, "coins with a memo or tag need one"),
        Setting("offerTtlMs", 300_000, _count(31_536_000_000, 1), "how long an offer can be ordered"),
        Setting("emitAliases", True, _FLAG, "both spellings of the documentation where it has two"),
        Setting("transitionCheck", "final", _one_of("final", "graph", "off"),
                "what a PATCH may do to the status: leave all but the final ones, only go along the arrows, anything"),
        Setting("completeHash", "sha256", _one_of("sha256", "none"),
                "transactionHash of an order that completes: one made up of its id, or none until an event gives it"),
        Setting("defaultFlow", flows.HAPPY, _one_of(flows.HAPPY, flows.NONE, *flows.FLOWS),
                "what happens to an order for which nobody has chosen a scenario"),
        Setting("flowStepMs", 1000, _count(86_400_000), "time from one status to the next in the flows"),
        Setting("magicValues", True, _FLAG,
                "reserved values of externalUserId and X-Sandbox-Fault have their effect; an order whose "
                "externalUserId begins with `sandbox-production` is no test order"),
        Setting("faultDelayMs", 0, _count(MAX_DELAY_MS),
                "how late, by real time, timeout and unavailable are answered that somebody has asked for"),
        Setting("checkoutPage", True, _FLAG, "the redirectUrl opens a page here"),
        Setting("publicBase", None, _or_null(_ORIGIN),
                "base URL at which users reach the emulator; none: the one that the client has used",
                check=url_problem),
        Setting("redirectBase", "{publicBase}/checkout",
                {"type": "string", "maxLength": 1024},
                "where redirectUrls lead; {publicBase} stands for that setting",
                check=lambda base: url_problem(place_checkout(base, PUBLIC_BASE))),
        Setting("catalogue", None, {"type": ["object", "null"], "propertyNames": {"enum": list(PARTS)}},
                "parts of the catalogue (providers, currencies, countries ...) instead of the usual ones",
                check=find_parts_problem),
        Setting("acceptCallbackUrl", False, _FLAG, "callbackUrl in an order is used for this order", "observed"),
        Setting("callbackExtras", False, _FLAG, "orders and callbacks also have amountTo, callbacks type", "observed"),
        Setting("callbackTimeoutMs", 10_000, _count(600_000, 1), "real time that a receiver has for its answer"),
        Setting("callbackMaxRetries", 23, _count(1000), "how often a callback that failed is sent again", "observed"),
        Setting("callbackRetryMs", 156_000, _count(86_400_000), "time between two attempts"),
    )
}  # fmt: skip
