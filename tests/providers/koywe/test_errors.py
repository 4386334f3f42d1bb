"""The error table: every code, its status, its exact text, and the body around it."""

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core import json_text
from emulator.providers import koywe, load
from emulator.providers.koywe.errors import BALANCE_PURPOSES, ERRORS, KoyweError, render

TABLE: list[tuple[str, int, str, dict[str, Any]]] = [
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
    ("AUTH90003", 400, "Invalid roles", {}),
    ("AUTH90004", 409, "Credential with this name already exists", {}),
    ("PER90001", 403, "Forbidden resource", {}),
    ("ORG90001", 404, "Organization not found", {}),
    ("MC90001", 404, "Merchant not found", {}),
    ("MC90002", 404, "KYB not found", {}),
    ("MC90003", 409, "Draft already submitted", {}),
    ("MC90004", 404, "Draft not found", {}),
    ("MC90005", 409, "Merchant has open orders", {}),
    ("MC90006", 404, "Registration not found", {}),
    ("CNT90001", 404, "Country not found", {}),
    ("OR90001", 404, "Order not found", {}),
    ("BAA90002", 404, "Account not found", {}),
    ("CT90001", 404, "Contact not found", {}),
    ("QE90001", 404, "Quote not found", {}),
    ("LE90001", 404, "Ledger entry not found", {}),
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
    ("OR90008", 409, "Refund window has ended", {}),
    ("OR90007", 400, "ONRAMP orders are created through deals", {"type": "ONRAMP"}),
    ("CU90001", 400, "Currency XXX is not supported", {"symbol": "XXX"}),
    (
        "CU90002",
        400,
        "originCurrencySymbol must be a fiat currency for PAYIN",
        {"field": "originCurrencySymbol", "kind": "fiat", "type": "PAYIN"},
    ),
    ("IMT90001", 400, "Origin and destination currencies must be the same for INTER_MERCHANT_TRANSFER orders", {}),
    ("IMT90002", 400, "destinationMerchantId is required for INTER_MERCHANT_TRANSFER orders", {}),
    ("IMT90003", 400, "Destination merchant must be another merchant", {}),
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
    ("BAA90008", 409, "Virtual account already exists for MX/MXN", {"country": "MX", "currency": "MXN"}),
    ("BAA90009", 400, "Virtual accounts are not available for CL/USD", {"country": "CL", "currency": "USD"}),
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


NOON_MS = 1_767_614_400_000
PATH = "/api/v1/organizations/org_default/merchants/mrc_default/orders"


def placeholders(case: KoyweError) -> set[str]:
    """The names of the values that the message needs."""
    return {name for _, name, _, _ in string.Formatter().parse(case.message) if name is not None}


def answer(error: str, /, settings: dict[str, Any] | None = None, **values: object) -> Reply:
    """The answer to a request for PATH that is refused."""
    provider = load("koywe")
    asked = SimpleNamespace(
        provider=provider,
        settings={each.name: each.default for each in provider.settings.values()} | (settings or {}),
        tx=SimpleNamespace(now_ms=NOON_MS),
        request=SimpleNamespace(path=values.get("path", PATH), method=values.get("method", "GET")),
    )
    return render(cast("Call", asked), Refusal(error, "the truth", **values))


def body_of(reply: Reply) -> dict[str, Any]:
    body: dict[str, Any] = json_text.decode(reply.body)
    assert body["statusCode"] == reply.status
    return body


@pytest.mark.parametrize(("code", "status", "message", "values"), TABLE)
def test_every_error_is_the_known_one(code: str, status: int, message: str, values: dict[str, Any]) -> None:
    answers = [
        (case, body_of(answer(case.name, **values | dict.fromkeys(case.details, "x"))))
        for case in ERRORS.values()
        if case.code == code and placeholders(case) == set(values)
    ]
    assert (status, message) in [(body["statusCode"], body["message"]) for _, body in answers]
    assert all(body["errorCode"] == code for _, body in answers)
    assert all(list(body.get("details", {})) == list(case.details) for case, body in answers)


def test_the_table_has_no_other_errors() -> None:
    codes = Counter(case.code for case in ERRORS.values())
    assert codes.keys() == {code for code, _, _, _ in TABLE}
    assert {code: number for code, number in codes.items() if number > 1} == {"OR90006": 2, "PM90001": 2, "QE90006": 2}


def test_names_are_words_and_codes_have_the_provider_s_form() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ERRORS)
    assert all(re.fullmatch(r"[A-Z]+[0-9]{5,}|[A-Z]+_[A-Z]+", case.code) for case in ERRORS.values())


