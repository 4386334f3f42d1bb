"""The usual create request, as a merchant sends it with the sandbox's first key."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from emulator.contract.order_request import OrderRequest, WrittenRequest
from emulator.contract.transaction import Transaction
from emulator.providers.basswallet.access import credentials
from emulator.providers.basswallet.signature.texts import sign, write_plain_text
from emulator.providers.basswallet.wire import DEPOSIT, FIXED, VARIABLE, WITHDRAWAL, read_clock_ms, write_value

_USUAL = {"tokenName": "USDT", "chainName": "Tron"}
_OUTSIDE = "TKjLDbk7LC9NXzRBCYahKa8pzMHRfahJjn"
"""An address on Tron that no sandbox has given out."""
_PATHS = {FIXED: "/v1/account/payment", VARIABLE: "/v1/account/payment", WITHDRAWAL: "/v1/account/withdraw"}


def _write(tx: Transaction, kind: str, body: Mapping[str, Any], base_url: str) -> WrittenRequest:
    settings = tx.settings("basswallet")
    access = credentials(tx.sandbox_name, settings)
    values = {"timestamp": str(read_clock_ms(tx, settings)), **body}
    pairs = tuple((name, write_value(value)) for name, value in values.items())
    headers = {
        "API-Access-Key": access["access_key"],
        "Signature": sign(write_plain_text(pairs), access["secret_key"]),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return WrittenRequest("POST", _PATHS[kind], headers, urlencode(pairs).encode())


ORDER_REQUEST = OrderRequest(
    {
        FIXED: lambda tx: {**_USUAL, "amount": "25.50"},
        VARIABLE: lambda tx: {**_USUAL},
        WITHDRAWAL: lambda tx: {**_USUAL, "toAddress": _OUTSIDE, "amount": "50"},
    },
    _write,
    made_by={DEPOSIT: ("deposit", {"tokenName": "USDT", "amount": "25.5"})},
)
