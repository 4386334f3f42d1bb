"""What happens at the provider apart from any order; it stands for its back office.

Observed: that a deposit is accepted or rejected. Assumed: the rest.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.command import Command, CommandRefused
from emulator.contract.delivery import Delivery
from emulator.contract.named import by_name
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.core.sample_webhooks import make_test_webhook, read_sample, replace_members
from emulator.core.schema_parts import FLAG, closed_object, one_of
from emulator.core.wording import counted
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
from emulator.providers.koywe.catalogue import Currency, find_currency, read_names
from emulator.providers.koywe.directory.merchants import add_merchant
from emulator.providers.koywe.formats.identifiers import INNER_PREFIX, make_id
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.onboarding.kyb import decide_kyb
from emulator.providers.koywe.onboarding.registrations import decide_registration
from emulator.providers.koywe.quotes.deals import continue_deals
from emulator.providers.koywe.quotes.rates import has_too_many_decimals, write_balance
from emulator.providers.koywe.webhook_endpoints.events import ORDER_EVENTS, raise_event
from emulator.providers.koywe.webhooks import WEBHOOKS

_ACCOUNT = {"type": "string", "description": "id of a virtual account", "examples": ["acc_..."]}
_LARGEST = 10**18
_AMOUNT = {"type": "number", "exclusiveMinimum": 0, "maximum": _LARGEST}
_TEXT = {"type": "string", "maxLength": 200}
_SENDER = {"name": "sender_name", "bank": "sender_bank", "documentNumber": "sender_document"}
"""Member of a deposit's sender -> its name in webhooks."""
_TEST_EVENT = "order.completed"


def _decision(name: str, about: str, example: str) -> dict[str, Any]:
    found = {"type": "string", "description": about, "examples": [example]}
    return closed_object(name, "approved", **{name: found}, approved=FLAG)


