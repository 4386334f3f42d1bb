"""What happens at the provider apart from any order: money comes in by bank or leaves for one, the ledger is put right
by hand, and checks are decided.

Assumed: all of it; that a bank's money may be accepted or rejected was observed.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.command import Command, CommandRefused
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.core.sample_webhooks import TEST_WEBHOOK, URL, read_sample, replace_members, require_receiver
from emulator.core.wording import counted
from emulator.providers.koywe.access import names_of
from emulator.providers.koywe.accounts.accounts import ACCOUNTS
from emulator.providers.koywe.accounts.balances import (
    ADJUSTMENT,
    CATEGORIES,
    Balance,
    add,
    find_balance,
    find_balance_of,
    list_virtual_account_ids,
    move,
    negative,
)
from emulator.providers.koywe.accounts.settlements import find_target, settle
from emulator.providers.koywe.accounts.virtual_numbers import list_known
from emulator.providers.koywe.catalogue import Currency, find_currency
from emulator.providers.koywe.directory.merchants import add_merchant
from emulator.providers.koywe.formats.identifiers import INNER_PREFIX, make_id
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.onboarding.kyb import decide_kyb
from emulator.providers.koywe.onboarding.registrations import decide_registration
from emulator.providers.koywe.quotes.deals import go_on_with_deals
from emulator.providers.koywe.quotes.rates import has_too_many_decimals, write_balance
from emulator.providers.koywe.webhook_endpoints.events import ORDER_EVENTS, raise_event
from emulator.providers.koywe.webhooks import WEBHOOKS

_ACCOUNT = {"type": "string", "description": "id of a virtual account", "examples": ["acc_..."]}
_LARGEST = 10**18
_AMOUNT = {"type": "number", "exclusiveMinimum": 0, "maximum": _LARGEST}
_SENDER = {"name": "sender_name", "bank": "sender_bank", "documentNumber": "sender_document"}
"""Member of a deposit's sender -> what webhooks call it."""
_TEST_EVENT = "order.completed"


def _decision(name: str, about: str, example: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            name: {"type": "string", "description": about, "examples": [example]},
            "approved": {"type": "boolean"},
        },
        "required": [name, "approved"],
        "additionalProperties": False,
    }


