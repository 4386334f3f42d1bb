"""Bank accounts, wallets and virtual accounts of merchants and their contacts.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/merchant/create-account (seen 2026-11).
Assumed: paths and answers of the calls on one account, and which numbers are valid where (see `numbers`).
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe.accounts.balances import find_balance_of
from emulator.providers.koywe.accounts.numbers import (
    ENTITY_COUNTRIES,
    is_account_number,
    is_address,
    normalize_network,
)
from emulator.providers.koywe.catalogue import (
    Currency,
    CurrencyKind,
    SeedAccount,
    find_bank,
    find_country,
    find_currency,
    list_banks,
    network_supports,
)
from emulator.providers.koywe.collection import OwnedCollection
from emulator.providers.koywe.contacts.contacts import CONTACTS
from emulator.providers.koywe.formats.identifiers import write_account_number
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.quotes.amounts import require_currency
from emulator.providers.koywe.wire import read_body, read_query, write_answer, write_created, write_nothing

BANK = "BANK"
CRYPTO = "CRYPTO"

_CURRENCY_KINDS: Mapping[str, CurrencyKind] = {BANK: "fiat", CRYPTO: "crypto"}


class Account(Struct, omit_defaults=True):
    """A bank account, wallet or virtual account.

    `is_virtual` is what its creator said; only the accounts that the provider itself opens have a balance.
    """

    merchant: str
    kind: str
    currency: str
    type: str
    created_ms: int
    contact: str | None = None
    name: str | None = None
    entity: str | None = None
    country: str | None = None
    number: str | None = None
    routing: str | None = None
    network: str | None = None
    address: str | None = None
    is_virtual: bool = False
    is_default: bool = False
    is_tracked: bool = False


ACCOUNTS = OwnedCollection("koywe.accounts", Account, "account")


def open_virtual_account(tx: Transaction, account_id: str, merchant_id: str, currency: str, country: str) -> None:
    """Keeps a merchant's virtual account."""
    number = write_account_number(merchant_id, currency)
    ACCOUNTS.put(
        tx,
        account_id,
        Account(
            merchant_id, BANK, currency, "VIRTUAL", tx.now_ms, country=country, number=number, is_virtual=True
        ),
    )  # fmt: skip


def keep_seed_account(tx: Transaction, merchant_id: str, seed: SeedAccount) -> None:
    """Keeps one of the accounts that a sandbox starts with."""
    account = Account(
        merchant_id,
        seed.kind,
        seed.currency,
        seed.type,
        tx.now_ms,
        contact=seed.contact_id,
        entity=seed.entity,
        country=seed.country,
        number=seed.account_number,
        routing=seed.routing_number,
        network=seed.network,
        address=seed.address,
        is_default=seed.is_default,
        is_tracked=seed.is_tracked,
    )
    ACCOUNTS.put(tx, seed.id, account)


def _write_account(account_id: str, account: Account) -> dict[str, Any]:
    """The account as clients see it."""
    country = find_country(account.country) if account.country else None
    currency = find_currency(account.currency)
    created_at = write_moment(account.created_ms)
    return {
        "id": account_id,
        "name": account.name,
        "entity": account.entity,
        "kind": account.kind,
        "isVirtual": account.is_virtual,
        "address": account.address,
        "network": account.network,
        "type": account.type,
        "accountNumber": account.number,
        "routingNumber": account.routing,
        "countryId": country.id if country else None,
        "currencyId": currency.id if currency else None,
        "currencyCode": account.currency,
        "createdAt": created_at,
        "updatedAt": created_at,
        "isDefault": account.is_default,
        "isTracked": account.is_tracked,
        "merchantId": account.merchant,
        "contactId": account.contact,
        "countryCode": account.country,
    }


# -- calls


def create_account(call: Call) -> Reply:
    """`POST M/accounts`: the account. Refuses with `CU90001`, `CU90002`, `QE90006`, `BAA90006`, `BAA90004`,
    `BAA90005`."""
    return _create(call, None)


def create_contact_account(call: Call) -> Reply:
    """`POST M/contacts/{contactId}/accounts`: the account, as `create_account`; also `CT90001`."""
    return _create(call, call.parameters["contact_id"])


