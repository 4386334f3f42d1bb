"""The products that a user can order: those of the table, or the partner's own of the setting `products`.

Source: https://docs.baanx.com/api-reference/order/enum-products, seen 2026-11: the ids are the partner's own. Assumed:
everything else of their form.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args

import msgspec

from emulator.contract.setting import Setting, Settings
from emulator.core import json_text
from emulator.core.problems import setting_problem
from emulator.core.schema_parts import FLAG, closed_object
from emulator.providers.baanx.catalogue import PRODUCTS, CardType, Product
from emulator.providers.baanx.offer.terms import TERMS, read_amount, read_chain_id

MAX_PRODUCTS = 200
"""How many products a partner may have."""
MAX_ID_CHARACTERS = 100

PRODUCT_ID: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_ID_CHARACTERS,
    "pattern": r"^\S([^\r\n]*\S)?$",
}

_MEMBERS: Mapping[str, Any] = {
    "id": PRODUCT_ID,
    "description": {"type": "string", "maxLength": 500},
    **{name: term.schema for name, term in TERMS.items()},
    "needsKyc": FLAG,
    "oncePerUser": FLAG,
    "listed": FLAG,
    "eligible": FLAG,
    "cardType": {"enum": [*get_args(CardType), None]},
    "scenario": {"type": ["string", "null"], "minLength": 1, "maxLength": 40},
}


def _find_products_problem(products: Any) -> str | None:
    """What is wrong with a list whose items have the members that they must have."""
    seen: set[str] = set()
    for place, product in enumerate(products or ()):
        if product["id"] in seen:
            return f"/{place}/id: an earlier product has it"
        seen.add(product["id"])
        for name, term in TERMS.items():
            wrong = setting_problem(term, product[name]) if name in product else None
            if wrong is not None:
                return f"/{place}/{name}: {wrong}"
    return None


def _scenarios(products: Any) -> Iterator[tuple[str, str]]:
    for place, product in enumerate(products or ()):
        if product.get("scenario") is not None:
            yield f"/{place}/scenario", product["scenario"]


_EXAMPLE: list[dict[str, Any]] = [
    {
        "id": "GOLD_PLAN",
        "description": "Gold plan, a year",
        "amount": "1234.50",
        "currency": "USDC",
        "chainId": "8453",
        "token": "USDC",
        "tokenAddress": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        "destinationAddress": "0x52a7c0e4b1d98f6033ab7e21cc4d5f90a8b1e6d2",
        "needsKyc": True,
        "oncePerUser": True,
        "listed": True,
        "eligible": True,
        "cardType": "METAL",
        "scenario": "payment-pending",
    }
]
"""A product with every member that there is."""

SETTING = Setting(
    "products",
    None,
    {
        "type": ["array", "null"],
        "maxItems": MAX_PRODUCTS,
        "examples": [_EXAMPLE],
        "items": closed_object("id", "amount", **_MEMBERS),
    },
    "the partner's own products, in place of all others; each needs only id and amount; null: the usual ones",
    check=_find_products_problem,
    scenarios=_scenarios,
)
"""The setting `products`."""


def read_products(settings: Settings) -> tuple[Product, ...]:
    """Every product that can be ordered now, in the order in which they are listed."""
    own = settings["products"]
    return PRODUCTS if own is None else _read_product_list(json_text.encode(own))


_BY_ID = {product.id: product for product in PRODUCTS}


def find_product(settings: Settings, product_id: str) -> Product | None:
    """The product with exactly this id (case counts, nothing is trimmed), or None."""
    if settings["products"] is None:
        return _BY_ID.get(product_id)
    return next((product for product in read_products(settings) if product.id == product_id), None)


@lru_cache(maxsize=100)
def _read_product_list(written: bytes) -> tuple[Product, ...]:
    return tuple(map(_read_product, json_text.decode(written)))


def _read_product(document: Mapping[str, Any]) -> Product:
    members = {"description": document["id"], **document, "amount": read_amount(document["amount"])}
    if "chainId" in members:
        members["chainId"] = read_chain_id(members["chainId"])
    return msgspec.convert(members, Product)
