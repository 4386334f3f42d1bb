"""The types of what a sandbox keeps of Koywe; snapshots are held to them.

The provider's own calls say how each document is shown.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct, convert

from emulator.contract.card import Call, Shown, Table
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.core import json_text
from emulator.providers.koywe.access import CREDENTIALS, MERCHANTS, Caller
from emulator.providers.koywe.accounts import accounts
from emulator.providers.koywe.accounts.balances import BALANCES, MOVEMENTS, Balance, Movement
from emulator.providers.koywe.accounts.virtual_numbers import ISSUED
from emulator.providers.koywe.catalogue import Credential, find_currency, read_names
from emulator.providers.koywe.collection import COUNTERS
from emulator.providers.koywe.contacts import contacts
from emulator.providers.koywe.directory import merchants
from emulator.providers.koywe.onboarding import kyb, registrations
from emulator.providers.koywe.pay_page.view import make_pay_page
from emulator.providers.koywe.policy import approvals, rules
from emulator.providers.koywe.quotes import deals, quotes
from emulator.providers.koywe.quotes.rates import trim_amount, write_balance
from emulator.providers.koywe.reports.ledger import write_movement
from emulator.providers.koywe.webhook_endpoints import endpoints, events
from emulator.providers.koywe.wire import write_order


class Method(Struct):
    """A method by which an order can be paid."""

    method: str
    extra: Any = None


class OrderFields(Struct):
    """The fields of an order that its behaviour depends on; those that are only shown are left to its schema."""

    destinationAccountId: str
    originCurrencySymbol: str
    destinationCurrencySymbol: str
    amountIn: int | Decimal
    amountOut: int | Decimal
    originAccountId: str = ""
    destinationMerchantId: str = ""
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
    paidMethod: str = ""


class DeliveryFields(Struct):
    """An event, and the endpoint that it goes to."""

    endpoint: str
    event: str
    payload: dict[str, Any]


def _shown_by(
    handle: Callable[[Call], Reply], parameter: str, schema: str
) -> Callable[[Call, str, Any], Iterator[Shown]]:
    """What a call shows of a document, asked by the merchant that it belongs to."""

    def show(call: Call, key: str, document: Any) -> Iterator[Shown]:
        names = read_names(call.tx.sandbox_name)
        merchant_id = document.get("merchant") or key
        call.caller = Caller(names.credentials[0], names.organization.id, merchant_id)
        call.parameters = {parameter: key}
        yield schema, json_text.decode(handle(call).body)

    return show


def _show_balance(call: Call, key: str, document: Any) -> Iterator[Shown]:
    currency = key.partition("/")[2]
    if find_currency(currency) is None:
        raise ValueError(f"no currency {currency!r}")
    balance = convert(document, Balance)
    for amount in (balance.available, balance.pending, balance.reserved, balance.opening):
        yield "", (trim_amount(amount), write_balance(amount, 2))


def _show_movement(call: Call, key: str, document: Any) -> Iterator[Shown]:
    yield "movement", write_movement(call, "COP", key, convert(document, Movement))


def _show_credential(call: Call, api_key: str, document: Any) -> Iterator[Shown]:
    credential = convert(document, Credential)
    if credential.api_key != api_key:
        raise ValueError(f"the api key of the credential is {credential.api_key!r}")
    yield "credential", {"apiKey": api_key, "secret": credential.secret}


def _show_policy(call: Call, key: str, document: Any) -> Iterator[Shown]:
    yield "policy", document


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    yield "order", write_order(order, call.settings)
    if "base" in order.fields:
        yield "", make_pay_page(call, order)


ORDERS = Table("orders", OrderFields, _show_order)
TABLES = (
    accounts.ACCOUNTS.describe(_shown_by(accounts.get_account, "account_id", "account")),
    BALANCES.describe(_show_balance),
    Table(MOVEMENTS, Movement, _show_movement),
    COUNTERS.describe(),
    ISSUED.describe(),
    contacts.CONTACTS.describe(_shown_by(contacts.get_contact, "contact_id", "contact")),
    quotes.QUOTES.describe(_shown_by(quotes.get_quote, "quote_id", "get-quote.response")),
    deals.DEALS.describe(_shown_by(deals.get_deal, "deal_id", "deal")),
    CREDENTIALS.describe(_show_credential),
    MERCHANTS.describe(_shown_by(merchants.get_merchant, "merchant_id", "merchant")),
    kyb.KYBS.describe(_shown_by(kyb.get_kyb, "kyb_id", "kyb")),
    registrations.DRAFTS.describe(_shown_by(registrations.get_draft, "draft_id", "registration-draft")),
    registrations.REGISTRATIONS.describe(
        _shown_by(registrations.get_registration_status, "registration_id", "get-registration-status.response")
    ),
    rules.POLICIES.describe(_show_policy, lambda sandbox: (read_names(sandbox).organization.id,)),
    approvals.APPROVALS.describe(_shown_by(approvals.get_approval, "approval_id", "approval")),
    events.ENDPOINTS.describe(_shown_by(endpoints.get_endpoint, "webhook_id", "webhook")),
    events.EVENTS.describe(_shown_by(events.get_event, "event_id", "webhook-event")),
)
