"""Who asks, and whether they may: the partner whose API key the request carries, and its signature.

A sandbox has two partners, and neither sees the other's orders. Source:
https://fiat-api.changelly.com/docs/Integration-guide/Authentication (seen 2026-11). Assumed: that all failures look
alike, the names of the partners, and that there are two.
"""

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.request import Request
from emulator.contract.setting import Settings
from emulator.core import rate_limits
from emulator.core.forwarded import Reached, read_forwarded, read_origin
from emulator.core.rate_limits import Rate
from emulator.core.wording import counted
from emulator.providers.changelly import mistakes
from emulator.providers.changelly.errors import incorrect
from emulator.providers.changelly.mistakes import KEY_HEADER, SIGNATURE_HEADER
from emulator.providers.changelly.settings import API_KEY, PARTNER, PARTNER_BY_SPELLING
from emulator.providers.changelly.signature.signed_text import SignedRequest
from emulator.providers.changelly.signature.test_key import PRIVATE_KEY_BASE64, PRIVATE_KEY_PEM, PUBLIC_KEY_PEM

PAGE_KEY = "order:"
"""The beginning of the key by which a page finds its order; the order's id follows."""

CHECKOUT = "/checkout/"
"""Where the pages are; they are opened without a key."""

_WINDOW_MS = 60_000

SECURITY = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Signature",
        "description": "base64 of RSA-SHA256 over the full URL and the body as compact JSON, {} where there is no body",
    },
}
"""As OpenAPI security schemes."""

FIRST = "key"
OTHER = "other"
NAMES = (FIRST, OTHER)
"""What a partner's API key begins with: `key-<sandbox>`, `other-<sandbox>`. The first can have a key of its own."""

_USUAL = {setting.name: setting.default for setting in PARTNER}


class Partner(Struct, frozen=True):
    """Whose orders they are."""

    name: str
    """One of NAMES."""
    record: Mapping[str, Any]
    """`mode`, `suspended`, `public_key`, `callback_url` and `callback_private_key`, as in the settings."""


def read_partner(settings: Settings, name: str) -> Partner:
    """The partner with one of the NAMES, in a sandbox with these settings."""
    if name == FIRST:
        return Partner(name, settings)
    given = {PARTNER_BY_SPELLING[spelling].name: value for spelling, value in settings["other_partner"].items()}
    return Partner(name, _USUAL | given)


def api_key(settings: Settings, name: str, sandbox: str) -> str:
    """The API key of a partner in a sandbox with these settings."""
    own: str | None = settings[API_KEY] if name == FIRST else None
    return f"{name}-{sandbox}" if own is None else own


