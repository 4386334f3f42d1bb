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


def write_account_number(merchant_id: str, currency_symbol: str) -> str:
    """The number of a merchant's virtual account in a currency."""
    return f"{INNER_PREFIX}{merchant_id}-{currency_symbol}"
