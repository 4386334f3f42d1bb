"""The usual create requests."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import OrderRequest
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.access import MERCHANTS
from emulator.providers.koywe.catalogue import read_names
from emulator.providers.koywe.ordering import kinds
from emulator.providers.koywe.ordering.kinds import read_type

_FIAT = {"originCurrencySymbol": "COP", "destinationCurrencySymbol": "COP", "amountIn": 50_000}
_BY_PSE = {"paymentMethods": [{"method": "PSE"}]}
_TO_COINS = {
    "originCurrencySymbol": "COP",
    "destinationCurrencySymbol": "USDC",
    "amountIn": 50_000,
    "destinationAccountId": "acc_00000000-0000-4000-8000-000000000251",
}
_BODIES: Mapping[str, Mapping[str, Any]] = {
    kinds.PAYIN: {**_FIAT, **_BY_PSE},
    kinds.PAYMENT_LINK: {**_FIAT, "paymentMethods": []},
    kinds.PAYOUT: {**_FIAT, "destinationAccountId": "acc_00000000-0000-4000-8000-000000000201"},
    kinds.BALANCE_TRANSFER: {**_FIAT, "destinationCurrencySymbol": "USD"},
    kinds.ONRAMP_FROM_BALANCE: _TO_COINS,
    kinds.ONRAMP_BY_METHOD: {**_TO_COINS, **_BY_PSE},
    kinds.OFFRAMP: {"originCurrencySymbol": "USDC", "destinationCurrencySymbol": "COP", "amountIn": 100},
}


def _make_transfer(tx: Transaction) -> dict[str, Any]:
    own = read_names(tx.sandbox_name).merchant.id
    other = next((merchant_id for merchant_id, _ in MERCHANTS.scan(tx) if merchant_id != own), None)
    if other is None:
        raise CommandRefused("such an order needs another merchant: create one first (POST .../merchants)")
    return {"type": kinds.INTER_MERCHANT_TRANSFER, **_FIAT, "destinationMerchantId": other}


def _make_body(kind: str, tx: Transaction) -> dict[str, Any]:
    return {"type": read_type(kind), **_BODIES[kind]}


ORDER_REQUEST = OrderRequest(
    {kind: partial(_make_body, kind) for kind in _BODIES} | {kinds.INTER_MERCHANT_TRANSFER: _make_transfer},
    before={kinds.INTER_MERCHANT_TRANSFER: ("make_merchant", {"name": "Second Store", "countrySymbol": "CO"})},
)
