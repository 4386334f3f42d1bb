"""The create call: every field's validation, the smallest bodies, currencies and amounts, flags and documents."""

from typing import Any

import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    ANA,
    BANK_CL,
    COP,
    KINDS,
    OFFRAMP,
    ONRAMP,
    ORDER_MEMBERS,
    PAYMENT_LINK,
    PAYOUT,
    UNKNOWN_CONTACT,
    USD,
    WALLET_USDC,
)

NUMBER = "must be a number conforming to the specified constraints"
DATE = "must be a valid ISO 8601 date string"
TYPES = "PAYIN, PAYOUT, ONRAMP, OFFRAMP, BALANCE_TRANSFER, PAYMENT_LINK, INTER_MERCHANT_TRANSFER"


def refusal(client: Client, **changes: Any) -> tuple[int, str, Any]:
    """Status, code and message of a create call that must be refused; nothing may be kept of it."""
    response = client.create(**changes)
    assert not response.is_success, response.text
    body = response.json()
    assert client.get("/orders")["pagination"]["totalCount"] == 0
    return response.status_code, body["errorCode"], body["message"]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("type", None, f"must be one of the following values: {TYPES}"),
        ("type", "TRANSFER", f"must be one of the following values: {TYPES}"),
        ("type", 1, f"must be one of the following values: {TYPES}"),
        ("originCurrencySymbol", None, "must be a string"),
        ("originCurrencySymbol", 5, "must be a string"),
        ("destinationCurrencySymbol", None, "must be a string"),
        ("destinationCurrencySymbol", {}, "must be a string"),
        ("destinationAccountId", 5, "must be a string"),
        ("amountIn", "50000", NUMBER),
        ("amountIn", True, NUMBER),
        ("amountIn", {}, NUMBER),
        ("amountIn", 0, "must be a positive number"),
        ("amountIn", -1, "must be a positive number"),
        ("amountOut", "1", NUMBER),
        ("amountOut", {"value": 1}, NUMBER),
        ("dueDate", 5, "must be a string"),
        ("dueDate", "tomorrow", DATE),
        ("dueDate", "2026-02-30", DATE),
        ("description", 5, "must be a string"),
        ("description", "x" * 1001, "must be shorter than or equal to 1000 characters"),
        ("externalId", 5, "must be a string"),
        ("externalId", "", "should not be empty"),
        ("externalId", "x" * 256, "must be shorter than or equal to 255 characters"),
        ("successUrl", "ftp://shop.example", "must be a URL address"),
        ("successUrl", 5, "must be a string"),
        ("failedUrl", "shop", "must be a URL address"),
        ("failedUrl", "https://shop.example/" + "x" * 2048, "must be shorter than or equal to 2048 characters"),
        ("paymentMethods", "PSE", "must be an array"),
        ("paymentMethods", {"method": "PSE"}, "must be an array"),
        ("quoteId", 5, "must be a string"),
        ("enforcedDocument", 5, "must be a string"),
        ("contactId", [], "must be a string"),
        ("sendEmail", "true", "must be a boolean value"),
        ("sendNotification", 1, "must be a boolean value"),
        ("sendWhatsapp", "no", "must be a boolean value"),
        ("sendReminders", {}, "must be a boolean value"),
        ("isMerchantSelfOrder", "true", "must be a boolean value"),
    ],
)
def test_03_each_field_is_validated(client: Client, field: str, value: Any, text: str) -> None:
    assert refusal(client, **{field: value}) == (422, "COM90003", f"{field} {text}")


@pytest.mark.parametrize(
    ("methods", "text"),
    [
        ([{"extra": "X"}], "paymentMethods.0.method must be a string"),
        ([{"method": 5}], "paymentMethods.0.method must be a string"),
        ([{"method": "PSE", "extra": 5}], "paymentMethods.0.extra must be an object"),
        (["PSE"], "paymentMethods.0 must be an object"),
    ],
)
def test_03_payment_methods_are_validated(client: Client, methods: list[Any], text: str) -> None:
    assert refusal(client, paymentMethods=methods) == (422, "COM90003", text)


@pytest.mark.parametrize("field", ["dueDate", "description", "externalId", "successUrl", "contactId", "sendEmail"])
def test_03_null_is_the_same_as_absent(client: Client, field: str) -> None:
    body = {"type": "PAYIN", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "COP", "amountIn": 50000,
            "paymentMethods": [{"method": "PSE"}], field: None}  # fmt: skip
    response = client.request("POST", f"{client.merchant}/orders", body)
    assert response.status_code == 201
    assert response.json().get(field) in (None, False)


