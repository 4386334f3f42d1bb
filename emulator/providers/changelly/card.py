"""The index card of Changelly Fiat: its calls, and where everything else about it is."""

from msgspec.structs import asdict

from emulator.contract.card import Endpoint, Provider, inject_faults, where_nothing_is, where_set
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

provider = Provider(
    **asdict(outline),
    endpoints=(
        Endpoint(
            name="create-order",
            method="POST",
            path="/v1/orders",
            handle=orders.create_order,
            checks=_PARTNER,
            about="Starts an order to buy crypto and says where the user pays.",
            source=f"{_REFERENCE}/create-order-on-ramp",
            success=201,
            matched=("create-order.request", "create-order.edition-c.request"),
            kind="buy",
        ),
        Endpoint(
            name="list-orders",
            method="GET",
            path="/v1/orders",
            handle=order_list.list_orders,
            checks=_PARTNER,
            about="Lists the partner's orders; the way to poll a status.",
            source=f"{_REFERENCE}/get-orders-by-a-partner-key",
        ),
        Endpoint(
            name="create-sell-order",
            method="POST",
            path="/v1/sell/orders",
            handle=orders.create_sell_order,
            checks=_PARTNER,
            about="Starts an order to sell crypto and says where the user goes on.",
            source=f"{_REFERENCE}/create-order-off-ramp",
            success=201,
            matched=("create-sell-order.request",),
            kind="sell",
        ),
        Endpoint(
            name="list-offers",
            method="GET",
            path="/v1/offers",
            handle=listing.list_offers,
            checks=_PARTNER,
            about="Shows what each provider offers for a purchase, or why it offers nothing.",
            source=f"{_REFERENCE}/get-offers-on-ramp",
        ),
        Endpoint(
            name="list-sell-offers",
            method="GET",
            path="/v1/sell/offers",
            handle=listing.list_sell_offers,
            checks=_PARTNER,
            about="Shows what each provider offers for a sale, or why it offers nothing.",
            source=f"{_REFERENCE}/get-offers-off-ramp",
        ),
        Endpoint(
            name="list-providers",
            method="GET",
            path="/v1/providers",
            handle=lists.list_providers,
            checks=_PARTNER,
            about="Lists the providers.",
        ),
        Endpoint(
            name="list-currencies",
            method="GET",
            path="/v1/currencies",
            handle=lists.list_currencies,
            checks=_PARTNER,
            about="Lists the currencies and the providers that take them.",
            source=f"{_REFERENCE}/currencies-list",
        ),
        Endpoint(
            name="list-countries",
            method="GET",
            path="/v1/available-countries",
            handle=lists.list_countries,
            checks=_PARTNER,
            about="Lists the countries and the providers that serve them.",
            source=f"{_REFERENCE}/countries-list",
        ),
        Endpoint(
            name="validate-address",
            method="POST",
            path="/v1/validate-address",
            handle=addresses.validate_address,
            checks=_PARTNER,
            about="Says whether a wallet or refund address is valid.",
            source=f"{_REFERENCE}/validate-address",
        ),
        Endpoint(
            name="update-sandbox-order",
            method="PATCH",
            path="/v1/sandbox/order/{id}",
            handle=sandbox_orders.update_sandbox_order,
            checks=_PARTNER,
            about="Changes a test order by hand.",
            source=f"{_REFERENCE}/update-order-properties",
        ),
        Endpoint(
            name="resend-callback",
            method="POST",
            path="/v1/sandbox/order/{id}/resend-callback",
            handle=webhooks.resend_callback,
            checks=_PARTNER,
            about="Sends the callback of a test order once more, and says whether it was received.",
            source=f"{_REFERENCE}/resend-callback",
        ),
        Endpoint(
            name="show-checkout",
            method="GET",
            path="/checkout/{provider_code}/{order_id}",
            handle=pages.show_checkout,
            checks=(inject_faults,),
            about="Shows the page where the user pays.",
            page=True,
        ),
        Endpoint(
            name="press-checkout",
            method="POST",
            path="/checkout/{provider_code}/{order_id}",
            handle=pages.press_checkout,
            checks=(inject_faults,),
            about="Does what a button of that page says.",
            page=True,
        ),
    ),
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