def credentials(sandbox: str, settings: Settings) -> dict[str, Any]:
    """What a client of the sandbox needs. The private key is None where the partner has set a public key of its own."""
    known = settings["public_key"] == PUBLIC_KEY_PEM or _signature().is_test_key(settings["public_key"])
    callback_key, form = settings["callback_private_key"], settings["callback_public_key_form"]
    public_key = PUBLIC_KEY_PEM
    if (callback_key, form) != (PRIVATE_KEY_PEM, "spki"):
        public_key = _signature().write_public_key(callback_key, form)
    return {
        "api_key": api_key(settings, FIRST, sandbox),
        "private_key": PRIVATE_KEY_PEM if known else None,
        "private_key_base64": PRIVATE_KEY_BASE64 if known else None,
        "callback_public_key": public_key,
        "callback_public_key_base64": b64encode(public_key.encode()).decode(),
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the API key belongs to. For a page: the one that has the order."""
    if request.path.startswith(CHECKOUT):
        return holder(f"changelly/{PAGE_KEY}{request.path.rpartition('/')[2]}")
    key = request.headers.get(KEY_HEADER, "")
    name, _, sandbox = key.partition("-")
    return sandbox if name in NAMES else holder(f"changelly/{API_KEY}:{key}")


def require_route(call: Call) -> None:
    """Refuses with `notFound` an unknown path or method, before the key is looked at."""
    if call.endpoint is None:
        raise Refusal("notFound", f"there is no {call.request.method} {call.request.path}")


def require_partner(call: Call) -> None:
    """Finds the partner. Refuses with `unauthorized` a request without a known API key or a signature by its key."""
    request, signed = call.request, call.settings["signature_check"] != "off"
    key = request.headers.get(KEY_HEADER)
    if key is None:
        raise Refusal("unauthorized", mistakes.diagnose_key(call, None, _list_api_keys(call)))
    if request.repeated:
        _require_once(request, (KEY_HEADER, SIGNATURE_HEADER) if signed else (KEY_HEADER,))
    keys = _list_api_keys(call)
    name = keys.get(key)
    if name is None:
        raise Refusal("unauthorized", mistakes.diagnose_key(call, key, keys))
    partner = read_partner(call.settings, name)
    if signed:
        _require_signature(call, partner)
    call.caller = partner


def _list_api_keys(call: Call) -> dict[str, str]:
    """API key -> the name of its partner."""
    return {api_key(call.settings, each, call.tx.sandbox_name): each for each in NAMES}


def require_active(call: Call) -> None:
    """Refuses with `forbidden` a suspended partner."""
    if call.caller.record["suspended"]:
        raise Refusal("forbidden", "the partner is suspended (setting suspended)")


def require_rate(call: Call) -> None:
    """Refuses with `tooManyRequests` a partner that asks more often than the setting allows."""
    count = call.settings["rate_limit_per_minute"]
    if not count:
        return
    wait_ms = rate_limits.take(call.tx, f"changelly.{call.caller.name}", Rate(count, _WINDOW_MS))
    if wait_ms is not None:
        reason = f"more than {counted(count, 'request')} in a minute (setting rate_limit_per_minute)"
        raise Refusal("tooManyRequests", reason, retry_after_s=-(-wait_ms // 1000))


def _require_once(request: Request, headers: Collection[str]) -> None:
    for header in headers:
        if header in request.repeated:
            raise Refusal("unauthorized", f"{header} was sent twice")


def _require_signature(call: Call, partner: Partner) -> None:
    request, headers = call.request, call.request.headers
    host, reached = headers.get("host"), find_reached(call)
    scheme, _, name = reached.origin.partition("://")
    forwarded = call.settings["trust_proxy"] or reached.origin != read_origin("http", host or "", "")
    public_bases = [base for base in (call.settings["public_base"], request.public_url) if base]
    signature = _signature()
    try:
        verdict = signature.check_signature(
            SignedRequest(
                request.method,
                reached.prefix + request.target,
                request.body,
                host,
                request.origin.partition("://")[0],
                reached.prefix + request.mount,
                scheme if forwarded else None,
                name if forwarded else None,
            ),
            headers.get(SIGNATURE_HEADER),
            partner.record["public_key"],
            [*call.settings["accepted_bases"], *public_bases],
            decoded_query=call.settings["accept_decoded_query"],
            list_other_keys=lambda: _list_other_keys(call.settings, partner.name),
        )
    except signature.BodyTooLong as error:
        raise Refusal("validation", str(error), details=(incorrect("body"),)) from error
    if not verdict.accepted:
        raise Refusal("unauthorized", mistakes.diagnose_signature(call, verdict, _sign_if_known(partner, verdict.text)))


def _sign_if_known(partner: Partner, text: Any) -> str:
    """The signature of a text with the partner's private key; empty where only the partner has that."""
    known = text is not None and _signature().is_test_key(partner.record["public_key"])
    return _signature().sign(text.text, PRIVATE_KEY_PEM) if known else ""


def _list_other_keys(settings: Settings, name: str) -> dict[str, str]:
    """What a sentence calls a public key that is not the partner's -> the key."""
    partner, other = (read_partner(settings, each).record for each in sorted(NAMES, key=lambda each: each != name))
    return {
        "the private key that callbacks are signed with": _signature().write_public_key(
            partner["callback_private_key"], "spki"
        ),
        "another partner's private key": other["public_key"],
        "the private key of the test pair, but the setting public_key has another": PUBLIC_KEY_PEM,
    }


def find_reached(call: Call) -> Reached:
    """The URL that the client used: what a proxy says, if the setting `trust_proxy` trusts it."""
    request = call.request
    if not call.settings["trust_proxy"]:
        return Reached(request.origin, request.prefix)
    scheme, _, server = request.origin.partition("://")
    return read_forwarded(request.headers, scheme, server)


def write_page_path(call: Call) -> str:
    """Path and query of a page, as a browser asks for them."""
    return find_reached(call).prefix + call.request.target


@cache
def _signature() -> Any:
    """The module that checks signatures, imported with the first request: its library takes long to import."""
    from emulator.providers.changelly.signature import rsa

    return rsa
