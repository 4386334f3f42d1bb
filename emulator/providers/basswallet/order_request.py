"""The usual create requests."""

from emulator.contract.order_request import OrderRequest
from emulator.providers.basswallet.wire import DEPOSIT, FIXED, VARIABLE, WITHDRAWAL

_USUAL = {"tokenName": "USDT", "chainName": "Tron"}
_OUTSIDE = "TKjLDbk7LC9NXzRBCYahKa8pzMHRfahJjn"
"""An address on Tron that no sandbox has given out."""

ORDER_REQUEST = OrderRequest(
    {
        FIXED: lambda tx: {**_USUAL, "amount": "25.50"},
        VARIABLE: lambda tx: {**_USUAL},
        WITHDRAWAL: lambda tx: {**_USUAL, "toAddress": _OUTSIDE, "amount": "50"},
    },
    made_by={DEPOSIT: ("deposit", {"tokenName": "USDT", "amount": "25.5"})},
)
