"""Credentials that clients make, and secrets that they change."""

import re
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client

ME = "/api/v1/auth/me"
ROTATE = "/api/v1/auth/credentials/rotate-secret"


def code_of(refused: httpx.Response) -> tuple[int, str]:
    return refused.status_code, str(refused.json()["errorCode"])


def of_organization(client: Client) -> str:
    return f"/api/v1/auth/organizations/{client.organization_id}/credentials"


def of_merchant(client: Client, merchant_id: str | None = None) -> str:
    merchant_id = merchant_id or client.merchant_id
    return f"/api/v1/auth/organizations/{client.organization_id}/merchants/{merchant_id}/credentials"


def make(client: Client, path: str, **body: Any) -> dict[str, str]:
    made = client.request("POST", path, body)
    assert made.status_code == 201, made.text
    credential: dict[str, str] = made.json()
    return credential


def sign_in_with(emulator: Emulator, credential: dict[str, str]) -> Client:
    """A client that has signed in with a credential that was made."""
    made = Client(emulator, api_key=credential["apiKey"])
    made.secret = credential["secret"]
    assert made.sign_in().status_code == 200
    return made


def test_33_an_operator_of_the_organization_signs_in_and_writes(emulator: Emulator, client: Client) -> None:
    made = make(client, of_organization(client), name="CI", roles=["k3r_operator"])
    assert list(made) == ["apiKey", "secret"]
    assert re.fullmatch(rf"api-{emulator.name}\.[0-9a-f]{{8}}", made["apiKey"])
    assert re.fullmatch("[0-9a-f]{40}", made["secret"])
    with sign_in_with(emulator, made) as ci:
        assert ci.request("GET", ME).json() == {
            "apiKey": made["apiKey"],
            "organizationId": client.organization_id,
            "permission": "write",
        }
        assert ci.create().status_code == 201
        assert ci.request("GET", f"{ci.organization}/merchants").status_code == 200


def test_33_a_viewer_reads_and_never_writes(emulator: Emulator, client: Client) -> None:
    with sign_in_with(emulator, make(client, of_organization(client), name="Eyes", roles=["k3r_viewer"])) as viewer:
        assert viewer.request("GET", ME).json()["permission"] == "read"
        assert viewer.get("/orders")["orders"] == []
        for path in (f"{viewer.merchant}/orders", of_organization(viewer), of_merchant(viewer)):
            assert code_of(viewer.request("POST", path, {})) == (403, "PER90001"), path


def test_33_of_several_roles_the_one_that_may_write_counts(emulator: Emulator, client: Client) -> None:
    roles = ["k3r_viewer", "k3r_operator"]
    with sign_in_with(emulator, make(client, of_organization(client), name="Both", roles=roles)) as both:
        assert both.request("GET", ME).json()["permission"] == "write"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "/roles: missing, at least 1 of k3r_operator, k3r_viewer"),
        ({"roles": None}, "/roles: missing, at least 1 of k3r_operator, k3r_viewer"),
        ({"roles": []}, "/roles: 0 items, at least 1 of k3r_operator, k3r_viewer"),
        (
            {"roles": ["k3r_viewer", "k3r_operater"]},
            "/roles/1: no role \"k3r_operater\": did you mean 'k3r_operator'? use one of k3r_operator, k3r_viewer",
        ),
    ],
)
def test_33_unknown_roles_are_refused(client: Client, body: dict[str, Any], reason: str) -> None:
    explain = {"X-Emulator-Explain": "1"}
    refused = client.request("POST", of_organization(client), {"name": "CI", **body}, headers=explain)
    assert code_of(refused) == (400, "AUTH90003")
    assert refused.json()["message"] == "Invalid roles"
    assert refused.headers["x-emulator-reason"] == reason


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"roles": ["k3r_operator"]}, "name must be a string"),
        ({"name": ""}, "name should not be empty"),
        ({"name": "x" * 256}, "name must be shorter than or equal to 255 characters"),
        ({"name": 5, "roles": "k3r_operator"}, "name must be a string, roles must be an array"),
        ({"name": "CI", "roles": [5]}, "roles.0 must be a string"),
    ],
)
def test_33_the_body_is_checked_before_the_roles(client: Client, body: dict[str, Any], message: str) -> None:
    for path in (of_organization(client), of_merchant(client)):
        refused = client.request("POST", path, body)
        assert (code_of(refused), refused.json()["message"]) == ((422, "COM90003"), message)


def test_33_a_name_is_unique_in_its_organization_or_merchant(client: Client) -> None:
    make(client, of_organization(client), name="CI", roles=["k3r_viewer"])
    make(client, of_merchant(client), name="CI")
    other = client.request("POST", f"{client.organization}/merchants", {"name": "Two", "countrySymbol": "CO"}).json()
    make(client, of_merchant(client, other["id"]), name="CI")
    for path in (of_organization(client), of_merchant(client), of_merchant(client, other["id"])):
        refused = client.request("POST", path, {"name": "CI", "roles": ["k3r_operator"]})
        assert code_of(refused) == (409, "AUTH90004")
        assert refused.json()["message"] == "Credential with this name already exists"


def test_33_a_merchant_s_credential_sees_only_that_merchant(emulator: Emulator, client: Client) -> None:
    other = client.request("POST", f"{client.organization}/merchants", {"name": "Two", "countrySymbol": "CO"}).json()
    with sign_in_with(emulator, make(client, of_merchant(client), name="Till")) as till:
        assert till.create().status_code == 201
        assert till.request("GET", "/api/v1/countries").status_code == 200
        make(till, of_merchant(till), name="Second till", roles=["k3r_viewer"])
        stranger = f"{till.organization}/merchants/{other['id']}"
        for method, path in (("GET", stranger), ("GET", f"{stranger}/orders"), ("POST", f"{stranger}/orders")):
            assert code_of(till.request(method, path, {})) == (404, "MC90001"), path
        assert code_of(till.request("POST", of_merchant(till, other["id"]), {"name": "x"})) == (404, "MC90001")
        for method, path in (
            ("GET", f"{till.organization}/merchants"),
            ("GET", f"{till.organization}/balances"),
            ("POST", f"{till.organization}/webhooks"),
            ("GET", "/api/v1/organizations/org_other/policy"),
            ("POST", of_organization(till)),
        ):
            assert code_of(till.request(method, path, {})) == (403, "PER90001"), path