def list_accounts(call: Call) -> Reply:
    """`GET M/accounts`: all accounts, or those in one currency. Refuses with `COM90003`."""
    wanted = read_query(call).get("currency")
    found = ACCOUNTS.scan_of(call.tx, call.caller.merchant_id)
    shown = [_write_account(each, account) for each, account in found if wanted in (None, account.currency)]
    return write_answer(call, shown)


def list_contact_accounts(call: Call) -> Reply:
    """`GET M/contacts/{contactId}/accounts`: the contact's accounts. Refuses with `CT90001`."""
    contact_id, _ = CONTACTS.require_in_path(call)
    found = ACCOUNTS.scan_of(call.tx, call.caller.merchant_id)
    shown = [_write_account(each, account) for each, account in found if account.contact == contact_id]
    return write_answer(call, shown)


def get_account(call: Call) -> Reply:
    """`GET M/accounts/{accountId}`: the account. Refuses with `BAA90002`."""
    return write_answer(call, _write_account(*ACCOUNTS.require_in_path(call)))


def delete_account(call: Call) -> Reply:
    """`DELETE M/accounts/{accountId}`: nothing. Refuses with `BAA90002`, `BAA90007`."""
    account_id, account = ACCOUNTS.require_in_path(call)
    if find_balance_of(call.tx, account_id, account.merchant, account.currency) is not None:
        raise Refusal("virtual-account-kept", f"{account_id} is a virtual account, which the provider keeps")
    ACCOUNTS.remove(call.tx, account_id)
    return write_nothing()


def _create(call: Call, contact_id: str | None) -> Reply:
    body = read_body(call)
    if contact_id is not None:
        CONTACTS.require(call, contact_id)
    kind = body["kind"]
    currency = require_currency(
        call, body["currencySymbol"], _CURRENCY_KINDS[kind], "currencySymbol", f"{kind} accounts"
    )
    network = normalize_network(body["network"]) if kind == CRYPTO else None
    if network is None:
        _require_bank_details(body)
    else:
        _require_wallet_details(body, network, currency)
    account = Account(
        call.caller.merchant_id,
        kind,
        currency.symbol,
        body.get("type", "VIRTUAL"),
        call.tx.now_ms,
        contact=contact_id,
        name=body.get("name"),
        entity=body.get("entity") if kind == BANK and body["countrySymbol"] in ENTITY_COUNTRIES else None,
        country=body["countrySymbol"] if kind == BANK else None,
        number=body["accountNumber"] if kind == BANK else None,
        routing=body.get("routingNumber") if kind == BANK else None,
        network=network,
        address=body["address"] if kind == CRYPTO else None,
        is_virtual=body.get("isVirtual", False),
        is_default=body.get("isDefault", False),
        is_tracked=body.get("isTracked", False),
    )
    account_id = ACCOUNTS.add(call.tx, account)
    return write_created(call, _write_account(account_id, account))


def _require_bank_details(body: dict[str, Any]) -> None:
    country, entity, number = body["countrySymbol"], body.get("entity"), body["accountNumber"]
    if entity is not None and country in ENTITY_COUNTRIES and find_bank(country, entity) is None:
        known = [bank.code for bank in list_banks(country)]
        raise Refusal(
            "bank-unknown",
            f"/entity: {country} has no bank {shown(entity)}: {use_one_of(entity, known)}",
            entity=entity,
            country=country,
        )
    if not is_account_number(country, number, body.get("routingNumber")):
        raise Refusal(
            "account-number-invalid",
            f"/accountNumber: not the form or check digits of {country}, got {shown(number)}",
            country=country,
        )


def _require_wallet_details(body: dict[str, Any], network: str, currency: Currency) -> None:
    if not network_supports(network, currency.symbol):
        raise Refusal(
            "network-unsupported",
            f"/network: {network} does not carry {currency.symbol}",
            network=body["network"],
            symbol=currency.symbol,
        )
    if not is_address(network, body["address"]):
        raise Refusal(
            "address-invalid",
            f"/address: not an address of {network}, got {shown(body['address'])}",
            network=network,
        )
