"""Organizations and their merchants.

Source: https://docs.koywe.com/en/getting-started/organization-setup (seen 2026-11) for the paths and the body of the
create call. Observed: what lists show. Assumed: the rest of the answers, and how a slug is made.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.access import MERCHANTS, Merchant, require_own_merchant
from emulator.providers.koywe.accounts.accounts import open_virtual_account
from emulator.providers.koywe.accounts.balances import open_balance
from emulator.providers.koywe.accounts.virtual_numbers import issue_first
from emulator.providers.koywe.catalogue import list_fiat_currencies, read_names
from emulator.providers.koywe.collection import next_number
from emulator.providers.koywe.formats.identifiers import make_id
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.lifecycle import LIFECYCLE
from emulator.providers.koywe.webhook_endpoints.events import raise_event
from emulator.providers.koywe.wire import read_body, write_answer, write_created, write_nothing

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


# -- calls


def list_organizations(call: Call) -> Reply:
    """`GET /api/v1/organizations`: the credential's organization alone."""
    organization = read_names(call.tx.sandbox_name).organization
    return write_answer(call, [{"id": organization.id, "name": organization.name}])


def create_merchant(call: Call) -> Reply:
    """`POST O/merchants`: the merchant, with an empty virtual account in every fiat currency and its first transferable
    numbers."""
    body = read_body(call)
    made = add_merchant(call.tx, call.caller.organization_id, body["name"], body["countrySymbol"])
    return write_created(call, _write_merchant(*made))


def add_merchant(tx: Transaction, organization_id: str, name: str, country: str) -> tuple[str, Merchant]:
    """Adds a merchant and returns it with its id."""
    merchant = Merchant(organization_id, name, country, tx.now_ms, next_number(tx, MERCHANTS.id_kind))
    merchant_id = MERCHANTS.add(tx, merchant)
    for currency in list_fiat_currencies():
        account_id = make_id(tx.chance, "account")
        open_virtual_account(tx, account_id, merchant_id, currency.symbol, currency.country or "")
        open_balance(tx, merchant_id, currency.symbol, account_id, Decimal(0))
    issue_first(tx, merchant_id)
    _tell(tx, "merchant.created", merchant_id, merchant)
    return merchant_id, merchant


def list_merchants(call: Call) -> Reply:
    """`GET O/merchants`: all merchants, oldest first."""
    return write_answer(call, [_write_merchant(each, merchant) for each, merchant in MERCHANTS.scan(call.tx)])


def get_merchant(call: Call) -> Reply:
    """`GET M`: the merchant. Refuses with `MC90001`."""
    return write_answer(call, _write_merchant(*require_own_merchant(call)))


def update_merchant(call: Call) -> Reply:
    """`PUT M`: the changed merchant. Refuses with `MC90001`."""
    body = read_body(call)
    merchant_id, merchant = require_own_merchant(call)
    merchant.name = body.get("name", merchant.name)
    merchant.country = body.get("countrySymbol", merchant.country)
    MERCHANTS.put(call.tx, merchant_id, merchant)
    _tell(call.tx, "merchant.updated", merchant_id, merchant)
    return write_answer(call, _write_merchant(merchant_id, merchant))


def delete_merchant(call: Call) -> Reply:
    """`DELETE M`: nothing; no call finds the merchant again. Refuses with `MC90001`, `MC90005`."""
    merchant_id, merchant = require_own_merchant(call)
    open_order = next(_find_open_orders(call.tx, merchant_id), None)
    if open_order is not None:
        reason = f"{open_order.id} is {open_order.status}: end it first, by its events or by the clock"
        raise Refusal("merchant-in-use", reason)
    MERCHANTS.remove(call.tx, merchant_id)
    _tell(call.tx, "merchant.deleted", merchant_id, merchant)
    return write_nothing()


def _find_open_orders(tx: Transaction, merchant_id: str) -> Iterator[Order]:
    """The merchant's orders that have not ended, and transfers of others to it; COMPLETED is an end, although a refund
    may follow."""
    for order_id in tx.order_ids("koywe", f"owner:{merchant_id}"):
        order = tx.order(order_id)
        if order is not None and order.status != "COMPLETED" and not LIFECYCLE.is_final(order.status):
            yield order


def _tell(tx: Transaction, event: str, merchant_id: str, merchant: Merchant) -> None:
    raise_event(tx, event, merchant_id, ("merchant", merchant_id), {"name": merchant.name})


def _write_merchant(merchant_id: str, merchant: Merchant) -> dict[str, Any]:
    name = merchant.name
    return {
        "id": merchant_id,
        "organizationId": merchant.organization,
        "name": name,
        "slug": _NOT_IN_A_SLUG.sub("-", name.lower()).strip("-"),
        "countrySymbol": merchant.country,
        "profile": {"name": name},
        "createdAt": write_moment(merchant.created_ms),
    }
