"""The ledger of a virtual account, and the receipt of an entry.

Sources: https://docs.koywe.com/en/reports/ledger-statement and https://docs.koywe.com/en/reports/ledger-entry-details
(seen 2026-11) for paths, parameters, the two balances and the receipt's main members. Observed: the members of a
movement. Assumed: the names of the other members, and that the oldest comes first.
"""

from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core.wording import shown
from emulator.providers.koywe.access import MERCHANTS
from emulator.providers.koywe.accounts.balances import Balance, Movement, add, find_movement, list_movements, negative
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.reports.questions import (
    Question,
    count_before,
    read_question,
    require_virtual_account,
    write_cursor,
    write_report_amount,
)
from emulator.providers.koywe.wire import write_answer


def get_ledger_statement(call: Call) -> Reply:
    """`GET M/accounts/{accountId}/reports/ledger-statement`: the changes of the balance, and the balances around them.
    Refuses with `BAA90002`, `COM90003`."""
    question = read_question(call)
    entries = list_movements(call.tx, question.account_id)
    opening, closing = _balances_around(question, [entry for _, entry in entries])
    found = [each for each in entries if question.from_ms <= each[1].at_ms <= question.to_ms]
    if call.settings["ledger_order"] == "desc":
        found.reverse()
    before = count_before(call, question, [entry_id for entry_id, _ in found])
    page = found[before : before + question.length]
    is_last = before + len(page) == len(found)
    currency = question.account.currency
    body = question.head | {
        "granularity": question.query.get("granularity", "daily"),
        "openingBalance": write_report_amount(call, currency, opening),
        "closingBalance": write_report_amount(call, currency, closing),
        "movements": [write_movement(call, currency, entry_id, entry) for entry_id, entry in page],
        "nextCursor": None if is_last else write_cursor(call, question, page[-1][0]),
    }
    return write_answer(call, body)


def get_ledger_entry(call: Call) -> Reply:
    """`GET M/accounts/{accountId}/reports/ledger-entry/{ledgerEntryId}`: the receipt. Refuses with `BAA90002`,
    `LE90001`."""
    account_id, account, _ = require_virtual_account(call)
    entry_id = call.parameters["ledger_entry_id"]
    entry = find_movement(call.tx, account_id, entry_id)
    if entry is None:
        raise Refusal("ledger-entry-not-found", f"the ledger of {account_id} has no entry {shown(entry_id)}")
    merchant = MERCHANTS.find(call.tx, account.merchant)
    movement = write_movement(call, account.currency, entry_id, entry)
    before = add(entry.after, negative(entry.amount))
    body = {
        "ledgerEntryId": entry_id,
        "accountId": account_id,
        "merchantId": account.merchant,
        "merchantName": merchant.name if merchant else None,
        "accountNumber": account.number,
        "postedAt": movement["postedAt"],
        "type": movement["type"],
        "category": movement["category"],
        "amount": movement["amount"],
        "currency": account.currency,
        "balanceBefore": write_report_amount(call, account.currency, before),
        "balanceAfter": movement["runningBalance"],
        "description": movement["description"],
        "orderId": entry.order or None,
        "settlementId": entry.settlement or None,
    }
    return write_answer(call, body)


def write_movement(call: Call, currency: str, entry_id: str, entry: Movement) -> dict[str, Any]:
    """An entry of the ledger as clients see it."""
    order = call.tx.order(entry.order) if entry.order else None
    return {
        "ledgerEntryId": entry_id,
        "postedAt": write_moment(entry.at_ms),
        "amount": write_report_amount(call, currency, entry.amount.copy_abs()),
        "currency": currency,
        "description": order.fields.get("description") if order else entry.about,
        "category": entry.category,
        "type": "credit" if entry.amount > 0 else "debit",
        "runningBalance": write_report_amount(call, currency, entry.after),
    }


def _balances_around(question: Question, entries: list[Movement]) -> tuple[Decimal, Decimal]:
    """What was available before the first day and at the end of the last; the account's opening counts for both."""
    balance: Balance = question.balance
    if question.to_ms < balance.opened_ms:
        return Decimal(0), Decimal(0)
    before = [entry.after for entry in entries if entry.at_ms < question.from_ms]
    until = [entry.after for entry in entries if entry.at_ms <= question.to_ms]
    return (before or [balance.opening])[-1], (until or [balance.opening])[-1]
