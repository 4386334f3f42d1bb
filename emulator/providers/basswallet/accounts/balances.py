"""Balances: what is free, and what waits for confirmations or is on its way out.

Source: the page get-balance of the Chinese documentation, revision of 2024, seen 2026-11, for the members. Assumed:
what moves a balance.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.contract.transaction import Transaction
from emulator.core.collection import Collection
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain.amounts import add, write_decimal
from emulator.providers.basswallet.wire import write_answer

FIRST_ACCOUNT = 1
"""The account that begins with what the setting opening_balances says."""

_ZERO = Decimal(0)
Sum = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$", max_length=200)]


class Balance(Struct, frozen=True):
    """What has moved of one token: `free` since the beginning, and what is frozen now."""

    free: Sum = "0"
    freeze: Sum = "0"


BALANCES = Collection("basswallet.balances", Balance)
"""By account and token."""


def find_free(tx: Transaction, account: int, token: str) -> Decimal:
    """What an account can withdraw of a token."""
    return add(_read_opening(tx, account, token), Decimal(_find(tx, account, token).free))


def move(tx: Transaction, account: int, token: str, *, free: Decimal = _ZERO, freeze: Decimal = _ZERO) -> None:
    """Adds to what is free and to what is frozen; amounts below zero are taken away.

    What is frozen never falls below zero, as it otherwise would where a balance was set in between.
    """
    before = _find(tx, account, token)
    frozen = max(_ZERO, add(Decimal(before.freeze), freeze))
    _keep(tx, account, token, add(Decimal(before.free), free), frozen)


def set_balance(tx: Transaction, account: int, token: str, free: Decimal, freeze: Decimal) -> None:
    """Sets a balance, whatever has moved before."""
    _keep(tx, account, token, add(free, -_read_opening(tx, account, token)), freeze)


def list_balances(call: Call) -> Reply:
    """`GET /v1/account/balance`: 200 with what the account has of each token."""
    account: int = call.caller.account
    return write_answer(
        call,
        [
            {"tokenName": token, "free": write_balance(free), "freeze": write_balance(freeze)}
            for token, free, freeze in read_balances(call.tx, account)
        ],
    )


def read_balances(tx: Transaction, account: int) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Each token that the account has or ever had, in the order of the catalogue, with what is free and frozen."""
    settings, prefix = tx.settings("basswallet"), f"{account}/"
    moved = [key.removeprefix(prefix) for key, _ in tx.scan(BALANCES.table) if key.startswith(prefix)]
    listed = [token.token_name for token in read_catalogue(settings).tokens]
    for token in dict.fromkeys([*listed, *settings["opening_balances"], *moved]):
        if token in moved or _read_opening(tx, account, token):
            yield token, find_free(tx, account, token), Decimal(_find(tx, account, token).freeze)


def write_balance(amount: Decimal) -> str:
    """The exact amount; zero is `0.00`."""
    return write_decimal(amount) if amount else "0.00"


def _read_opening(tx: Transaction, account: int, token: str) -> Decimal:
    opening = tx.settings("basswallet")["opening_balances"]
    return Decimal(opening.get(token, 0)) if account == FIRST_ACCOUNT else _ZERO


def _find(tx: Transaction, account: int, token: str) -> Balance:
    return BALANCES.find(tx, f"{account}/{token}") or Balance()


def _keep(tx: Transaction, account: int, token: str, free: Decimal, freeze: Decimal) -> None:
    BALANCES.put(tx, f"{account}/{token}", Balance(write_decimal(free), write_decimal(freeze)))
