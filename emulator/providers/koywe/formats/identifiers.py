"""Names that the provider gives to things: ids, virtual account numbers, links that are handed to a payer.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order (seen 2026-11) for
`ord_ acc_ mrc_ con_ ctry_ cur_ org_`. Assumed: the other prefixes. The form of virtual account numbers was observed.
"""

from collections.abc import Mapping

from emulator.contract.chance import Chance

PREFIXES: Mapping[str, str] = {
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
    "kyb": "kyb_",
    "draft": "drf_",
    "registration": "reg_",
    "settlement": "stl_",
    "bank_income": "inc_",
}
"""Kind of thing -> what its ids start with. Assumed: `inc_` is ours alone, nothing is known of it."""


def make_id(chance: Chance, kind: str) -> str:
    """A new id of the kind: its prefix and a UUID. Raises KeyError for an unknown kind."""
    return PREFIXES[kind] + chance.uuid()


INNER_PREFIX = "VIRTUAL_FIAT-"


def virtual_account_number(merchant_id: str, currency_symbol: str) -> str:
    """The number of a merchant's virtual account in a currency (observed form)."""
    return f"{INNER_PREFIX}{merchant_id}-{currency_symbol}"


def pay_page_path(order_id: str) -> str:
    """The path of an order's pay page below the public base (assumed); ids need no escaping."""
    return f"/pay/{order_id}"


def pay_page_link(public_base: str, order_id: str) -> str:
    """The link that a payer opens, for `public_base` such as `http://127.0.0.1:8904` (assumed form)."""
    return public_base.rstrip("/") + pay_page_path(order_id)
