"""Conditions of scenarios, compared with what the providers' create calls really accept."""

from typing import Any

import pytest

from emulator.core.library import Library
from emulator.core.scenario import BrokenScenario
from emulator.files import shipped
from emulator.providers import NAMES, load_all

LIBRARY = Library(load_all(), shipped.scenario_schema(NAMES))
SELL = {"timeline": {"sell": [{"after": "5s", "to": "pending"}]}}
EARLY = {"answer": {"error": "validation"}}

POSSIBLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("baanx", {"body.paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}, {}),
    ("baanx", {"body.productId": 5}, EARLY),
    ("baanx", {"body.marker": "mine"}, {}),
    ("baanx", {"header.X-Us-Env": "true", "query.region": "us"}, {}),
    ("basswallet", {"body.amount": {"pattern": "^5"}}, {}),
    ("basswallet", {"body.businessId": "with a blank, which a setting allows"}, {}),
    ("changelly", {"body.amountFrom": "151"}, {}),
    ("changelly", {"body.amountFrom": 151}, SELL),
    ("changelly", {"body.amountFrom": {"type": "number", "minimum": 5}}, SELL),
    ("changelly", {"body.amountFrom": {"enum": ["151", 151]}}, {}),
    ("changelly", {"body.amountFrom": 151, "body.refundAddress": "0x1"}, {}),
    ("changelly", {"body.metadata.note": 5, "body.metadata.deep.er": {"type": "array"}}, {}),
    ("changelly", {"body.externalOrderId": None}, {}),
    ("changelly", {"body.callbackUrl": 5}, {}),
    ("changelly", {"setting.magicValues": True, "setting.flowStepMs": {"minimum": 5}}, {}),
    ("koywe", {"body.amountIn": 275.0}, {}),
    ("koywe", {"body.amountIn": {"minimum": 5}}, {}),
    ("koywe", {"body.type": "PAYIN"}, {}),
    ("koywe", {"body.type": {"enum": ["PAYIN", "none"]}}, {}),
    ("koywe", {"body.description": None}, {}),
    ("koywe", {"body.paymentMethods.0.method": "PSE"}, {}),
    ("koywe", {"body.paymentMethods": {"type": "array", "minItems": 2}}, {}),
    ("koywe", {"path.merchant_id": {"pattern": "^mrc_"}}, {}),
]

IMPOSSIBLE: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("baanx", {"body.paymentMethod": "CARD"}, {}, 'has CRYPTO_EXTERNAL_DAIMO here, not "CARD"'),
    ("baanx", {"body.productID": "X"}, {}, "no `productID` here: did you mean `productId`?"),
    ("baanx", {"body.productID": 5}, EARLY, "no `productID` here: did you mean `productId`?"),
    ("basswallet", {"body.amount": 5}, {}, 'the provider\'s schema has a string here; write "5"'),
    ("basswallet", {"body.expiryMinutes": "7201"}, {}, 'got "7201", by the provider\'s schema'),
    ("changelly", {"body.amountFrom": 151}, {}, 'has a string here; write "151"; `sell` orders take both'),
    ("changelly", {"body.metadata": []}, {}, "write a literal, or a JSON Schema"),
    ("koywe", {"body.amountIn": "50000"}, {}, "the provider's schema has a number or null here; write 50000"),
    ("koywe", {"body.amountIn": -5}, {}, "not above 0, got -5, by the provider's schema"),
    ("koywe", {"body.sendEmail": "true"}, {}, "the provider's schema has true or false or null here; write true"),
    ("koywe", {"body.type": "payin"}, {}, 'here: did you mean "PAYIN"?'),
    ("koywe", {"body.type": {"pattern": "^payin"}}, {}, "and nothing of that kind fits the condition"),
    ("koywe", {"body.type": {"const": "SWAP"}}, {}, "and nothing of that kind fits the condition"),
    ("koywe", {"body.paymentMethods.method": "PSE"}, {}, "is a list: write body.paymentMethods.0.method"),
    ("koywe", {"body.paymentMethods.0.methd": "PSE"}, {}, "did you mean `method`?"),
    ("koywe", {"path.merchantId": "x"}, {}, "did you mean 'merchant_id'?"),
    ("koywe", {"header.x": None}, {}, "a header is text, never null"),
    ("koywe", {"header.x": " a"}, {}, "neither begins nor ends with a space"),
    (
        "koywe",
        {"query.x": {"type": "number"}},
        {},
        "a parameter of the query is text, and the condition wants a number",
    ),
    ("koywe", {"setting.token_ttl_s": "60"}, {}, "write 60"),
]


@pytest.mark.parametrize(("provider", "match", "more"), POSSIBLE, ids=str)
def test_a_condition_that_a_provider_s_requests_can_meet_is_accepted(
    provider: str, match: Any, more: dict[str, Any]
) -> None:
    document = {"version": 1, "provider": provider, "about": "A test.", "match": match, **more}
    assert LIBRARY.read_new_scenario(provider, "x", document).conditions


@pytest.mark.parametrize(("provider", "match", "more", "words"), IMPOSSIBLE, ids=str)
def test_a_condition_that_can_never_hold_is_reported(
    provider: str, match: Any, more: dict[str, Any], words: str
) -> None:
    document = {"version": 1, "provider": provider, "about": "A test.", "match": match, **more}
    with pytest.raises(BrokenScenario) as caught:
        LIBRARY.read_new_scenario(provider, "x", document)
    (problem,) = caught.value.problems
    assert problem.path == ("match", *match)
    assert words in problem.message


def test_an_older_document_can_still_be_read() -> None:
    """What a snapshot or a store has kept does not fail over what nobody minded when it was written."""
    document = {"version": 1, "provider": "koywe", "about": "A test.", "match": {"body.amountIn": "50000"}}
    assert LIBRARY.read_scenario("koywe", "x", document).conditions
