"""The index card of BassWallet: its calls, and where everything else about it is."""

from msgspec.structs import asdict

from emulator.contract.card import CheckWhere, Endpoint, Handler, Provider, inject_faults, where_set
from emulator.providers.basswallet import (
    access,
    catalogue,
    commands,
    errors,
    lifecycle,
    orders,
    pages,
    tables,
    webhooks,
    wire,
)
from emulator.providers.basswallet.accounts import balances
from emulator.providers.basswallet.deposits import address_calls
from emulator.providers.basswallet.order_request import ORDER_REQUEST
from emulator.providers.basswallet.order_views import ORDER_VIEWS, STATUS_WORDS
from emulator.providers.basswallet.outline import outline
from emulator.providers.basswallet.rates import conversion, currencies
from emulator.providers.basswallet.signing import SIGNING
from emulator.providers.basswallet.withdrawals import calls

_REFERENCE = "https://docs-en.basswallet.com/api-reference/endpoint"
_RATE = where_set(access.require_rate, "rate_limit")
_KEY = (access.require_key, access.require_address, _RATE)
_SIGNED = (*_KEY, access.require_signature)
_OPEN = (access.require_common_key, access.require_address, _RATE, access.require_parameters)
_COMMON = (*_OPEN, access.require_permission("common"))
_STAMPED = (*_OPEN, access.require_timestamp, access.require_permission("common"))


def _conversion(name: str, path: str, handle: Handler, about: str) -> tuple[Endpoint, Endpoint]:
    """A conversion, with either method."""
    path, source = f"/v1/common/convert/{path}", f"{_REFERENCE}/common/{name}"
    return (
        Endpoint(f"convert-{name}", "POST", path, handle, f"{about}.", source, _STAMPED),
        Endpoint(f"get-{name}", "GET", path, handle, f"{about}, as the older pages ask for it.", source, _STAMPED),
    )


provider = Provider(
    **asdict(outline),
    endpoints=(
        Endpoint(
            name="create-order",
            method="POST",
            path="/v1/account/payment",
            handle=orders.create_order,
            checks=(*_SIGNED, access.require_permission("payment")),
            about="Creates a payment order, for a fixed amount or for one that the payer chooses.",
            source=f"{_REFERENCE}/receive/create_payment",
            matched=("create-order.request",),
        ),
        Endpoint(
            name="get-order",
            method="GET",
            path="/v1/account/order/query",
            handle=orders.get_order,
            checks=(*_SIGNED, access.require_permission("query")),
            about="Shows an order, by its id or by the merchant's own name for it.",
            source=f"{_REFERENCE}/receive/payment-query",
        ),
        Endpoint(
            name="list-orders",
            method="GET",
            path="/v1/account/order/history",
            handle=orders.list_orders,
            checks=(*_SIGNED, access.require_permission("history")),
            about="Lists the account's orders of up to 30 days, newest first.",
            source=f"{_REFERENCE}/account/order-history",
        ),
        Endpoint(
            name="create-withdrawal",
            method="POST",
            path="/v1/account/withdraw",
            handle=calls.create_withdrawal,
            checks=(*_SIGNED, access.require_permission("withdraw"), access.require_bound_key),
            about="Sends an amount of a token to an address; the fees come on top.",
            source=f"{_REFERENCE}/withdraw/withdraw",
            matched=("create-withdrawal.request",),
            kind=wire.WITHDRAWAL,
        ),
        Endpoint(
            name="list-balances",
            method="GET",
            path="/v1/account/balance",
            handle=balances.list_balances,
            checks=(*_SIGNED, access.require_permission("balance")),
            about="Lists what the account has of each token, free and frozen.",
            source=f"{_REFERENCE}/account/get-balance",
        ),
        Endpoint(
            name="create-addresses",
            method="POST",
            path="/v1/account/address/create",
            handle=address_calls.create_addresses,
            checks=(*_SIGNED, access.require_permission("address")),
            about="Gives out addresses that take deposits of every token of a chain.",
            source=f"{_REFERENCE}/receive/generate-addr",
        ),
        Endpoint(
            name="list-tokens",
            method="GET",
            path="/v1/common/tokens",
            handle=catalogue.list_tokens,
            checks=_COMMON,
            about="Lists the tokens that can be paid in, with their chains, decimals and minimums.",
            source=f"{_REFERENCE}/common/token-list",
        ),
        *_conversion(
            "fiat-to-crypto",
            "fiatToCrypto",
            conversion.convert_fiat_to_crypto,
            "Converts an amount of a fiat currency into a token",
        ),
        *_conversion(
            "crypto-to-fiat",
            "cryptoToFiat",
            conversion.convert_crypto_to_fiat,
            "Converts an amount of a token into a fiat currency",
        ),
        *_conversion(
            "fiat-to-fiat",
            "fiatToFiat",
            conversion.convert_fiat_to_fiat,
            "Converts an amount of a fiat currency into another one",
        ),
        Endpoint(
            name="list-currencies",
            method="GET",
            path="/v1/common/supportedCurrencies",
            handle=currencies.list_currencies,
            checks=_STAMPED,
            about="Lists the fiat currencies that have a rate.",
            source=f"{_REFERENCE}/common/currency-list",
        ),
        Endpoint(
            name="check-address",
            method="POST",
            path="/v1/common/address/legal",
            handle=address_calls.check_address,
            checks=_COMMON,
            about="Says whether a text is an address of a chain.",
            source=f"{_REFERENCE}/common/address-legal",
        ),
        Endpoint(
            name="show-payin",
            method="GET",
            path="/payin/{uuid}",
            handle=pages.show_payin,
            about="Shows the hosted page on which the payer pays.",
            source=f"{_REFERENCE}/receive/create_payment",
            page=True,
        ),
        Endpoint(
            name="pay-order",
            method="POST",
            path="/payin/{uuid}/pay",
            handle=pages.pay_order,
            about="Pays by the form of the hosted page; the real page's is not known.",
            source=f"{_REFERENCE}/receive/create_payment",
            success=303,
            page=True,
        ),
        Endpoint(
            name="steer-order",
            method="POST",
            path="/payin/{uuid}",
            handle=pages.steer_order,
            about="Does what a button of the testers' strip on the hosted page says: succeed, fail, expire ...",
            success=303,
            page=True,
        ),
    ),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    checks=(CheckWhere(access.require_route, access.may_lack_route), inject_faults),
    render=pages.render,
    find_sandbox=access.find_sandbox,
    body_limit=wire.BODY_LIMIT_BYTES,
    webhooks=webhooks.WEBHOOKS,
    announce=webhooks.announce,
    commands=commands.COMMANDS,
    tables=tables.TABLES,
    orders=tables.ORDERS,
    deliveries=tables.DeliveryFields,
    route_prefixes=("", "/api"),
    order_request=ORDER_REQUEST,
    signing=SIGNING,
    page=pages.find_page,
    order_views=ORDER_VIEWS,
    status_words=STATUS_WORDS,
    refused_with_success=("error_http_status", "always_200"),
    error_member="msg",
    amount=pages.find_amount,
)
