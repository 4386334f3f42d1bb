"""The error catalogue, and the one envelope of all errors: `{"message": "..."}`. Decides nothing.

Source: https://docs.baanx.com/api-reference/order/create and https://docs.baanx.com/api-reference/card/status,
seen 2026-11. Assumed: all texts but "Not authenticated", and the statuses marked so.
"""

from emulator.core.call import Call
from emulator.core.provider import ErrorCase, Refusal, Reply, json_reply

BODY_LIMIT = 100 * 1024

ERRORS = {
    case.name: case
    for case in (
        ErrorCase("not_found", 404, "Not found", "no such path; a trailing slash makes another path", "assumed"),
        ErrorCase("method_not_allowed", 405, "Method not allowed", "the path exists, not this method", "assumed"),
        ErrorCase("payload_too_large", 413, "Payload too large", "body over 100 KiB", "assumed"),
        ErrorCase("client_missing", 499, "Missing client key", "no client key header", scripted="early"),
        ErrorCase("client_invalid", 498, "Invalid client key", "client key unknown, or two that differ",
                  scripted="early"),
        ErrorCase("rate_limited", 429, "Too many requests", "more requests than a rate limit setting allows", "observed",
                  scripted="early"),
        ErrorCase("unauthenticated", 401, "Not authenticated", "bearer missing, malformed, unknown or expired",
                  scripted="early"),
        ErrorCase("forbidden", 403, "Not authorized", "the user lacks the permission", scripted="early"),
        ErrorCase("validation", 422, "", "the first rule that the body breaks", scripted="early"),
        ErrorCase("malformed_json", 422, "Request body is not valid JSON", "body empty or not JSON", "assumed"),
        ErrorCase("unknown_product", 422, "Unknown productId", "product not in the catalogue", "assumed",
                  scripted="late"),
        ErrorCase("ineligible", 403, "Product not available for this user", "the product list says isEligible false",
                  "assumed", scripted="late"),
        ErrorCase("open_order", 400, "User already has an open order", "only with the setting one_open_order",
                  "assumed", scripted="late"),
        ErrorCase("order_not_found", 404, "Order not found", "unknown order, or another user's"),
        ErrorCase("internal", 500, "Internal server error", "an unexpected failure; retry with back-off",
                  scripted="late"),
    )
}  # fmt: skip

_STATUS_SETTINGS = {
    "ineligible": "ineligible_status",
    "unknown_product": "unknown_product_status",
    "malformed_json": "malformed_json_status",
}


def render(call: Call, refusal: Refusal) -> Reply:
    """The answer to a refused request. Details: `message` replaces the text, `status` the status."""
    case = ERRORS[refusal.error]
    settings = call.settings
    message = settings["messages"].get(case.name) or refusal.details.get("message") or case.message
    status = refusal.details.get("status", settings.get(_STATUS_SETTINGS.get(case.name, ""), case.status))
    headers: tuple[tuple[str, str], ...] = ()
    if case.name == "method_not_allowed":
        headers = (("Allow", ", ".join(call.methods)),)
    if case.name == "rate_limited" and settings["retry_after"]:
        headers = (("Retry-After", str(refusal.details.get("retry_after_s", 1))),)
    return json_reply(status, {"message": message}, headers)


def require_path(call: Call) -> None:
    """404 where nothing is."""
    if not call.methods:
        raise Refusal("not_found", f"there is no {call.request.path}")


def require_method(call: Call) -> None:
    """405 where only other methods are."""
    if call.endpoint is None:
        allowed = ", ".join(call.methods)
        raise Refusal("method_not_allowed", f"{call.request.path} takes {allowed}, not {call.request.method}")


def require_small_body(call: Call) -> None:
    """413 for a body over the limit."""
    if len(call.request.body) > BODY_LIMIT:
        raise Refusal("payload_too_large", f"the body is longer than {BODY_LIMIT} bytes")
