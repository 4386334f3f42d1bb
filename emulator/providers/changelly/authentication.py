"""Who is asking: the partner whose API key the request bears, and whether it has signed the request.

Each sandbox has two partners: `key-<sandbox>`, which the settings describe, and `other-<sandbox>`, which has the public
test key and sees none of the first one's orders. Source:
https://fiat-api.changelly.com/docs/Integration-guide/Authentication (seen 2026-11). Assumed: the names of the keys, and
that all failures look alike.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from msgspec import Struct

from emulator.core import limits
from emulator.core.call import Call
from emulator.core.provider import Refusal, Request
from emulator.providers.changelly.errors import incorrect
from emulator.providers.changelly.signed_text import SignedRequest
from emulator.providers.changelly.test_key import PRIVATE_KEY_BASE64, PRIVATE_KEY_PEM, PUBLIC_KEY_PEM

READ_LIMIT: Final = 2 * 1024 * 1024
"""How many bytes of a body are read; of a longer one the signature can not be checked."""

CHECKOUT: Final = "/checkout/"
"""Where the pages are; who opens them has no key."""

_KEY_HEADER: Final = "x-api-key"
_SIGNATURE_HEADER: Final = "x-api-signature"
_API_KEY: Final = re.compile(r"(?:key|other)-([a-z0-9][a-z0-9-]{0,39})")
_WINDOW_MS: Final = 60_000

SECURITY: Final = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Signature",
        "description": "base64 of RSA-SHA256 over the full URL and the body as compact JSON, {} where there is no body",
    },
}
"""As OpenAPI security schemes."""


class Partner(Struct, frozen=True):
    """Who owns orders. `name` is the beginning of the API key, `key` or `other`."""

    name: str
    public_key: str = PUBLIC_KEY_PEM
    mode: str = "test"
    suspended: bool = False


_OTHER: Final = Partner("other")
_PARTNERS: Final = ("key", _OTHER.name)


def credentials(sandbox: str) -> dict[str, Any]:
    """What a client of the sandbox needs."""
    return {
        "api_key": f"key-{sandbox}",
        "private_key": PRIVATE_KEY_PEM,
        "private_key_base64": PRIVATE_KEY_BASE64,
        "callback_public_key": PUBLIC_KEY_PEM,
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the API key belongs to, or, for a page, the one that has the order in its path."""
    if request.path.startswith(CHECKOUT):
        return holder(f"changelly/{order_key(request.path.rpartition('/')[2])}")
    found = _API_KEY.fullmatch(request.headers.get(_KEY_HEADER, ""))
    return found[1] if found else None


def order_key(order_id: str) -> str:
    """The index key by which a page finds its order."""
    return f"order:{order_id}"


def require_partner(call: Call) -> None:
    """401 unless the request bears a known API key and a signature made with its private key; finds the partner."""
    key = call.header(_KEY_HEADER)
    if key is None:
        raise Refusal("unauthorized", "X-Api-Key is missing")
    if call.request.repeated and not call.request.repeated.isdisjoint((_KEY_HEADER, _SIGNATURE_HEADER)):
        raise Refusal("unauthorized", "X-Api-Key or X-Api-Signature was sent twice")
    name, _, sandbox = key.partition("-")
    if name not in _PARTNERS or sandbox != call.tx.sandbox_name:
        expected = credentials(call.tx.sandbox_name)["api_key"]
        raise Refusal("unauthorized", f"{key!r} is not a known API key; that of this sandbox is {expected!r}")
    partner = _OTHER if name == _OTHER.name else _describe(call)
    if call.settings["signatureCheck"] != "off":
        _require_signature(call, partner)
    call.caller = partner


def require_active(call: Call) -> None:
    """403 for a partner that is suspended."""
    if call.caller.suspended:
        raise Refusal("forbidden", "the partner is suspended (setting suspended)")


def require_rate(call: Call) -> None:
    """429 for a partner that asks more often than the setting allows."""
    count = call.settings["rateLimitPerMinute"]
    if not count:
        return
    wait_ms = limits.take(call.tx, f"changelly.{call.caller.name}", count, _WINDOW_MS)
    if wait_ms is not None:
        reason = f"more than {count} requests in a minute (setting rateLimitPerMinute)"
        raise Refusal("tooManyRequests", reason, retry_after_s=-(-wait_ms // 1000))


def _describe(call: Call) -> Partner:
    settings = call.settings
    return Partner("key", settings["publicKey"], settings["mode"], settings["suspended"])


def _require_signature(call: Call, partner: Partner) -> None:
    request = call.request
    if len(request.body) > READ_LIMIT:
        reason = f"the body is longer than {READ_LIMIT} bytes, so that its signature can not be checked"
        raise Refusal("validation", reason, details=(incorrect("body"),))
    trusted = call.settings["trustProxy"]
    verdict = _signature().check_signature(
        SignedRequest(
            request.method,
            request.target,
            request.body,
            request.headers.get("host"),
            request.mount,
            request.headers.get("x-forwarded-proto") if trusted else None,
            request.headers.get("x-forwarded-host") if trusted else None,
        ),
        request.headers.get(_SIGNATURE_HEADER),
        partner.public_key,
        call.settings["acceptedBases"],
    )
    if not verdict.accepted:
        raise Refusal("unauthorized", verdict.explanation)


@cache
def _signature() -> Any:
    """The module that checks signatures. Imported with the first request, because its library takes long to import."""
    from emulator.providers.changelly import signature

    return signature
