"""How every answer leaves: JSON, with CORS headers where the setting `cors` asks for them. Decides nothing.

Source: https://docs.baanx.com/api-reference/order/create, seen 2026-11. Assumed: CORS headers, which no page mentions.
"""

from typing import Any

from emulator.core.call import Call
from emulator.core.provider import Endpoint, Reply, json_reply

_ANY_ORIGIN = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "Retry-After"))
_ALLOWED_HEADERS = "Authorization, Content-Type, X-Client-ID, x-client-key, x-us-env, x-secret-key"
_REMEMBERED_S = "600"


def json_answer(call: Call, status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """An answer with `value` as compact JSON."""
    if call.settings["cors"]:
        headers = (*headers, *_ANY_ORIGIN)
    return json_reply(status, value, headers)


def _allow_request(call: Call) -> Reply:
    return Reply(
        204,
        b"",
        headers=(
            *_ANY_ORIGIN,
            ("Access-Control-Allow-Methods", ", ".join(call.methods)),
            ("Access-Control-Allow-Headers", _ALLOWED_HEADERS),
            ("Access-Control-Max-Age", _REMEMBERED_S),
        ),
    )


PREFLIGHT = Endpoint(
    name="preflight",
    method="OPTIONS",
    path="*",
    handle=_allow_request,
    about="Answers a browser that asks whether it may send a request; only with the setting cors.",
    success=204,
)
"""What answers OPTIONS at every path while the setting `cors` is on. It asks for no credential."""
