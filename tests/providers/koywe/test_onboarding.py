"""Identity checks, registrations, and what their forms offer."""

from typing import Any, cast

import httpx
import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client

DRAFTS = "/api/v1/pre-onboarding/registration-draft"
FORMS = "/api/v1/pre-onboarding/registration-form"
REGISTRATIONS = "/api/v1/pre-onboarding/registrations"
ME = "/api/v1/onboarding/me"
NOON = "2026-01-05T12:00:00.000Z"
APPLICANT = {"firstName": "Ana", "birthday": None, "papers": [{"kind": "CURP"}]}


def code_of(refused: httpx.Response) -> tuple[int, str]:
    return refused.status_code, str(refused.json()["errorCode"])


def trigger(client: Client, **body: Any) -> httpx.Response:
    return client.request("POST", f"{client.merchant}/onboarding/kyb", body)


def read(client: Client, kyb_id: str) -> Any:
    return client.get(f"/onboarding/kyb/{kyb_id}")


def decide(emulator: Emulator, name: Any, **arguments: Any) -> Any:
    return emulator.command("koywe", name, **arguments)["result"]


# -- identity checks


def test_34_a_check_gets_its_form_and_is_approved_after_some_time(emulator: Emulator, client: Client) -> None:
    triggered = trigger(client, forceRetrigger=False)
    assert triggered.status_code == 201
    kyb = triggered.json()
    assert kyb == {
        "id": kyb["id"],
        "merchantId": client.merchant_id,
        "status": "PENDING",
        "formUrl": None,
        "createdAt": NOON,
        "updatedAt": NOON,
    }
    assert list(kyb) == ["id", "merchantId", "status", "formUrl", "createdAt", "updatedAt"]
    emulator.advance("999ms")
    assert read(client, kyb["id"]) == kyb
    emulator.advance("1ms")
    form_url = f"{client.url}/kyb/{kyb['id']}"
    later = {**kyb, "status": "IN_PROGRESS", "formUrl": form_url, "updatedAt": "2026-01-05T12:00:01.000Z"}
    assert read(client, kyb["id"]) == later
    emulator.advance("59999ms")
    assert read(client, kyb["id"]) == later
    emulator.advance("1ms")
    assert read(client, kyb["id"]) == {**later, "status": "APPROVED", "updatedAt": "2026-01-05T12:01:01.000Z"}


def test_34_triggering_again_returns_the_newest_check_unless_forced(client: Client) -> None:
    first = trigger(client)
    again = trigger(client, forceRetrigger=None)
    assert (again.status_code, again.json()) == (200, first.json())
    forced = trigger(client, forceRetrigger=True)
    assert (forced.status_code, forced.json()["id"] != first.json()["id"]) == (201, True)
    assert trigger(client).json() == forced.json()
    assert client.get("/onboarding/kyb") == [forced.json(), first.json()]


def test_34_a_check_can_be_triggered_without_a_body(client: Client) -> None:
    path = f"{client.merchant}/onboarding/kyb"
    assert client.request("POST", path, headers={"Content-Type": None}).status_code == 201
    assert client.request("POST", path, content=b"").status_code == 200
    refused = client.request("POST", path, {"forceRetrigger": "yes"})
    assert (code_of(refused), refused.json()["message"]) == (
        (422, "COM90003"),
        "forceRetrigger must be a boolean value",
    )


