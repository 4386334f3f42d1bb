"""Names that the provider gives to things: ids, virtual account numbers, links that are handed to a payer.

Pure. It never makes chance of its own: the 16 bytes of a new id are passed in.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order (seen 2026-11) for
`ord_ acc_ mrc_ con_ ctry_ cur_ org_`. Assumed: the other prefixes. The form of virtual account numbers was observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "order": "ord_",
        "account": "acc_",
        "merchant": "mrc_",
        "contact": "con_",
        "country": "ctry_",
        "currency": "cur_",
        "organization": "org_",
        "event": "evt_",
        "webhook": "whk_",
        "delivery": "whd_",
        "quote": "qte_",
        "deal": "deal_",
        "policy": "pol_",
        "rule": "rule_",
        "approval": "apr_",
        "ledger_entry": "led_",
        "bank_income": "inc_",
    }
)
"""Kind of thing -> what its ids start with. Assumed: `led_` and `inc_` are ours alone, nothing is known of them."""

ID_RANDOM_BYTES: Final = 16


def make_id(kind: str, random_bytes: bytes) -> str:
    """Give an id of the kind: its prefix and a lower-case UUID version 4 made of exactly 16 bytes.

    Raises KeyError for an unknown kind and ValueError for another number of bytes.
    """
    if len(random_bytes) != ID_RANDOM_BYTES:
        raise ValueError(f"an id is made of {ID_RANDOM_BYTES} bytes, got {len(random_bytes)}")
    octets = bytearray(random_bytes)
    octets[6] = octets[6] & 0x0F | 0x40
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return f"{PREFIXES[kind]}{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def virtual_account_number(merchant_id: str, currency_symbol: str) -> str:
    """Give the number of a merchant's virtual account in a currency (observed form)."""
    return f"VIRTUAL_FIAT-{merchant_id}-{currency_symbol}"


def pay_page_path(order_id: str) -> str:
    """Give the path of an order's pay page below the public base (assumed); ids need no escaping."""
    return f"/pay/{order_id}"


def pay_page_link(public_base: str, order_id: str) -> str:
    """Give the link that a payer opens, for `public_base` such as `http://127.0.0.1:8904` (assumed form)."""
    return public_base.rstrip("/") + pay_page_path(order_id)
