"""Where a bank can send money to, and what becomes of it."""

import json
from typing import Any

import pytest

from emulator.providers.koywe.accounts.numbers import is_account_number
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import words
from tests.providers.koywe.webhook_calls import subscribe
from tests.receivers import Receiver

MXN = "acc_00000000-0000-4000-8000-000000000103"
CLABE = "646180000000010015"
CVU = "0000003100000000000017"
SHARED = {
    "currency": "CLP",
    "country": "CL",
    "accountDetails": {
        "accountNumber": "0000500102", "bankName": "Emulator Bank", "accountHolderName": "Koywe Emulator SpA",
        "documentNumber": "76.123.456-0", "accountType": "CHECKING",
    },
}  # fmt: skip
NUMBERS = {
    "CO": ("COP", "10500000002"),
    "CL": ("CLP", "20000000002"),
    "MX": ("MXN", "646180000000020018"),
    "BR": ("BRL", "k00000002@pix.emulator.example"),
    "AR": ("ARS", "0000003100000000000024"),
    "PE": ("PEN", "00219300000002000000"),
    "BO": ("BOB", "100000000002"),
    "US": ("USD", "900000002"),
}
"""Country -> its currency, and the number there of the second merchant of a sandbox."""


def refusal(client: Client, body: dict[str, Any]) -> tuple[int, str, str]:
    response = client.request("POST", f"{client.merchant}/virtual-accounts", body)
    return response.status_code, response.json()["errorCode"], response.json()["message"]


def details(client: Client) -> Any:
    return client.get("/bankIncome/accounts")["accountDetails"]


def test_30_by_default_the_instructions_are_the_same_object_for_every_merchant(
    emulator: Emulator, client: Client
) -> None:
    answer = client.request("GET", f"{client.merchant}/bankIncome/accounts")
    assert answer.json() == SHARED
    assert list(answer.json()["accountDetails"]) == words(
        "accountNumber bankName accountHolderName documentNumber accountType"
    )
    asked = client.request("GET", f"{client.merchant}/bankIncome/accounts", params={"currency": "MXN", "x": "1"})
    assert asked.content == answer.content
    with Client(emulator, merchant_id=client.make_merchant("Tienda", "AR")) as other:
        assert other.get("/bankIncome/accounts") == SHARED


@pytest.mark.parametrize(
    ("country", "more"), [("AR", {"alias": "emulador.00000002"}), ("US", {"routingNumber": "110000000"}), ("CL", {})]
)
def test_30_by_setting_the_instructions_depend_on_the_country(
    emulator: Emulator, client: Client, country: str, more: dict[str, str]
) -> None:
    emulator.set("koywe", deposit_accounts="by_country")
    with Client(emulator, merchant_id=client.make_merchant("Tienda", country)) as other:
        currency, number = NUMBERS[country]
        expected = {
            "accountNumber": number, "bankName": "Emulator Bank", "accountHolderName": "Tienda",
            "documentNumber": "76.123.456-0", "accountType": "CHECKING", **more,
        }  # fmt: skip
        shown = other.get("/bankIncome/accounts")
        assert shown == {"currency": currency, "country": country, "accountDetails": expected}
        assert list(shown["accountDetails"]) == list(expected)
        emulator.command("koywe", "deposit", number=number, amount=7)
        assert other.balances(currency) == (7, 0, 0)
    assert details(client)["accountNumber"] == "20000000001"


