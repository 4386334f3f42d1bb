"""The calls that show balances.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/merchant/get-bank-account-balances (seen
2026-11). Assumed: that `balance` is what is available, what `date` means, and the sums over merchants.
"""

from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.providers.koywe.access import MERCHANTS
from emulator.providers.koywe.accounts.accounts import ACCOUNTS, Account
from emulator.providers.koywe.accounts.balances import (
    Balance,
    add,
    available_at,
    find_balance_of,
    list_balances,
)
from emulator.providers.koywe.catalogue import find_currency
from emulator.providers.koywe.formats.moments import require_moment, write_moment
from emulator.providers.koywe.quotes.rates import trim_amount, write_balance
from emulator.providers.koywe.wire import read_query, write_answer


def list_account_balances(call: Call) -> Reply:
    """`GET M/accounts/balances`: the balance of each virtual account, now or at a date. Refuses with `COM90003`."""
    query = read_query(call)
    at_ms = _read_instant(call, query.get("date"))
    merchant_id, wanted = call.caller.merchant_id, query.get("currency")
    shown: list[dict[str, Any]] = []
    for currency, balance in list_balances(call.tx, merchant_id):
        account = ACCOUNTS.find_of(call.tx, balance.account, merchant_id)
        if account is not None and wanted in (None, currency):
            shown.append(_write_balance(call, balance.account, account, balance, at_ms))
    return write_answer(call, shown)


def get_account_balance(call: Call) -> Reply:
    """`GET M/accounts/{accountId}/balance`: the balance of an account; 0 if it is not virtual. Refuses with
    `BAA90002`."""
    account_id, account = ACCOUNTS.require_in_path(call)
    balance = find_balance_of(call.tx, account_id, account.merchant, account.currency)
    return write_answer(call, _write_balance(call, account_id, account, balance, call.tx.now_ms))


def list_bank_account_balances(call: Call) -> Reply:
    """`GET M/bank-accounts/balances`: the three balances of each currency, as numbers."""
    shown = [
        {
            "currencySymbol": currency,
            "availableBalance": trim_amount(balance.available),
            "pendingBalance": trim_amount(balance.pending),
            "reservedBalance": trim_amount(balance.reserved),
        }
        for currency, balance in list_balances(call.tx, call.caller.merchant_id)
    ]
    return write_answer(call, shown)


def list_organization_balances(call: Call) -> Reply:
    """`GET O/balances`: the balance of all merchants together in each currency."""
    totals: dict[str, Decimal] = {}
    for merchant_id, _ in MERCHANTS.scan(call.tx):
        for currency, balance in list_balances(call.tx, merchant_id):
            totals[currency] = add(totals.get(currency, 0), balance.available)
    return write_answer(
        call, [{"currency": each, "balance": _write_amount(call, each, total)} for each, total in totals.items()]
    )


def _write_balance(
    call: Call, account_id: str, account: Account, balance: Balance | None, at_ms: int
) -> dict[str, Any]:  # fmt: skip
    available = available_at(call.tx, balance, at_ms) if balance else Decimal(0)
    return {
        "id": account_id,
        "accountNumber": account.number,
        "currency": account.currency,
        "balance": _write_amount(call, account.currency, available),
        "balanceDate": write_moment(at_ms),
        "address": account.address,
        "network": account.network,
        "merchantId": account.merchant,
        "contactId": account.contact,
    }


def _read_instant(call: Call, date: str | None) -> int:
    return call.tx.now_ms if date is None else require_moment(date, end_of_day=True)


def _write_amount(call: Call, currency: str, amount: Decimal) -> str:
    known = find_currency(currency, call.settings["currency_decimals"])
    return write_balance(amount, known.decimals if known else 0)