def _deposit(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Money comes in for a virtual account or to a transferable number; if it is rejected, no balance changes."""
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
        continue_deals(tx, merchant_id)
    return _write_balance(tx, merchant_id, currency, balance) | {"accepted": accepted}


def _set_balance(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Sets the available balance of a virtual account; the ledger shows the difference."""
    merchant_id, currency, balance = _require_balance(tx, arguments["account"])
    amount = _require_amount(arguments["amount"], currency)
    difference = add(amount, negative(balance.available))
    move(tx, merchant_id, currency.symbol, available=difference, category=ADJUSTMENT)
    if difference > 0:
        continue_deals(tx, merchant_id)
    return _write_balance(tx, merchant_id, currency, balance)


def _settle_account(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Pays what is available on a virtual account, or a part of it, to the merchant's own bank account."""
    merchant_id, currency, balance = _require_balance(tx, arguments["account"])
    amount = _require_amount(arguments["amount"], currency) if "amount" in arguments else balance.available
    target = find_target(tx, merchant_id, currency.symbol)
    if target is None:
        raise CommandRefused(
            f"the merchant has no real bank account in {currency.symbol}: create one by POST .../accounts"
        )
    if balance.available <= 0:
        raise CommandRefused(f"nothing is available on {arguments['account']}: deposit something first")
    _require_available(balance, currency, amount)
    settlement_id, entry_id = settle(tx, merchant_id, currency.symbol, amount, target)
    more = {"settlement": settlement_id, "to": target.account_id, "ledger_entry": entry_id}
    return _write_balance(tx, merchant_id, currency, balance) | more


def _book(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Makes an entry of the ledger, which changes what is available."""
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
        continue_deals(tx, merchant_id)
    return _write_balance(tx, merchant_id, currency, balance) | {"ledger_entry": entry_id}


def _make_merchant(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Adds a merchant to the organization."""
    organization_id = read_names(tx.sandbox_name).organization.id
    merchant_id, _ = add_merchant(tx, organization_id, arguments["name"], arguments["countrySymbol"])
    return {"id": merchant_id}


def _send_test_webhook(tx: Transaction, url: str, given: dict[str, Any]) -> Delivery:
    event = given.pop("type", _TEST_EVENT)
    payload = read_sample(tx, "koywe", event)
    payload |= {"id": make_id(tx.chance, "event"), "type": event, "created_at": write_moment(tx.now_ms)}
    if "status" in payload["data"]:
        statuses = {name: status for status, name in ORDER_EVENTS.items()}
        payload["data"]["status"] = statuses.get(event, "PENDING")
    payload["data"] = replace_members(payload["data"], given)
    payload["relationships"]["organization"]["id"] = read_names(tx.sandbox_name).organization.id
    delivery_id = make_id(tx.chance, "delivery")
    body = json_text.encode(payload)
    return tx.deliver("koywe", event, url, delivery_id=delivery_id, about=f"test:{payload['id']}", body=body)


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
    """The id of the virtual account that a transferable number belongs to."""
    known = {each: (merchant_id, country) for each, merchant_id, country in list_known(tx)}
    if number not in known:
        hint = "an inner number, to which no bank can send" if number.startswith(INNER_PREFIX) else "not a known number"
        raise CommandRefused(
            f"{number!r} is {hint}: use one of {', '.join(known) or 'none yet'}, or create one by POST "
            ".../virtual-accounts"
        )
    merchant_id, country = known[number]
    balance = find_balance(tx, merchant_id, country.currency)
    return balance.account if balance is not None else ""


def _require_amount(amount: int | Decimal, currency: Currency) -> Decimal:
    exact = Decimal(amount)
    if has_too_many_decimals(exact, currency.decimals):
        raise CommandRefused(f"amount: {currency.symbol} has {counted(currency.decimals, 'decimal')}")
    return exact


def _require_available(balance: Balance, currency: Currency, amount: Decimal) -> None:
    if amount > balance.available:
        available = write_balance(balance.available, currency.decimals)
        raise CommandRefused(f"amount: only {available} {currency.symbol} are available, not {amount:f}")


def _write_balance(tx: Transaction, merchant_id: str, currency: Currency, before: Balance) -> dict[str, Any]:
    balance = find_balance(tx, merchant_id, currency.symbol) or before
    return {
        "account": balance.account,
        "currency": currency.symbol,
        "available": write_balance(balance.available, currency.decimals),
        "pending": write_balance(balance.pending, currency.decimals),
        "reserved": write_balance(balance.reserved, currency.decimals),
    }


COMMANDS = by_name(
    Command(
        "deposit",
        "deposits money by bank on a virtual account; accepted false: the provider rejects it",
        closed_object(
            "amount",
            account=_ACCOUNT,
            number={"type": "string", "description": "in place of account: a transferable number"},
            amount=_AMOUNT,
            accepted={"type": "boolean", "default": True},
            reference=_TEXT,
            sender=closed_object(**dict.fromkeys(_SENDER, _TEXT)),
        )
        | {"oneOf": [{"required": ["account"]}, {"required": ["number"]}]},
        _deposit,
    ),
    Command(
        "set_balance",
        "sets the available balance of a virtual account",
        closed_object(
            "account", "amount", account=_ACCOUNT, amount={"type": "number", "minimum": 0, "maximum": _LARGEST}
        ),
        _set_balance,
    ),
    Command(
        "make_merchant",
        "adds a merchant to the organization, as the call that creates one does",
        closed_object(
            "name",
            "countrySymbol",
            name={"type": "string", "minLength": 1, "maxLength": 100, "examples": ["Second Store"]},
            countrySymbol={"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["CO"]},
        ),
        _make_merchant,
    ),
    Command(
        "settle_account",
        "pays what is available on a virtual account, or the amount, to the merchant's own bank account",
        closed_object("account", account=_ACCOUNT, amount=_AMOUNT),
        _settle_account,
    ),
    Command(
        "book",
        "makes an entry of the ledger, such as a fee or a tax",
        closed_object(
            "account",
            "amount",
            "type",
            "category",
            account=_ACCOUNT,
            amount=_AMOUNT,
            type=one_of("credit", "debit"),
            category=one_of(*CATEGORIES),
            description={"type": "string", "maxLength": 1000},
        ),
        _book,
    ),
    Command(
        "decide_kyb",
        "approves or rejects an identity check now",
        _decision("kyb", "id of an identity check", "kyb_..."),
        decide_kyb,
    ),
    Command(
        "decide_registration",
        "approves or rejects a registration",
        _decision("registration", "id of a registration", "reg_..."),
        decide_registration,
    ),
    make_test_webhook(
        "koywe",
        "sends a made-up event about nothing that exists; further arguments replace members of its data",
        _send_test_webhook,
        type={"enum": [each.name for each in WEBHOOKS.events], "default": _TEST_EVENT},
    ),
)
