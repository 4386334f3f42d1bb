"""The provider's errors, and how a refusal is written: `{"message": "..."}`, or the OAuth form.

Sources: https://docs.baanx.com/api-reference/order/create, https://docs.baanx.com/api-reference/card/status,
https://docs.baanx.com/api-reference/auth/login and https://docs.baanx.com/guides/oauth/troubleshooting, seen 2026-11.
Assumed: the statuses that are marked so, and all texts except "Not authenticated" and those about missing OAuth
parameters and disabled users.
"""

from emulator.contract.card import Call
from emulator.contract.errors import ErrorCase
from emulator.contract.named import by_name
from emulator.contract.reply import Refusal, Reply
from emulator.providers.baanx import wire

# A fault that asks for a status gets the first case with it. So not_found is the last 404: its paths meet no faults.
ERRORS = by_name(
    ErrorCase("method_not_allowed", 405, "Method not allowed", "the path exists, but not with this method", "assumed"),
    ErrorCase("payload_too_large", 413, "Payload too large", "the body is longer than 100 KiB", "assumed"),
    ErrorCase("client_missing", 499, "Missing client key", "the client key is missing", scripted="early"),
    ErrorCase("client_invalid", 498, "Invalid client key", "the client key is unknown, or two were sent that differ",
              scripted="early"),
    ErrorCase("rate_limited", 429, "Too many requests", "more requests than a rate limit setting allows", "observed",
              scripted="early"),
    ErrorCase("unauthenticated", 401, "Not authenticated", "the bearer token is missing, malformed, unknown or "
              "expired, or the user is of another region, with the setting enforce_region", scripted="early"),
    ErrorCase("forbidden", 403, "Not authorized", "the user lacks the permission", scripted="early"),
    ErrorCase("validation", 422, "productId is required", "the first rule that the body breaks", scripted="early"),
    ErrorCase("malformed_json", 422, "Request body is not valid JSON", "the body is empty or not JSON", "assumed",
              scripted="early", setting="malformed_json_status"),
    ErrorCase("unknown_product", 422, "Unknown productId", "the product is not in the catalogue", "assumed",
              scripted="late", setting="unknown_product_status"),
    ErrorCase("ineligible", 403, "Product not available for this user", "the product list says isEligible false",
              "assumed", scripted="late", setting="ineligible_status"),
    ErrorCase("open_order", 400, "User already has an open order", "only with the setting one_open_order",
              "assumed", scripted="late"),
    ErrorCase("order_not_found", 404, "Order not found", "no such order, or it is another user's"),
    ErrorCase("card_not_found", 404, "Card not found", "the user has no card"),
    ErrorCase("card_exists", 400, "User already has a card", "an order for a second card, also after a blocked one"),
    ErrorCase("not_verified", 400, "User is not verified", "an order for a card before the identity check"),
    ErrorCase("card_frozen", 400, "Card is already frozen", "freezing a frozen card"),
    ErrorCase("card_not_frozen", 400, "Card is not frozen", "unfreezing a card that is active"),
    ErrorCase("card_blocked", 400, "Card is blocked", "any call on a blocked card except the one for its status",
              "assumed"),
    ErrorCase("image_not_found", 404, "Not found", "an image that was already seen, has expired, or never existed",
              "assumed"),
    ErrorCase("bad_webhook", 400, "name is required", "the first rule that a webhook call breaks; one text documents "
              "the 400"),
    ErrorCase("bad_webhook_id", 400, "id must be a valid UUID", "an id in the path is not a UUID", "assumed"),
    ErrorCase("webhook_limit", 400, "Maximum webhook limit (5) reached for this tenant", "a sixth webhook endpoint"),
    ErrorCase("webhook_not_found", 404, "Webhook not found", "no such webhook endpoint", "assumed"),
    ErrorCase("event_not_found", 404, "Event not found", "no such webhook event", "assumed"),
    ErrorCase("bad_credentials", 401, "Incorrect email or password", "login with an unknown e-mail or a wrong "
              "password", "observed", setting="login_failure_status"),
    ErrorCase("user_disabled", 403, "Your account has been disabled", "login of a disabled user", "observed"),
    ErrorCase("user_locked", 401, "Your account has been locked", "login of a user after too many failed ones; only "
              "with the setting login_lock", "observed"),
    ErrorCase("code_required", 400, "OTP required", "login without the code that is needed; only with the setting "
              "otp_required_style=error400"),
    ErrorCase("wrong_code", 400, "Invalid OTP code", "login with a code that is wrong, expired, used, or was never "
              "asked for", "observed"),
    ErrorCase("user_not_found", 404, "User not found", "a one-time code for an unknown userId", "assumed"),
    ErrorCase("not_found", 404, "Not found", "no such path; a trailing slash makes another path", "assumed"),
    ErrorCase("bad_session", 400, "This page is no longer valid: start again in the app", "the hosted page without a "
              "session, or with one that is broken or has expired", "assumed"),
    ErrorCase("invalid_client_page", 400, "Unknown client", "the newer authorization of an unknown client; a page, as "
              "the browser cannot be sent back", "assumed"),
    ErrorCase("invalid_request", 400, "Invalid request", "an OAuth parameter is missing or malformed"),
    ErrorCase("unsupported_grant_type", 400, "Unsupported grant type", "no such OAuth grant", "assumed"),
    ErrorCase("invalid_client", 401, "Unknown client", "client_id is not a known client key", "assumed"),
    ErrorCase("invalid_grant", 400, "Invalid or expired grant", "the code or refresh token is unknown, used or "
              "expired, or the verifier or redirect_uri is that of another authorization", "assumed"),
    ErrorCase("unavailable", 503, "Service unavailable",
              "only if somebody asks for it; the pages name it for webhook routes"),
    ErrorCase("internal", 500, "Internal server error", "an unexpected failure; retry with back-off", scripted="late"),
)  # fmt: skip
"""Every error by its name; scenarios, settings and the journal use these names."""

_REFUSED_ON_A_PAGE = frozenset({"authorize-oauth2", "show-consent-page", "give-consent"})
"""Names of calls."""
_OAUTH_FORM = frozenset({"invalid_request", "unsupported_grant_type", "invalid_client", "invalid_grant"})


def write_message(call: Call, refusal: Refusal) -> tuple[int, str]:
    """Status and text of a refusal. Details: `message` replaces the text."""
    case = call.provider.errors[refusal.error]
    settings = call.settings
    message = settings["messages"].get(case.name) or str(refusal.details.get("message") or case.message)
    return settings[case.setting] if case.setting else case.status, message


def render(call: Call, refusal: Refusal) -> Reply:
    """The provider's answer to a refused request, in the form of the call; a page where a page was asked for. Details:
    `message` replaces the text, `retry_after_s` the wait of a 429."""
    case = call.provider.errors[refusal.error]
    settings = call.settings
    status, message = write_message(call, refusal)
    body = {"error": case.name, "error_description": message} if case.name in _OAUTH_FORM else {"message": message}
    headers: tuple[tuple[str, str], ...] = ()
    if case.name == "method_not_allowed":
        headers = (("Allow", ", ".join(call.methods)),)
    if case.name == "rate_limited" and settings["retry_after"]:
        wait_s = refusal.details.get("retry_after_s", 1)
        headers = (("Retry-After", str(wait_s if isinstance(wait_s, int) else 1)),)
    if call.endpoint is not None and call.endpoint.name in _REFUSED_ON_A_PAGE:
        from emulator.providers.baanx.oauth.consent_page import write_refusal

        return write_refusal(status, message, headers)
    return wire.write_answer(call, body, status, headers)
