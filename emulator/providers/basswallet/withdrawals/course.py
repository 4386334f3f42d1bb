"""What becomes of a withdrawal: review, processing, the blocks of the chain, and what it does to the balance.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/withdraw/withdraw-webhook and the price page of the
Chinese documentation, revision of 2024, seen 2026-11. Assumed: how long processing takes, when a balance moves, and
what events there are.
"""

from decimal import Decimal
from typing import Any

from emulator.contract.lifecycle import Arguments
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.providers.basswallet.accounts import balances
from emulator.providers.basswallet.chain import blocks
from emulator.providers.basswallet.chain.amounts import add
from emulator.providers.basswallet.payments import CONFIRM
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    AWAITING_PACKAGING,
    FAILED,
    PROCESSING,
    SUCCESS,
    WITHDRAWAL,
)

PROCESS = "process"


def find_total_amount(fields: dict[str, Any]) -> Decimal:
    """What a withdrawal takes from the balance: the amount and both fees."""
    return add(Decimal(fields["amount"]), find_total_fee(fields))


def find_total_fee(fields: dict[str, Any]) -> Decimal:
    """Both fees."""
    return add(Decimal(fields["network_fee"]), Decimal(fields["platform_fee"]))


def freeze(tx: Transaction, order: Order) -> None:
    """Freezes the amount and the fees."""
    total = find_total_amount(order.fields)
    balances.move(tx, int(order.owner), order.fields["token_name"], free=-total, freeze=total)


def approve(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Lets an approved withdrawal go on at once."""
    events.move(tx, order, PROCESSING, cause="review")


def start_processing(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Starts the time after which the withdrawal goes to the chain."""
    tx.start_timer(order, PROCESS, tx.now_ms + tx.settings("basswallet")["withdraw_processing_ms"])


def package(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Sends the transaction to the chain; its confirmations count from now on."""
    fields = order.fields
    tx.stop_timer(order, PROCESS)
    _add_transaction(tx, order)
    first: int = fields["confirm_first"]
    tx.start_timer(order, CONFIRM, blocks.find_confirmed_ms(tx, fields["chain"], tx.now_ms, first))


def confirm_first(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Notes the first confirmations; the final ones follow by themselves."""
    fields = order.fields
    fields["confirmed_ms"] = tx.now_ms
    due_ms = blocks.find_confirmed_ms(tx, fields["chain"], fields["packaged_ms"], fields["confirm_needed"])
    tx.start_timer(order, CONFIRM, max(tx.now_ms, due_ms))


def settle(tx: Transaction, order: Order, arguments: Arguments) -> None:
    """Takes what a withdrawal has frozen out of the balance, or frees it again; ignores other orders."""
    if order.kind != WITHDRAWAL:
        return
    fields = order.fields
    fields["completed_ms"] = tx.now_ms
    if fields.pop("frozen", False):
        total = find_total_amount(fields)
        returned = Decimal(0) if order.status == SUCCESS else total
        balances.move(tx, int(order.owner), fields["token_name"], free=returned, freeze=-total)


def complete_forced(tx: Transaction, order: Order, event: str) -> None:
    """Adds the transaction that a withdrawal forced into a later status must have, so that its answers are complete."""
    if event != "force" or order.status not in (AWAITING_PACKAGING, AWAITING_CONFIRMATION, SUCCESS, FAILED):
        return
    if "tx_hash" not in order.fields:
        _add_transaction(tx, order)
    if order.status in (AWAITING_CONFIRMATION, SUCCESS):
        order.fields.setdefault("confirmed_ms", tx.now_ms)


def _add_transaction(tx: Transaction, order: Order) -> None:
    order.fields["tx_hash"] = blocks.make_hash(tx, order.fields["chain"])
    order.fields["packaged_ms"] = tx.now_ms
