"""The index card of Baanx: its calls, and where everything else about it is."""

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
_GUIDE = "https://docs.baanx.com/guides"
_OAUTH2_TYPES = ("application/json", FORM_TYPE)


def _card_call(name: str, method: str, path: str, handle: Handler, about: str, page: str) -> Endpoint:
    """A call about the user's card."""
    checks: tuple[Check, ...] = access.CARDHOLDER
    return Endpoint(name, method, path, handle, about, f"{_REFERENCE}/card/{page}", checks, ("token", "imageUrl"))


def _webhook_call(
    name: str, method: str, path: str, handle: Handler, about: str, page: str, success: int = 200
) -> Endpoint:
    """A call that manages webhooks."""
    return Endpoint(
        name, method, f"/v1/webhooks{path}", handle, about, f"{_REFERENCE}/webhooks/{page}", access.MANAGER,
        ("apiKey",), success, security=access.BEARER_ONLY,
    )  # fmt: skip


_CARD_CALLS = (
    _card_call("get-card-status", "GET", "/v1/card/status", card_calls.get_card_status,
               "Shows the signed-in user's card.", "status"),
    _card_call("order-card", "POST", "/v1/card/order", card_calls.order_card,
               "Orders a virtual card, which is there at once.", "order"),
    _card_call("freeze-card", "POST", "/v1/card/freeze", card_calls.freeze_card,
               "Freezes the card.", "freeze"),
    _card_call("unfreeze-card", "POST", "/v1/card/unfreeze", card_calls.unfreeze_card,
               "Makes a frozen card active again.", "unfreeze"),
    _card_call("create-card-details-token", "POST", "/v1/card/details/token", card_calls.create_details_token,
               "Returns the address of an image of the card's details, to be seen once.", "details-token"),
    _card_call("create-card-pin-token", "POST", "/v1/card/pin/token", card_calls.create_pin_token,
               "Returns the address of an image of the PIN, to be seen once.", "pin-token"),
    Endpoint(
        name="get-card-image",
        method="GET",
        path="/details-image",
        handle=card_calls.get_card_image,
        about="Shows the image that a token stands for, once.",
        source=f"{_GUIDE}/card/management",
        secrets=("token",),
        open_to_all=True,
        content_type="image/svg+xml",
    ),
)  # fmt: skip

