"""The schemas are valid, complete, and accept and refuse what the provider does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from emulator import providers
from emulator.providers.basswallet.catalogue import CATALOGUE

FOLDER = Path(__file__).parents[3] / "schemas" / "basswallet"
SCHEMAS: dict[str, dict[str, Any]] = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()]
)

BASE = "json-schema:///"
FAST_REGISTRY = jsonschema_rs.Registry([(BASE + name, schema) for name, schema in SCHEMAS.items()])

CREATE_SCHEMA = SCHEMAS["create-order.request.json"]
CALLS = [endpoint for endpoint in providers.load("basswallet").endpoints if not endpoint.page]


def accepts(schema: dict[str, Any], value: object) -> bool:
    """Asks the reference validator, and holds the fast one to the same answer."""
    accepted = Draft202012Validator(schema, registry=REGISTRY).is_valid(value)
    fast = jsonschema_rs.Draft202012Validator(schema, registry=FAST_REGISTRY, base_uri=BASE)
    assert fast.is_valid(value) == accepted
    return accepted


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from schema.get("properties", {}).items()


def test_every_endpoint_and_webhook_has_its_schemas() -> None:
    answers = {name.split(".")[0] for name in SCHEMAS if name.endswith(".response.json")}
    assert answers == {call.name for call in CALLS}
    places = {"GET": "query", "POST": "request"}
    asked = {name for name in SCHEMAS if name.endswith((".query.json", ".request.json"))}
    assert asked == {f"{call.name}.{places[call.method]}.json" for call in CALLS} | {"pay-order.request.json"}
    assert {name for name in SCHEMAS if name.startswith("webhook-")} == {
        f"webhook-{kind}{form}.json" for kind in ("payment", "expired", "withdraw", "deposit") for form in ("", "-form")
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_names_its_source(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert schema["description"]
    assert schema["x-page"].startswith("https://docs-")
    assert list(schema["properties"])
    for member, rule in properties(schema):
        assert rule["description"], member
        assert rule["x-source"] in {"documented", "observed", "assumed"}, member
        assert rule["examples"], member


# Rules for members that are documented themselves.
ASSUMED_RULES = [
    ("create-order.request.json", "amount", {"pattern", "maxLength"}),
    ("create-order.request.json", "displayInfo", {"maxLength"}),
    ("create-order.request.json", "autoReturn", {"pattern"}),
    ("create-order.request.json", "returnUrl", {"maxLength"}),
    ("create-order.request.json", "webhookUrl", {"maxLength"}),
    ("order.json", "businessId", {"const"}),
    ("order.json", "redirectUrl", {"pattern"}),
]


@pytest.mark.parametrize(("name", "member", "keywords"), ASSUMED_RULES)
def test_an_assumed_rule_of_a_documented_member_is_marked(name: str, member: str, keywords: set[str]) -> None:
    rules = SCHEMAS[name]["properties"][member]
    assert rules["x-source"] == "documented"
    (assumed,) = (each for part in ("allOf", "anyOf") for each in rules.get(part, ()) if each["x-source"] == "assumed")
    assert assumed.keys() - {"description", "x-source"} == keywords


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_examples_of_a_schema_and_of_its_properties_pass(name: str) -> None:
    schema = SCHEMAS[name]
    assert schema["examples"]
    for example in schema["examples"]:
        assert accepts(schema, example), example
    for member, rule in properties(schema):
        for example in rule["examples"]:
            assert accepts(rule, example), (member, example)


@pytest.mark.parametrize("name", SCHEMAS)
def test_answers_and_webhooks_are_closed_and_requests_are_open(name: str) -> None:
    request = name.endswith((".query.json", ".request.json"))
    for example in SCHEMAS[name]["examples"]:
        assert accepts(SCHEMAS[name], {**example, "unheardOf": "1"}) == request


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_requires_only_what_each_of_its_examples_has(name: str) -> None:
    schema = SCHEMAS[name]
    for member in schema.get("required", []):
        for example in schema["examples"]:
            assert not accepts(schema, {key: value for key, value in example.items() if key != member})


USDT_ON_TRON = {
    "tokenName": "USDT",
    "fullName": "Tether USD",
    "chainList": [
        {
            "chainId": 103,
            "chainName": "Tron",
            "tokenId": 103002,
            "contractId": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "tokenType": "TRC-20",
            "decimals": 6,
            "displayDecimal": 2,
            "blockConfirmNum": 20,
            "minDepositAmount": "1",
            "minWithdrawAmount": "1",
            "fee": "0.01",
            "depositEnable": True,
            "withdrawEnable": True,
        }
    ],
}
TX = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90"
PAYIN = "http://localhost:8080/payin/3f6c2c1e-5a0a-4b52-9a3c-8f1d2e7b6a90"
TRON = "TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV"

FIXED_ORDER = {
    "createdDate": 1735119737043,
    "expiryDate": 1735123337038,
    "redirectUrl": "https://pay.baaswallet.io/payin/d761cd01-04ab-45e1-b0a8-9e1bc7f84d8d",
    "status": "Pending",
    "id": "626945553984524288",
    "amount": "99.99",
    "tokenName": "USDT",
    "chainName": "Ethereum",
    "address": "0xE8f8f66DB0701a1cE1E2675F833859316C232bD5",
    "businessId": "Bjxc6666",
    "returnUrl": "",
    "displayInfo": "Membership Service",
}
VARIABLE_ORDER = {
    "createdDate": 1735200000043,
    "expiryDate": 1735201800043,
    "redirectUrl": PAYIN,
    "status": "Pending",
    "id": "627282201406476288",
    "minAmount": "1",
    "tokenName": "USDT",
    "chainName": "Tron",
    "address": TRON,
    "businessId": "Order0002",
    "returnUrl": "",
}
READ_ORDER = {
    "id": "627282201406476288",
    "businessId": "Order0002",
    "redirectUrl": PAYIN,
    "tokenName": "USDT",
    "chainName": "Tron",
    "address": TRON,
    "status": "Success",
    "txHash": TX,
    "amountActual": 25.5,
    "createdTime": 1735200000043,
    "expiryTime": 1735201800043,
}
LISTED_ORDER = {
    "id": "627282201406476288",
    "businessId": "Order0002",
    "chainName": "Tron",
    "tokenName": "USDT",
    "amountActual": "25.5",
    "fromAddress": "TKjLDbk7LC9NXzRBCYahKa8pzMHRfahJjn",
    "toAddress": TRON,
    "txHash": TX,
    "createdTime": 1735200000043,
    "expiryTime": 1735201800043,
    "completeTime": 1735200290043,
    "status": "Success",
}
PAID_FORM = {
    "amount": "99.99",
    "amountActual": "99.99",
    "amountUSD": "99.97",
    "blockConfirmNum": "1",
    "blockHigh": "21000000",
    "businessId": "Order0001",
    "chainName": "Ethereum",
    "fromAddress": "0x1111111111111111111111111111111111111111",
    "id": "626900000000000001",
    "status": "AwaitingConfirmation",
    "toAddress": "0x2222222222222222222222222222222222222222",
    "tokenName": "USDT",
    "txHash": "0xabababababababababababababababababababababababababababababababab",
    "webhookType": "Payment",
    "timestamp": "1735119800000",
}
PAID_JSON = {**PAID_FORM, "blockConfirmNum": 1, "blockHigh": 21000000, "timestamp": 1735119800000}
EXPIRED_FORM = {
    "businessId": "Order0001",
    "id": "626900000000000001",
    "status": "Expired",
    "webhookType": "Payment",
    "timestamp": "1735123337500",
}
EXPIRED_JSON = {**EXPIRED_FORM, "timestamp": 1735123337500}
CREATE = {"tokenName": "USDT", "chainName": "Tron", "timestamp": "1735119737000"}


def answer(data: object) -> dict[str, object]:
    return {"code": 200, "msg": "success", "timestamp": "1735119737092", "data": data}


def without(document: dict[str, Any], *members: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in members}


GOOD = [
    ("create-order.response.json", answer(FIXED_ORDER)),
    ("create-order.response.json", answer(VARIABLE_ORDER)),
    ("create-order.response.json", answer({**FIXED_ORDER, "status": "AwaitingPayment", "amount": "25.50"})),
    ("create-order.response.json", answer({**VARIABLE_ORDER, "businessId": "", "displayInfo": ""})),
    ("create-order.response.json", answer(without(FIXED_ORDER, "businessId", "displayInfo"))),
    ("get-order.response.json", answer(READ_ORDER)),
    ("get-order.response.json", answer(None)),
    ("get-order.response.json", answer({**READ_ORDER, "redirectUrl": ""})),
    ("list-orders.response.json", answer([LISTED_ORDER])),
    ("list-orders.response.json", answer([])),
    ("list-tokens.response.json", answer([USDT_ON_TRON])),
    ("list-tokens.response.json", answer(json.loads(msgspec.json.encode(CATALOGUE.tokens)))),
    ("error.json", {"code": 403, "msg": "BUSINESS_ID_EXISTENCE", "timestamp": "1735200000105", "data": None}),
    ("webhook-payment.json", PAID_JSON),
    ("webhook-payment-form.json", PAID_FORM),
    ("webhook-payment.json", without({**PAID_JSON, "status": "WaitingConfirmation"}, "amount", "businessId")),
    ("webhook-expired.json", EXPIRED_JSON),
    ("webhook-expired-form.json", EXPIRED_FORM),
    ("webhook-expired.json", without(EXPIRED_JSON, "businessId")),
    ("create-order.request.json", {**CREATE, "amount": "99.99", "businessId": "Order0001"}),
    ("create-order.request.json", {**CREATE, "businessId": "a" * 32, "expiryMinutes": "1", "displayInfo": "金" * 256}),
    ("create-order.request.json", {**CREATE, "amount": "9" * 40, "expiryMinutes": "7200", "autoReturn": "False"}),
    (
        "create-order.request.json",
        dict.fromkeys(CREATE_SCHEMA["properties"], "") | CREATE,
    ),
    ("create-order.request.json", {**CREATE, "returnUrl": "https://shop.example/return?o=1", "autoReturn": "tRUE"}),
    (
        "create-order.request.json",
        {**CREATE, "returnUrl": "http://[::1]:80", "webhookUrl": "http://a:b@localhost:9/#x"},
    ),
    ("create-order.request.json", {**CREATE, "returnUrl": "https://a/" + "x" * 2038}),
    ("create-order.request.json", {**CREATE, "returnUrl": "http://a.:65535", "webhookUrl": "http://[1::2.3.4.5]:/"}),
    ("get-order.query.json", {"businessId": "", "id": "1", "timestamp": "1"}),
    ("get-order.query.json", {"businessId": "A", "id": "1", "timestamp": "1"}),
    ("list-orders.query.json", {"type": "payment", "startTime": "", "timestamp": "1"}),
    ("list-orders.query.json", {"type": "WITHDRAW", "timestamp": "1"}),
    ("list-tokens.query.json", {"tokenName": "", "timestamp": "nonsense"}),
    ("pay-order.request.json", {"amount": ""}),
]

BAD = [
    ("create-order.response.json", answer({**FIXED_ORDER, "minAmount": "1"})),
    ("create-order.response.json", answer(without(FIXED_ORDER, "amount"))),
    ("create-order.response.json", answer({**FIXED_ORDER, "createdDate": "1735119737043"})),
    ("create-order.response.json", answer({**FIXED_ORDER, "id": 626945553984524288})),
    ("create-order.response.json", answer({**FIXED_ORDER, "amount": 99.99})),
    ("create-order.response.json", answer({**FIXED_ORDER, "redirectUrl": PAYIN.replace("4b52", "1b52")})),
    ("create-order.response.json", answer(None)),
    ("create-order.response.json", {**answer(FIXED_ORDER), "timestamp": 1735119737092}),
    ("get-order.response.json", answer({**READ_ORDER, "amountActual": "25.5"})),
    ("get-order.response.json", answer(without(READ_ORDER, "txHash"))),
    ("get-order.response.json", answer(without(READ_ORDER, "amountActual"))),
    ("get-order.response.json", answer({**READ_ORDER, "status": "Processing"})),
    ("list-orders.response.json", answer([{**LISTED_ORDER, "amountActual": 25.5}])),
    ("list-orders.response.json", answer([{**LISTED_ORDER, "amountActual": "25.50"}])),
    ("list-orders.response.json", answer([without(LISTED_ORDER, "fromAddress")])),
    ("list-orders.response.json", answer([without(LISTED_ORDER, "completeTime")])),
    ("list-orders.response.json", answer([{**LISTED_ORDER, "status": "AwaitingConfirmation"}])),
    ("list-orders.response.json", answer(None)),
    ("error.json", {"code": 200, "msg": "PARAM_ERROR", "timestamp": "1", "data": None}),
    ("error.json", {"code": 400, "msg": "success", "timestamp": "1", "data": None}),
    ("error.json", {"code": 400, "msg": "PARAM_ERROR", "timestamp": "1", "data": {}}),
    ("webhook-payment.json", PAID_FORM),
    ("webhook-payment-form.json", PAID_JSON),
    ("webhook-payment.json", {**PAID_JSON, "status": "Expired"}),
    ("webhook-payment.json", {**PAID_JSON, "amountUSD": "99.9"}),
    ("webhook-expired.json", {**EXPIRED_JSON, "tokenName": "USDT"}),
    ("webhook-expired.json", EXPIRED_FORM),
    ("webhook-expired-form.json", EXPIRED_JSON),
    ("get-order.query.json", {"timestamp": "1"}),
    ("get-order.query.json", {"businessId": "", "id": "", "timestamp": "1"}),
    ("list-orders.query.json", {"timestamp": "1"}),
    ("list-orders.query.json", {"type": "", "timestamp": "1"}),
    ("list-orders.query.json", {"type": "Payments", "timestamp": "1"}),
    ("list-orders.query.json", {"type": "Payment", "timestamp": "1", "endTime": "-1"}),
    ("pay-order.request.json", {"amount": "ten"}),
]

NOWHERE = ["http://a:65536", "http://a:99999/", "http://[.]/x", "http://[:]", "http://.", "http://../x", "http://a..b"]

BAD_CREATE = [
    ("amount", ["1.", ".5", "-1", "1e3", "9" * 41, " 1"]),
    ("tokenName", [""]),
    ("chainName", [""]),
    ("timestamp", ["", "x", "9" * 20, "-1"]),
    ("businessId", ["a" * 33, "a_b", "a b", "é"]),
    ("displayInfo", ["x" * 257]),
    ("autoReturn", ["yes", "1", "true "]),
    (
        "returnUrl",
        ["ftp://a", "https://", "https:///path", "http://:80", "//a", "shop.example", "https://a" + "x" * 2040],
    ),
    ("webhookUrl", ["ftp://a", "https://?x", "http://user@", "http://a b", *NOWHERE]),
    ("expiryMinutes", ["0", "7201", "1.5", "-1", "10000", "x", "60 "]),
    ("displayLanguage", ["en-us", "de-DE", "zh"]),
]


@pytest.mark.parametrize(("name", "document"), GOOD)
def test_bodies_the_provider_sends_or_accepts_pass(name: str, document: dict[str, Any]) -> None:
    assert accepts(SCHEMAS[name], document)


@pytest.mark.parametrize(("name", "document"), BAD)
def test_bodies_the_provider_never_sends_or_accepts_fail(name: str, document: dict[str, Any]) -> None:
    assert not accepts(SCHEMAS[name], document)


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD_CREATE for value in values])
def test_each_bad_field_of_a_create_call_is_found(field: str, value: str) -> None:
    document = {**CREATE, field: value}
    assert not accepts(CREATE_SCHEMA, document)
    assert [list(error.path) for error in Draft202012Validator(CREATE_SCHEMA).iter_errors(document)] == [[field]]


@pytest.mark.parametrize("missing", ["tokenName", "chainName", "timestamp"])
def test_each_missing_field_of_a_create_call_is_found(missing: str) -> None:
    document = without(CREATE, missing)
    errors = list(Draft202012Validator(CREATE_SCHEMA).iter_errors(document))
    assert [(error.validator, set(error.validator_value) - set(document)) for error in errors] == [
        ("required", {missing})
    ]


def test_the_create_parameters_stand_in_the_order_of_the_documentation() -> None:
    assert list(CREATE_SCHEMA["properties"]) == [
        "amount",
        "tokenName",
        "chainName",
        "businessId",
        "timestamp",
        "displayInfo",
        "autoReturn",
        "returnUrl",
        "expiryMinutes",
        "webhookUrl",
        "displayLanguage",
    ]


@pytest.mark.parametrize("name", ["webhook-payment.json", "webhook-payment-form.json", "webhook-expired.json"])
def test_webhook_members_are_sorted_with_the_timestamp_last(name: str) -> None:
    *members, last = SCHEMAS[name]["properties"]
    assert members == sorted(members)
    assert last == "timestamp"


def test_the_error_schema_has_exactly_the_errors_of_the_catalogue() -> None:
    rules = SCHEMAS["error.json"]["properties"]
    rows = list(CATALOGUE.errors.values())
    assert rules["code"]["enum"] == sorted({row.code for row in rows})
    assert rules["msg"]["enum"] == [row.symbol for row in rows] + [row.text for row in rows]
