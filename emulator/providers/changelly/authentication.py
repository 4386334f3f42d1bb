"""Who is asking: the partner whose API key the request bears, and whether it has signed the request.

Source: https://fiat-api.changelly.com/docs/Integration-guide/Authentication (seen 2026-11). Assumed: that all failures
look alike.
"""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, Final

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.request import Request
from emulator.core import limits
from emulator.providers.changelly.errors import incorrect
from emulator.providers.changelly.partners import FIRST, NAMES, Partner, api_key, partner_of
from emulator.providers.changelly.signed_text import SignedRequest
from emulator.providers.changelly.test_key import PRIVATE_KEY_BASE64, PRIVATE_KEY_PEM, PUBLIC_KEY_PEM

CHECKOUT: Final = "/checkout/"
"""Where the pages are; who opens them has no key."""

_KEY_HEADER: Final = "x-api-key"
_SIGNATURE_HEADER: Final = "x-api-signature"
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


def credentials(sandbox: str) -> dict[str, Any]:
    """What a client of the sandbox needs."""
    return {
        "api_key": api_key(FIRST, sandbox),
        "private_key": PRIVATE_KEY_PEM,
        "private_key_base64": PRIVATE_KEY_BASE64,
        "callback_public_key": PUBLIC_KEY_PEM,
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the API key belongs to, or, for a page, the one that has the order in its path."""
    if request.path.startswith(CHECKOUT):
        return holder(f"changelly/{order_key(request.path.rpartition('/')[2])}")
    name, _, sandbox = request.headers.get(_KEY_HEADER, "").partition("-")
    return sandbox if name in NAMES else None


def order_key(order_id: str) -> str:
    """The index key by which a page finds its order."""
    return f"order:{order_id}"


def require_partner(call: Call) -> None:
    """401 unless the request bears a known API key and a signature made with its private key; finds the partner."""
    request, signed = call.request, call.settings["signatureCheck"] != "off"
    key = request.headers.get(_KEY_HEADER)
    if key is None:
        raise Refusal("unauthorized", "X-Api-Key is missing")
    if request.repeated:
        _require_once(request, (_KEY_HEADER, _SIGNATURE_HEADER) if signed else (_KEY_HEADER,))
    name, _, sandbox = key.partition("-")
    if name not in NAMES or sandbox != call.tx.sandbox_name:
        expected = api_key(FIRST, call.tx.sandbox_name)
        raise Refusal("unauthorized", f"{key!r} is not a known API key; that of this sandbox is {expected!r}")
    partner = partner_of(call.settings, name)
    if signed:
        _require_signature(call, partner)
    call.caller = partner


def require_active(call: Call) -> None:
    """403 for a partner that is suspended."""
    if call.caller.record["suspended"]:
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


def _require_once(request: Request, headers: Collection[str]) -> None:
    for header in headers:
        if header in request.repeated:
            raise Refusal("unauthorized", f"{header} was sent twice")


def _require_signature(call: Call, partner: Partner) -> None:
    request, headers = call.request, call.request.headers
    trusted = call.settings["trustProxy"]
    signature = _signature()
    try:
        verdict = signature.check_signature(
            SignedRequest(
                request.method,
                request.target,
                request.body,
                headers.get("host"),
                request.mount,
                headers.get("x-forwarded-proto") if trusted else None,
                headers.get("x-forwarded-host") if trusted else None,
            ),
            headers.get(_SIGNATURE_HEADER),
            partner.record["publicKey"],
            call.settings["acceptedBases"],
        )
    except signature.BodyTooLong as error:
        raise Refusal("validation", str(error), details=(incorrect("body"),)) from error
    if not verdict.accepted:
        raise Refusal("unauthorized", verdict.explanation)


@cache
def _signature() -> Any:
    """The module that checks signatures. Imported with the first request, because its library takes long to import."""
    from emulator.providers.changelly import signature

    return signature