def test_03_one_answer_names_all_bad_fields_in_table_order(emulator: Emulator, client: Client) -> None:
    bad = {"sendEmail": 1, "type": "X", "amountIn": "1", "description": 5}
    texts = [
        f"type must be one of the following values: {TYPES}",
        f"amountIn {NUMBER}",
        "description must be a string",
        "sendEmail must be a boolean value",
    ]
    assert refusal(client, **bad) == (422, "COM90003", ", ".join(texts))
    emulator.set("koywe", validation_message="array", validation_status=400)
    assert refusal(client, **bad) == (400, "COM90003", texts)


def test_03_unknown_properties_are_ignored_or_refused(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", unknown_properties="reject")
    assert refusal(client, foo=1, bar=2) == (
        422,
        "COM90003",
        "property foo should not exist, property bar should not exist",
    )
    emulator.set("koywe", unknown_properties="ignore")
    assert "foo" not in client.create(foo=1).json()


@pytest.mark.parametrize(
    ("changes", "field", "rounded"),
    [
        ({"amountIn": 50000.125}, "amountIn", 50000.13),
        ({"amountIn": None, "amountOut": 50000.125}, "amountOut", 50000.13),
        ({**PAYMENT_LINK, "originCurrencySymbol": "CLP", "destinationCurrencySymbol": "CLP", "amountIn": 15000.5},
         "amountIn", 15001),
    ],
)  # fmt: skip
def test_03_too_many_decimals_are_refused_or_rounded(
    emulator: Emulator, client: Client, changes: dict[str, Any], field: str, rounded: float
) -> None:
    assert refusal(client, **changes) == (422, "COM90003", f"{field} {NUMBER}")
    emulator.set("koywe", amount_precision="round")
    assert client.create(**changes).json()[field] == rounded


def test_03_an_amount_that_rounds_to_nothing_is_refused(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", amount_precision="round")
    assert refusal(client, amountIn=0.001) == (422, "COM90003", "amountIn must be a positive number")


@pytest.mark.parametrize("literal", ["50000", "50000.0", "50000.50", "5e4", "5.0E+4"])
def test_03_an_amount_comes_back_as_it_was_written(client: Client, literal: str) -> None:
    body = (
        '{"type":"PAYIN","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","paymentMethods":'
        f'[{{"method":"PSE"}}],"amountIn":{literal}}}'
    )
    created = client.request("POST", f"{client.merchant}/orders", content=body.encode())
    assert f'"amountIn":{literal},'.encode() in created.content
    assert client.read(created.json()["id"]).content == created.content
    plain = {"50000.0": "50000", "50000.50": "50000.5", "5e4": "50000", "5.0E+4": "50000"}.get(literal, literal)
    assert f'"amountOut":{plain},'.encode() in created.content


def test_03_there_are_seven_types_or_the_six_of_the_older_reference(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", inter_merchant_transfer="off")
    for sent in ("INTER_MERCHANT_TRANSFER", "TRANSFER"):
        refused = client.create(type=sent, destinationMerchantId="mrc_x")
        six = TYPES.removesuffix(", INTER_MERCHANT_TRANSFER")
        assert refused.json()["message"] == f"type must be one of the following values: {six}"
    emulator.set("koywe", inter_merchant_transfer="on")
    assert client.create(type="TRANSFER").json()["message"] == f"type must be one of the following values: {TYPES}"


SMALLEST: dict[str, str] = {
    "PAYIN": '{"type":"PAYIN","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","amountIn":50000,'
    '"description":"Invoice 77","externalId":"inv-77","contactId":"con_00000000-0000-4000-8000-000000000301",'
    '"paymentMethods":[{"method":"PSE","extra":{"bankAccount":{"name":"BANCOLOMBIA"}}}],'
    '"successUrl":"https://shop.example/ok","failedUrl":"https://shop.example/ko"}',
    "PAYOUT": '{"type":"PAYOUT","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","amountIn":250000,'
    '"destinationAccountId":"acc_00000000-0000-4000-8000-000000000201","externalId":"pay-1"}',
    "ONRAMP": '{"type":"ONRAMP","originCurrencySymbol":"COP","destinationCurrencySymbol":"USDC","amountIn":400000,'
    '"destinationAccountId":"acc_00000000-0000-4000-8000-000000000251"}',
    "OFFRAMP": '{"type":"OFFRAMP","originCurrencySymbol":"USDC","destinationCurrencySymbol":"CLP","amountIn":100}',
    "BALANCE_TRANSFER": '{"type":"BALANCE_TRANSFER","quoteId":"%s","externalId":"fx-1"}',
    "PAYMENT_LINK": '{"type":"PAYMENT_LINK","originCurrencySymbol":"CLP","destinationCurrencySymbol":"CLP",'
    '"amountIn":15000,"paymentMethods":[],"dueDate":"2026-02-01"}',
}

SHOWN: dict[str, dict[str, Any]] = {
    "PAYIN": {"destinationAccountId": COP, "amountOut": 50000, "contactId": ANA, "status": "PENDING"},
    "PAYOUT": {"originAccountId": COP, "amountOut": 250000, "providedAction": None, "status": "PENDING"},
    "ONRAMP": {"originAccountId": COP, "amountOut": 99.5, "providedActionType": None, "status": "PENDING"},
    "OFFRAMP": {
        "originAccountId": None,
        "amountOut": 99500,
        "providedAction": "0x00000000000000000000000000000000000000d1",
        "providedActionType": "CRYPTO_ADDRESS",
    },
    "BALANCE_TRANSFER": {
        "originAccountId": COP,
        "destinationAccountId": USD,
        "amountIn": 1000000,
        "amountOut": 248.75,
        "status": "PROCESSING",
    },
    "PAYMENT_LINK": {"dueDate": "2026-02-01T23:59:59.999Z", "paymentMethods": [], "providedActionType": "PAYMENT_LINK"},
}


@pytest.mark.parametrize("order_type", SMALLEST)
def test_04_the_smallest_body_of_each_type_gets_an_answer_with_every_member(
    emulator: Emulator, client: Client, order_type: str
) -> None:
    body = SMALLEST[order_type]
    if "%s" in body:
        quote = {"orderType": order_type, "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD"}
        body %= client.post("/quotes", {**quote, "amountIn": 1000000})["id"]
    created = client.request("POST", f"{client.merchant}/orders", content=body.encode())
    assert created.status_code == 201
    order = created.json()
    assert list(order) == ORDER_MEMBERS
    assert order["type"] == order_type
    sent = json_text.decode(body)
    echoed = {name: value for name, value in sent.items() if name in order and name != "dueDate"}
    assert {name: order[name] for name in echoed} == echoed
    assert {name: order[name] for name in SHOWN[order_type]} == SHOWN[order_type]
    assert order["createdAt"] == "2026-01-05T12:00:00.000Z"
    assert client.read(order["id"]).content == created.content


@pytest.mark.parametrize("kind", KINDS)
def test_04_a_setting_decides_the_http_status_of_creation(emulator: Emulator, client: Client, kind: str) -> None:
    assert client.create(**KINDS[kind]).status_code == 201
    emulator.set("koywe", create_status=200)
    assert client.create(**KINDS[kind]).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["originCurrencySymbol", "destinationCurrencySymbol"])
def test_10_each_side_accepts_one_kind_of_currency(client: Client, kind: str, field: str) -> None:
    changes = KINDS[kind]
    order_type = changes.get("type", "PAYIN")
    is_crypto = (order_type, field) in (("OFFRAMP", "originCurrencySymbol"), ("ONRAMP", "destinationCurrencySymbol"))
    wrong, wanted = ("MXN", "crypto") if is_crypto else ("ETH", "fiat")
    assert refusal(client, **changes | {field: wrong}) == (
        400,
        "CU90002",
        f"{field} must be a {wanted} currency for {order_type}",
    )
    for unknown in ("XXX", "cop"):
        assert refusal(client, **changes | {field: unknown}) == (
            400,
            "CU90001",
            f"Currency {unknown} is not supported",
        )


def test_10_exactly_one_amount_is_required(client: Client) -> None:
    assert refusal(client, amountIn=None) == (400, "OR90003", "Either amountIn or amountOut is required")
    assert refusal(client, amountOut=1) == (400, "OR90004", "Only one of amountIn and amountOut is allowed")


def test_10_from_amount_out_the_amount_to_pay_in_is_computed(client: Client) -> None:
    order = client.create(destinationCurrencySymbol="USD", amountIn=None, amountOut=248.75).json()
    assert (order["amountIn"], order["amountOut"]) == (1000000, 248.75)


@pytest.mark.parametrize(
    "beside",
    [
        {"originCurrencySymbol": "COP"},
        {"destinationCurrencySymbol": "USDC"},
        {"amountIn": 1},
        {"amountOut": 1},
        {"amountOut": 1, "originCurrencySymbol": "COP"},
    ],
)
def test_10_a_quote_stands_alone_unless_lenient(emulator: Emulator, client: Client, beside: dict[str, Any]) -> None:
    wanted = {"orderType": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC"}
    quote_id = client.post("/quotes", {**wanted, "amountIn": 400000})["id"]
    body = {"type": "ONRAMP", "quoteId": quote_id, "destinationAccountId": WALLET_USDC, **beside}
    path = f"{client.merchant}/orders"
    names = ", ".join(sorted(beside, key=["originCurrencySymbol", "destinationCurrencySymbol", "amountIn",
                                          "amountOut"].index))  # fmt: skip
    refused = client.request("POST", path, body).json()
    assert (refused["errorCode"], refused["message"]) == (
        "OR90005",
        f"{names} must not be provided when quoteId is present",
    )
    emulator.set("koywe", quote_exclusivity="lenient")
    order = client.request("POST", path, body).json()
    assert (order["amountIn"], order["amountOut"], order["quoteId"]) == (400000, 99.5, quote_id)


@pytest.mark.parametrize("flag", ["sendEmail", "sendNotification", "sendWhatsapp", "sendReminders"])
def test_12_the_send_flags_require_a_contact(emulator: Emulator, client: Client, flag: str) -> None:
    assert refusal(client, **{flag: True}) == (400, "CT90002", f"contactId is required when {flag} is enabled")
    assert client.create(None, **{flag: False}).json()[flag] is False
    created = client.create(None, **{flag: True}, contactId=ANA)
    assert created.json()[flag] is True
    notes: list[Any] = emulator.journal(kind="message", order=client.order_id(created))
    assert [(note["flag"], note["contact"]) for note in notes] == [(flag, ANA)]


def test_12_the_first_flag_in_table_order_is_named(client: Client) -> None:
    _, _, message = refusal(client, sendReminders=True, sendNotification=True)
    assert message == "contactId is required when sendNotification is enabled"


def test_12_an_unknown_contact_is_not_found(client: Client) -> None:
    assert refusal(client, contactId=UNKNOWN_CONTACT) == (404, "CT90001", "Contact not found")


@pytest.mark.parametrize(
    ("changes", "good", "bad"),
    [
        ({}, "1020304050", "12345"),
        ({}, "900123456-1", "abc"),
        ({**PAYMENT_LINK, "originCurrencySymbol": "CLP"}, "11.111.111-1", "11.111.111-2"),
        ({**PAYMENT_LINK, "originCurrencySymbol": "BRL"}, "111.444.777-35", "111.444.777-36"),
        ({**PAYMENT_LINK, "originCurrencySymbol": "ARS"}, "20-11111111-2", "20-11111111-3"),
        ({**PAYMENT_LINK, "originCurrencySymbol": "BOB"}, "12345", "1234"),
        ({**OFFRAMP, "destinationCurrencySymbol": "CLP"}, "10.000.013-K", "1020304050"),
        (ONRAMP, "1020304050", "12345"),
    ],
)
def test_12_an_enforced_document_is_checked_by_country(
    client: Client, changes: dict[str, Any], good: str, bad: str
) -> None:
    assert refusal(client, **changes, enforcedDocument=bad) == (400, "DC00010", "Invalid document number")
    assert client.create(**changes, enforcedDocument=good).json()["enforcedDocument"] == good


def test_12_is_merchant_self_order_is_accepted_and_not_returned(client: Client) -> None:
    order = client.create(isMerchantSelfOrder=True).json()
    assert "isMerchantSelfOrder" not in order
    assert list(order) == ORDER_MEMBERS


def test_16_checks_are_made_in_their_order(emulator: Emulator, client: Client) -> None:
    """Each body breaks the rule that is named and all later ones."""
    emulator.set("koywe", crypto_on_orders="reject")
    wrong: dict[str, Any] = {
        **PAYOUT,
        "amountIn": 10**15,
        "amountOut": 1,
        "originCurrencySymbol": "XXX",
        "destinationAccountId": BANK_CL,
        "sendEmail": True,
        "enforcedDocument": "1",
    }
    mends: list[tuple[str, dict[str, Any]]] = [
        ("OR90007", {"type": "PAYOUT"}),
        ("OR90004", {"amountOut": None}),
        ("CU90001", {"originCurrencySymbol": "COP"}),
        ("BAA00008", {"destinationAccountId": PAYOUT["destinationAccountId"]}),
        ("CT90002", {"sendEmail": None}),
        ("DC00010", {"enforcedDocument": None}),
        ("INSUFFICIENT_BALANCE", {"amountIn": 1}),
    ]
    body = {**wrong, "type": "ONRAMP"}
    for code, mend in mends:
        assert refusal(client, **body)[1] == code
        body |= mend
    assert client.create(**body).status_code == 201
