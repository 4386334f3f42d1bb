"""Organizations and their merchants.

Sources: https://docs.koywe.com/en/getting-started/organization-setup (seen 2026-11) for the paths and what creating
takes; what lists show was observed. Assumed: the rest of the answers, and how a slug is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from emulator.core.call import Call
from emulator.core.provider import Reply
from emulator.core.transaction import Transaction
from emulator.providers.koywe import errors
from emulator.providers.koywe.access import MERCHANTS, names_of
from emulator.providers.koywe.accounts import open_virtual_account
from emulator.providers.koywe.balances import open_balance
from emulator.providers.koywe.bodies import give, give_created, give_nothing, read_body
from emulator.providers.koywe.catalogue import list_fiat_currencies
from emulator.providers.koywe.identifiers import ID_RANDOM_BYTES, make_id
from emulator.providers.koywe.moments import print_moment
from emulator.providers.koywe.refusals import refuse
from emulator.providers.koywe.webhook_events import raise_event

_NOT_IN_A_SLUG: Final = re.compile(r"[^a-z0-9]+")


def keep_merchant(tx: Transaction, merchant_id: str, organization_id: str, name: str, country: str) -> None:
    """Keep a new merchant, without accounts."""
    merchant = {"organization": organization_id, "name": name, "country": country, "created_ms": tx.now_ms}
    tx.put(MERCHANTS, merchant_id, merchant)


def list_merchant_ids(tx: Transaction) -> Iterator[str]:
    """Give the ids of all merchants, oldest first."""
    for merchant_id, _ in tx.scan(MERCHANTS):
        yield merchant_id


# -- calls


def list_organizations(call: Call) -> Reply:
    """`GET /api/v1/organizations`: the one that the credential belongs to."""
    organization = names_of(call.tx.sandbox_name).organization
    return give(call, [{"id": organization.id, "name": organization.name}])


def create_merchant(call: Call) -> Reply:
    """`POST O/merchants`: the merchant, with a virtual account in every fiat currency, all empty."""
    body = read_body(call)
    merchant_id = make_id("merchant", call.tx.chance.octets(ID_RANDOM_BYTES))
    keep_merchant(call.tx, merchant_id, call.caller.organization_id, body["name"], body["countrySymbol"])
    for currency in list_fiat_currencies():
        account_id = make_id("account", call.tx.chance.octets(ID_RANDOM_BYTES))
        open_virtual_account(call.tx, account_id, merchant_id, currency.symbol, currency.country or "")
        open_balance(call.tx, merchant_id, currency.symbol, account_id, Decimal(0))
    _tell(call.tx, "merchant.created", merchant_id, body["name"])
    return give_created(call, _body(merchant_id, call.tx.get(MERCHANTS, merchant_id)))


def list_merchants(call: Call) -> Reply:
    """`GET O/merchants`: all of them, oldest first."""
    return give(call, [_body(merchant_id, merchant) for merchant_id, merchant in call.tx.scan(MERCHANTS)])


def get_merchant(call: Call) -> Reply:
    """`GET M`: the merchant. Refuses with `MC90001`."""
    return give(call, _body(*_require_merchant(call)))


def update_merchant(call: Call) -> Reply:
    """`PUT M`: the merchant with what was sent changed."""
    body = read_body(call)
    merchant_id, merchant = _require_merchant(call)
    merchant["name"] = body.get("name", merchant["name"])
    merchant["country"] = body.get("countrySymbol", merchant["country"])
    call.tx.put(MERCHANTS, merchant_id, merchant)
    _tell(call.tx, "merchant.updated", merchant_id, merchant["name"])
    return give(call, _body(merchant_id, merchant))


def delete_merchant(call: Call) -> Reply:
    """`DELETE M`: nothing. The merchant is gone for every call; its orders go their way."""
    merchant_id, merchant = _require_merchant(call)
    call.tx.forget(MERCHANTS, merchant_id)
    _tell(call.tx, "merchant.deleted", merchant_id, merchant["name"])
    return give_nothing()


def _tell(tx: Transaction, event: str, merchant_id: str, name: str) -> None:
    raise_event(tx, event, merchant_id, ("merchant", merchant_id), {"name": name})


def _require_merchant(call: Call) -> tuple[str, dict[str, Any]]:
    merchant_id = call.caller.merchant_id
    merchant: dict[str, Any] | None = call.tx.get(MERCHANTS, merchant_id)
    if merchant is None:
        raise refuse(errors.MERCHANT_NOT_FOUND, "the organization in the path has no such merchant")
    return merchant_id, merchant


def _body(merchant_id: str, merchant: Mapping[str, Any]) -> dict[str, Any]:
    name = merchant["name"]
    return {
        "id": merchant_id,
        "organizationId": merchant["organization"],
        "name": name,
        "slug": _NOT_IN_A_SLUG.sub("-", name.lower()).strip("-"),
        "countrySymbol": merchant["country"],
        "profile": {"name": name},
        "createdAt": print_moment(merchant["created_ms"]),
    }
