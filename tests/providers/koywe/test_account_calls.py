"""Accounts, balances in every form, the ledger, deposits, banks and countries over HTTP."""

from decimal import Decimal
from typing import Any

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    BANK_CO,
    CLP,
    COP,
    PAYOUT,
    SCENARIO,
    UNKNOWN_ACCOUNT,
    WALLET_USDC,
    words,
)

MEMBERS = words(
    "id name entity kind isVirtual address network type accountNumber routingNumber countryId currencyId currencyCode "
    "createdAt updatedAt isDefault isTracked merchantId contactId countryCode"
)
BANK: dict[str, Any] = {
    "kind": "BANK", "currencySymbol": "COP", "countrySymbol": "CO", "accountNumber": "12345678901",
    "entity": "BANCOLOMBIA", "type": "SAVINGS",
}  # fmt: skip
WALLET: dict[str, Any] = {
    "kind": "CRYPTO", "currencySymbol": "USDC", "network": "POLYGON",
    "address": "0x00000000000000000000000000000000000000a1",
}  # fmt: skip


def refusal(client: Client, body: dict[str, Any]) -> tuple[int, Any, Any]:
    present = {name: value for name, value in body.items() if value is not None}
    response = client.request("POST", f"{client.merchant}/accounts", present)
    assert not response.is_success, response.text
    return response.status_code, response.json()["errorCode"], response.json()["message"]


def test_21_a_bank_account_can_be_created_and_read(client: Client) -> None:
    made = client.post("/accounts", {**BANK, "name": "Main", "isDefault": True})
    assert list(made) == MEMBERS
    assert (made["countryId"], made["currencyId"]) == (
        "ctry_00000000-0000-4000-8000-000000000501",
        "cur_00000000-0000-4000-8000-000000000401",
    )
    assert (made["name"], made["isDefault"], made["isVirtual"], made["type"]) == ("Main", True, False, "SAVINGS")
    assert client.get(f"/accounts/{made['id']}") == made == client.get(f"/bank-accounts/{made['id']}")
    assert client.get("/accounts")[-1] == made == client.get("/bank-accounts")[-1]


COUNTRIES = [
    ("CO", "COP", {"entity": "DAVIVIENDA"}, "1234", "123"),
    ("CL", "CLP", {"entity": "SANTANDER"}, "0012345678", "x" * 10),
    ("MX", "MXN", {}, "032180000118359719", "032180000118359718"),
    ("BR", "BRL", {}, "pix@store.example", "pix"),
    ("AR", "ARS", {}, "0000003100012345678907", "000000310001234567890"),
    ("PE", "PEN", {}, "00219300123456789012", "0021930012345678901"),
    ("BO", "BOB", {}, "1000200030", "1"),
    ("US", "USD", {"routingNumber": "110000000"}, "000123456789", "123"),
]


@pytest.mark.parametrize(("country", "currency", "more", "good", "bad"), COUNTRIES)
def test_21_each_country_has_its_form_of_account_number(
    client: Client, country: str, currency: str, more: dict[str, str], good: str, bad: str
) -> None:
    body = {"kind": "BANK", "currencySymbol": currency, "countrySymbol": country, "accountNumber": bad, **more}
    assert refusal(client, body) == (400, "BAA90004", f"Invalid account number for {country}")
    made = client.post("/accounts", {**body, "accountNumber": good})
    assert (made["accountNumber"], made["countryCode"], made["type"]) == (good, country, "VIRTUAL")
    assert made["routingNumber"] == more.get("routingNumber")
    assert made["entity"] == more.get("entity")


def test_21_a_routing_number_is_kept_and_the_bank_is_deduced_if_it_need_not_be_named(client: Client) -> None:
    more = {"routingNumber": "0001-9", "entity": "BANCOLOMBIA"}
    number = {"countrySymbol": "AR", "currencySymbol": "ARS", "accountNumber": "0000003100012345678907"}
    made = client.post("/accounts", {"kind": "BANK", **number, **more})
    assert (made["routingNumber"], made["entity"]) == ("0001-9", None)
    made = client.post("/accounts", {**BANK, **more})
    assert (made["routingNumber"], made["entity"]) == ("0001-9", "BANCOLOMBIA")
    assert client.post("/accounts", {**WALLET, **more})["routingNumber"] is None
    bad = {"countrySymbol": "US", "currencySymbol": "USD", "accountNumber": "12345"}
    assert refusal(client, {"kind": "BANK", **bad, **more})[1] == "BAA90004"