def deposit(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Money comes in by bank for a virtual account, or to a transferable number; a rejected one changes nothing."""
    account_id = arguments["account"] if "account" in arguments else _require_receiver(tx, arguments["number"])
    merchant_id, currency, balance = _require_balance(tx, account_id)
    amount = _require_amount(arguments["amount"], currency)
    accepted = arguments.get("accepted", True)
    if accepted:
        move(
            tx,
            merchant_id,
            currency.symbol,
            available=amount,
            category=tx.settings("koywe")["deposit_category"],
            about=arguments.get("reference"),
        )
    data = {
        "amount": arguments["amount"],
        "currency": currency.symbol,
        "account_id": account_id,
        "reference": arguments.get("reference"),
    }
    if "sender" in arguments:
        data |= {shown: arguments["sender"].get(name) for name, shown in _SENDER.items()}
    income_id = make_id(tx.chance, "bank_income")
    event = "bank_income.received" if accepted else "bank_income.rejected"
    line = ("account", account_id)
    raise_event(tx, event, merchant_id, ("bank_income", income_id), data, line=line)
    if accepted:
        go_on_with_deals(tx, merchant_id)
    return _shown(tx, merchant_id, currency, balance) | {"accepted": accepted}


def set_balance(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The available balance of a virtual account becomes what is said; the ledger shows the difference."""
    merchant_id, currency, balance = _require_balance(tx, arguments["account"])
    amount = _require_amount(arguments["amount"], currency)
    difference = add(amount, negative(balance.available))
    move(tx, merchant_id, currency.symbol, available=difference, category=ADJUSTMENT)
    if difference > 0:
        go_on_with_deals(tx, merchant_id)
    return _shown(tx, merchant_id, currency, balance)


def send_test_webhook(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """An event that tells of nothing that there is, with made-up data, goes to one receiver."""
    given = dict(arguments)
    url, event = require_receiver(tx, "koywe", given.pop("url", None)), given.pop("type", _TEST_EVENT)
    payload = read_sample(tx, "koywe", event)
    payload |= {"id": make_id(tx.chance, "event"), "type": event, "created_at": write_moment(tx.now_ms)}
    if "status" in payload["data"]:
        statuses = {name: status for status, name in ORDER_EVENTS.items()}
        payload["data"]["status"] = statuses.get(event, "PENDING")
    payload["data"] = replace_members(payload["data"], given)
    payload["relationships"]["organization"]["id"] = names_of(tx.sandbox_name).organization.id
    delivery_id = make_id(tx.chance, "delivery")
    body = json_text.encode(payload)
    delivery = tx.deliver("koywe", event, url, delivery_id=delivery_id, about=f"test:{payload['id']}", body=body)
    return {"id": delivery.id}


def settle_account(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What is available on a virtual account, or a part of it, leaves for the merchant's own bank account."""
    merchant_id, currency, balance = _require_balance(tx, arguments["account"])
    amount = _require_amount(arguments["amount"], currency) if "amount" in arguments else balance.available
    target = find_target(tx, merchant_id, currency.symbol)
    if target is None:
        raise CommandRefused(
            f"the merchant has no real bank account in {currency.symbol}: make one by POST .../accounts"
        )
    if balance.available <= 0:
        raise CommandRefused(f"nothing is available on {arguments['account']}: deposit something first")
    _require_available(balance, currency, amount)
    settlement_id, entry_id = settle(tx, merchant_id, currency.symbol, amount, target)
    more = {"settlement": settlement_id, "to": target.account_id, "ledger_entry": entry_id}
    return _shown(tx, merchant_id, currency, balance) | more


def book(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of the ledger, made by hand; it changes what is available."""
    merchant_id, currency, balance = _require_balance(tx, arguments["account"])
    amount = _require_amount(arguments["amount"], currency)
    is_credit = arguments["type"] == "credit"
    if not is_credit:
        _require_available(balance, currency, amount)
    entry_id = move(
        tx,
        merchant_id,
        currency.symbol,
        available=amount if is_credit else negative(amount),
        category=arguments["category"],
        about=arguments.get("description"),
    )
    if is_credit:
        go_on_with_deals(tx, merchant_id)
    return _shown(tx, merchant_id, currency, balance) | {"ledger_entry": entry_id}


def make_merchant(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Adds a merchant to the organization."""
    organization_id = names_of(tx.sandbox_name).organization.id
    merchant_id, _ = add_merchant(tx, organization_id, arguments["name"], arguments["countrySymbol"])
    return {"id": merchant_id}


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command(
            TEST_WEBHOOK,
            "Sends an event that tells of nothing there is, with made-up data; further arguments replace members of "
            "its data.",
            {
                "type": "object",
                "properties": {
                    "type": {"enum": [each.name for each in WEBHOOKS.events], "default": _TEST_EVENT},
                    "url": URL,
                },
            },
            send_test_webhook,
        ),
        Command(
            "deposit",
            "money comes in by bank for a virtual account; accepted false: the provider rejects it",
            {
                "type": "object",
                "properties": {
                    "account": _ACCOUNT,
                    "number": {"type": "string", "description": "in place of account: a transferable number"},
                    "amount": _AMOUNT,
                    "accepted": {"type": "boolean", "default": True},
                    "reference": {"type": "string", "maxLength": 200},
                    "sender": {
                        "type": "object",
                        "properties": {name: {"type": "string", "maxLength": 200} for name in _SENDER},
                        "additionalProperties": False,
                    },
                },
                "required": ["amount"],
                "oneOf": [{"required": ["account"]}, {"required": ["number"]}],
                "additionalProperties": False,
            },
            deposit,
        ),
        Command(
            "set_balance",
            "the available balance of a virtual account becomes this amount",
            {
                "type": "object",
                "properties": {
                    "account": _ACCOUNT,
                    "amount": {"type": "number", "minimum": 0, "maximum": _LARGEST},
                },
                "required": ["account", "amount"],
                "additionalProperties": False,
            },
            set_balance,
        ),
        Command(
            "make_merchant",
            "the organization has one merchant more, as by the call that creates them",
            {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 100, "examples": ["Second Store"]},
                    "countrySymbol": {"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["CO"]},
                },
                "required": ["name", "countrySymbol"],
                "additionalProperties": False,
            },
            make_merchant,
        ),
        Command(
            "settle_account",
            "what is available on a virtual account, or the amount, leaves for the merchant's own bank account",
            {
                "type": "object",
                "properties": {"account": _ACCOUNT, "amount": _AMOUNT},
                "required": ["account"],
                "additionalProperties": False,
            },
            settle_account,
        ),
        Command(
            "book",
            "an entry of the ledger is made by hand, as a fee or a tax",
            {
                "type": "object",
                "properties": {
                    "account": _ACCOUNT,
                    "amount": _AMOUNT,
                    "type": {"enum": ["credit", "debit"]},
                    "category": {"enum": list(CATEGORIES)},
                    "description": {"type": "string", "maxLength": 1000},
                },
                "required": ["account", "amount", "type", "category"],
                "additionalProperties": False,
            },
            book,
        ),
        Command(
            "decide_kyb",
            "an identity check is approved or rejected now",
            _decision("kyb", "id of an identity check", "kyb_..."),
            decide_kyb,
        ),
        Command(
            "decide_registration",
            "a registration that was handed in is approved or rejected",
            _decision("registration", "id of a registration", "reg_..."),
            decide_registration,
        ),
    )
}


def _require_balance(tx: Transaction, account_id: str) -> tuple[str, Currency, Balance]:
    account = ACCOUNTS.find(tx, account_id)
    if account is not None:
        currency = find_currency(account.currency, tx.settings("koywe")["currency_decimals"])
        balance = find_balance_of(tx, account_id, account.merchant, account.currency)
        if currency is not None and balance is not None:
            return account.merchant, currency, balance
    known = ", ".join(list_virtual_account_ids(tx))
    raise CommandRefused(f"no virtual account {account_id!r}; there are {known}")


def _require_receiver(tx: Transaction, number: str) -> str:
    """Id of the virtual account that a transferable number leads to."""
    known = {each: (merchant_id, country) for each, merchant_id, country in list_known(tx)}
    if number not in known:
        hint = "an inner number, to which no bank can send" if number.startswith(INNER_PREFIX) else "nobody's number"
        raise CommandRefused(
            f"{number!r} is {hint}: use one of {', '.join(known) or 'none yet'}, or have one issued by POST "
            ".../virtual-accounts"
        )
    merchant_id, country = known[number]
    balance = find_balance(tx, merchant_id, country.currency)
    return balance.account if balance is not None else ""


def _require_amount(amount: int | Decimal, currency: Currency) -> Decimal:
    exact = Decimal(amount)
    if has_too_many_decimals(exact, currency.decimals):
        raise CommandRefused(f"{currency.symbol} has {counted(currency.decimals, 'decimal')}")
    return exact


def _require_available(balance: Balance, currency: Currency, amount: Decimal) -> None:
    if amount > balance.available:
        available = write_balance(balance.available, currency.decimals)
        raise CommandRefused(f"only {available} {currency.symbol} are available, and {amount:f} are asked for")


def _shown(tx: Transaction, merchant_id: str, currency: Currency, before: Balance) -> dict[str, Any]:
    balance = find_balance(tx, merchant_id, currency.symbol) or before
    return {
        "account": balance.account,
        "currency": currency.symbol,
        "available": write_balance(balance.available, currency.decimals),
        "pending": write_balance(balance.pending, currency.decimals),
        "reserved": write_balance(balance.reserved, currency.decimals),
    }
