"""The schema files: valid, and matching every known example."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from emulator.core.schema import Schema
from tests.providers.koywe.schema_files import DOCUMENTS, FOLDER, parse, reference_validator

WITH_REQUEST = {
    "sign-in", "create-order", "pay-order", "create-quote", "create-contact", "update-contact",
    "create-contact-account", "create-account", "create-merchant", "update-merchant", "create-deal",
    "create-policy", "create-policy-rule", "update-policy-rule", "create-webhook", "rotate-webhook-secret",
    "create-virtual-account", "replay-webhook-event", "create-organization-credential", "create-merchant-credential",
    "create-kyb", "create-registration-draft", "update-registration-draft",
}  # fmt: skip
WITH_QUERY = {
    "list-orders", "list-payment-methods", "list-contacts", "list-accounts", "list-account-balances",
    "get-ledger-statement", "get-orders-report", "list-banks", "list-webhook-events",
}  # fmt: skip
WITH_RESPONSE = {
    "sign-in", "get-me", "create-order", "get-order", "get-order-by-external-id", "list-orders", "cancel-order",
    "refund-order", "create-quote", "get-quote", "list-payment-methods", "create-contact", "get-contact",
    "update-contact", "list-contacts", "create-contact-account", "list-contact-accounts", "create-account",
    "get-account", "list-accounts", "list-account-balances", "get-account-balance",
    "list-bank-account-balances", "list-organization-balances", "list-virtual-accounts", "create-virtual-account",
    "list-bank-income-accounts", "get-ledger-statement", "get-ledger-entry", "get-orders-report", "list-banks",
    "list-countries",
    "list-organizations", "list-merchants", "create-merchant", "get-merchant", "update-merchant", "create-deal",
    "get-deal", "list-deals", "create-policy", "get-policy", "create-policy-rule", "update-policy-rule",
    "list-approvals", "get-approval", "approve-approval", "reject-approval", "create-webhook", "get-webhook",
    "list-webhooks", "rotate-webhook-secret", "pause-webhook", "resume-webhook", "ping-webhook",
    "list-webhook-events", "get-webhook-event", "list-webhook-deliveries", "replay-webhook-event",
    "create-organization-credential", "create-merchant-credential", "rotate-credential-secret",
    "create-kyb", "get-kyb", "list-kybs", "get-onboarding", "create-registration-draft", "get-registration-draft",
    "update-registration-draft", "create-registration", "list-registrations", "get-registration-status",
    "list-economic-activities", "list-company-roles",
}  # fmt: skip
WEBHOOKS = {"order", "contact", "merchant", "bank-income", "ping", "minimal"}

everything = pytest.mark.parametrize("name", DOCUMENTS)
answers = [name for name in DOCUMENTS if not name.endswith((".request", ".query"))]
closed_answers = [name for name in answers if DOCUMENTS[name].get("type") == "object"]


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all schemas inside it, without conditions: those only narrow what is described elsewhere."""
    if isinstance(schema, dict):
        yield schema
        for keyword, part in schema.items():
            if keyword == "properties":
                for member in part.values():
                    yield from walk(member)
            elif keyword in ("items", "additionalProperties"):
                yield from walk(part)
            elif keyword in ("oneOf", "anyOf"):
                for choice in part:
                    yield from walk(choice)


def test_every_call_has_its_files() -> None:
    assert {name.removesuffix(".request") for name in DOCUMENTS if name.endswith(".request")} == WITH_REQUEST
    assert {name.removesuffix(".query") for name in DOCUMENTS if name.endswith(".query")} == WITH_QUERY
    assert {name.removesuffix(".response") for name in DOCUMENTS if name.endswith(".response")} == WITH_RESPONSE
    hooks = {f"webhook-{name}" for name in WEBHOOKS}
    assert hooks <= set(DOCUMENTS)


@everything
def test_a_file_is_a_valid_schema_with_a_title(name: str) -> None:
    document = DOCUMENTS[name]
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["title"]
    assert document["description"]
    assert document["examples"]
    assert document["x-page"].startswith("https://docs.koywe.com/")
    assert (FOLDER / f"{name}.json").read_text().endswith("}\n")


@everything
def test_every_member_is_described_with_examples_and_source(name: str) -> None:
    for schema in walk(DOCUMENTS[name]):
        for member, about in schema.get("properties", {}).items():
            assert about["description"].endswith("."), member
            assert about["x-source"] in ("documented", "observed", "assumed"), member
            assert about["examples"], member
            for example in about["examples"]:
                reference_validator(about).validate(example)


@everything
def test_both_validators_accept_the_examples(name: str) -> None:
    references = {f"{other}.json": document for other, document in DOCUMENTS.items()}
    fast = Schema(DOCUMENTS[name], references)
    for example in DOCUMENTS[name]["examples"]:
        reference_validator(DOCUMENTS[name]).validate(example)
        assert fast.accepts(example)


