"""The table of statuses, written a second time, and ways to lead orders through it."""

from collections.abc import Iterator
from typing import Any, cast

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import KINDS, SCENARIO

COLLECTED = ("PAYIN", "PAYMENT_LINK")
ONRAMPS = ("ONRAMP_FROM_BALANCE", "ONRAMP_BY_METHOD")
AWAITED = ("ONRAMP_BY_METHOD", "OFFRAMP")
CRYPTO = (*ONRAMPS, "OFFRAMP")
TRANSFERS = ("BALANCE_TRANSFER", "INTER_MERCHANT_TRANSFER")
HELD = ("PAYOUT", *CRYPTO)

TABLE: list[tuple[tuple[str, ...], str, str, str]] = [
    (COLLECTED, "DRAFT", "submit", "PENDING"),
    (COLLECTED, "DRAFT", "cancel", "CANCELLED"),
    (COLLECTED, "PENDING", "start", "PROCESSING"),
    (COLLECTED, "PENDING", "confirm", "PAID"),
    (COLLECTED, "PROCESSING", "confirm", "PAID"),
    (COLLECTED, "PAID", "settle", "COMPLETED"),
    (COLLECTED, "PENDING", "fail", "FAILED"),
    (COLLECTED, "PROCESSING", "fail", "FAILED"),
    (COLLECTED, "PENDING", "cancel", "CANCELLED"),
    (COLLECTED, "PENDING", "expire", "EXPIRED"),
    (COLLECTED, "PROCESSING", "hold", "ON_HOLD"),
    (COLLECTED, "ON_HOLD", "release", "PROCESSING"),
    (COLLECTED, "ON_HOLD", "reject", "FAILED"),
    (COLLECTED, "COMPLETED", "request_refund", "REFUND_REQUESTED"),
    (COLLECTED, "REFUND_REQUESTED", "refund", "REFUNDED"),
    (COLLECTED, "REFUND_REQUESTED", "reject_refund", "COMPLETED"),
    (("PAYOUT",), "PENDING", "start", "PROCESSING"),
    (("PAYOUT",), "PROCESSING", "settle", "COMPLETED"),
    (("PAYOUT",), "PENDING", "fail", "FAILED"),
    (("PAYOUT",), "PROCESSING", "fail", "FAILED"),
    (("PAYOUT",), "PENDING", "cancel", "CANCELLED"),
    (("PAYOUT",), "COMPLETED", "refund", "REFUNDED"),
    (TRANSFERS, "PROCESSING", "settle", "COMPLETED"),
    (TRANSFERS, "PROCESSING", "fail", "FAILED"),
    (("ONRAMP_FROM_BALANCE",), "PENDING", "start", "PROCESSING"),
    (AWAITED, "PENDING", "confirm", "PAID"),
    (AWAITED, "PAID", "start", "PROCESSING"),
    (CRYPTO, "PROCESSING", "settle", "COMPLETED"),
    (CRYPTO, "PENDING", "fail", "FAILED"),
    (AWAITED, "PAID", "fail", "FAILED"),
    (CRYPTO, "PROCESSING", "fail", "FAILED"),
    (CRYPTO, "PENDING", "cancel", "CANCELLED"),
    (AWAITED, "PENDING", "expire", "EXPIRED"),
    (("OFFRAMP",), "PAID", "request_refund", "REFUND_REQUESTED"),
    (("OFFRAMP",), "REFUND_REQUESTED", "refund", "REFUNDED"),
    (("OFFRAMP",), "REFUND_REQUESTED", "reject_refund", "PAID"),
    (HELD, "ON_HOLD", "approve", "PENDING"),
    (TRANSFERS, "ON_HOLD", "approve", "PROCESSING"),
    ((*HELD, *TRANSFERS), "ON_HOLD", "reject", "CANCELLED"),
]
"""Kinds, status, event, next status: the whole table, written a second time."""

BEGINNINGS = {
    "PAYIN": {"manual": "PENDING", "draft": "DRAFT"},
    "PAYMENT_LINK": {"manual": "PENDING", "draft": "DRAFT"},
    "PAYOUT": {"manual": "PENDING", "hold": "ON_HOLD"},
    "BALANCE_TRANSFER": {"manual": "PROCESSING", "hold": "ON_HOLD"},
    "INTER_MERCHANT_TRANSFER": {"manual": "PROCESSING", "hold": "ON_HOLD"},
    "ONRAMP_FROM_BALANCE": {"manual": "PENDING", "hold": "ON_HOLD"},
    "ONRAMP_BY_METHOD": {"manual": "PENDING", "hold": "ON_HOLD"},
    "OFFRAMP": {"manual": "PENDING", "hold": "ON_HOLD"},
}
"""Scenario -> status in which an order of a kind begins."""


def rows(kind: str) -> dict[tuple[str, str], str]:
    return {(source, event): target for kinds, source, event, target in TABLE if kind in kinds}


def paths(kind: str) -> dict[str, tuple[str, list[str]]]:
    """For each status that a kind can have: the scenario to begin with, and the events that lead there."""
    found = {status: (scenario, list[str]()) for scenario, status in BEGINNINGS[kind].items()}
    open_ends = list(found)
    while open_ends:
        status = open_ends.pop(0)
        scenario, events = found[status]
        for (source, event), target in rows(kind).items():
            if source == status and target not in found:
                found[target] = (scenario, [*events, event])
                open_ends.append(target)
    return found


def everywhere() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for status in paths(kind):
            yield kind, status


def make(emulator: Emulator, client: Client, kind: str, status: str) -> str:
    """Id of an order that has been led to a status by events alone."""
    scenario, events = paths(kind)[status]
    order_id = client.order_id(client.create({SCENARIO: scenario}, **KINDS[kind]))
    for event in events:
        emulator.fire(order_id, cast(Any, event))
    return order_id


def engine(client: Client) -> tuple[Any, ...]:
    return tuple(client.balances(currency) for currency in ("COP", "USD"))