def test_30_by_setting_the_instructions_list_all_numbers(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", deposit_accounts="list")
    client.post("/virtual-accounts", {"country": "CO", "currency": "COP"})
    shown = client.get("/bankIncome/accounts")
    assert [(each["country"], each["accountDetails"]["accountNumber"]) for each in shown] == [
        ("CO", "10500000001"), ("MX", CLABE), ("AR", CVU),
    ]  # fmt: skip
    assert [each["accountDetails"].get("alias") for each in shown] == [None, None, "emulador.00000001"]
    client.organization_id = "org_other"
    assert client.get("/bankIncome/accounts") == []


def test_30_a_merchant_begins_with_the_numbers_of_two_countries(client: Client) -> None:
    shown = client.request("GET", f"{client.merchant}/virtual-accounts")
    assert shown.text == (
        '[{"isActive":true,"currency":"MXN","country":"MX","virtualBankAccountNumber":"646180000000010015",'
        '"provider":"EMULATOR","alias":null},{"isActive":true,"currency":"ARS","country":"AR",'
        '"virtualBankAccountNumber":"0000003100000000000017","provider":"EMULATOR","alias":"emulador.00000001"}]'
    )
    assert "VIRTUAL_FIAT" not in shown.text


def test_30_every_country_has_its_form_of_number_and_each_merchant_its_own(emulator: Emulator, client: Client) -> None:
    with Client(emulator, merchant_id=client.make_merchant()) as other:
        for country, (currency, number) in NUMBERS.items():
            if country not in ("MX", "AR"):
                made = other.post("/virtual-accounts", {"country": country, "currency": currency})
                assert made == {
                    "isActive": True, "currency": currency, "country": country, "virtualBankAccountNumber": number,
                    "provider": "EMULATOR", "alias": None,
                }  # fmt: skip
            assert is_account_number(country, number, "110000000"), country
        shown = {each["country"]: each for each in other.get("/virtual-accounts")}
        assert list(shown) == list(NUMBERS)
        assert {country: each["virtualBankAccountNumber"] for country, each in shown.items()} == {
            country: number for country, (_, number) in NUMBERS.items()
        }
        assert shown["AR"]["alias"] == "emulador.00000002"
    assert len(client.get("/virtual-accounts")) == 2


def test_30_a_deleted_merchant_s_number_is_never_issued_again(client: Client, emulator: Emulator) -> None:
    second = client.make_merchant()
    client.request("DELETE", f"{client.organization}/merchants/{second}")
    with Client(emulator, merchant_id=client.make_merchant()) as third:
        assert third.get("/virtual-accounts")[0]["virtualBankAccountNumber"].startswith("64618000000003")
    with pytest.raises(ControlRefused, match="not a known number"):
        emulator.command("koywe", "deposit", number=NUMBERS["MX"][1], amount=1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"country": "MX", "currency": "MXN"}, (409, "BAA90008", "Virtual account already exists for MX/MXN")),
        ({"country": "CL", "currency": "USD"}, (400, "BAA90009", "Virtual accounts are not available for CL/USD")),
        ({"country": "XX", "currency": "USD"}, (400, "BAA90009", "Virtual accounts are not available for XX/USD")),
        ({"country": "mx", "currency": "MXN"}, (400, "BAA90009", "Virtual accounts are not available for mx/MXN")),
        ({"country": "BR"}, (422, "COM90003", "currency must be a string")),
        ({"currency": "BRL"}, (422, "COM90003", "country must be a string")),
        ({"country": 5, "currency": None}, (422, "COM90003", "country must be a string, currency must be a string")),
    ],
)
def test_30_a_number_is_issued_once_for_a_country_and_its_currency(
    client: Client, body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert refusal(client, body) == expected
    assert len(client.get("/virtual-accounts")) == 2


def test_30_issuing_a_number_needs_the_write_permission(emulator: Emulator, client: Client) -> None:
    body = {"country": "BR", "currency": "BRL"}
    with Client(emulator, api_key=client.api_key.replace("api-", "readonly-")) as reader:
        assert refusal(reader, body) == (403, "PER90001", "Forbidden resource")
    emulator.set("koywe", create_status=200)
    made = client.request("POST", f"{client.merchant}/virtual-accounts", body)
    assert made.status_code == 200
    assert refusal(client, body)[:2] == (409, "BAA90008")
    client.organization_id = "org_other"
    assert refusal(client, body)[:2] == (403, "MC00015")


def test_30_a_setting_decides_which_numbers_a_new_merchant_has(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", virtual_account_countries=["PE", "BR"])
    assert [each["country"] for each in client.get("/virtual-accounts")] == ["MX", "AR"]
    with Client(emulator, merchant_id=client.make_merchant()) as other:
        assert [each["country"] for each in other.get("/virtual-accounts")] == ["BR", "PE"]
    with pytest.raises(ControlRefused):
        emulator.set("koywe", virtual_account_countries=["XX"])  # type: ignore[call-overload]


def test_30_the_first_merchant_of_a_sandbox_follows_the_setting_too(emulator_server: BackgroundServer) -> None:
    with (
        emulator_server.sandbox(settings={"koywe": {"virtual_account_countries": ["US"]}}) as sandbox,
        Client(sandbox) as client,
    ):
        assert [each["country"] for each in client.get("/virtual-accounts")] == ["US"]


def test_30_a_deposit_to_a_number_arrives_and_its_event_names_the_sender(emulator: Emulator, client: Client) -> None:
    sender = {"name": "Ana Prueba", "bank": "BBVA", "documentNumber": "RFC123"}
    with Receiver() as receiver:
        subscribe(client, receiver.url)
        answer = emulator.command("koywe", "deposit", number=CLABE, amount=1500.5, reference="wire 9", sender=sender)
        emulator.command("koywe", "deposit", number=CLABE, amount=1, sender={"name": "Luis"}, accepted=False)
        emulator.command("koywe", "deposit", account=MXN, amount=2)
        emulator.advance("1s")
    assert (answer["result"]["account"], answer["result"]["available"]) == (MXN, "101500.50")
    first, second, third = (json.loads(each.body) for each in receiver.received)
    assert (first["type"], second["type"]) == ("bank_income.received", "bank_income.rejected")
    assert list(first["data"].items()) == [
        ("amount", 1500.5), ("currency", "MXN"), ("account_id", MXN), ("reference", "wire 9"),
        ("sender_name", "Ana Prueba"), ("sender_bank", "BBVA"), ("sender_document", "RFC123"),
    ]  # fmt: skip
    assert list(second["data"].items())[3:] == [
        ("reference", None), ("sender_name", "Luis"), ("sender_bank", None), ("sender_document", None),
    ]  # fmt: skip
    assert list(third["data"]) == ["amount", "currency", "account_id", "reference"]
    assert client.balances("MXN")[0] == 101502.5


@pytest.mark.parametrize(
    ("arguments", "words_of_it"),
    [
        ({"number": "646180000000010016"}, ["not a known number", CLABE, CVU, "POST .../virtual-accounts"]),
        ({"number": "0000500102"}, ["not a known number"]),
        ({"number": "20000000001"}, ["not a known number"]),
        ({"number": "VIRTUAL_FIAT-mrc_default-MXN"}, ["an inner number, to which no bank can send"]),
        ({"number": CLABE, "account": MXN}, ["exactly one of the possible forms"]),
        ({}, ["exactly one of the possible forms"]),
        ({"number": CLABE, "sender": {"iban": "x"}}, ["unknown: iban"]),
        ({"number": CLABE, "sender": "Ana"}, ["not an object"]),
    ],
)
def test_30_a_deposit_to_an_unknown_number_is_refused(
    emulator: Emulator, client: Client, arguments: dict[str, Any], words_of_it: list[str]
) -> None:
    with pytest.raises(ControlRefused) as refused:
        emulator.command("koywe", "deposit", amount=1, **arguments)
    assert refused.value.error == "bad-request"
    assert all(each in str(refused.value) for each in words_of_it), str(refused.value)
    assert client.balances("MXN") == (100000, 0, 0)


def test_30_numbers_are_part_of_a_snapshot(emulator: Emulator, client: Client) -> None:
    client.post("/virtual-accounts", {"country": "BR", "currency": "BRL"})
    snapshot = emulator.call("GET", "snapshot")
    emulator.reset()
    assert len(client.get("/virtual-accounts")) == 2
    emulator.call("PUT", "snapshot", snapshot)
    assert [each["country"] for each in client.get("/virtual-accounts")] == ["MX", "BR", "AR"]
    with Client(emulator, merchant_id=client.make_merchant()) as other:
        assert other.get("/virtual-accounts")[1]["virtualBankAccountNumber"] == NUMBERS["AR"][1]
