"""The error table: every code, its status, its exact text, and the body around it."""

import json
import re
from collections import Counter

import pytest

from emulator.core.provider import Refusal
from emulator.providers.koywe import errors
from emulator.providers.koywe.error_answers import BARE_SIGN_IN_BODY, ErrorAnswer, ErrorKind, error_body
from emulator.providers.koywe.errors import ERRORS, find_error
from emulator.providers.koywe.refusals import answer_refusal, refuse

TABLE: list[tuple[str, int, str, dict[str, str]]] = [
    ("INVALID_CREDENTIALS", 401, "Invalid API key or secret", {}),
    ("TOKEN_EXPIRED", 401, "Token has expired", {}),
    ("INSUFFICIENT_BALANCE", 400, "Insufficient balance for payout", {"purpose": "payout"}),
    ("INSUFFICIENT_BALANCE", 400, "Insufficient balance for balance transfer", {"purpose": "balance transfer"}),
    ("INSUFFICIENT_BALANCE", 400, "Insufficient balance for onramp", {"purpose": "onramp"}),
    ("BAA00008", 400, "The destination account currency does not match the order destination currency.", {}),
    ("MC00015", 403, "Merchant does not belong to the organization", {}),
    ("DC00010", 400, "Invalid document number", {}),
    ("POL00002", 403, "No active policy or matching rule for this operation", {}),
    ("POL00007", 403, "Approval is required for this operation", {}),
    ("CT00007", 409, "Contact with same email or phone already exists", {}),
    ("CT00036", 400, "Contact is required for PAYIN orders", {}),
    ("CT00012", 400, "Invalid phone number", {}),
    ("OR00007", 400, "Error during PAYIN execution", {}),
    ("COM90001", 404, "Cannot PATCH /api/v1/x", {"method": "PATCH", "path": "/api/v1/x"}),
    ("COM90002", 400, "Malformed JSON body", {}),
    ("COM90003", 422, "type must be a string", {"message": "type must be a string"}),
    ("COM90004", 429, "Too many requests", {}),
    ("COM90005", 500, "Internal server error", {}),
    ("COM90006", 503, "Service unavailable", {}),
    ("COM90007", 408, "Request timeout", {}),
    ("AUTH90001", 401, "Unauthorized", {}),
    ("AUTH90002", 401, "Invalid token", {}),
    ("PER90001", 403, "Forbidden resource", {}),
    ("ORG90001", 404, "Organization not found", {}),
    ("MC90001", 404, "Merchant not found", {}),
    ("OR90001", 404, "Order not found", {}),
    ("BAA90002", 404, "Account not found", {}),
    ("CT90001", 404, "Contact not found", {}),
    ("QE90001", 404, "Quote not found", {}),
    ("DL90001", 404, "Deal not found", {}),
    ("WE90001", 404, "Webhook not found", {}),
    ("WE90002", 404, "Webhook event not found", {}),
    ("POL90001", 404, "Approval not found", {}),
    ("POL90003", 404, "Rule not found", {}),
    ("OR90002", 409, "An order with this externalId already exists for this merchant and type", {}),
    ("OR90003", 400, "Either amountIn or amountOut is required", {}),
    ("OR90004", 400, "Only one of amountIn and amountOut is allowed", {}),
    (
        "OR90005",
        400,
        "originCurrencySymbol, amountIn must not be provided when quoteId is present",
        {"fields": "originCurrencySymbol, amountIn"},
    ),
    ("OR90006", 409, "Order with status PAID cannot be cancelled", {"status": "PAID"}),
    ("OR90006", 409, "Order with status PAID cannot be refunded", {"status": "PAID"}),
    ("OR90007", 400, "ONRAMP orders are created through deals", {"type": "ONRAMP"}),
    ("CU90001", 400, "Currency XXX is not supported", {"symbol": "XXX"}),
    (
        "CU90002",
        400,
        "originCurrencySymbol must be a fiat currency for PAYIN",
        {"field": "originCurrencySymbol", "kind": "fiat", "type": "PAYIN"},
    ),
    ("BT90001", 400, "Origin and destination currencies must be different", {}),
    ("PL90001", 400, "dueDate must be in the future", {}),
    ("BAA90001", 400, "destinationAccountId is required for PAYOUT orders", {"type": "PAYOUT"}),
    (
        "BAA90003",
        400,
        "destinationAccountId must be a crypto wallet for ONRAMP orders",
        {"kind": "crypto wallet", "type": "ONRAMP"},
    ),
    ("BAA90004", 400, "Invalid account number for MX", {"country": "MX"}),
    ("BAA90005", 400, "Invalid address for network TRON", {"network": "TRON"}),
    ("BAA90006", 400, "Unknown bank X for CO", {"entity": "X", "country": "CO"}),
    ("BAA90007", 400, "Virtual accounts cannot be deleted", {}),
    ("PM90001", 400, "Exactly one payment method is required for PAYIN orders", {}),
    ("PM90001", 400, "At most one payment method is allowed for ONRAMP orders", {}),
    ("PMP90001", 400, "Payment method not supported for country/currency", {}),
    (
        "PMP90002",
        400,
        "Amount is below the minimum of 2000 COP for PSE",
        {"min": "2000", "currency": "COP", "method": "PSE"},
    ),
    (
        "PMP90003",
        400,
        "Amount is above the maximum of 20000000 COP for PSE",
        {"max": "20000000", "currency": "COP", "method": "PSE"},
    ),
    ("CT90002", 400, "contactId is required when sendEmail is enabled", {"flag": "sendEmail"}),
    ("QE90002", 400, "Quote has expired", {}),
    ("QE90003", 400, "Quote is not executable", {}),
    ("QE90005", 400, "Quote was created for ONRAMP orders", {"orderType": "ONRAMP"}),
    ("QE90004", 409, "Quote has already been used", {}),
    ("QE90006", 400, "network is required for ONRAMP quotes", {"orderType": "ONRAMP"}),
    ("QE90006", 400, "Network TRON does not support BTC", {"network": "TRON", "symbol": "BTC"}),
    ("POL90002", 409, "Approval already rejected", {"decision": "rejected"}),
]