@pytest.mark.parametrize("name", answers)
def test_answers_allow_no_unknown_members(name: str) -> None:
    for schema in walk(DOCUMENTS[name]):
        if "properties" in schema:
            assert schema["additionalProperties"] is False
            assert set(schema["required"]) <= set(schema["properties"])


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - set(answers)))
def test_requests_allow_unknown_members(name: str) -> None:
    text = json.dumps(DOCUMENTS[name])
    assert "additionalProperties" not in text
    assert "$ref" not in text
    for example in DOCUMENTS[name]["examples"]:
        assert reference_validator(DOCUMENTS[name]).is_valid(example | {"somethingElse": [1]})


@pytest.mark.parametrize("name", closed_answers)
def test_an_answer_with_a_member_more_or_less_is_refused(name: str) -> None:
    document = DOCUMENTS[name]
    validator = reference_validator(document)
    example = document["examples"][0]
    assert not validator.is_valid(example | {"somethingElse": 1})
    for member in document["required"]:
        assert not validator.is_valid({key: value for key, value in example.items() if key != member})


ORDERS = [
    '{"type":"PAYIN","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","amountIn":50000,'
    '"description":"Invoice 77","externalId":"inv-77","contactId":"con_00000000-0000-4000-8000-000000000301",'
    '"paymentMethods":[{"method":"PSE","extra":{"bankAccount":{"name":"BANCOLOMBIA"}}}],'
    '"successUrl":"https://shop.example/ok","failedUrl":"https://shop.example/ko"}',
    '{"type":"PAYOUT","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","amountIn":250000,'
    '"destinationAccountId":"acc_00000000-0000-4000-8000-000000000201","externalId":"pay-1"}',
    '{"type":"ONRAMP","originCurrencySymbol":"COP","destinationCurrencySymbol":"USDC","amountIn":400000,'
    '"destinationAccountId":"acc_00000000-0000-4000-8000-000000000251"}',
    '{"type":"OFFRAMP","originCurrencySymbol":"USDC","destinationCurrencySymbol":"CLP","amountIn":100}',
    '{"type":"INTER_MERCHANT_TRANSFER","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","amountIn":120000,'
    '"destinationMerchantId":"mrc_00000000-0000-4000-8000-000000000a01","externalId":"imt-1"}',
    '{"type":"BALANCE_TRANSFER","quoteId":"qte_00000000-0000-4000-8000-000000000701","externalId":"fx-1"}',
    '{"type":"PAYMENT_LINK","originCurrencySymbol":"CLP","destinationCurrencySymbol":"CLP","amountIn":15000,'
    '"paymentMethods":[],"dueDate":"2026-02-01"}',
]
ORDER = (
    '{"id":"ord_00000000-0000-4000-8000-000000000801","type":"PAYIN","originAccountId":null,'
    '"destinationAccountId":"acc_00000000-0000-4000-8000-000000000101","originCurrencySymbol":"COP",'
    '"destinationCurrencySymbol":"COP","amountIn":50000,"amountOut":50000,"dueDate":null,"description":"Invoice 77",'
    '"externalId":"inv-77","paymentMethods":[{"method":"PSE","extra":{"bankAccount":{"name":"BANCOLOMBIA"}}}],'
    '"quoteId":null,"contactId":"con_00000000-0000-4000-8000-000000000301","enforcedDocument":null,"sendEmail":false,'
    '"sendNotification":false,"sendWhatsapp":false,"sendReminders":false,'
    '"providedAction":"http://127.0.0.1:8904/pay/ord_00000000-0000-4000-8000-000000000801",'
    '"providedActionType":"PAYMENT_LINK","createdAt":"2026-01-05T12:00:00.000Z","status":"PENDING"}'
)
QUOTE = (
    '{"id":"qte_00000000-0000-4000-8000-000000000701","orderType":"BALANCE_TRANSFER","originCurrencySymbol":"COP",'
    '"destinationCurrencySymbol":"USD","network":null,"exchangeRate":4000,"requestedAmountIn":1000000,'
    '"requestedAmountOut":null,"finalAmountIn":1000000,"finalAmountOut":248.75,"amountIn":1000000,"amountOut":248.75,'
    '"fee":5000,"taxes":0,"koyweFee":5000,"components":[{"name":"KOYWE_FEE","amount":5000,"currencySymbol":"COP"}],'
    '"summary":{"totalFees":5000,"totalTaxes":0},"isExecutable":true,"createdAt":"2026-01-05T12:00:00.000Z",'
    '"validForSeconds":15,"validUntil":"2026-01-05T12:00:15.000Z","validFor":15,"expiresAt":"2026-01-05T12:00:15.000Z"}'
)
ERROR = (
    '{"statusCode":400,"timestamp":"2026-01-05T12:00:00.000Z",'
    '"path":"/api/v1/organizations/org_default/merchants/mrc_default/orders","errorCode":"INSUFFICIENT_BALANCE",'
    '"message":"Insufficient balance for payout","details":{"available":100000,"required":500000,"currency":"COP"}}'
)
HOOK = (
    '{"id":"evt_00000000-0000-4000-8000-000000000901","type":"order.paid","created_at":"2026-01-05T12:01:00.000Z",'
    '"data":{"status":"PAID","external_id":"inv-77","type":"PAYIN","amount_in":50000,"amount_out":50000,'
    '"origin_currency_symbol":"COP","destination_currency_symbol":"COP"},"relationships":{"self":{"type":"order",'
    '"id":"ord_00000000-0000-4000-8000-000000000801"},"merchant":{"type":"merchant","id":"mrc_default"},'
    '"organization":{"type":"organization","id":"org_default"}}}'
)
BALANCE = (
    '{"id":"acc_00000000-0000-4000-8000-000000000101","accountNumber":"VIRTUAL_FIAT-mrc_default-COP","currency":"COP",'
    '"balance":"1000.50","balanceDate":"2026-01-05T12:00:00.000Z","address":null,"network":null,'
    '"merchantId":"mrc_default","contactId":null}'
)
KNOWN = [
    ("sign-in.request", '{"apiKey":"api-default","secret":"secret-default"}'),
    *(("create-order.request", text) for text in ORDERS),
    ("order", ORDER),
    ("create-order.response", ORDER),
    ("quote", QUOTE),
    ("create-quote.response", QUOTE),
    ("error", ERROR),
    ("webhook-order", HOOK),
    ("account-balance", BALANCE),
    (
        "list-payment-methods.response",
        '{"paymentMethods":[{"method":"KHIPU","name":"Khipu","minAmount":1000,"maxAmount":5000000,'
        '"responseType":"PAYMENT_LINK","requiredFields":{"contact":["email"]}}]}',
    ),
    ("pagination", '{"pageNumber":1,"pageSize":10,"totalCount":23,"totalPages":3}'),
    (
        "sign-in-bare-error",
        '{"error":"Invalid credentials","message":"The provided username or password is incorrect"}',
    ),
    ("create-webhook.request", '{"url":"http://localhost:9000/hook","secret":"whsec_koywe_test","description":"..."}'),
    ("rotate-webhook-secret.request", '{"secret":"whsec_koywe_rotated"}'),
    ("create-policy.request", '{"active":true}'),
]


