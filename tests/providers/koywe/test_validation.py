"""The messages for invalid bodies, field by field."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.contract.schemas import Violation
from emulator.core.schema import Schema
from emulator.providers.koywe.formats import validation
from emulator.providers.koywe.formats.moments import read_moment
from emulator.providers.koywe.formats.validation import explain_fields, list_unknown_texts
from tests.providers.koywe.schema_files import DOCUMENTS, reference_validator
from tests.thorough import tries

ORDER = DOCUMENTS["create-order.request"]
GOOD = {"type": "PAYIN", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "COP"}
QUOTED_TYPES = "PAYIN, PAYOUT, BALANCE_TRANSFER, ONRAMP, OFFRAMP, PAYMENT_LINK"
TYPES = "PAYIN, PAYOUT, ONRAMP, OFFRAMP, BALANCE_TRANSFER, PAYMENT_LINK, INTER_MERCHANT_TRANSFER"
STATUSES = (
    "DRAFT, PENDING, PROCESSING, PAID, COMPLETED, FAILED, CANCELLED, EXPIRED, ON_HOLD, REFUND_REQUESTED, REFUNDED"
)
NUMBER = "must be a number conforming to the specified constraints"
DATE = "must be a valid ISO 8601 date string"

CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"type": "TRANSFER"}, [f"type must be one of the following values: {TYPES}"]),
    ({"type": 5}, [f"type must be one of the following values: {TYPES}"]),
    ({"type": None}, [f"type must be one of the following values: {TYPES}"]),
    ({"originCurrencySymbol": None}, ["originCurrencySymbol must be a string"]),
    ({"destinationCurrencySymbol": 1}, ["destinationCurrencySymbol must be a string"]),
    ({"destinationAccountId": []}, ["destinationAccountId must be a string"]),
    ({"amountIn": "50000"}, [f"amountIn {NUMBER}"]),
    ({"amountIn": True}, [f"amountIn {NUMBER}"]),
    ({"amountOut": {}}, [f"amountOut {NUMBER}"]),
    ({"amountIn": 0}, ["amountIn must be a positive number"]),
    ({"amountIn": Decimal("-0.01")}, ["amountIn must be a positive number"]),
    ({"amountIn": Decimal("0.01")}, []),
    ({"amountIn": Decimal("275.0")}, []),
    ({"amountIn": 10**400}, [f"amountIn {NUMBER}"]),
    ({"dueDate": "tomorrow"}, [f"dueDate {DATE}"]),
    ({"dueDate": "2026-02-30"}, [f"dueDate {DATE}"]),
    ({"dueDate": 5}, ["dueDate must be a string"]),
    ({"dueDate": "2026-02-01"}, []),
    ({"description": "x" * 1000}, []),
    ({"description": "x" * 1001}, ["description must be shorter than or equal to 1000 characters"]),
    ({"externalId": ""}, ["externalId should not be empty"]),
    ({"externalId": "x" * 255}, []),
    ({"externalId": "x" * 256}, ["externalId must be shorter than or equal to 255 characters"]),
    ({"successUrl": "http://localhost:3000/ok?a=b#c"}, []),
    ({"successUrl": "http://app:8080"}, []),
    ({"successUrl": "https://[::1]/x"}, []),
    ({"successUrl": "HTTPS://user:word@shop.example./"}, []),
    ({"successUrl": "ftp://shop.example"}, ["successUrl must be a URL address"]),
    ({"failedUrl": "shop.example/ko"}, ["failedUrl must be a URL address"]),
    ({"failedUrl": "http://"}, ["failedUrl must be a URL address"]),
    ({"failedUrl": "http://a b"}, ["failedUrl must be a URL address"]),
    ({"failedUrl": "http://a\n"}, ["failedUrl must be a URL address"]),
    ({"failedUrl": ""}, ["failedUrl must be a URL address"]),
    ({"failedUrl": "http://a/" + "x" * 2040}, ["failedUrl must be shorter than or equal to 2048 characters"]),
    ({"paymentMethods": {}}, ["paymentMethods must be an array"]),
    ({"paymentMethods": ["PSE"]}, ["paymentMethods.0 must be an object"]),
    ({"paymentMethods": [{}]}, ["paymentMethods.0.method must be a string"]),
    ({"paymentMethods": [{"method": None}]}, ["paymentMethods.0.method must be a string"]),
    ({"paymentMethods": [{"method": "PSE", "extra": 5}]}, ["paymentMethods.0.extra must be an object"]),
    ({"paymentMethods": [{"method": "PSE", "extra": "BANCOLOMBIA"}, {"method": "X", "extra": {"a": [1]}}]}, []),
    (
        {"paymentMethods": [{"method": 1, "extra": 5}, 6]},
        [
            "paymentMethods.0.method must be a string",
            "paymentMethods.0.extra must be an object",
            "paymentMethods.1 must be an object",
        ],
    ),
    ({"quoteId": 5}, ["quoteId must be a string"]),
    ({"enforcedDocument": 11111111}, ["enforcedDocument must be a string"]),
    ({"contactId": False}, ["contactId must be a string"]),
    ({"sendEmail": "true"}, ["sendEmail must be a boolean value"]),
    ({"sendReminders": 1}, ["sendReminders must be a boolean value"]),
    ({"isMerchantSelfOrder": "x"}, ["isMerchantSelfOrder must be a boolean value"]),
    (
        {"isMerchantSelfOrder": 1, "amountOut": "x", "type": "X", "externalId": ""},
        [
            f"type must be one of the following values: {TYPES}",
            f"amountOut {NUMBER}",
            "externalId should not be empty",
            "isMerchantSelfOrder must be a boolean value",
        ],
    ),
]


def explain(document: dict[str, Any], value: Any) -> list[str]:
    """The messages for a value; the schema accepts exactly the values that have none."""
    schema = Schema(document)
    texts = list(explain_fields(schema.document, schema.violations(value)).values())
    assert schema.accepts(value) is not bool(texts)
    return texts


@pytest.mark.parametrize(("change", "texts"), CASES)
def test_an_invalid_order_is_explained(change: dict[str, Any], texts: list[str]) -> None:
    assert explain(ORDER, GOOD | change) == texts


def test_an_empty_order_names_what_is_missing_in_table_order() -> None:
    assert explain(ORDER, {}) == [
        f"type must be one of the following values: {TYPES}",
        "originCurrencySymbol must be a string",
        "destinationCurrencySymbol must be a string",
    ]


def test_with_a_quote_the_symbols_may_be_missing() -> None:
    assert explain(ORDER, {"type": "BALANCE_TRANSFER", "quoteId": "qte_1"}) == []
    assert len(explain(ORDER, {"type": "BALANCE_TRANSFER", "quoteId": None})) == 2


OTHERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("sign-in.request", {}, ["apiKey must be a string", "secret must be a string"]),
    ("sign-in.request", {"apiKey": "", "secret": 5}, ["apiKey should not be empty", "secret must be a string"]),
    ("create-quote.request", {"originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "type": "PAYIN"}, []),
    (
        "create-quote.request",
        {"originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD"},
        [f"orderType must be one of the following values: {QUOTED_TYPES}"],
    ),
    (
        "create-quote.request",
        {"originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "type": "X"},
        [f"type must be one of the following values: {QUOTED_TYPES}"],
    ),
    (
        "create-quote.request",
        {"originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "type": "X", "orderType": "PAYIN"},
        [],
    ),
    (
        "create-quote.request",
        {"originCurrencySymbol": 1, "orderType": "X", "type": "PAYIN", "executable": "yes", "network": 3},
        [
            "originCurrencySymbol must be a string",
            "destinationCurrencySymbol must be a string",
            f"orderType must be one of the following values: {QUOTED_TYPES}",
            "executable must be a boolean value",
            "network must be a string",
        ],
    ),
    (
        "create-account.request",
        {},
        ["kind must be one of the following values: BANK, CRYPTO", "currencySymbol must be a string"],
    ),
    (
        "create-account.request",
        {"kind": "BANK", "currencySymbol": "COP"},
        ["countrySymbol must be a string", "accountNumber must be a string"],
    ),
    (
        "create-account.request",
        {"kind": "BANK", "currencySymbol": "COP", "countrySymbol": "FR", "accountNumber": "1"},
        ["countrySymbol must be one of the following values: CO, CL, MX, BR, AR, PE, BO, US"],
    ),
    (
        "create-account.request",
        {"kind": "BANK", "currencySymbol": "COP", "countrySymbol": "CO", "accountNumber": "1", "entity": None},
        ["entity must be a string"],
    ),
    (
        "create-account.request",
        {"kind": "BANK", "currencySymbol": "USD", "countrySymbol": "US", "accountNumber": "1"},
        ["routingNumber must be a string"],
    ),
    (
        "create-account.request",
        {"kind": "BANK", "currencySymbol": "MXN", "countrySymbol": "MX", "accountNumber": "1"},
        [],
    ),
    (
        "create-account.request",
        {"kind": "CRYPTO", "currencySymbol": "USDC", "countrySymbol": "FR", "type": "X"},
        [
            "network must be a string",
            "address must be a string",
            "type must be one of the following values: SAVINGS, CHECKING, VIRTUAL",
        ],
    ),
    (
        "create-contact.request",
        {},
        [
            "firstName must be a string",
            "countrySymbol must be one of the following values: CO, CL, MX, BR, AR, PE, BO, US",
            "businessType must be one of the following values: PERSON, COMPANY",
            "type must be one of the following values: PERSON, BUSINESS, GOVERNMENT, NGO, FOREIGN",
        ],
    ),
    ("create-contact.request", {"fullName": "Ana Prueba", "countrySymbol": "CO", "businessType": "PERSON"}, []),
    (
        "create-contact.request",
        {"fullName": "A", "countrySymbol": "CO", "businessType": "PERSON", "email": "a@b", "documentType": "RUT"},
        ["email must be an email", "documentNumber must be a string"],
    ),
    (
        "create-contact.request",
        {"fullName": "A", "countrySymbol": "CO", "businessType": "PERSON", "address": {"city": 5}},
        ["address.city must be a string"],
    ),
    ("update-contact.request", {"documentType": "RUT"}, []),
    ("list-orders.query", {"status": "DONE"}, [f"status must be one of the following values: {STATUSES}"]),
    ("list-orders.query", {"pageSize": "0"}, [f"pageSize {NUMBER}"]),
    ("list-orders.query", {"pageSize": "101"}, [f"pageSize {NUMBER}"]),
    ("list-orders.query", {"pageSize": "100", "pageNumber": "9"}, []),
    ("list-orders.query", {"pageNumber": "0"}, [f"pageNumber {NUMBER}"]),
    ("list-orders.query", {"pageNumber": "-1"}, [f"pageNumber {NUMBER}"]),
    ("list-orders.query", {"pageNumber": "1\n"}, [f"pageNumber {NUMBER}"]),
    ("list-orders.query", {"startDate": "x", "endDate": "2026-01-31"}, [f"startDate {DATE}"]),
    ("list-payment-methods.query", {"countrySymbol": "CL"}, ["currencySymbol must be a string"]),
    ("create-webhook.request", {"url": "nope"}, ["url must be a URL address", "secret must be a string"]),
    (
        "create-webhook.request",
        {"url": "http://localhost:9000/hook", "secret": "short"},
        ["secret must be longer than or equal to 8 characters"],
    ),
    ("create-policy.request", {"active": "yes"}, ["active must be a boolean value"]),
    (
        "create-policy-rule.request",
        {"operation": "PAYOUT", "action": "ALLOW", "minAmount": "5"},
        [f"minAmount {NUMBER}"],
    ),
    ("pay-order.request", {}, ["outcome must be one of the following values: succeed, fail, abandon"]),
    ("pay-order.request", {"cardNumber": "4242424242424242"}, []),
]


@pytest.mark.parametrize(("name", "value", "texts"), OTHERS)
def test_every_other_invalid_body_is_explained(name: str, value: dict[str, Any], texts: list[str]) -> None:
    assert explain(DOCUMENTS[name], value) == texts


def test_a_sort_names_its_field_and_direction() -> None:
    (text,) = explain(DOCUMENTS["list-orders.query"], {"sort": "createdAt"})
    assert text.startswith("sort must be one of the following values: createdAt:asc, createdAt:desc, amountIn:asc")
    assert explain(DOCUMENTS["list-orders.query"], {"sort": "status:asc"}) == []


def test_a_body_that_is_not_an_object_is_explained() -> None:
    assert explain(ORDER, []) == ["must be an object"]


def test_unknown_members_are_reported_with_their_place() -> None:
    value = GOOD | {"colour": 1, "paymentMethods": [{"method": "PSE", "size": 2, "extra": {"anything": 3}}]}
    assert list_unknown_texts(ORDER, value) == [
        "property colour should not exist",
        "paymentMethods.0.property size should not exist",
    ]
    assert list_unknown_texts(ORDER, GOOD) == []
    assert explain(ORDER, value) == []


@pytest.mark.parametrize(("form", "message"), [("string", "a, b"), ("array", ["a", "b"])])
def test_several_texts_are_joined_as_the_setting_says(form: Any, message: object) -> None:
    assert validation.join_texts(["a", "b"], form) == message


def test_a_text_that_the_caller_sent_is_reported_with_its_place() -> None:
    texts = explain_fields(ORDER, Schema(ORDER).violations(GOOD | {"type": "X", "externalId": ""}))
    placed = validation.place_text(ORDER, texts, "amountIn", validation.write_number_text("amountIn"))
    assert list(placed) == ["type", "amountIn", "externalId"]
    assert placed["amountIn"] == f"amountIn {NUMBER}"
    assert validation.place_text(ORDER, placed, "type", "other")["type"].startswith("type must be one of")
    assert validation.write_positive_text("amountIn") == "amountIn must be a positive number"


def test_an_enum_can_be_widened_without_touching_the_schema() -> None:
    schema = DOCUMENTS["create-contact.request"]
    body = {
        "fullName": "A",
        "countrySymbol": "CO",
        "businessType": "PERSON",
        "documentType": "CC",
        "documentNumber": "123456",
    }
    (text,) = explain(schema, body)
    assert text.endswith("CUIT, CNPJ, TXID")
    wider = validation.allow_enum_value(schema, "documentType", "CC")
    assert explain(wider, body) == []
    (text,) = explain(wider, body | {"documentType": "XX"})
    assert text.endswith("CUIT, CNPJ, TXID, CC")
    assert validation.allow_enum_value(wider, "documentType", "CC") == wider
    assert "CC" not in schema["properties"]["documentType"]["enum"]


def ask_reference(schema: dict[str, Any], value: object) -> list[Violation]:
    found = []
    for error in reference_validator(schema).iter_errors(value):
        path, keyword = tuple(error.absolute_path), str(error.validator)
        if keyword == "required":
            found += [
                Violation((*path, name), keyword, name, "")
                for name in error.validator_value
                if name not in error.instance
            ]
        else:
            found.append(Violation(path, keyword, error.validator_value, ""))
    return found


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["method", "extra", "x"]), inner),
    max_leaves=6,
)
fields = st.sampled_from(sorted({field for document in DOCUMENTS.values() for field in document.get("properties", {})}))
requests = st.sampled_from(sorted(name for name in DOCUMENTS if name.endswith((".request", ".query"))))


@given(requests, st.dictionaries(fields, json_values))
@settings(max_examples=tries(150), deadline=None)
def test_both_validators_lead_to_the_same_messages(name: str, value: dict[str, Any]) -> None:
    schema = DOCUMENTS[name]
    texts = explain(schema, value)
    assert texts == list(explain_fields(schema, ask_reference(schema, value)).values())
    assert bool(texts) is not reference_validator(schema).is_valid(value)
    assert not any("is not valid" in text for text in texts)


dates = st.from_regex(r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]Z?)?", fullmatch=True)


@given(
    dates | st.dates().map(str) | st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes")) | st.text()
)
@settings(deadline=None)
def test_the_schema_accepts_exactly_the_times_that_can_be_read(text: str) -> None:
    accepted = explain(ORDER, GOOD | {"dueDate": text}) == []
    assert accepted is (read_moment(text) is not None)
