"""The index card of Baanx: its calls, and where everything else about it is."""

from typing import Any

from msgspec.structs import asdict

from emulator.contract.card import Check, Endpoint, Handler, Provider, where_nothing_is
from emulator.providers.baanx import (
    access,
    commands,
    errors,
    lifecycle,
    orders,
    pages,
    tables,
    webhooks,
    wire,
)
from emulator.providers.baanx.accounts import profile, sign_in
from emulator.providers.baanx.cards import calls as card_calls
from emulator.providers.baanx.cards import cards
from emulator.providers.baanx.oauth import grants, hosted_page, oauth2
from emulator.providers.baanx.oauth.parameters import FORM_TYPE
from emulator.providers.baanx.offer.terms import TERMS
from emulator.providers.baanx.order_request import ORDER_REQUEST
from emulator.providers.baanx.order_views import ORDER_VIEWS
from emulator.providers.baanx.outline import outline
from emulator.providers.baanx.signing import SIGNING
from emulator.providers.baanx.webhook_endpoints import endpoints, records

_REFERENCE = "https://docs.baanx.com/api-reference"
_MANAGEMENT = "https://docs.baanx.com/guides/card/management"
_OAUTH2_TYPES = ("application/json", FORM_TYPE)


def _call(
    name: str, method: str, path: str, handle: Handler, checks: tuple[Check, ...], about: str, source: str, **more: Any
) -> Endpoint:
    """A call that a page of the reference describes; an empty `source`: none does."""
    return Endpoint(name, method, path, handle, about, source and f"{_REFERENCE}/{source}", checks, **more)


def _card_call(name: str, method: str, path: str, handle: Handler, about: str, source: str) -> Endpoint:
    """A call about the user's card."""
    secrets = ("token", "imageUrl")
    return _call(name, method, f"/v1/card/{path}", handle, access.CARDHOLDER, about, f"card/{source}", secrets=secrets)


def _webhook_call(
    name: str, method: str, path: str, handle: Handler, about: str, source: str, success: int = 200
) -> Endpoint:
    """A call that manages webhooks."""
    return _call(
        name, method, f"/v1/webhooks{path}", handle, access.MANAGER, about, f"webhooks/{source}", secrets=("apiKey",),
        success=success, security=access.BEARER_ONLY,
    )  # fmt: skip


_ORDER_CALLS = (
    _call("create-order", "POST", "/v1/order", orders.create_order, access.BUYER,
          "Creates an order for a product and says where to pay.", "order/create", matched=("create-order.request",)),
    _call("get-order", "GET", "/v1/order/{order_id}", orders.get_order, access.BUYER,
          "Shows an order; apps poll it.", "order/status"),
    _call("list-products", "GET", "/v1/order/products/available", orders.list_products, access.BUYER,
          "Lists what the user may order.", "order/enum-products"),
)  # fmt: skip

_USER_CALLS = (
    _call("sign-in", "POST", "/v1/auth/login", sign_in.sign_in, access.CLIENT,
          "Logs a user in, or says what is still to be done.", "auth/login",
          secrets=("password", "otpCode", "accessToken"), security=access.CLIENT_ONLY),
    _call("send-one-time-code", "POST", "/v1/auth/login/otp", sign_in.send_one_time_code, access.CLIENT,
          "Sends a user the code for a login.", "auth/login-otp", security=access.CLIENT_ONLY),
    _call("initiate-oauth", "GET", "/v1/auth/oauth/authorize/initiate", grants.initiate_oauth, access.BROWSER,
          "Starts an OAuth authorization with PKCE.", "auth/oauth-authorize-initiate",
          secrets=("client_secret", "token", "url"), error_schema="oauth-refusal", security=access.CLIENT_ONLY),
    _call("authorize-oauth", "POST", "/v1/auth/oauth/authorize", grants.authorize_oauth, access.USER,
          "Records the user's consent and returns a code for it.", "auth/oauth-authorize",
          secrets=("token", "code", "url"), error_schema="oauth-refusal"),
    _call("create-oauth-token", "POST", "/v1/auth/oauth/token", grants.create_oauth_token, access.CLIENT,
          "Exchanges a code or a refresh token for a pair of tokens.", "auth/oauth-token",
          secrets=("code", "code_verifier", "client_secret", "access_token", "refresh_token"),
          error_schema="oauth-refusal", security=access.CLIENT_ONLY),
    _call("sign-out", "POST", "/v1/auth/logout", sign_in.sign_out, access.USER,
          "Ends the bearer token that it is called with.", "auth/logout"),
    _call("revoke-oauth", "DELETE", "/v1/auth/oauth/revoke", grants.revoke_oauth, access.USER,
          "Revokes everything that OAuth has issued for the user.", "auth/oauth-revoke"),
    _call("get-user", "GET", "/v1/user", profile.get_user, access.USER,
          "Shows the signed-in user.", "user/get-user", secrets=("ssn",)),
)  # fmt: skip

_PAGES = (
    _call("show-pay-page", "GET", "/pay/{request_id}", pages.show_pay_page, (),
          "Shows the page on which the user pays; the gateway's own is not known.", "order/create",
          page=True),
    _call("pay-order", "POST", "/pay/{request_id}", pages.pay_order, (),
          "Does what a button of that page says: the user pays, or the payment fails.", "order/create",
          success=303, page=True),
)  # fmt: skip