@pytest.mark.parametrize(
    ("currency", "network", "address"),
    [
        ("USDC", "polygon", "0x" + "aB" * 20),
        ("ETH", "ETHEREUM", "0x" + "0" * 40),
        ("BNB", "bsc", "0x" + "f" * 40),
        ("BTC", "BITCOIN", "bc1qemulatoremulatoremulatoremulator00000"),
        ("USDT", "Tron", "TEmu1ator1111111111111111111111111"),
    ],
)
def test_21_a_wallet_has_a_network(client: Client, currency: str, network: str, address: str) -> None:
    body = {"kind": "CRYPTO", "currencySymbol": currency, "network": network, "address": address}
    made = client.post("/accounts", {**body, "countrySymbol": "CO"})
    assert (made["network"], made["address"], made["countryCode"]) == (network.upper(), address, None)
    assert refusal(client, {**body, "address": "nowhere"}) == (
        400, "BAA90005", f"Invalid address for network {network.upper()}")  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({**BANK, "currencySymbol": "XXX"}, (400, "CU90001", "Currency XXX is not supported")),
        ({**BANK, "currencySymbol": "USDC"},
         (400, "CU90002", "currencySymbol must be a fiat currency for BANK accounts")),
        ({**WALLET, "currencySymbol": "COP"},
         (400, "CU90002", "currencySymbol must be a crypto currency for CRYPTO accounts")),
        ({**WALLET, "network": "BITCOIN"}, (400, "QE90006", "Network BITCOIN does not support USDC")),
        ({**BANK, "entity": "NOBANK"}, (400, "BAA90006", "Unknown bank NOBANK for CO")),
        ({**BANK, "kind": "CASH"}, (422, "COM90003", "kind must be one of the following values: BANK, CRYPTO")),
        ({**BANK, "entity": None}, (422, "COM90003", "entity must be a string")),
        ({**BANK, "accountNumber": None}, (422, "COM90003", "accountNumber must be a string")),
        ({**BANK, "countrySymbol": "US"}, (422, "COM90003", "routingNumber must be a string")),
        ({**WALLET, "network": None}, (422, "COM90003", "network must be a string")),
        ({**BANK, "isDefault": "yes"}, (422, "COM90003", "isDefault must be a boolean value")),
    ],
)  # fmt: skip
def test_21_bad_accounts_are_refused(client: Client, body: dict[str, Any], expected: tuple[int, str, str]) -> None:
    assert refusal(client, body) == expected


def test_21_accounts_are_listed_by_currency(client: Client) -> None:
    everything = client.get("/accounts")
    assert len(everything) == 8 + 9 + 4
    assert [each["id"] for each in client.get("/accounts", currency="USDC")] == [WALLET_USDC]
    assert {each["id"] for each in client.get("/accounts", currency="CLP")} == {CLP, CLP.replace("102", "202")}
    assert client.get("/accounts", currency="XXX") == []
    assert [each["accountNumber"] for each in everything if each["id"] == COP] == [
        f"VIRTUAL_FIAT-{client.merchant_id}-COP"
    ]


@pytest.mark.parametrize("folder", ["accounts", "bank-accounts"])
def test_21_accounts_can_be_deleted_unless_they_are_virtual(client: Client, folder: str) -> None:
    path = f"{client.merchant}/{folder}/{BANK_CO}"
    assert client.request("DELETE", path).status_code == 204
    assert client.request("DELETE", path).json()["errorCode"] == "BAA90002"
    assert client.create(**PAYOUT).json()["errorCode"] == "BAA90002"
    refused = client.request("DELETE", f"{client.merchant}/{folder}/{COP}")
    assert (refused.status_code, refused.json()["message"]) == (400, "Virtual accounts cannot be deleted")
    assert refused.json()["errorCode"] == "BAA90007"


