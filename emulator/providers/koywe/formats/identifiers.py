"""Ids, numbers of virtual accounts, and links to pay pages.

Source: https://docs.koywe.com/payments/payments-api-reference/payments-api/orders/create-order (seen 2026-11) for
`ord_ acc_ mrc_ con_ ctry_ cur_ org_`. Observed: the form of virtual account numbers. Assumed: the other prefixes.
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
"""Kind -> what its ids start with."""


def make_id(chance: Chance, kind: str) -> str:
    """A new id of the kind: its prefix and a UUID. Raises KeyError for an unknown kind."""
    return PREFIXES[kind] + chance.uuid()


INNER_PREFIX = "VIRTUAL_FIAT-"


def virtual_account_number(merchant_id: str, currency_symbol: str) -> str:
    """The number of a merchant's virtual account in a currency."""
    return f"{INNER_PREFIX}{merchant_id}-{currency_symbol}"


def pay_page_path(order_id: str) -> str:
    """The path of an order's pay page, after the public base. Assumed."""
    return f"/pay/{order_id}"


def pay_page_link(public_base: str, order_id: str) -> str:
    """The URL of an order's pay page, for a `public_base` such as `http://127.0.0.1:8904`. Assumed: its form."""
    return public_base.rstrip("/") + pay_page_path(order_id)
