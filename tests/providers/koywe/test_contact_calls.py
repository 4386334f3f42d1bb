"""Contacts over HTTP."""

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import ANA, UNKNOWN_CONTACT, words
from tests.providers.koywe.schema_files import DOCUMENT_TYPES

NEWER: dict[str, Any] = {
    "firstName": "Eva", "countrySymbol": "CO", "businessType": "PERSON", "type": "PERSON", "lastName": "Ruiz",
    "email": "eva@payer.example", "phone": "+57 300-111-2222", "documentType": "CED_CIU",
    "documentNumber": "10.203.040", "address": {"street": "Calle 1", "city": "Bogotá"}, "taxIdType": "NIT",
    "taxIdNumber": "900",
}  # fmt: skip
MEMBERS = words(
    "id merchantId firstName countrySymbol businessType type lastName email phone documentType documentNumber address "
    "taxIdType taxIdNumber fullName createdAt updatedAt"
)
SMALLEST = {"firstName": "Eva", "countrySymbol": "CO", "businessType": "PERSON", "type": "PERSON"}


def refusal(
    client: Client, body: dict[str, Any], method: str = "POST", path: str = "/contacts"
) -> tuple[int, Any, Any]:
    response = client.request(method, client.merchant + path, body)
    assert not response.is_success, response.text
    return response.status_code, response.json()["errorCode"], response.json()["message"]


def test_20_a_contact_can_be_created_with_the_newer_body(client: Client) -> None:
    contact = client.post("/contacts", NEWER)
    assert list(contact) == MEMBERS
    assert contact["fullName"] == "Eva Ruiz"
    assert contact["address"] == {
        "street": "Calle 1", "city": "Bogotá", "state": None, "zipCode": None, "country": None
    }  # fmt: skip
    assert {name: contact[name] for name in NEWER if name != "address"} == {
        name: value for name, value in NEWER.items() if name != "address"
    }
    assert client.get(f"/contacts/{contact['id']}") == contact


@pytest.mark.parametrize(
    ("business_type", "contact_type", "full_name", "first", "last"),
    [
        ("PERSON", "PERSON", "Eva María Ruiz", "Eva", "María Ruiz"),
        ("COMPANY", "BUSINESS", "Acme", "Acme", None),
    ],
)
def test_20_a_contact_can_be_created_with_the_older_body(
    client: Client, business_type: str, contact_type: str, full_name: str, first: str, last: str | None
) -> None:
    contact = client.post("/contacts", {"fullName": full_name, "countrySymbol": "CL", "businessType": business_type})
    assert (contact["firstName"], contact["lastName"], contact["fullName"]) == (first, last, full_name)
    assert contact["type"] == contact_type


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"firstName": None}, "firstName must be a string"),
        ({"firstName": ""}, "firstName should not be empty"),
        ({"type": None}, "type must be one of the following values: PERSON, BUSINESS, GOVERNMENT, NGO, FOREIGN"),
        ({"businessType": "STATE"}, "businessType must be one of the following values: PERSON, COMPANY"),
        ({"countrySymbol": "XX"}, "countrySymbol must be one of the following values: CO, CL, MX, BR, AR, PE, BO, US"),
        ({"email": "eva"}, "email must be an email"),
        ({"documentType": "CED_CIU"}, "documentNumber must be a string"),
        ({"firstName": None, "type": None, "fullName": "  "}, "fullName should not be empty"),
        ({"address": "Calle 1"}, "address must be an object"),
        ({"address": {"city": 1}}, "address.city must be a string"),
        ({"documentType": "CC", "documentNumber": "10203040"},
         f"documentType must be one of the following values: {', '.join(DOCUMENT_TYPES)}"),
    ],
)  # fmt: skip
def test_20_the_body_of_a_contact_is_validated(client: Client, changes: dict[str, Any], text: str) -> None:
    body = {name: value for name, value in (SMALLEST | changes).items() if value is not None}
    assert refusal(client, body) == (422, "COM90003", text)


