"""What the reports have in common: the account, the days, and where a page starts.

Sources: https://docs.koywe.com/en/reports/ledger-statement and https://docs.koywe.com/reports/orders-report (seen
2026-11) for the parameters. Assumed: that both days are whole UTC days and included, the form of cursors, and that a
cursor is for the same question alone.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.core.wording import shown
from emulator.providers.koywe.accounts.accounts import ACCOUNTS, Account
from emulator.providers.koywe.accounts.balances import Balance, find_balance_of
from emulator.providers.koywe.catalogue import find_currency
from emulator.providers.koywe.formats.moments import read_moment, require_moment
from emulator.providers.koywe.quotes.rates import trim_amount, write_balance
from emulator.providers.koywe.wire import invalid, read_query

USUAL_LENGTH = 50
_CURSOR_TEXT = "cursor must be the nextCursor of the page before"
_REVERSED_TEXT = "to must not be earlier than from"
_DIGEST_BYTES = 6
_NOT_OF_THE_QUESTION = frozenset({"cursor", "limit"})


class Question(Struct, frozen=True):
    """What a report is about: an account, and the days from `first` to `last`, both included."""

    account_id: str
    account: Account
    balance: Balance
    first: str
    last: str
    query: Mapping[str, str]

    @property
    def from_ms(self) -> int:
        """The first instant."""
        return require_moment(self.first)

    @property
    def to_ms(self) -> int:
        """The last instant."""
        return require_moment(self.last, end_of_day=True)

    @property
    def length(self) -> int:
        """How many items a page has at most."""
        return int(self.query.get("limit", USUAL_LENGTH))

    @property
    def head(self) -> dict[str, Any]:
        """The first members of every report."""
        return {"accountId": self.account_id, "currency": self.account.currency, "from": self.first, "to": self.last}


def require_virtual_account(call: Call) -> tuple[str, Account, Balance]:
    """The account in the path. Refuses with `BAA90002` what is not a virtual account of the merchant."""
    account_id, account = ACCOUNTS.require_in_path(call)
    balance = find_balance_of(call.tx, account_id, account.merchant, account.currency)
    if balance is None:
        raise Refusal("account-not-found", f"{account_id} is not a virtual account: only those have reports")
    return account_id, account, balance


def read_question(call: Call) -> Question:
    """The request's question. Refuses with `BAA90002`, then with `COM90003`."""
    account_id, account, balance = require_virtual_account(call)
    query = read_query(call)
    first, last = query["from"], query["to"]
    if last < first:
        raise invalid(call, [_REVERSED_TEXT], f"to: {shown(last)} is earlier than from, {shown(first)}")
    if query.get("granularity") == "monthly":
        first, last = f"{first[:-2]}01", _end_of_month(last)
    return Question(account_id, account, balance, first, last, query)


def _end_of_month(day: str) -> str:
    days = (f"{day[:-2]}{number}" for number in (31, 30, 29, 28))
    return next(each for each in days if read_moment(each) is not None)


def write_cursor(call: Call, question: Question, key: str) -> str:
    """Where the next page of the same question starts: after the item with this key."""
    return urlsafe_b64encode(_make_digest(call, question) + key.encode()).decode().rstrip("=")


def count_before(call: Call, question: Question, keys: list[str]) -> int:
    """How many of `keys`, which are all in the order of the report, come before this page. Refuses with `COM90003` a
    cursor of another question."""
    text = question.query.get("cursor")
    if text is None:
        return 0
    key = _read_key(text)
    if key not in keys or write_cursor(call, question, key) != text:
        raise invalid(call, [_CURSOR_TEXT], f"cursor: {shown(text)} is not the nextCursor of a page of this report")
    return keys.index(key) + 1


def _read_key(text: str) -> str:
    try:
        return urlsafe_b64decode(text + "==")[_DIGEST_BYTES:].decode()
    except ValueError:
        return ""


def _make_digest(call: Call, question: Question) -> bytes:
    """What tells the question from others."""
    name = call.endpoint.name if call.endpoint else ""
    asked = sorted(each for each in question.query.items() if each[0] not in _NOT_OF_THE_QUESTION)
    told = repr((name, question.account_id, call.settings["ledger_order"], asked))
    return hashlib.blake2s(told.encode(), digest_size=_DIGEST_BYTES).digest()


def write_report_amount(call: Call, currency: str, amount: Decimal) -> Decimal | str:
    """An amount as reports show it: a number, or, as the setting `report_amounts` says, a text with all decimals."""
    if call.settings["report_amounts"] == "number":
        return trim_amount(amount)
    known = find_currency(currency, call.settings["currency_decimals"])
    return write_balance(amount, known.decimals if known else 0)