def test_34_the_setting_create_status_applies_to_a_new_check_only(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", create_status=200)
    assert trigger(client).status_code == 200


def test_34_timers_that_are_switched_off_never_fire(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", **cast(Any, {"timers.kyb_decision": None}))
    waits = trigger(client).json()["id"]
    emulator.set("koywe", **cast(Any, {"timers.kyb_form": None, "timers.kyb_decision": 5}))
    stands = trigger(client, forceRetrigger=True).json()["id"]
    emulator.advance("30d")
    assert read(client, waits)["status"] == "IN_PROGRESS"
    assert (read(client, stands)["status"], read(client, stands)["formUrl"]) == ("PENDING", None)


@pytest.mark.parametrize(("approved", "status"), [(True, "APPROVED"), (False, "REJECTED")])
@pytest.mark.parametrize("with_form", [False, True])
def test_34_a_command_decides_a_check_for_good(
    emulator: Emulator, client: Client, approved: bool, status: str, with_form: bool
) -> None:
    kyb_id = trigger(client).json()["id"]
    if with_form:
        emulator.advance("2s")
    decided = decide(emulator, "decide_kyb", kyb=kyb_id, approved=approved)
    assert (decided["status"], decided["formUrl"] is not None) == (status, with_form)
    emulator.advance("1h")
    assert read(client, kyb_id) == decided
    with pytest.raises(ControlRefused, match=f"{kyb_id} is already {status}, which is final"):
        decide(emulator, "decide_kyb", kyb=kyb_id, approved=not approved)


def test_34_a_command_for_an_unknown_check_is_refused_with_the_known_ones(emulator: Emulator, client: Client) -> None:
    with pytest.raises(ControlRefused, match="kyb: no check 'kyb_1': there are none yet"):
        decide(emulator, "decide_kyb", kyb="kyb_1", approved=True)
    kyb_id = trigger(client).json()["id"]
    with pytest.raises(ControlRefused, match=f"use one of {kyb_id}"):
        decide(emulator, "decide_kyb", kyb="kyb_1", approved=True)


def test_34_an_unknown_check_and_one_of_another_merchant_are_not_found(client: Client) -> None:
    kyb_id = trigger(client).json()["id"]
    other = client.request("POST", f"{client.organization}/merchants", {"name": "Two", "countrySymbol": "CO"}).json()
    for merchant_id, each in ((client.merchant_id, "kyb_1"), (other["id"], kyb_id)):
        path = f"{client.organization}/merchants/{merchant_id}/onboarding/kyb/{each}"
        refused = client.request("GET", path)
        assert (code_of(refused), refused.json()["message"]) == ((404, "MC90002"), "KYB not found")
    client.organization_id = "org_other"
    assert client.get("/onboarding/kyb") == []
    assert code_of(client.request("GET", f"{client.merchant}/onboarding/kyb/{kyb_id}")) == (404, "MC90002")
    assert code_of(trigger(client)) == (403, "MC00015")


def test_34_the_form_is_a_page_that_names_merchant_and_status(emulator: Emulator, client: Client) -> None:
    client.request("PUT", client.merchant, {"name": "Ana <b> & Co"})
    kyb_id = trigger(client).json()["id"]
    emulator.advance("2s")
    form_url = str(read(client, kyb_id)["formUrl"])
    page = httpx.get(form_url)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-store"
    assert "Ana &lt;b&gt; &amp; Co</h2>" in page.text
    assert "Status: IN_PROGRESS" in page.text
    decide(emulator, "decide_kyb", kyb=kyb_id, approved=False)
    assert "Status: REJECTED" in httpx.get(form_url).text
    assert code_of(httpx.get(f"{client.url}/kyb/kyb_1")) == (404, "MC90002")


def test_34_the_form_is_found_in_its_own_sandbox_even_after_a_restore(emulator: Emulator, client: Client) -> None:
    kyb_id = trigger(client).json()["id"]
    snapshot = emulator.call("GET", "snapshot")
    emulator.reset()
    form_url = f"{client.url}/kyb/{kyb_id}"
    assert code_of(httpx.get(form_url)) == (404, "MC90002")
    emulator.call("PUT", "snapshot", snapshot)
    assert "Emulator Store" in httpx.get(form_url).text


def test_34_the_link_to_the_form_has_the_address_that_the_client_used(emulator: Emulator, client: Client) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    token = client.sign_in().json()["token"]
    path = f"{front}/koywe{client.merchant}/onboarding/kyb"
    triggered = httpx.post(path, json={}, headers={"Authorization": f"Bearer {token}"}).json()
    emulator.advance("2s")
    form_url = read(client, triggered["id"])["formUrl"]
    assert form_url == f"{front}/koywe/kyb/{triggered['id']}"
    assert httpx.get(form_url).status_code == 200


def test_34_onboarding_lists_every_merchant_that_the_credential_sees(emulator: Emulator, client: Client) -> None:
    body = {"name": "Two", "countrySymbol": "CO"}
    other = client.request("POST", f"{client.organization}/merchants", body).json()["id"]
    untouched = [
        {"merchantId": client.merchant_id, "kybId": None, "status": "NOT_STARTED"},
        {"merchantId": other, "kybId": None, "status": "NOT_STARTED"},
    ]
    assert client.request("GET", ME).json() == {
        "apiKey": client.api_key,
        "organizationId": client.organization_id,
        "evaluations": untouched,
    }
    trigger(client)
    kyb_id = trigger(client, forceRetrigger=True).json()["id"]
    emulator.advance("2m")
    started = {"merchantId": client.merchant_id, "kybId": kyb_id, "status": "APPROVED"}
    assert client.request("GET", ME).json()["evaluations"] == [started, untouched[1]]
    path = f"/api/v1/auth/organizations/{client.organization_id}/merchants/{client.merchant_id}/credentials"
    made = client.request("POST", path, {"name": "Till"}).json()
    with Client(emulator, api_key=made["apiKey"]) as till:
        till.secret = made["secret"]
        assert till.request("GET", ME).json()["evaluations"] == [started]


# -- registrations


def test_34_a_draft_is_created_changed_read_and_submitted_once(emulator: Emulator, client: Client) -> None:
    made = client.request("POST", DRAFTS, {"applicant": APPLICANT})
    assert made.status_code == 201
    draft = made.json()
    assert draft == {
        "id": draft["id"],
        "status": "DRAFT",
        "applicant": APPLICANT,
        "company": None,
        "registrationId": None,
        "createdAt": NOON,
        "updatedAt": NOON,
    }
    emulator.advance("1s")
    path = f"{DRAFTS}/{draft['id']}"
    changed = client.request("PUT", path, {"company": {"name": "X"}, "applicant": None})
    assert changed.status_code == 200
    assert changed.json() == {**draft, "company": {"name": "X"}, "updatedAt": "2026-01-05T12:00:01.000Z"}
    assert client.request("PUT", path, {"company": {}}).json()["company"] == {}, "a part is replaced as a whole"
    assert client.request("GET", path).json()["applicant"] == APPLICANT
    handed_in = client.request("POST", f"{FORMS}/{draft['id']}")
    assert handed_in.status_code == 201
    registration = handed_in.json()
    assert registration == {
        "registrationId": registration["registrationId"],
        "draftId": draft["id"],
        "status": "SUBMITTED",
        "createdAt": "2026-01-05T12:00:01.000Z",
    }
    read_again = client.request("GET", path).json()
    assert (read_again["status"], read_again["registrationId"]) == ("SUBMITTED", registration["registrationId"])
    for refused in (client.request("POST", f"{FORMS}/{draft['id']}"), client.request("PUT", path, {"company": {}})):
        assert (code_of(refused), refused.json()["message"]) == ((409, "MC90003"), "Draft already submitted")


def test_34_an_unknown_draft_is_not_found_before_the_body_is_checked(client: Client) -> None:
    for method, path in (("GET", f"{DRAFTS}/drf_1"), ("PUT", f"{DRAFTS}/drf_1"), ("POST", f"{FORMS}/drf_1")):
        refused = client.request(method, path, {"applicant": 5})
        assert (code_of(refused), refused.json()["message"]) == ((404, "MC90004"), "Draft not found")


def test_34_the_body_is_checked_before_whether_the_draft_was_submitted(client: Client) -> None:
    draft_id = client.request("POST", DRAFTS, {}).json()["id"]
    client.request("POST", f"{FORMS}/{draft_id}")
    for method, path in (("PUT", f"{DRAFTS}/{draft_id}"), ("POST", DRAFTS)):
        refused = client.request(method, path, {"applicant": [], "company": "X"})
        assert code_of(refused) == (422, "COM90003")
        assert refused.json()["message"] == "applicant must be an object, company must be an object"


def test_34_parts_keep_their_nulls(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", null_fields="omit")
    draft = client.request("POST", DRAFTS, {"applicant": APPLICANT}).json()
    assert draft["applicant"] == APPLICANT
    assert "company" not in draft


def test_34_registrations_are_listed_newest_first_and_commands_decide_them(emulator: Emulator, client: Client) -> None:
    assert client.request("GET", REGISTRATIONS).json() == []
    made = []
    for _ in range(3):
        draft_id = client.request("POST", DRAFTS, {}).json()["id"]
        made.append(client.request("POST", f"{FORMS}/{draft_id}").json())
    assert client.request("GET", REGISTRATIONS).json() == made[::-1]
    first, second = made[0]["registrationId"], made[1]["registrationId"]
    emulator.advance("30d")
    assert client.request("GET", f"{REGISTRATIONS}/{first}/status").json() == {
        "registrationId": first,
        "status": "SUBMITTED",
    }
    decide(emulator, "decide_registration", registration=first, approved=True)
    decide(emulator, "decide_registration", registration=second, approved=False)
    assert [each["status"] for each in client.request("GET", REGISTRATIONS).json()] == [
        "SUBMITTED", "REJECTED", "APPROVED",
    ]  # fmt: skip
    with pytest.raises(ControlRefused, match=f"{first} is already APPROVED, which is final"):
        decide(emulator, "decide_registration", registration=first, approved=False)
    with pytest.raises(ControlRefused, match="registration: no 'reg_1': use one of reg_"):
        decide(emulator, "decide_registration", registration="reg_1", approved=False)


def test_34_an_unknown_registration_is_not_found(client: Client) -> None:
    refused = client.request("GET", f"{REGISTRATIONS}/reg_1/status")
    assert (code_of(refused), refused.json()["message"]) == ((404, "MC90006"), "Registration not found")


# -- what forms offer


@pytest.mark.parametrize("country", ["CO", "CL", "MX", "BR", "AR", "PE", "BO", "US"])
def test_34_every_country_has_economic_activities(client: Client, country: str) -> None:
    assert client.request("GET", f"/api/v1/countries/{country}/economic-activities").json() == [
        {"code": "4791", "name": "Retail sale by mail order or internet"},
        {"code": "6201", "name": "Computer programming"},
        {"code": "6492", "name": "Other credit granting"},
    ]


@pytest.mark.parametrize("country", ["XX", "cl", "CHL"])
def test_34_another_country_is_not_found(client: Client, country: str) -> None:
    refused = client.request("GET", f"/api/v1/countries/{country}/economic-activities")
    assert (code_of(refused), refused.json()["message"]) == ((404, "CNT90001"), "Country not found")


def test_34_the_roles_in_companies_are_listed(client: Client) -> None:
    assert client.request("GET", "/api/v1/applicant-company-roles").json() == [
        {"code": "LEGAL_REPRESENTATIVE", "name": "Legal representative"},
        {"code": "DIRECTOR", "name": "Director"},
        {"code": "SHAREHOLDER", "name": "Shareholder"},
        {"code": "EMPLOYEE", "name": "Employee"},
    ]


def test_34_every_call_needs_a_token_and_every_write_the_permission(emulator: Emulator, client: Client) -> None:
    draft_id = client.request("POST", DRAFTS, {}).json()["id"]
    kyb = f"{client.merchant}/onboarding/kyb"
    reads = (kyb, f"{kyb}/kyb_1", ME, f"{DRAFTS}/{draft_id}", REGISTRATIONS, f"{REGISTRATIONS}/reg_1/status",
             "/api/v1/countries/CL/economic-activities", "/api/v1/applicant-company-roles")  # fmt: skip
    writes = (("POST", kyb), ("POST", DRAFTS), ("PUT", f"{DRAFTS}/{draft_id}"), ("POST", f"{FORMS}/{draft_id}"))
    with Client(emulator, api_key=f"readonly-{emulator.name}") as reader:
        for path in reads:
            assert reader.request("GET", path).status_code in (200, 404), path
            assert code_of(reader.request("GET", path, headers={"Authorization": None})) == (401, "AUTH90001")
        for method, path in writes:
            assert code_of(reader.request(method, path, {})) == (403, "PER90001"), path