NUMBERS = [
    ("RUT", "11.111.111-1", "11.111.111-2"),
    ("RUT", "10.000.013-K", "1-9"),
    ("CPF", "111.444.777-35", "111.444.777-36"),
    ("CNPJ", "11.222.333/0001-81", "11.222.333/0001-82"),
    ("CUIT", "20-11111111-2", "20-11111111-3"),
    ("CUIL", "20111111112", "2011111111"),
    ("DNI", "12345678", "123456"),
    ("CED_CIU", "102030", "10203"),
    ("NIT", "900123456-1", "90012345"),
    ("RFC", "ABC680524P76", "ABC680524P7"),
    ("CURP", "HEGG560427MVZRRL04", "HEGG560427"),
    ("RUC", "20100070970", "2010007097"),
    ("SSN", "123-45-6789", "123-45-678"),
    ("EIN", "12-3456789", "12-345678"),
    ("PP", "AB1", "A1"),
    ("OTHER", "x" * 30, "x" * 31),
]


@pytest.mark.parametrize(("kind", "good", "bad"), NUMBERS)
def test_20_each_document_has_its_rule(client: Client, kind: str, good: str, bad: str) -> None:
    body = {**SMALLEST, "documentType": kind}
    assert refusal(client, {**body, "documentNumber": bad}) == (400, "DC00010", "Invalid document number")
    assert client.post("/contacts", {**body, "documentNumber": good})["documentNumber"] == good


def test_20_a_setting_accepts_the_document_type_cc(emulator: Emulator, client: Client) -> None:
    body = {**SMALLEST, "documentType": "CC", "documentNumber": "1020304050"}
    assert refusal(client, body)[1] == "COM90003"
    emulator.set("koywe", document_type_cc="accept")
    contact = client.post("/contacts", body)
    assert contact["documentType"] == "CC"
    assert refusal(client, {**body, "documentNumber": "1"})[1] == "DC00010"
    changed = client.request("PUT", f"{client.merchant}/contacts/{contact['id']}", {"lastName": "X"})
    assert changed.json()["documentType"] == "CC"


@pytest.mark.parametrize("phone", ["3001234567", "+0123456789", "+57", "+5730012345678901", "+57300x234567"])
def test_20_bad_phone_numbers_are_refused(client: Client, phone: str) -> None:
    assert refusal(client, {**SMALLEST, "phone": phone}) == (400, "CT00012", "Invalid phone number")


@pytest.mark.parametrize("same", [{"email": "ANA@Payer.Example"}, {"phone": "+57 300-123-4567"}])
def test_20_a_contact_cannot_be_created_twice(emulator: Emulator, client: Client, same: dict[str, str]) -> None:
    expected = (409, "CT00007", "Contact with same email or phone already exists")
    assert refusal(client, {**SMALLEST, **same}) == expected
    other = client.post("/contacts", SMALLEST)
    assert refusal(client, same, "PUT", f"/contacts/{other['id']}") == expected
    made = client.request("POST", f"{client.organization}/merchants", {"name": "B", "countrySymbol": "CL"}).json()
    with Client(emulator, merchant_id=made["id"]) as elsewhere:
        assert elsewhere.post("/contacts", {**SMALLEST, **same})["merchantId"] == made["id"]


def test_20_the_list_is_newest_first_and_limited(client: Client) -> None:
    made = [client.post("/contacts", {**SMALLEST, "firstName": f"N{number}"})["id"] for number in range(100)]
    listed = [each["id"] for each in client.get("/contacts")["contacts"]]
    assert listed == made[::-1]
    assert [each["id"] for each in client.get("/contacts", pageSize=2)["contacts"]] == made[:-3:-1]
    for size in ("0", "101", "x"):
        refused = client.request("GET", f"{client.merchant}/contacts", params={"pageSize": size})
        assert (refused.status_code, refused.json()["errorCode"]) == (422, "COM90003")