def test_21_only_accounts_opened_by_the_provider_have_a_balance(emulator: Emulator, client: Client) -> None:
    made = client.post("/accounts", {**BANK, "isVirtual": True})["id"]
    assert client.get(f"/accounts/{made}")["isVirtual"] is True
    before = client.balances()
    order_id = client.order_id(client.create(destinationAccountId=made))
    emulator.advance("3s")
    assert (client.status(order_id), client.balances()) == ("COMPLETED", before)
    assert client.get(f"/accounts/{made}/balance")["balance"] == "0.00"
    assert client.create(**PAYOUT | {"destinationAccountId": made}).json()["errorCode"] == "BAA90003"
    with pytest.raises(ControlRefused) as refused:
        emulator.command("koywe", "deposit", account=made, amount=1)
    assert COP in str(refused.value)
    assert made not in str(refused.value).partition("there are")[2]
    assert client.request("DELETE", f"{client.merchant}/accounts/{made}").status_code == 204
    emulator.advance("1s")
    order_id = client.order_id(client.create(destinationAccountId=COP))
    emulator.advance("3s")
    assert (client.status(order_id), client.balances()) == ("COMPLETED", (before[0] + 50000, 0, 0))


DAY = {"from": "2026-01-05", "to": "2026-01-05"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("balance", {}),
        ("reports/ledger-statement", DAY),
        ("reports/ledger-entry/1", {}),
        ("reports/orders", DAY),
    ],
)
def test_21_calls_below_an_account_also_exist_under_the_older_path(
    client: Client, path: str, query: dict[str, str]
) -> None:
    client.create(**PAYOUT)
    assert client.get(f"/bank-accounts/{COP}/{path}", **query) == client.get(f"/accounts/{COP}/{path}", **query)
    refused = client.request("GET", f"{client.merchant}/bank-accounts/{UNKNOWN_ACCOUNT}/{path}", params=query)
    assert (refused.status_code, refused.json()["errorCode"]) == (404, "BAA90002")


def test_21_balances_can_be_read_as_text(emulator: Emulator, client: Client) -> None:
    rows = client.get("/accounts/balances")
    assert [(row["currency"], row["balance"]) for row in rows] == [
        ("COP", "10000000.00"), ("CLP", "5000000"), ("MXN", "100000.00"), ("BRL", "50000.00"),
        ("ARS", "10000000.00"), ("PEN", "20000.00"), ("BOB", "20000.00"), ("USD", "10000.00"),
    ]  # fmt: skip
    assert rows[0] == {
        "id": COP, "accountNumber": f"VIRTUAL_FIAT-{client.merchant_id}-COP", "currency": "COP",
        "balance": "10000000.00", "balanceDate": "2026-01-05T12:00:00.000Z", "address": None, "network": None,
        "merchantId": client.merchant_id, "contactId": None,
    }  # fmt: skip
    assert client.get("/accounts/balances", currency="COP") == rows[:1]
    assert client.get("/accounts/balances", currency="XXX") == []
    assert client.get(f"/accounts/{COP}/balance") == rows[0]
    assert client.get(f"/accounts/{BANK_CO}/balance")["balance"] == "0.00"
    refused = client.request("GET", f"{client.merchant}/accounts/{UNKNOWN_ACCOUNT}/balance")
    assert (refused.status_code, refused.json()["errorCode"]) == (404, "BAA90002")


def test_21_balances_can_be_read_as_numbers(client: Client) -> None:
    client.create({SCENARIO: "manual"}, **PAYOUT, amountIn=250000.5)
    shown = client.request("GET", f"{client.merchant}/bank-accounts/balances")
    assert shown.content.startswith(
        b'[{"currencySymbol":"COP","availableBalance":9749999.5,"pendingBalance":0,"reservedBalance":250000.5},'
    )


