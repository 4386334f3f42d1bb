"""What happens at the provider apart from any order; it stands for its back office. Assumed: all of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.command import Command, CommandRefused
from emulator.contract.delivery import Delivery
from emulator.contract.named import by_name
from emulator.contract.transaction import Transaction
from emulator.core.sample_webhooks import make_test_webhook, read_sample, replace_members
from emulator.core.schema_parts import closed_object
from emulator.core.suggestion import use_one_of
from emulator.providers.basswallet.accounts import balances
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.deposits.arrivals import make_deposit
from emulator.providers.basswallet.lifecycle import PAY_ARGUMENTS
from emulator.providers.basswallet.ordering.ids import SEQUENCE_LIMIT, make_order_id
from emulator.providers.basswallet.webhooks import ARRIVAL, EXPIRY, NUMBERS, PAYMENT, WITHDRAW, send_test
from emulator.providers.basswallet.wire import (
    AWAITING_CONFIRMATION,
    COMPLETE,
    EXPIRED,
    SUCCESS,
    UNDERPAID,
    write_status,
    write_value,
)

_SUM: dict[str, Any] = {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "maxLength": 40}

_EVENTS = {"Payment": PAYMENT, "Deposit": ARRIVAL, "Withdraw": WITHDRAW}


def _deposit(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    order = make_deposit(tx, arguments)
    return {"id": None if order is None else order.id}


def _set_balance(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    token, account = arguments["tokenName"], arguments.get("account", balances.FIRST_ACCOUNT)
    known = [each.token_name for each in read_catalogue(tx.settings("basswallet")).tokens]
    if token not in known:
        raise CommandRefused(f"tokenName: no token {token[:40]!r}: {use_one_of(token, known)}")
    free, freeze = Decimal(arguments["free"]), Decimal(arguments.get("freeze", "0"))
    balances.set_balance(tx, account, token, free, freeze)
    shown = {"free": balances.write_balance(free), "freeze": balances.write_balance(freeze)}
    return {"account": account, "tokenName": token, **shown}


def _send_test_webhook(tx: Transaction, url: str, given: dict[str, Any]) -> Delivery:
    kind, status = given.setdefault("webhookType", "Payment"), given.setdefault("status", SUCCESS)
    if kind != "Payment" and status in (EXPIRED, UNDERPAID):
        raise CommandRefused(f"status: a webhook of type {kind} is never {status}")
    event = EXPIRY if status == EXPIRED else _EVENTS[kind]
    sample = read_sample(tx, "basswallet", event)
    del sample["timestamp"]
    sample["id"] = make_order_id(tx.now_ms, SEQUENCE_LIMIT - 1)
    given["status"] = write_status(status, tx.settings("basswallet"))
    members = {name: write_value(value) for name, value in replace_members(sample, given).items()}
    for name in NUMBERS:
        if not members.get(name, "0").isdecimal():
            raise CommandRefused(f"{name}: write a whole number, not {members[name][:40]!r}")
    return send_test(tx, event, url, members)


COMMANDS = by_name(
    Command(
        "deposit",
        "lets an amount arrive at a deposit address; confirmations and webhooks follow with the blocks; below the "
        "minimum the id is null",
        closed_object(
            "tokenName",
            "amount",
            address={
                "type": "string",
                "minLength": 1,
                "description": "an address of address/create; "
                "default: a new one of the first account, on the first chain that has the token",
            },
            tokenName={"type": "string", "minLength": 1},
            amount=_SUM,
            fromAddress=PAY_ARGUMENTS["fromAddress"],
            txHash=PAY_ARGUMENTS["txHash"],
        ),
        _deposit,
    ),
    Command(
        "set_balance",
        "sets the balance of an account, whatever has moved before",
        closed_object(
            "tokenName",
            "free",
            tokenName={"type": "string", "minLength": 1},
            free=_SUM,
            freeze=_SUM | {"default": "0"},
            account={"enum": [1, 2], "default": 1},
        ),
        _set_balance,
    ),
    make_test_webhook(
        "basswallet",
        "sends a made-up webhook that belongs to no order; further arguments replace members of its body",
        _send_test_webhook,
        {"type": ["string", "number"]},
        webhookType={"enum": list(_EVENTS), "default": "Payment"},
        status={"enum": [AWAITING_CONFIRMATION, *COMPLETE, EXPIRED], "default": SUCCESS},
    ),
)
