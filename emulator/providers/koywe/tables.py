"""What a sandbox keeps of Koywe, and what of it is possible; snapshots are held to it.

Of each document, the provider's own calls are asked what they would show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final, Literal

from msgspec import Struct, convert

from emulator.core import wire
from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Reply, Shown, Table
from emulator.providers.koywe import (
    accounts,
    balance_calls,
    contact_book,
    deals,
    merchants,
    policy,
    quotes,
    webhook_endpoints,
    webhook_events,
)
from emulator.providers.koywe.access import MERCHANTS, Caller, names_of
from emulator.providers.koywe.balances import BALANCES, MOVEMENTS, Balance, Movement
from emulator.providers.koywe.catalogue import find_currency
from emulator.providers.koywe.order_answers import order_body
from emulator.providers.koywe.pay_page import show_pay_page
from emulator.providers.koywe.rates import print_balance, trim_amount


class Method(Struct):
    """A way to pay that the merchant wants."""

    method: str
    extra: Any = None


class OrderFields(Struct):
    """The fields of an order; what is shown of it, its schema judges."""

    destinationAccountId: str
    originCurrencySymbol: str
    destinationCurrencySymbol: str
    amountIn: int | Decimal
    amountOut: int | Decimal
    originAccountId: str = ""
    dueDate: str = ""
    due_ms: int = 0
    description: str = ""
    externalId: str = ""
    paymentMethods: list[Method] = []
    base: str = ""
    network: str = ""
    approvalId: str = ""
    contactId: str = ""
    successUrl: str = ""
    failedUrl: str = ""


class DeliveryFields(Struct):
    """An event, and the endpoint that it goes to."""

    endpoint: str
    event: str
    payload: dict[str, Any]


class Endpoint(Struct):
    """A webhook endpoint."""

    url: str
    secret: str
    old_secret: str | None
    description: str | None
    status: Literal["ACTIVE", "PAUSED"]
    created_ms: int
    updated_ms: int


class Event(Struct):
    """An event that was raised."""

    type: str
    merchant: str | None
    about: tuple[str, str]
    at_ms: int
    order: str
    payload: dict[str, Any]


class Merchant(Struct):
    """A merchant of the organization."""

    organization: str
    name: str
    country: str
    created_ms: int


class Approval(Struct):
    """What waits for approval."""

    order: str
    created_ms: int


class Rule(Struct):
    """A rule of the policy."""

    id: str
    operation: str
    currencySymbol: str | None
    minAmount: int | Decimal | None
    maxAmount: int | Decimal | None
    action: str


class Policy(Struct):
    """The policy of an organization."""

    id: str
    active: bool
    rules: list[Rule]


def _shown_by(
    handle: Callable[[Call], Reply], parameter: str, schema: str
) -> Callable[[Call, str, Any], Iterator[Shown]]:
    """What a call shows of a document, asked by the merchant that it belongs to."""

    def show(call: Call, key: str, document: Any) -> Iterator[Shown]:
        names = names_of(call.tx.sandbox_name)
        merchant_id = document.get("merchant") or key
        call.caller = Caller(names.credentials[0], names.organization.id, merchant_id)
        call.parameters = {parameter: key}
        yield schema, wire.decode(handle(call).body)

    return show


def _show_balance(call: Call, key: str, document: Any) -> Iterator[Shown]:
    currency = key.partition("/")[2]
    if find_currency(currency) is None:
        raise ValueError(f"no currency {currency!r}")
    balance = convert(document, Balance)
    for amount in (balance.available, balance.pending, balance.reserved, balance.opening):
        yield "", (trim_amount(amount), print_balance(amount, 2))


def _show_movement(call: Call, key: str, document: Any) -> Iterator[Shown]:
    yield "movement", balance_calls.movement_body(call, "COP", key, convert(document, Movement))


def _show_policy(call: Call, key: str, document: Any) -> Iterator[Shown]:
    yield "policy", document


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    yield "order", order_body(call.settings, order)
    if "base" in order.fields:
        call.parameters = {"order_id": order_id}
        yield "", show_pay_page(call)


ORDERS: Final = Table("orders", OrderFields, _show_order)
DELIVERIES: Final = DeliveryFields
TABLES: Final = (
    Table(accounts.ACCOUNTS, accounts.Account, _shown_by(accounts.get_account, "account_id", "account")),
    Table(BALANCES, Balance, _show_balance),
    Table(MOVEMENTS, Movement, _show_movement),
    Table(contact_book.CONTACTS, contact_book.Contact, _shown_by(contact_book.get_contact, "contact_id", "contact")),
    Table(quotes.QUOTES, quotes.Quote, _shown_by(quotes.get_quote, "quote_id", "get-quote.response")),
    Table(deals.DEALS, deals.Deal, _shown_by(deals.get_deal, "deal_id", "deal")),
    Table(MERCHANTS, Merchant, _shown_by(merchants.get_merchant, "merchant_id", "merchant")),
    Table(policy.POLICIES, Policy, _show_policy, lambda sandbox: (names_of(sandbox).organization.id,)),
    Table(policy.APPROVALS, Approval, _shown_by(policy.get_approval, "approval_id", "approval")),
    Table(webhook_events.ENDPOINTS, Endpoint, _shown_by(webhook_endpoints.get_endpoint, "webhook_id", "webhook")),
    Table(webhook_events.EVENTS, Event, _shown_by(webhook_events.get_event, "event_id", "webhook-event")),
)
