"""The products that can be ordered. Changes nothing.

Source: https://docs.baanx.com/api-reference/order/enum-products, seen 2026-11.
"""

from emulator.core.call import Call
from emulator.core.provider import Reply
from emulator.providers.baanx import answers, catalogue


def list_products(call: Call) -> Reply:
    """`GET /v1/order/products/available`: 200 with a bare array in catalogue order; ineligible products stay in it."""
    return answers.json_answer(
        call,
        200,
        [
            {"id": product.id, "description": product.description, "isEligible": call.caller.is_eligible(product)}
            for product in catalogue.LISTED_PRODUCTS
        ],
    )