def test_33_the_roles_of_a_merchant_s_credential_are_checked_the_same_way(emulator: Emulator, client: Client) -> None:
    with sign_in_with(emulator, make(client, of_merchant(client), name="Board", roles=["k3r_viewer"])) as board:
        assert code_of(board.create()) == (403, "PER90001")
    for roles in ([], ["admin"]):
        refused = client.request("POST", of_merchant(client), {"name": "x", "roles": roles})
        assert code_of(refused) == (400, "AUTH90003")


def test_33_a_new_credential_is_checked_in_a_fixed_order(emulator: Emulator, client: Client) -> None:
    nobody, stranger = "mrc_nobody", "/api/v1/auth/organizations/org_other"
    with Client(emulator, api_key=f"readonly-{emulator.name}") as reader:
        for path in (f"{stranger}/credentials", f"{stranger}/merchants/{nobody}/credentials"):
            assert code_of(reader.request("POST", path, content=b"{")) == (403, "PER90001")
    for path in (f"{stranger}/credentials", f"{stranger}/merchants/{nobody}/credentials"):
        assert code_of(client.request("POST", path, content=b"{")) == (404, "ORG90001")
    assert code_of(client.request("POST", of_merchant(client, nobody), content=b"{")) == (404, "MC90001")
    for path in (of_organization(client), of_merchant(client)):
        assert code_of(client.request("POST", path, content=b"{")) == (400, "COM90002")
        make(client, path, name="CI", roles=["k3r_viewer"])
        assert code_of(client.request("POST", path, {"name": "CI", "roles": []})) == (400, "AUTH90003")


def test_33_the_setting_create_status_applies_to_credentials(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", create_status=200)
    assert client.request("POST", of_merchant(client), {"name": "Till"}).status_code == 200


def test_33_a_rotated_secret_replaces_the_old_one_and_tokens_stay_valid(emulator: Emulator, client: Client) -> None:
    old_token = client.sign_in().json()["token"]
    rotated = client.request("POST", ROTATE)
    assert rotated.status_code == 200
    assert list(rotated.json()) == ["apiKey", "secret"]
    assert rotated.json()["apiKey"] == client.api_key
    assert code_of(client.sign_in()) == (401, "INVALID_CREDENTIALS")
    assert client.request("GET", ME, headers={"Authorization": f"Bearer {old_token}"}).status_code == 200
    sign_in_with(emulator, rotated.json()).close()
    with Client(emulator, api_key=f"readonly-{emulator.name}") as reader:
        assert reader.sign_in().status_code == 200, "it has the same secret at first, and keeps it"
    emulator.reset()
    assert client.sign_in().status_code == 200
    assert code_of(client.sign_in(secret=rotated.json()["secret"])) == (401, "INVALID_CREDENTIALS")


def test_33_every_credential_may_rotate_its_own_secret(emulator: Emulator, client: Client) -> None:
    make(client, of_organization(client), name="CI", roles=["k3r_viewer"])
    till = make(client, of_merchant(client), name="Till")
    with Client(emulator, api_key=f"readonly-{emulator.name}") as reader:
        sign_in_with(emulator, reader.request("POST", ROTATE).json()).close()
    with sign_in_with(emulator, till) as first:
        rotated = first.request("POST", ROTATE).json()
    with sign_in_with(emulator, rotated) as second:
        assert code_of(second.request("GET", f"{second.organization}/merchants")) == (403, "PER90001")
    refused = client.request("POST", of_merchant(client), {"name": "Till"})
    assert code_of(refused) == (409, "AUTH90004"), "a new secret leaves the name taken"


def test_33_a_rotation_needs_a_token(client: Client) -> None:
    assert code_of(client.request("POST", ROTATE, headers={"Authorization": None})) == (401, "AUTH90001")


def test_33_the_journal_shows_no_secret(emulator: Emulator, client: Client) -> None:
    secrets = [make(client, of_organization(client), name="CI", roles=["k3r_operator"])["secret"]]
    secrets.append(client.request("POST", ROTATE).json()["secret"])
    client.sign_in(secret=secrets[1])
    journal = str(emulator.journal())
    assert not any(secret in journal for secret in secrets)


def test_33_credentials_are_derived_from_the_seed_and_are_part_of_a_snapshot(
    emulator: Emulator, client: Client
) -> None:
    made = make(client, of_merchant(client), name="Till")
    snapshot = emulator.call("GET", "snapshot")
    emulator.reset()
    assert make(client, of_merchant(client), name="Till") == made
    emulator.reset()
    emulator.call("PUT", "snapshot", snapshot)
    sign_in_with(emulator, made).close()
    renamed = {**snapshot, "name": "elsewhere"}
    renamed["tables"] = {
        **snapshot["tables"],
        "koywe.credentials": {"api-elsewhere.1f0c22aa": {"apiKey": "api-elsewhere.1f0c22aa", "secret": "5" * 40,
                                                         "permission": "write", "name": "Till"}},
    }  # fmt: skip
    emulator.call("PUT", "snapshot", renamed)
    sign_in_with(emulator, {"apiKey": f"api-{emulator.name}.1f0c22aa", "secret": "5" * 40}).close()
