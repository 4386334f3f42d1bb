"""BassWallet: a crypto payment gateway. A merchant creates a payment order and sends the payer to its hosted page.

Sources: the pages under https://docs-en.basswallet.com and https://docs-zh.basswallet.com named in each module,
seen 2026-11.
"""

from emulator.core.call import befall
from emulator.core.provider import Endpoint, Provider
from emulator.providers.basswallet import (
    authentication,
    catalogue,
    errors,
    lifecycle,
    orders,
    parameters,
    payin,
    settings,
    tables,
    tokens,
    webhooks,
)

_REFERENCE = "https://docs-en.basswallet.com/api-reference/endpoint"
_KEY = (authentication.require_key, authentication.require_address, authentication.require_rate)
_SIGNED = (*_KEY, authentication.read_signed)

provider = Provider(
    name="basswallet",
    title="BassWallet",
    public_hosts=("api.basswallet.com", "api-beta.basswallet.io", "pay.baaswallet.io"),
    endpoints=(
        Endpoint(
            name="create-order",
            method="POST",
            path="/v1/account/payment",
            handle=orders.create_order,
            checks=(*_SIGNED, authentication.require_permission("payment")),
            about="Creates a payment order, for a fixed sum or for one that the payer chooses.",
            source=f"{_REFERENCE}/receive/create_payment",
            matched=("create-order.request",),
        ),
        Endpoint(
            name="get-order",
            method="GET",
            path="/v1/account/order/query",
            handle=orders.get_order,
            checks=(*_SIGNED, authentication.require_permission("query")),
            about="Shows an order, by its id or by the merchant's own name for it.",
            source=f"{_REFERENCE}/receive/payment-query",
        ),
        Endpoint(
            name="list-orders",
            method="GET",
            path="/v1/account/order/history",
            handle=orders.list_orders,
            checks=(*_SIGNED, authentication.require_permission("history")),
            about="Lists the account's orders of up to 30 days, newest first.",
            source=f"{_REFERENCE}/account/order-history",
        ),
        Endpoint(
            name="list-tokens",
            method="GET",
            path="/v1/common/tokens",
            handle=tokens.list_tokens,
            checks=(
                authentication.require_common_key,
                authentication.require_address,
                authentication.require_rate,
                authentication.read_unsigned,
                authentication.require_permission("common"),
            ),
            about="Lists the tokens that can be paid in, with their chains, decimals and minimums.",
            source=f"{_REFERENCE}/common/token-list",
        ),
        Endpoint(
            name="show-payin",
            method="GET",
            path="/payin/{uuid}",
            handle=payin.show_payin,
            about="The hosted page on which the payer sees what to pay where.",
            source=f"{_REFERENCE}/receive/create_payment",
            page=True,
        ),
        Endpoint(
            name="pay-order",
            method="POST",
            path="/payin/{uuid}/pay",
            handle=payin.pay_order,
            about="The form of the hosted page that pays; of the real page none is known.",
            source=f"{_REFERENCE}/receive/create_payment",
            success=303,
            page=True,
        ),
    ),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    settings=settings.SETTINGS,
    checks=(errors.require_endpoint, befall),
    render=errors.render,
    orders=tables.ORDERS,
    deliveries=tables.DELIVERIES,
    find_sandbox=authentication.find_sandbox,
    open_keys=("payin:",),
    credentials=authentication.credentials,
    seed=catalogue.seed,
    body_limit=parameters.BODY_LIMIT_BYTES,
    webhooks=webhooks.WEBHOOKS,
    announce=webhooks.announce,
    route_prefixes=("", "/api"),
)