def test_made_up_numbers_are_marked_as_assumed() -> None:
    assert all((case.mark == "assumed") == bool(re.search("[A-Z]9", case.code)) for case in ERRORS.values())


@pytest.mark.parametrize("case", ERRORS.values(), ids=lambda case: case.name)
def test_every_error_has_examples_of_all_its_values(case: KoyweError) -> None:
    assert case.examples.keys() == {*placeholders(case), *case.details}
    asked_for = answer(case.name)
    assert "{" not in str(body_of(asked_for)["message"])
    if case.name != "route-not-found":  # which says what was asked for
        assert asked_for == answer(case.name, **case.examples)


def test_given_values_replace_the_examples() -> None:
    body = body_of(answer("insufficient-balance", purpose="onramp", required=7))
    assert body["message"] == "Insufficient balance for onramp"
    assert body["details"] == {"available": 100000, "required": 7, "currency": "COP"}


def test_the_body_is_the_documented_one() -> None:
    refused = answer(
        "insufficient-balance", purpose=BALANCE_PURPOSES["PAYOUT"], currency="COP", available=100000, required=500000
    )
    assert refused.body.decode() == (
        '{"statusCode":400,"timestamp":"2026-01-05T12:00:00.000Z",'
        f'"path":"{PATH}",'
        '"errorCode":"INSUFFICIENT_BALANCE","message":"Insufficient balance for payout",'
        '"details":{"available":100000,"required":500000,"currency":"COP"}}'
    )


def test_a_body_without_details_has_no_such_member() -> None:
    assert list(body_of(answer("order-not-found"))) == ["statusCode", "timestamp", "path", "errorCode", "message"]


@pytest.mark.parametrize("message", ["type must be a string", ["type must be a string", "x"]])
@pytest.mark.parametrize("status", [422, 400])
def test_validation_errors_have_the_status_and_form_of_the_settings(message: str | list[str], status: int) -> None:
    body = body_of(answer("validation-failed", {"validation_status": status}, message=message))
    assert (body["statusCode"], body["errorCode"], body["message"]) == (status, "COM90003", message)
    assert answer("validation-failed").status == 422


def test_text_from_clients_cannot_break_a_message() -> None:
    body = body_of(answer("currency-unsupported", symbol="{0.__class__}"))
    assert body["message"] == "Currency {0.__class__} is not supported"


def refusals(tree: ast.Module) -> Iterator[tuple[int, str, set[str]]]:
    """Line, error and values of each refusal whose error is named in its place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Refusal", "call.refuse"):
            error = node.args[0]
            if isinstance(error, ast.Constant):
                yield node.lineno, str(error.value), {str(keyword.arg) for keyword in node.keywords}


def wrong_refusals(tree: ast.Module) -> list[tuple[int, str]]:
    """Refusals with an error that is not in the table, or not with exactly the values that it needs."""
    return [
        (line, error)
        for line, error, values in refusals(tree)
        if error not in ERRORS
        or (error != "route-not-found" and values != {*placeholders(ERRORS[error]), *ERRORS[error].details})
    ]


def test_every_refusal_has_the_values_that_its_error_needs() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in Path(koywe.__file__).parent.rglob("*.py")}
    assert {path: wrong for path, tree in trees.items() if (wrong := wrong_refusals(tree))} == {}
    # Two are named by what may fail, others only by what a scenario or a fault asks for.
    assert len({error for tree in trees.values() for _, error, _ in refusals(tree)}) > 50


@pytest.mark.parametrize(
    "line",
    ['Refusal("currency-unsupported", "x")', 'Refusal("order-not-found", "x", symbol="X")',
     'Refusal("external-id-taken", "x")', 'Refusal("no-such", "x")'],
)  # fmt: skip
def test_the_check_of_values_finds_missing_and_surplus_ones(line: str) -> None:
    assert wrong_refusals(ast.parse(line)) != []


def test_the_bare_sign_in_error_is_the_documented_one() -> None:
    assert answer("invalid-credentials", {"sign_in_error": "bare"}).body.decode() == (
        '{"error":"Invalid credentials","message":"The provided username or password is incorrect"}'
    )