def test_21_balances_can_be_read_at_a_past_date(emulator: Emulator, client: Client) -> None:
    emulator.advance("1d")
    client.create({SCENARIO: "manual"}, **PAYOUT, amountIn=1000)
    emulator.advance("1d")
    emulator.command("koywe", "deposit", account=COP, amount=5)

    def then(date: str) -> str:
        (row,) = client.get("/accounts/balances", currency="COP", date=date)
        assert row["balanceDate"].startswith(date.rstrip("Z"))
        return str(row["balance"])

    assert then("2026-01-05T11:59:59.999Z") == "0.00"
    assert then("2026-01-05") == "10000000.00"
    assert then("2026-01-06T11:59:59.999Z") == "10000000.00"
    assert then("2026-01-06T12:00:00.000Z") == "9999000.00"
    assert then("2026-01-06") == "9999000.00"
    assert then("2026-01-07") == "9999005.00"
    refused = client.request("GET", f"{client.merchant}/accounts/balances", params={"date": "x"})
    assert refused.json()["message"] == "date must be a valid ISO 8601 date string"


def test_21_balances_of_the_organization_can_be_read(emulator: Emulator, client: Client) -> None:
    made = client.request("POST", f"{client.organization}/merchants", {"name": "B", "countrySymbol": "CL"}).json()
    with Client(emulator, merchant_id=made["id"]) as other:
        account = next(each["id"] for each in other.get("/accounts") if each["currencyCode"] == "COP")
    emulator.command("koywe", "deposit", account=account, amount=0.5)
    rows = client.request("GET", f"{client.organization}/balances").json()
    assert rows[0] == {"currency": "COP", "balance": "10000000.50"}
    assert [row["currency"] for row in rows] == ["COP", "CLP", "MXN", "BRL", "ARS", "PEN", "BOB", "USD"]
    client.request("DELETE", f"{client.organization}/merchants/{made['id']}")
    assert client.request("GET", f"{client.organization}/balances").json()[0]["balance"] == "10000000.00"


def test_21_deposits_are_accepted_or_rejected(emulator: Emulator, client: Client) -> None:
    answer = emulator.command("koywe", "deposit", account=COP, amount=0.25, reference="wire 5")
    assert answer["result"] == {
        "account": COP, "currency": "COP", "available": "10000000.25", "pending": "0.00", "reserved": "0.00",
        "accepted": True,
    }  # fmt: skip
    emulator.command("koywe", "deposit", account=COP, amount=7, accepted=False)
    assert client.balances() == (Decimal("10000000.25"), 0, 0)
    emulator.command("koywe", "set_balance", account=COP, amount=0)
    assert client.balances() == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("deposit", {"account": BANK_CO, "amount": 1}, "bad-request"),
        ("deposit", {"account": "x", "amount": 1}, "bad-request"),
        ("deposit", {"account": COP, "amount": 0}, "bad-request"),
        ("deposit", {"account": COP, "amount": 0.001}, "bad-request"),
        ("deposit", {"amount": 1}, "bad-request"),
        ("set_balance", {"account": COP, "amount": -1}, "bad-request"),
        ("set_balance", {"account": COP, "amount": 1, "more": 1}, "bad-request"),
        ("print_money", {}, "unknown-command"),
    ],
)
def test_21_bad_commands_are_refused(
    emulator: Emulator, client: Client, name: Any, arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises(ControlRefused) as refused:
        emulator.command("koywe", name, **arguments)
    assert refused.value.error == error
    assert client.balances() == (10000000, 0, 0)


def test_21_banks_and_countries_are_listed(client: Client) -> None:
    banks = client.request("GET", "/api/v1/banks", params={"countrySymbol": "CL"}).json()
    assert [bank["code"] for bank in banks] == ["BANCO_DE_CHILE", "SANTANDER", "BANCO_ESTADO", "BCI"]
    assert list(banks[0]) == ["code", "name", "countrySymbol"]
    everything = client.request("GET", "/api/v1/banks").json()
    assert len(everything) == 14
    assert client.request("GET", "/api/v1/banks", params={"countrySymbol": "XX"}).json() == []
    countries = client.request("GET", "/api/v1/countries").json()
    assert [country["symbol"] for country in countries] == ["CO", "CL", "MX", "BR", "AR", "PE", "BO", "US"]
    assert countries[0] == {"id": "ctry_00000000-0000-4000-8000-000000000501", "symbol": "CO", "name": "Colombia"}