_WEBHOOK_CALLS = (
    _webhook_call("create-webhook", "POST", "", endpoints.create_webhook,
                  "Creates an endpoint and shows its key, this once.", "create-webhook", 201),
    _webhook_call("list-webhooks", "GET", "", endpoints.list_webhooks, "Lists the endpoints.", "list-webhooks"),
    _webhook_call("get-webhook", "GET", "/{webhook_id}", endpoints.get_webhook, "Shows an endpoint.", "get-webhook"),
    _webhook_call("update-webhook", "PUT", "/{webhook_id}", endpoints.update_webhook,
                  "Changes an endpoint.", "update-webhook"),
    _webhook_call("delete-webhook", "DELETE", "/{webhook_id}", endpoints.delete_webhook,
                  "Removes an endpoint.", "delete-webhook"),
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

_OAUTH2_CALLS = (
    Endpoint(
        name="authorize-oauth2",
        method="GET",
        path="/v1/auth/oauth2/authorize",
        handle=oauth2.authorize_oauth2,
        checks=(access.RATE,),
        about="Shows the page on which a user signs in and consents, in the newer OAuth, which no page documents.",
        open_to_all=True,
        page=True,
    ),
    Endpoint(
        name="create-oauth2-token",
        method="POST",
        path="/v1/auth/oauth2/token",
        handle=oauth2.create_oauth2_token,
        checks=access.BODY_CLIENT,
        security=access.CLIENT_ONLY,
        about="Trades a code or a refresh token of the newer OAuth for tokens.",
        error_schema="oauth-refusal",
        secrets=("code", "code_verifier", "access_token", "refresh_token", "id_token"),
        request_types=_OAUTH2_TYPES,
    ),
    Endpoint(
        name="revoke-oauth2-token",
        method="POST",
        path="/v1/auth/oauth2/revoke",
        handle=oauth2.revoke_oauth2_token,
        checks=access.BODY_CLIENT,
        security=access.CLIENT_ONLY,
        about="Revokes a token of any kind.",
        error_schema="oauth-refusal",
        secrets=("token",),
        request_types=_OAUTH2_TYPES,
    ),
    Endpoint(
        name="show-consent-page",
        method="GET",
        path=access.HOSTED_PAGE,
        handle=hosted_page.show_consent_page,
        checks=(access.RATE,),
        about="Shows the page on which a user signs in and gives an app access.",
        source=f"{_REFERENCE}/auth/oauth-authorize-initiate",
        secrets=("token",),
        open_to_all=True,
        page=True,
    ),
    Endpoint(
        name="give-consent",
        method="POST",
        path=access.HOSTED_PAGE,
        handle=hosted_page.give_consent,
        checks=(access.RATE,),
        about="Gives the app access or denies it; the browser goes back to the app.",
        source=f"{_REFERENCE}/auth/oauth-authorize-initiate",
        secrets=("token", "password", "otpCode"),
        open_to_all=True,
        page=True,
        request_types=(FORM_TYPE,),
    ),
)

provider = Provider(
    **asdict(outline),
    endpoints=(
        Endpoint(
            name="create-order",
            method="POST",
            path="/v1/order",
            handle=orders.create_order,
            checks=access.BUYER,
            about="Starts an order for a product and says where to pay.",
            source=f"{_REFERENCE}/order/create",
            matched=("create-order.request",),
        ),
        Endpoint(
            name="get-order",
            method="GET",
            path="/v1/order/{order_id}",
            handle=orders.get_order,
            checks=access.BUYER,
            about="Shows an order; apps poll it.",
            source=f"{_REFERENCE}/order/status",
        ),
        Endpoint(
            name="list-products",
            method="GET",
            path="/v1/order/products/available",
            handle=orders.list_products,
            checks=access.BUYER,
            about="Lists what the user may order.",
            source=f"{_REFERENCE}/order/enum-products",
        ),
        Endpoint(
            name="sign-in",
            method="POST",
            path="/v1/auth/login",
            handle=sign_in.sign_in,
            checks=access.CLIENT,
            security=access.CLIENT_ONLY,
            about="Logs a user in, or says what is still to be done.",
            source=f"{_REFERENCE}/auth/login",
            secrets=("password", "otpCode", "accessToken"),
        ),
        Endpoint(
            name="send-one-time-code",
            method="POST",
            path="/v1/auth/login/otp",
            handle=sign_in.send_one_time_code,
            checks=access.CLIENT,
            security=access.CLIENT_ONLY,
            about="Sends a user the code for a login.",
            source=f"{_REFERENCE}/auth/login-otp",
        ),
        Endpoint(
            name="initiate-oauth",
            method="GET",
            path="/v1/auth/oauth/authorize/initiate",
            handle=grants.initiate_oauth,
            checks=access.BROWSER,
            security=access.CLIENT_ONLY,
            about="Starts an OAuth authorization with PKCE.",
            source=f"{_REFERENCE}/auth/oauth-authorize-initiate",
            error_schema="oauth-refusal",
            secrets=("client_secret", "token", "url"),
        ),
        Endpoint(
            name="authorize-oauth",
            method="POST",
            path="/v1/auth/oauth/authorize",
            handle=grants.authorize_oauth,
            checks=access.USER,
            about="Records the user's consent and returns a code for it.",
            source=f"{_REFERENCE}/auth/oauth-authorize",
            error_schema="oauth-refusal",
            secrets=("token", "code", "url"),
        ),
        Endpoint(
            name="create-oauth-token",
            method="POST",
            path="/v1/auth/oauth/token",
            handle=grants.create_oauth_token,
            checks=access.CLIENT,
            security=access.CLIENT_ONLY,
            about="Trades a code or a refresh token for a pair of tokens.",
            source=f"{_REFERENCE}/auth/oauth-token",
            error_schema="oauth-refusal",
            secrets=("code", "code_verifier", "client_secret", "access_token", "refresh_token"),
        ),
        Endpoint(
            name="sign-out",
            method="POST",
            path="/v1/auth/logout",
            handle=sign_in.sign_out,
            checks=access.USER,
            about="Ends the bearer token that it is called with.",
            source=f"{_REFERENCE}/auth/logout",
        ),
        Endpoint(
            name="revoke-oauth",
            method="DELETE",
            path="/v1/auth/oauth/revoke",
            handle=grants.revoke_oauth,
            checks=access.USER,
            about="Revokes everything that OAuth has issued for the user.",
            source=f"{_REFERENCE}/auth/oauth-revoke",
        ),
        Endpoint(
            name="get-user",
            method="GET",
            path="/v1/user",
            handle=profile.get_user,
            checks=access.USER,
            about="Shows the signed-in user.",
            source=f"{_REFERENCE}/user/get-user",
            secrets=("ssn",),
        ),
        Endpoint(
            name="show-pay-page",
            method="GET",
            path="/pay/{request_id}",
            handle=pages.show_pay_page,
            about="Shows the page on which the user pays; the gateway's own is not known.",
            source=f"{_REFERENCE}/order/create",
            open_to_all=True,
            page=True,
        ),
        Endpoint(
            name="pay-order",
            method="POST",
            path="/pay/{request_id}",
            handle=pages.pay_order,
            about="The buttons of that page: the user pays, or the payment fails.",
            source=f"{_REFERENCE}/order/create",
            success=303,
            open_to_all=True,
            page=True,
        ),
        *_OAUTH2_CALLS,
        *_CARD_CALLS,
        *_WEBHOOK_CALLS,
    ),
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