def answer(kind: ErrorKind, /, **values: object) -> ErrorAnswer:
    return answer_refusal(refuse(kind, "the truth", **values))


@pytest.mark.parametrize(("code", "status", "message", "values"), TABLE)
def test_every_error_reads_as_known(code: str, status: int, message: str, values: dict[str, str]) -> None:
    answers = [
        answer(kind, **dict.fromkeys(kind.details, "x"), **values)
        for kind in ERRORS
        if kind.code == code and set(kind.placeholders) == set(values)
    ]
    assert (status, message) in [(each.status, each.message) for each in answers]
    assert all(each.code == code and list(each.details) == list(each.kind.details) for each in answers)


def test_the_table_has_nothing_else() -> None:
    assert {kind.code for kind in ERRORS} == {code for code, _, _, _ in TABLE}
    several = {code: number for code, number in Counter(kind.code for kind in ERRORS).items() if number > 1}
    assert several == {"OR90006": 2, "PM90001": 2, "QE90006": 2}


def test_names_are_unique_words_and_codes_have_the_provider_s_form() -> None:
    assert len({kind.name for kind in ERRORS}) == len(ERRORS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name) for kind in ERRORS)
    assert all(re.fullmatch(r"[A-Z]+[0-9]{5,}|[A-Z]+_[A-Z]+", kind.code) for kind in ERRORS)


def test_made_up_numbers_are_marked_as_assumed() -> None:
    assert all((kind.source == "assumed") == bool(re.search("[A-Z]9", kind.code)) for kind in ERRORS)


def test_an_error_is_found_by_name_and_by_code() -> None:
    assert find_error("order-not-found") is errors.ORDER_NOT_FOUND
    assert find_error("OR90001") is errors.ORDER_NOT_FOUND
    assert find_error("PM90001") is errors.PAYIN_METHOD_COUNT
    assert find_error("no-such") is None


def test_every_error_has_examples_of_all_that_it_says() -> None:
    for kind in ERRORS:
        assert kind.examples.keys() == {*kind.placeholders, *kind.details}, kind.name
        asked_for = answer_refusal(Refusal(kind.name, "the truth"))
        assert asked_for == answer(kind, **kind.examples)
        assert "{" not in asked_for.message


def test_what_is_given_wins_over_the_examples() -> None:
    asked_for = answer_refusal(Refusal("insufficient-balance", "the truth", purpose="onramp", required=7))
    assert asked_for.message == "Insufficient balance for onramp"
    assert asked_for.details == {"available": 100000, "required": 7, "currency": "COP"}


PATH = "/api/v1/organizations/org_default/merchants/mrc_default/orders"


def test_the_body_is_the_documented_one() -> None:
    refused = answer(
        errors.INSUFFICIENT_BALANCE,
        purpose=errors.BALANCE_PURPOSES["PAYOUT"],
        currency="COP",
        available=100000,
        required=500000,
    )
    expected = (
        '{"statusCode":400,"timestamp":"2026-01-05T12:00:00.000Z",'
        f'"path":"{PATH}",'
        '"errorCode":"INSUFFICIENT_BALANCE","message":"Insufficient balance for payout",'
        '"details":{"available":100000,"required":500000,"currency":"COP"}}'
    )
    body = error_body(refused, "2026-01-05T12:00:00.000Z", PATH)
    assert json.dumps(body, separators=(",", ":")) == expected


def test_a_body_without_details_has_no_such_member() -> None:
    body = error_body(answer(errors.ORDER_NOT_FOUND), "2026-01-05T12:00:00.000Z", PATH)
    assert list(body) == ["statusCode", "timestamp", "path", "errorCode", "message"]


@pytest.mark.parametrize("message", ["type must be a string", ["type must be a string", "x"]])
@pytest.mark.parametrize("status", [422, 400])
def test_wrong_shape_has_the_status_and_form_of_the_settings(message: str | list[str], status: int) -> None:
    refusal = refuse(errors.VALIDATION_FAILED, "the truth", message=message)
    refused = answer_refusal(refusal, status)
    assert (refused.status, refused.code, refused.message) == (status, "COM90003", message)
    assert answer_refusal(refusal).status == 422


def test_what_clients_send_cannot_break_a_message() -> None:
    assert answer(errors.CURRENCY_UNSUPPORTED, symbol="{0.__class__}").message == (
        "Currency {0.__class__} is not supported"
    )


def test_forgotten_and_surplus_values_are_refused() -> None:
    with pytest.raises(ValueError, match="takes the values"):
        refuse(errors.CURRENCY_UNSUPPORTED, "the truth")
    with pytest.raises(ValueError, match="takes the values"):
        refuse(errors.ORDER_NOT_FOUND, "the truth", symbol="X")
    with pytest.raises(ValueError, match="takes the values"):
        refuse(errors.EXTERNAL_ID_TAKEN, "the truth")


def test_the_bare_sign_in_error_is_the_documented_one() -> None:
    assert json.dumps(dict(BARE_SIGN_IN_BODY), separators=(",", ":")) == (
        '{"error":"Invalid credentials","message":"The provided username or password is incorrect"}'
    )