OF_ONE_TYPE = {"destinationMerchantId"}


@pytest.mark.parametrize(("name", "text"), KNOWN)
def test_a_known_example_fits_its_schema(name: str, text: str) -> None:
    reference_validator(DOCUMENTS[name]).validate(parse(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [("order", ORDER), ("quote", QUOTE), ("webhook-order", HOOK), ("error", ERROR), ("account-balance", BALANCE)],
)
def test_the_members_come_in_the_known_order(name: str, text: str) -> None:
    members = list(parse(text))
    known = [member for member in DOCUMENTS[name]["properties"] if member not in OF_ONE_TYPE]
    assert known[: len(members)] == members


def test_the_fields_of_an_order_come_in_table_order() -> None:
    assert list(DOCUMENTS["create-order.request"]["properties"]) == [
        "type", "destinationMerchantId", "originCurrencySymbol", "destinationCurrencySymbol", "destinationAccountId",
        "amountIn", "amountOut", "dueDate", "description", "externalId", "successUrl", "failedUrl", "paymentMethods",
        "quoteId", "enforcedDocument", "contactId", "sendEmail", "sendNotification", "sendWhatsapp", "sendReminders",
        "isMerchantSelfOrder",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(f"{name}.request" for name in WITH_REQUEST))
def test_null_counts_as_absent(name: str) -> None:
    """A member that may be left out may be null; one that may not be left out may not be null either."""
    document = DOCUMENTS[name]
    validator = reference_validator(document)
    for example in document["examples"]:
        for member in document["properties"]:
            absent = {key: value for key, value in example.items() if key != member}
            assert validator.is_valid(absent | {member: None}) is validator.is_valid(absent), member


def test_an_order_may_leave_out_empty_members_and_have_aliases() -> None:
    validator = reference_validator(DOCUMENTS["order"])
    order = parse(ORDER)
    validator.validate({member: value for member, value in order.items() if value is not None})
    validator.validate(order | {"orderId": order["id"], "paymentUrl": order["providedAction"]})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("order", {"id": "ord_1"}),
        ("order", {"status": "CANCELED"}),
        ("order", {"type": "TRANSFER"}),
        ("order", {"amountIn": "50000"}),
        ("order", {"createdAt": "2026-01-05T12:00:00Z"}),
        ("order", {"providedActionType": "URL"}),
        ("order", {"sendEmail": None}),
        ("order", {"isMerchantSelfOrder": True}),
        ("webhook-order", {"type": "order.held"}),
        ("webhook-order", {"data": {}}),
        ("error", {"errorCode": "not a code"}),
        ("error", {"details": {"available": 1}}),
        ("account-balance", {"balance": 1000.5}),
        ("webhook-minimal", {"data": {}}),
        ("webhook-minimal", {"created_at": "2026-01-05T12:00:00.000Z"}),
        ("webhook", {"secret": "whsec_koywe_test"}),
    ],
)
def test_an_answer_of_the_wrong_form_is_refused(name: str, change: dict[str, Any]) -> None:
    assert not reference_validator(DOCUMENTS[name]).is_valid(DOCUMENTS[name]["examples"][0] | change)