def test_20_a_part_of_a_contact_can_be_changed(emulator: Emulator, client: Client) -> None:
    before = client.get(f"/contacts/{ANA}")
    emulator.advance("1m")
    changed = client.request("PUT", f"{client.merchant}/contacts/{ANA}", {"lastName": "Nueva", "email": None}).json()
    assert changed == before | {
        "lastName": "Nueva",
        "fullName": "Ana Nueva",
        "updatedAt": "2026-01-05T12:01:00.000Z",
    }
    assert client.get(f"/contacts/{ANA}") == changed
    path = f"/contacts/{ANA}"
    assert refusal(client, {"phone": "1"}, "PUT", path)[1] == "CT00012"
    assert refusal(client, {"documentNumber": "1"}, "PUT", path)[1] == "DC00010"
    assert refusal(client, {"type": "X"}, "PUT", path)[1] == "COM90003"
    assert client.get(path) == changed


def test_20_a_change_is_checked_together_with_what_stays(client: Client) -> None:
    path = f"/contacts/{ANA}"
    changed = client.request("PUT", client.merchant + path, {"documentType": "NIT"})
    assert changed.json()["documentType"] == "NIT"
    assert refusal(client, {"documentType": "RUT"}, "PUT", path)[1] == "DC00010"
    bare = f"/contacts/{client.post('/contacts', SMALLEST)['id']}"
    expected = (422, "COM90003", "documentNumber must be a string")
    assert refusal(client, {"documentType": "DNI"}, "PUT", bare) == expected
    assert client.get(bare)["documentType"] is None
    both = {"documentType": "DNI", "documentNumber": "12345678"}
    assert client.request("PUT", client.merchant + bare, both).status_code == 200


def test_20_a_full_name_replaces_both_names(client: Client) -> None:
    path = f"/contacts/{ANA}"

    def names(body: dict[str, str]) -> tuple[Any, Any, Any]:
        changed = client.request("PUT", client.merchant + path, body).json()
        assert client.get(path) == changed
        return changed["firstName"], changed["lastName"], changed["fullName"]

    assert names({"fullName": "Madonna"}) == ("Madonna", None, "Madonna")
    assert names({"fullName": " Eva María Ruiz "}) == ("Eva", "María Ruiz", "Eva María Ruiz")
    assert names({"fullName": "Eva", "lastName": "Paz"}) == ("Eva", "Paz", "Eva Paz")
    assert names({"firstName": "Ana"}) == ("Ana", "Paz", "Ana Paz")
    assert refusal(client, {"fullName": " "}, "PUT", path) == (422, "COM90003", "fullName should not be empty")


def test_20_a_contact_can_be_deleted(client: Client) -> None:
    path = f"{client.merchant}/contacts/{ANA}"
    assert client.request("DELETE", path).status_code == 204
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        refused = client.request(method, path, body)
        assert (refused.status_code, refused.json()["errorCode"]) == (404, "CT90001"), method
    assert client.create(contactId=ANA).json()["errorCode"] == "CT90001"
    assert client.request("GET", f"{client.merchant}/contacts/{UNKNOWN_CONTACT}").status_code == 404


def test_20_a_contact_can_have_accounts(client: Client) -> None:
    path = f"/contacts/{ANA}/accounts"
    assert [each["accountNumber"] for each in client.get(path)] == ["98765432101"]
    body = {"kind": "BANK", "currencySymbol": "COP", "countrySymbol": "CO", "accountNumber": "5555", "entity": "BOGOTA"}
    made = client.post(path, body)
    assert (made["contactId"], made["merchantId"]) == (ANA, client.merchant_id)
    assert [each["id"] for each in client.get(path)][-1] == made["id"]
    assert made in client.get("/accounts")
    for method in ("GET", "POST"):
        refused = client.request(method, f"{client.merchant}/contacts/{UNKNOWN_CONTACT}/accounts", body)
        assert (refused.status_code, refused.json()["errorCode"]) == (404, "CT90001")
    order = client.create(type="PAYOUT", paymentMethods=None, destinationAccountId=made["id"])
    assert order.status_code == 201
