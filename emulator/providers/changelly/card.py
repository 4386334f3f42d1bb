"""The index card of Changelly Fiat: its calls, and where everything else about it is."""

from typing import Any

from msgspec.structs import asdict

from emulator.contract.card import Endpoint, Handler, Provider, inject_faults, where_nothing_is, where_set
from emulator.providers.changelly import (
    access,
    commands,
    errors,
    lifecycle,
    order_list,
    orders,
    pages,
    tables,
    webhooks,
)
from emulator.providers.changelly.directory import addresses, lists
from emulator.providers.changelly.offers import listing
from emulator.providers.changelly.order_request import ORDER_REQUEST
from emulator.providers.changelly.order_views import ORDER_VIEWS
from emulator.providers.changelly.outline import outline
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.sandbox import orders as sandbox_orders
from emulator.providers.changelly.signature import signed_text
from emulator.providers.changelly.signing import SIGNING

_REFERENCE = "https://fiat-api.changelly.com/docs/endpoints"

_PARTNER = (
    access.require_partner,
    access.require_active,
    where_set(access.require_rate, "rate_limit_per_minute"),
    faults.require_no_request_fault,
    faults.inject_faults,
)


def _call(name: str, method: str, path: str, handle: Handler, about: str, source: str, **more: Any) -> Endpoint:
    """A call for partners that a page of the reference describes; an empty `source`: none does."""
    return Endpoint(name, method, f"/v1/{path}", handle, about, source and f"{_REFERENCE}/{source}", _PARTNER, **more)


_ORDER_CALLS = (
    _call("create-order", "POST", "orders", orders.create_order,
          "Creates an order to buy crypto and says where the user pays.", "create-order-on-ramp",
          success=201, matched=("create-order.request", "create-order.edition-c.request"), kind="buy"),
    _call("list-orders", "GET", "orders", order_list.list_orders,
          "Lists the partner's orders; the way to poll a status.", "get-orders-by-a-partner-key"),
    _call("create-sell-order", "POST", "sell/orders", orders.create_sell_order,
          "Creates an order to sell crypto and says where the user goes on.", "create-order-off-ramp",
          success=201, matched=("create-sell-order.request",), kind="sell"),
    _call("list-offers", "GET", "offers", listing.list_offers,
          "Shows what each provider offers for a purchase, or why it offers nothing.", "get-offers-on-ramp"),
    _call("list-sell-offers", "GET", "sell/offers", listing.list_sell_offers,
          "Shows what each provider offers for a sale, or why it offers nothing.", "get-offers-off-ramp"),
)  # fmt: skip

_DIRECTORY_CALLS = (
    _call("list-providers", "GET", "providers", lists.list_providers, "Lists the providers.", ""),
    _call("list-currencies", "GET", "currencies", lists.list_currencies,
          "Lists the currencies and the providers that take them.", "currencies-list"),
    _call("list-countries", "GET", "available-countries", lists.list_countries,
          "Lists the countries and the providers that serve them.", "countries-list"),
    _call("validate-address", "POST", "validate-address", addresses.validate_address,
          "Says whether a wallet or refund address is valid.", "validate-address"),
)  # fmt: skip

_SANDBOX_CALLS = (
    _call("update-sandbox-order", "PATCH", "sandbox/order/{id}", sandbox_orders.update_sandbox_order,
          "Changes a test order by hand.", "update-order-properties"),
    _call("resend-callback", "POST", "sandbox/order/{id}/resend-callback", webhooks.resend_callback,
          "Sends the callback of a test order once more, and says whether it was received.", "resend-callback"),
)  # fmt: skip

_CHECKOUT = f"{access.CHECKOUT}{{provider_code}}/{{order_id}}"

_PAGES = (
    Endpoint("show-checkout", "GET", _CHECKOUT, pages.show_checkout, "Shows the page on which the user pays.",
             checks=(inject_faults,), page=True),
    Endpoint("press-checkout", "POST", _CHECKOUT, pages.press_checkout, "Does what a button of that page says.",
             checks=(inject_faults,), page=True),
)  # fmt: skip

provider = Provider(
    **asdict(outline),
    endpoints=(*_ORDER_CALLS, *_DIRECTORY_CALLS, *_SANDBOX_CALLS, *_PAGES),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    checks=(where_nothing_is(access.require_route),),
    render=pages.render,
    find_sandbox=access.find_sandbox,
    body_limit=signed_text.LONGEST_BODY,
    security=access.SECURITY,
    webhooks=webhooks.WEBHOOKS,
    announce=webhooks.announce,
    commands=commands.COMMANDS,
    orders=tables.ORDERS,
    deliveries=tables.DeliveryFields,
    usual_scenario=orders.usual_scenario,
    order_request=ORDER_REQUEST,
    signing=SIGNING,
    answers_head=False,
    page=pages.find_page,
    order_views=ORDER_VIEWS,
    error_member="errorType",
    amount=pages.find_amount,
)