_OAUTH2_CALLS = (
    _call("authorize-oauth2", "GET", "/v1/auth/oauth2/authorize", oauth2.authorize_oauth2, (access.RATE,),
          "Shows the page on which a user signs in and consents, in the newer OAuth, which no page documents.", "",
          page=True),
    _call("create-oauth2-token", "POST", "/v1/auth/oauth2/token", oauth2.create_oauth2_token, access.BODY_CLIENT,
          "Exchanges a code or a refresh token of the newer OAuth for tokens.", "",
          secrets=("code", "code_verifier", "access_token", "refresh_token", "id_token"),
          error_schema="oauth-refusal", security=access.CLIENT_ONLY, request_types=_OAUTH2_TYPES),
    _call("revoke-oauth2-token", "POST", "/v1/auth/oauth2/revoke", oauth2.revoke_oauth2_token, access.BODY_CLIENT,
          "Revokes a token of any kind.", "",
          secrets=("token",), error_schema="oauth-refusal", security=access.CLIENT_ONLY, request_types=_OAUTH2_TYPES),
    _call("show-consent-page", "GET", access.HOSTED_PAGE, hosted_page.show_consent_page, (access.RATE,),
          "Shows the page on which a user signs in and gives an app access.", "auth/oauth-authorize-initiate",
          secrets=("token",), page=True),
    _call("give-consent", "POST", access.HOSTED_PAGE, hosted_page.give_consent, (access.RATE,),
          "Gives the app access or denies it; the browser goes back to the app.", "auth/oauth-authorize-initiate",
          secrets=("token", "password", "otpCode"), page=True, request_types=(FORM_TYPE,)),
)  # fmt: skip

_CARD_CALLS = (
    _card_call("get-card-status", "GET", "status", card_calls.get_card_status,
               "Shows the signed-in user's card.", "status"),
    _card_call("order-card", "POST", "order", card_calls.order_card,
               "Orders a virtual card, which is issued at once.", "order"),
    _card_call("freeze-card", "POST", "freeze", card_calls.freeze_card, "Freezes the card.", "freeze"),
    _card_call("unfreeze-card", "POST", "unfreeze", card_calls.unfreeze_card,
               "Unfreezes the card.", "unfreeze"),
    _card_call("create-card-details-token", "POST", "details/token", card_calls.create_details_token,
               "Returns the address of an image of the card's details, which can be seen once.", "details-token"),
    _card_call("create-card-pin-token", "POST", "pin/token", card_calls.create_pin_token,
               "Returns the address of an image of the PIN, which can be seen once.", "pin-token"),
    Endpoint("get-card-image", "GET", "/details-image", card_calls.get_card_image,
             "Shows the image that a token stands for, once.", _MANAGEMENT,
             secrets=("token",), security=(), content_type="image/svg+xml"),
)  # fmt: skip

_WEBHOOK_CALLS = (
    _webhook_call("create-webhook", "POST", "", endpoints.create_webhook,
                  "Creates an endpoint and shows its key, this once.", "create-webhook", 201),
    _webhook_call("list-webhooks", "GET", "", endpoints.list_webhooks, "Lists the endpoints.", "list-webhooks"),
    _webhook_call("get-webhook", "GET", "/{webhook_id}", endpoints.get_webhook, "Shows an endpoint.", "get-webhook"),
    _webhook_call("update-webhook", "PUT", "/{webhook_id}", endpoints.update_webhook,
                  "Changes an endpoint.", "update-webhook"),
    _webhook_call("delete-webhook", "DELETE", "/{webhook_id}", endpoints.delete_webhook,
                  "Deletes an endpoint.", "delete-webhook"),
    _webhook_call("rotate-webhook-key", "POST", "/{webhook_id}/rotate-key", endpoints.rotate_webhook_key,
                  "Gives an endpoint a new key and shows it, this once.", "rotate-key"),
    _webhook_call("list-webhook-logs", "GET", "/{webhook_id}/logs", records.list_webhook_logs,
                  "Lists what was sent to an endpoint.", "webhook-logs"),
    _webhook_call("list-webhook-events", "GET", "/events", records.list_webhook_events,
                  "Lists events, whether or not anybody listened.", "list-events"),
    _webhook_call("get-webhook-event-status", "GET", "/events/{event_id}/status", records.get_webhook_event_status,
                  "Shows the status of an event.", "event-status"),
    _webhook_call("list-webhook-event-logs", "GET", "/events/{event_id}/logs", records.list_webhook_event_logs,
                  "Lists the attempts to send an event.", "event-logs"),
    _webhook_call("retry-webhook-event", "POST", "/events/{event_id}/retry", records.retry_webhook_event,
                  "Sends an event again, to all endpoints that subscribe or to one.", "retry-event"),
)  # fmt: skip

provider = Provider(
    **asdict(outline),
    endpoints=(*_ORDER_CALLS, *_USER_CALLS, *_PAGES, *_OAUTH2_CALLS, *_CARD_CALLS, *_WEBHOOK_CALLS),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    checks=(
        where_nothing_is(access.require_route),
        access.require_small_body,
        access.inject_faults,
    ),
    render=pages.render,
    find_sandbox=access.find_sandbox,
    body_limit=wire.BODY_LIMIT_BYTES,
    security=access.SECURITY,
    webhooks=webhooks.WEBHOOKS,
    commands=commands.COMMANDS,
    configured=cards.take_settings,
    tables=tables.TABLES,
    orders=tables.ORDERS,
    deliveries=tables.DeliveryFields,
    terms=TERMS,
    usual_scenario=orders.usual_scenario,
    order_request=ORDER_REQUEST,
    signing=SIGNING,
    usual_is_chosen=True,
    page=pages.find_page,
    order_views=ORDER_VIEWS,
    amount=pages.find_amount,
)
