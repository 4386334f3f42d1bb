"""The index card of BassWallet: its calls, and where everything else about it is."""

from typing import Any

from msgspec.structs import asdict

from emulator.contract.card import Check, CheckWhere, Endpoint, Handler, Provider, inject_faults, where_set
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
from emulator.providers.basswallet.catalogue import Permission
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


def _call(
    name: str, method: str, path: str, handle: Handler, checks: tuple[Check, ...], about: str, source: str, **more: Any
) -> Endpoint:
    """A call that a page of the reference describes."""
    return Endpoint(name, method, path, handle, about, f"{_REFERENCE}/{source}", checks, **more)


def _account_call(
    name: str, method: str, path: str, handle: Handler, permission: Permission, about: str, source: str, **more: Any
) -> Endpoint:
    """A signed call, for keys with a permission."""
    checks = (*_SIGNED, access.require_permission(permission))
    return _call(name, method, f"/v1/account/{path}", handle, checks, about, source, **more)


def _common_call(
    name: str, method: str, path: str, handle: Handler, checks: tuple[Check, ...], about: str, source: str
) -> Endpoint:
    """A call that is not signed."""
    return _call(name, method, f"/v1/common/{path}", handle, checks, about, f"common/{source}", security=("key",))


def _conversion(name: str, path: str, handle: Handler, about: str) -> tuple[Endpoint, Endpoint]:
    """A conversion, with either method."""
    path = f"convert/{path}"
    return (
        _common_call(f"convert-{name}", "POST", path, handle, _STAMPED, f"{about}.", name),
        _common_call(f"get-{name}", "GET", path, handle, _STAMPED, f"{about}, as the older pages ask for it.", name),
    )


_ACCOUNT_CALLS = (
    _account_call("create-order", "POST", "payment", orders.create_order, "payment",
                  "Creates a payment order, for a fixed amount or for one that the payer chooses.",
                  "receive/create_payment", matched=("create-order.request",)),
    _account_call("get-order", "GET", "order/query", orders.get_order, "query",
                  "Shows an order, by its id or by the merchant's own name for it.", "receive/payment-query"),
    _account_call("list-orders", "GET", "order/history", orders.list_orders, "history",
                  "Lists the account's orders of up to 30 days, newest first.", "account/order-history"),
    _call("create-withdrawal", "POST", "/v1/account/withdraw", calls.create_withdrawal,
          (*_SIGNED, access.require_permission("withdraw"), access.require_bound_key),
          "Sends an amount of a token to an address; the fees come on top.", "withdraw/withdraw",
          matched=("create-withdrawal.request",), kind=wire.WITHDRAWAL),
    _account_call("list-balances", "GET", "balance", balances.list_balances, "balance",
                  "Lists what the account has of each token, free and frozen.", "account/get-balance"),
    _account_call("create-addresses", "POST", "address/create", address_calls.create_addresses, "address",
                  "Creates addresses that take deposits of any token of a chain.", "receive/generate-addr"),
)  # fmt: skip

_COMMON_CALLS = (
    _common_call("list-tokens", "GET", "tokens", catalogue.list_tokens, _COMMON,
                 "Lists the tokens that can be paid in, with their chains, decimals and minimums.", "token-list"),
    *_conversion("fiat-to-crypto", "fiatToCrypto", conversion.convert_fiat_to_crypto,
                 "Converts an amount of a fiat currency into a token"),
    *_conversion("crypto-to-fiat", "cryptoToFiat", conversion.convert_crypto_to_fiat,
                 "Converts an amount of a token into a fiat currency"),
    *_conversion("fiat-to-fiat", "fiatToFiat", conversion.convert_fiat_to_fiat,
                 "Converts an amount of a fiat currency into another one"),
    _common_call("list-currencies", "GET", "supportedCurrencies", currencies.list_currencies, _STAMPED,
                 "Lists the fiat currencies that have a rate.", "currency-list"),
    _common_call("check-address", "POST", "address/legal", address_calls.check_address, _COMMON,
                 "Says whether a string is an address of a chain.", "address-legal"),
)  # fmt: skip

_PAGES = (
    _call("show-payin", "GET", "/payin/{uuid}", pages.show_payin, (),
          "Shows the hosted page on which the payer pays.", "receive/create_payment", page=True),
    _call("pay-order", "POST", "/payin/{uuid}/pay", pages.pay_order, (),
          "Pays by the form of the hosted page; the real page's is not known.", "receive/create_payment",
          success=303, page=True),
    Endpoint("steer-order", "POST", "/payin/{uuid}", pages.steer_order,
             "Does what a button of the testers' strip on the hosted page says: succeed, fail, expire ...",
             success=303, page=True),
)  # fmt: skip

provider = Provider(
    **asdict(outline),
    endpoints=(*_ACCOUNT_CALLS, *_COMMON_CALLS, *_PAGES),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    checks=(CheckWhere(access.require_route, access.may_lack_route), inject_faults),
    render=pages.render,
    find_sandbox=access.find_sandbox,
    body_limit=wire.BODY_LIMIT_BYTES,
    security=access.SECURITY,
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
