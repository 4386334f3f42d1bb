"""The kinds of orders, and in what they differ. Constants only; it never looks at an order.

A kind is what the lifecycle tells apart: the provider's six types, and of ONRAMP two, because money that comes from the
merchant's balance moves otherwise than money that a payer brings.

Source: https://docs.koywe.com/core-concepts/orders-and-order-types (seen 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from emulator.providers.koywe.catalogue import CurrencyKind

PAYIN: Final = "PAYIN"
PAYMENT_LINK: Final = "PAYMENT_LINK"
PAYOUT: Final = "PAYOUT"
BALANCE_TRANSFER: Final = "BALANCE_TRANSFER"
ONRAMP: Final = "ONRAMP"
OFFRAMP: Final = "OFFRAMP"

ONRAMP_FROM_BALANCE: Final = "ONRAMP_FROM_BALANCE"
ONRAMP_BY_METHOD: Final = "ONRAMP_BY_METHOD"

COLLECTED: Final = frozenset({PAYIN, PAYMENT_LINK})
"""A payer brings fiat money to the merchant."""
FROM_BALANCE: Final = frozenset({PAYOUT, BALANCE_TRANSFER, ONRAMP_FROM_BALANCE})
"""Money is taken from a virtual account at once."""
GOVERNED: Final = frozenset({PAYOUT, BALANCE_TRANSFER, ONRAMP_FROM_BALANCE, ONRAMP_BY_METHOD, OFFRAMP})
"""The policy may hold them until somebody approves (documented)."""
PAID_ON_PAGE: Final = frozenset({PAYIN, PAYMENT_LINK, ONRAMP_BY_METHOD})
"""A payer pays them on the pay page."""


@dataclass(frozen=True, slots=True)
class Type:
    """What a type of order takes and gives. `account` is the kind that the destination account must have."""

    origin: CurrencyKind
    destination: CurrencyKind
    account: str
    account_required: bool = False
    crypto: bool = False


TYPES: Final[Mapping[str, Type]] = MappingProxyType(
    {
        PAYIN: Type("fiat", "fiat", "BANK"),
        PAYOUT: Type("fiat", "fiat", "BANK", account_required=True),
        ONRAMP: Type("fiat", "crypto", "CRYPTO", account_required=True, crypto=True),
        OFFRAMP: Type("crypto", "fiat", "BANK", crypto=True),
        BALANCE_TRANSFER: Type("fiat", "fiat", "BANK"),
        PAYMENT_LINK: Type("fiat", "fiat", "BANK"),
    }
)


def kind_of(order_type: str, *, by_method: bool) -> str:
    """Give the kind of a type; `by_method` tells whether the order names a payment method."""
    if order_type != ONRAMP:
        return order_type
    return ONRAMP_BY_METHOD if by_method else ONRAMP_FROM_BALANCE


def type_of(kind: str) -> str:
    """Give the provider's word for the type of a kind."""
    return ONRAMP if kind.startswith(ONRAMP) else kind
