"""The kinds of orders, and how they differ.

The lifecycle goes by kind: one for each of the provider's seven types, but two for ONRAMP, because money from the
merchant's balance moves in another way than money that a payer brings.

Source: https://docs.koywe.com/core-concepts/orders-and-order-types (seen 2026-11); only the newest page has the type
INTER_MERCHANT_TRANSFER.
"""

from collections.abc import Mapping

from msgspec import Struct

from emulator.providers.koywe.catalogue import CurrencyKind

PAYIN = "PAYIN"
PAYMENT_LINK = "PAYMENT_LINK"
PAYOUT = "PAYOUT"
BALANCE_TRANSFER = "BALANCE_TRANSFER"
ONRAMP = "ONRAMP"
OFFRAMP = "OFFRAMP"
INTER_MERCHANT_TRANSFER = "INTER_MERCHANT_TRANSFER"

ONRAMP_FROM_BALANCE = "ONRAMP_FROM_BALANCE"
ONRAMP_BY_METHOD = "ONRAMP_BY_METHOD"

COLLECTED = frozenset({PAYIN, PAYMENT_LINK})
"""A payer pays fiat money to the merchant."""
TRANSFERS = frozenset({BALANCE_TRANSFER, INTER_MERCHANT_TRANSFER})
"""Money goes from one virtual account to another."""
FROM_BALANCE = frozenset({PAYOUT, ONRAMP_FROM_BALANCE}) | TRANSFERS
"""Money is taken from a virtual account as the order is created."""
GOVERNED = frozenset({PAYOUT, ONRAMP_FROM_BALANCE, ONRAMP_BY_METHOD, OFFRAMP}) | TRANSFERS
"""The policy may hold them until somebody approves (documented)."""
PAID_ON_PAGE = frozenset({PAYIN, PAYMENT_LINK, ONRAMP_BY_METHOD})
"""A payer pays them on the pay page."""


class Type(Struct, frozen=True):
    """What a type of order takes and gives. `account`: the kind that its destination account must have."""

    origin: CurrencyKind
    destination: CurrencyKind
    account: str
    account_required: bool = False
    crypto: bool = False


TYPES: Mapping[str, Type] = {
    PAYIN: Type("fiat", "fiat", "BANK"),
    PAYOUT: Type("fiat", "fiat", "BANK", account_required=True),
    ONRAMP: Type("fiat", "crypto", "CRYPTO", account_required=True, crypto=True),
    OFFRAMP: Type("crypto", "fiat", "BANK", crypto=True),
    BALANCE_TRANSFER: Type("fiat", "fiat", "BANK"),
    PAYMENT_LINK: Type("fiat", "fiat", "BANK"),
    INTER_MERCHANT_TRANSFER: Type("fiat", "fiat", "BANK"),
}
"""In the order of the provider's list."""


def read_kind(order_type: str, *, by_method: bool) -> str:
    """The kind of an order of this type. `by_method`: it names a payment method."""
    if order_type != ONRAMP:
        return order_type
    return ONRAMP_BY_METHOD if by_method else ONRAMP_FROM_BALANCE


def read_type(kind: str) -> str:
    """The provider's type of a kind."""
    return ONRAMP if kind.startswith(ONRAMP) else kind
