"""The terms of an order: how much is to be paid, in what, on which chain, to whom; in settings and in scenario files.

Source: https://docs.baanx.com/api-reference/order/create, seen 2026-11. Assumed: what a partner may set of them.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.named import by_name
from emulator.contract.setting import Setting
from emulator.providers.baanx.wire import write_amount

MAX_DIGITS = 18
"""How many digits an amount may have on either side of the point."""

_AMOUNT_TEXT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
ADDRESS: Mapping[str, Any] = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}


def _find_amount_problem(value: Any) -> str | None:
    """What is wrong with an amount that is a number or a text."""
    amount = Decimal(0)
    if not isinstance(value, str) or _AMOUNT_TEXT.fullmatch(value):
        amount = Decimal(str(value))
    digits = f"{amount:f}".partition(".") if amount.is_finite() and abs(amount.adjusted()) <= 2 * MAX_DIGITS else None
    if digits is None or amount <= 0 or max(len(digits[0]), len(digits[2].rstrip("0"))) > MAX_DIGITS:
        return f"write a number above 0, or its text, with at most {MAX_DIGITS} digits on either side of the point"
    return None


TERMS = by_name(
    Setting("amount", "199", {"type": ["number", "string"]}, "how much is to be paid, as a number or its text",
            check=_find_amount_problem),
    Setting("currency", "USD", {"type": "string", "pattern": "^[A-Z0-9]{2,10}$"}, "what the amount is in"),
    Setting("chainId", "59144", {"type": ["integer", "string"], "minimum": 0, "maximum": 10**18,
                                 "pattern": "^[0-9]{1,18}$"}, "the chain's number, or its text"),
    Setting("token", "USDC", {"type": "string", "minLength": 1, "maxLength": 20}, "symbol of the token"),
    Setting("tokenAddress", "0x176211869cA2b568f2A7D4EE941E073a821EE1ff", ADDRESS, "the token's contract"),
    Setting("destinationAddress", None, ADDRESS, "where the payment goes"),
)  # fmt: skip
"""What a scenario file may say under `terms`, and a product of the setting `products`."""


_FIELDS = {
    "currency": "currency",
    "token": "token_symbol",
    "tokenAddress": "token_address",
    "destinationAddress": "address",
}


def read_terms(terms: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an order that has these terms."""
    fields = {_FIELDS[name]: value for name, value in terms.items() if name in _FIELDS}
    if "amount" in terms:
        fields["amount"] = write_amount(read_amount(terms["amount"]))
    if "chainId" in terms:
        fields["chain_id"] = read_chain_id(terms["chainId"])
    return fields


def read_chain_id(value: Any) -> str:
    """The text of a checked chain number, which may be a number or a text."""
    return str(int(value))


def read_amount(value: Any) -> Decimal:
    """The exact value of a checked amount, which may be a number or a text."""
    return Decimal(str(value))
