"""Who asks, and whether they may: the access key, its addresses and permissions, the signature, the request's age.

Sources: https://docs-en.basswallet.com/api-reference/info/request-info, .../info/sign-info and
https://docs-zh.basswallet.com/api-reference/info/api-key, seen 2026-11. Assumed: the order of the checks.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Literal

from msgspec.structs import replace

from emulator.contract.card import Call, Check, Endpoint
from emulator.contract.reply import Refusal
from emulator.contract.request import Request
from emulator.contract.setting import Settings
from emulator.core import rate_limits
from emulator.core.durations import format_duration
from emulator.providers.basswallet import catalogue
from emulator.providers.basswallet.catalogue import AccessKey, Permission
from emulator.providers.basswallet.mistakes import (
    KEY_HEADER,
    LEGACY_KEY_HEADER,
    diagnose_key,
    diagnose_signature,
    diagnose_timestamp,
)
from emulator.providers.basswallet.signature.texts import find_signed_text
from emulator.providers.basswallet.wire import ParameterError, Parameters, read_body, read_clock_ms, read_query

PAGE_KEY = "payin:"
"""The beginning of the key by which a hosted page finds its order; the UUID in its address follows."""

SECURITY = {
    "key": {"type": "apiKey", "in": "header", "name": "API-Access-Key"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "HMAC-SHA256 in hex, keyed with the secret key, over the parameters in the order sent, "
        "name=value joined with &",
    },
}
"""As OpenAPI security schemes."""

TIMESTAMP_AGE_LIMIT_MS = 10_000
"""A timestamp of exactly this age is still good. Documented: 10 s (5 s in an older revision)."""

_CONVERT_METHODS = {"get": ("GET", "HEAD"), "post": ("POST",)}
"""The methods of the conversions by the setting `convert_method`; with any other value, all that there are."""
_TIMESTAMP_DIGITS_LIMIT = 19
_PAYIN = re.compile(r"(?:/api)?/payin/([0-9a-f-]{36})(?:/pay)?")


def credentials(sandbox: str, settings: Settings) -> dict[str, Any]:
    """What a client of the sandbox needs: the key that may do everything, those that may not, and the webhooks' key."""
    members: dict[str, Any] = {}
    for key in catalogue.list_access_keys(sandbox):
        prefix = "" if key.word == "access" else f"{key.word}_"
        members |= {f"{prefix}access_key": key.access_key, f"{prefix}secret_key": key.secret_key}
    callback = catalogue.list_callback_keys(sandbox)[0]
    return members | {
        "callback_access_key": callback.access_key,
        "callback_secret_key": callback.secret_key,
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the access key belongs to. For a hosted page: the one that has the order."""
    page = _PAYIN.fullmatch(request.path) if "/payin/" in request.path else None
    if page is not None:
        return holder(f"basswallet/{PAGE_KEY}{page[1]}")
    headers = request.headers
    return catalogue.find_sandbox_of_access_key(headers.get(KEY_HEADER) or headers.get(LEGACY_KEY_HEADER) or "")


def may_lack_route(settings: Settings, endpoint: Endpoint | None) -> bool:
    """Whether `require_route` may refuse a request that leads there."""
    return endpoint is None or settings["convert_method"] != "any"


def require_route(call: Call) -> None:
    """Refuses an unknown path with `NOT_FOUND`, and another method with `METHOD_NOT_ALLOWED`.

    A trailing slash makes another path.
    """
    methods = list_methods(call)
    if call.endpoint is not None and call.endpoint.method in methods:
        return
    if not call.methods:
        raise Refusal("NOT_FOUND", f"there is no {call.request.path}")
    raise Refusal("METHOD_NOT_ALLOWED", f"{call.request.path} takes {', '.join(methods)}, not {call.request.method}")


def list_methods(call: Call) -> list[str]:
    """The methods that the path takes; conversions take those that a setting says."""
    wanted = _CONVERT_METHODS.get(call.settings["convert_method"], call.methods)
    is_free = not call.request.path.partition("/v1/")[2].startswith("common/convert/")
    return [method for method in call.methods if is_free or method in wanted]


def require_key(call: Call) -> None:
    """Finds the access key of the request. Refuses with `UNAUTHORIZED_ACCESS` one that is not the sandbox's."""
    headers, settings = call.request.headers, call.settings
    sent = headers.get(KEY_HEADER)
    if not sent and settings["legacy_key_header"]:
        sent = headers.get(LEGACY_KEY_HEADER)
    if not sent:
        raise Refusal("UNAUTHORIZED_ACCESS", diagnose_key(call, None))
    key = catalogue.find_access_key(sent)
    sandbox = call.tx.sandbox_name
    if key is None or catalogue.find_sandbox_of_access_key(sent) != sandbox:
        raise Refusal("UNAUTHORIZED_ACCESS", diagnose_key(call, sent))
    change = settings["keys"].get(key.word)
    call.caller = key if change is None else _require_enabled(key, change)


def require_common_key(call: Call) -> None:
    """Refuses as `require_key` does, unless a setting says that the common endpoints need no access key."""
    if call.settings["common_requires_key"]:
        require_key(call)


def _require_enabled(key: AccessKey, change: Mapping[str, Any]) -> AccessKey:
    if not change.get("enabled", True):
        raise Refusal("UNAUTHORIZED_ACCESS", f"the key {key.access_key} is not enabled (setting keys)")
    return replace(
        key,
        permissions=frozenset(change.get("permissions", key.permissions)),
        ip_list=tuple(change.get("ip_list", key.ip_list)),
    )


def require_address(call: Call) -> None:
    """Refuses with `IP_NOT_IN_WHITELIST` a caller from an address that the key is not bound to."""
    key: AccessKey | None = call.caller
    if key is None or not key.ip_list or _is_within(call.request.peer, key.ip_list):
        return
    allowed = ", ".join(key.ip_list)
    raise Refusal("IP_NOT_IN_WHITELIST", f"{key.access_key} may be used from {allowed}, not from {call.request.peer}")


@lru_cache(maxsize=256)
def _is_within(peer: str, ip_list: tuple[str, ...]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in ip_network(network, strict=False) for network in ip_list)


def require_rate(call: Call) -> None:
    """Refuses with `FREQUENCY_LIMITED` when the key is used more often than the setting allows."""
    limit = call.settings["rate_limit"]
    if limit is None or call.caller is None or call.endpoint is None:
        return
    window = f"basswallet/{call.caller.access_key}"
    if not isinstance(limit, str):
        name = call.endpoint.name
        limit, window = limit.get(name, limit.get("*")), f"{window}/{name}"
        if limit is None:
            return
    rate = rate_limits.read_rate(limit)
    wait_ms = rate_limits.take(call.tx, window, rate)
    if wait_ms is not None:
        raise Refusal(
            "FREQUENCY_LIMITED",
            f"more than {rate} (setting rate_limit); free again in {format_duration(wait_ms)}",
        )


def require_parameters(call: Call) -> None:
    """Puts the parameters into `call.body`. Refuses with `PARAM_ERROR` if they cannot be read."""
    call.body = _read_parameters(call).values


def require_timestamp(call: Call) -> None:
    """Refuses with `PARAM_ERROR` an unsigned call without the timestamp that it lists; its age does not matter."""
    timestamp = call.body.get("timestamp", "")
    if call.settings["common_timestamp"] == "required" and not _is_timestamp(timestamp):
        raise Refusal(
            "PARAM_ERROR", f"timestamp is {timestamp[:40]!r}: send Unix milliseconds (setting common_timestamp)"
        )


def require_signature(call: Call) -> None:
    """Puts the parameters into `call.body`. Refuses with `PARAM_ERROR`, `SIGN_ERROR` or `TIME_OUT` unless they are
    signed and fresh."""
    parameters = _read_parameters(call)
    if call.settings["signature_check"] == "strict":
        _require_signed(call, parameters)
        _require_fresh(call, parameters)
    call.body = parameters.values


def _read_parameters(call: Call) -> Parameters:
    request = call.request
    try:
        if request.method in ("GET", "HEAD"):
            return read_query(request.query.encode("latin-1"))
        accept_json = call.settings["accept_json"]
        return read_body(request.headers.get("content-type"), request.body, accept_json=accept_json)
    except ParameterError as error:
        raise Refusal("PARAM_ERROR", error.reason) from error


def _require_signed(call: Call, parameters: Parameters) -> None:
    signature, signature_text = call.request.headers.get("signature"), call.settings["signature_text"]
    if find_signed_text(signature, call.caller.secret_key, parameters, signature_text) is None:
        raise Refusal("SIGN_ERROR", diagnose_signature(call, parameters))


def _require_fresh(call: Call, parameters: Parameters) -> None:
    settings = call.settings
    now_ms = read_clock_ms(call.tx, settings)
    timestamp = parameters.values.get("timestamp", "")
    error = find_timestamp_error(timestamp, now_ms, settings["future_tolerance_ms"])
    if error is not None:
        raise Refusal(error, diagnose_timestamp(call, timestamp, now_ms))


def find_timestamp_error(
    timestamp: str, now_ms: int, future_tolerance_ms: int | None = None
) -> Literal["PARAM_ERROR", "TIME_OUT"] | None:
    """The error of a request's `timestamp` (Unix ms as text); None when it is good.

    `future_tolerance_ms`: how far in the future it may lie; None: any distance. Assumed, as the page speaks of age
    only.
    """
    if not _is_timestamp(timestamp):
        return "PARAM_ERROR"
    age_ms = now_ms - int(timestamp)
    if age_ms > TIMESTAMP_AGE_LIMIT_MS:
        return "TIME_OUT"
    if future_tolerance_ms is not None and -age_ms > future_tolerance_ms:
        return "TIME_OUT"
    return None


def _is_timestamp(text: str) -> bool:
    return len(text) <= _TIMESTAMP_DIGITS_LIMIT and text.isascii() and text.isdigit()


def require_permission(permission: Permission) -> Check:
    """The check that refuses with `NO_AUTH` a key without the permission."""

    def check(call: Call) -> None:
        """Refuses with `NO_AUTH` a key without the permission that the call needs."""
        if call.caller is not None and permission not in call.caller.permissions:
            raise Refusal("NO_AUTH", f"the key {call.caller.access_key} lacks the permission {permission!r}")

    return check


def require_bound_key(call: Call) -> None:
    """Refuses with `NO_AUTH` a key that is bound to no address, if the setting `withdraw_without_ip` says so."""
    if call.settings["withdraw_without_ip"] == "refused" and not call.caller.ip_list:
        reason = f"the key {call.caller.access_key} is bound to no address (setting withdraw_without_ip)"
        raise Refusal("NO_AUTH", reason)
