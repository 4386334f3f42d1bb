"""Deposits: how money arrives at an address that was given out, and how that is shown.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/deposit-webhook, .../receive/deposit-query and
.../account/order-history, seen 2026-11: a deposit below the minimum is not credited, and all members. Assumed: the
confirmations, which are those of payments.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.command import CommandRefused
from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.core.suggestion import use_one_of
from emulator.providers.basswallet import payments
from emulator.providers.basswallet.accounts import balances
from emulator.providers.basswallet.catalogue import Catalogue, read_catalogue
from emulator.providers.basswallet.chain import blocks
from emulator.providers.basswallet.chain.amounts import read_amount, write_decimal
from emulator.providers.basswallet.chain.transfers import Transfer, read_transfers
from emulator.providers.basswallet.deposits.addresses import DepositAddress, find_address, keep_address
from emulator.providers.basswallet.ordering.ids import instant_key, make_free_id
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    AWAITING_PACKAGING,
    DEPOSIT,
    FAILED,
    SUCCESS,
    write_status,
)


def make_deposit(tx: Transaction, arguments: Mapping[str, Any]) -> Order | None:
    """Lets an amount arrive at a deposit address now; None: it is below the minimum, and has no effect.

    Raises CommandRefused.
    """
    catalogue = read_catalogue(tx.settings("basswallet"))
    given_out, token = _find_given_out(tx, catalogue, arguments), arguments["tokenName"]
    chain = given_out.chain
    pair = catalogue.find_pair(token, chain)
    if pair is None:
        known = [each for each, name in catalogue.pairs if name == chain]
        raise CommandRefused(f"tokenName: no {token[:40]!r} on {chain}: {use_one_of(token, known)}")
    if not pair.deposit_enable:
        raise CommandRefused(f"tokenName: deposits of {token} on {chain} are suspended")
    amount = read_amount(str(arguments["amount"]))
    if amount is None:
        raise CommandRefused('amount: write an amount above 0 in decimal digits, as "25.5"')
    if amount < Decimal(pair.min_deposit_amount):
        return None
    fields = {"token_name": token, "chain": chain, "address": given_out.address, "amount": write_decimal(amount)}
    if given_out.callback_url:
        fields["webhook_url"] = given_out.callback_url
    order = Order(
        id=make_free_id(tx),
        provider="basswallet",
        owner=str(given_out.account),
        kind=DEPOSIT,
        status=AWAITING_PACKAGING,
        created_ms=tx.now_ms,
        updated_ms=tx.now_ms,
        fields=fields,
        keys=(instant_key(tx),),
    )
    payments.accept(tx, order, arguments)
    events.create(tx, order, None)
    return order


def _find_given_out(tx: Transaction, catalogue: Catalogue, arguments: Mapping[str, Any]) -> DepositAddress:
    """The address at which it arrives, a new one if none is named. Raises CommandRefused."""
    token, address = arguments["tokenName"], arguments.get("address")
    if address is not None:
        given_out = find_address(tx, address)
        if given_out is None:
            raise CommandRefused(f"address: {address[:100]!r} was not given out by POST /v1/account/address/create")
        return given_out
    chain = next((name for each, name in catalogue.pairs if each == token), None)
    if chain is None:
        known = [each.token_name for each in catalogue.tokens]
        raise CommandRefused(f"tokenName: no {token[:40]!r}: {use_one_of(token, known)}")
    made = DepositAddress(blocks.make_address(tx, chain), balances.FIRST_ACCOUNT, chain)
    keep_address(tx, made)
    return made


def write_deposit(order: Order, settings: Settings) -> dict[str, Any]:
    """A deposit in the answer of the query."""
    fields, transfer = order.fields, _find_transfer(order)
    return {
        "id": order.id,
        "amount": fields["amount"],
        "tokenName": fields["token_name"],
        "chainName": fields["chain"],
        "fromAddress": transfer.payer,
        "toAddress": fields["address"],
        "status": write_status(order.status, settings),
        "txHash": transfer.tx_hash,
        "createdTime": order.created_ms,
    }


def write_listed_deposit(order: Order, settings: Settings) -> dict[str, Any]:
    """A deposit in the answer of the history."""
    body = write_deposit(order, settings)
    return body | {"completeTime": order.fields["completed_ms"]} if order.status in (SUCCESS, FAILED) else body


def write_webhook_members(tx: Transaction, order: Order, settings: Settings) -> dict[str, str]:
    """The members of a deposit's webhook as text, except its timestamp."""
    fields, transfer = order.fields, _find_transfer(order)
    first, final = blocks.read_first_confirmations(tx), payments.find_final_confirmations(tx, order)
    is_first = order.status in (AWAITING_CONFIRMATION, FAILED)
    return {
        "amount": fields["amount"],
        "blockConfirmNum": str(first if is_first else max(first, final)),
        "blockHigh": str(blocks.find_block_height(tx, fields["chain"], transfer.at_ms)),
        "chainName": fields["chain"],
        "createdTime": str(order.created_ms),
        "fromAddress": transfer.payer,
        "id": order.id,
        "status": write_status(order.status, settings),
        "toAddress": fields["address"],
        "tokenName": fields["token_name"],
        "txHash": transfer.tx_hash,
        "webhookType": "Deposit",
    }


def _find_transfer(order: Order) -> Transfer:
    return read_transfers(order.fields)[0]
