"""Each common mistake with tokens and client keys is made and named, in answer, journal and diagnosis."""

import json
from collections.abc import Mapping

import httpx
import pytest

from emulator.providers.koywe.sign_in.tokens import make_token
from emulator.testing import Emulator
from tests.clients import koywe
from tests.refused import ASK, ask_baanx, filled, told

# -- Baanx

BAANX: dict[str, tuple[Mapping[str, str | None], str, str]] = {
    "another header": (
        {"X-Client-ID": None, "X-Api-Key": "{client_id}"}, "it is in the header X-Api-Key; send", "client key",
    ),
    "nothing": ({"X-Client-ID": None}, "x-client-id or x-client-key is missing; send the client key", "client key"),
    "a token as key": ({"X-Client-ID": "{token}"}, "it is a user's token, which belongs in", "client key"),
    "key of another sandbox": ({"X-Client-ID": "client-nowhere"}, "it belongs to the sandbox nowhere", "client key"),
    "key in quotation marks": ({"X-Client-ID": '"{client_id}"'}, "it is in quotation marks", "client key"),
    "two keys": ({"x-client-key": "client-other"}, "differ, or one was sent twice", "client key"),
    "key without value": ({"X-Client-ID": "undefined"}, "the client's variable has no value", "client key"),
    "no Bearer": ({"Authorization": "{token}"}, "the token is there, but Bearer is missing before it", "user"),
    "Token": ({"Authorization": "Token {token}"}, "after Token in place of Bearer", "user"),
    "Basic": ({"Authorization": "Basic YTpi"}, "this is HTTP Basic", "user"),
    "token in another header": (
        {"Authorization": None, "X-Access-Token": "{token}"}, "it is in the header X-Access-Token", "user",
    ),
    "no token": ({"Authorization": None}, "Authorization is missing; send a user's token in Authorization", "user"),
    "empty Bearer": ({"Authorization": "Bearer"}, "Authorization has no token, as the client's variable", "user"),
    "Bearer undefined": ({"Authorization": "Bearer undefined"}, "the client's variable has no value", "user"),
    "Bearer twice": ({"Authorization": "Bearer Bearer {token}"}, "there is a scheme before it", "user"),
    "token in quotation marks": ({"Authorization": 'Bearer "{token}"'}, "it is in quotation marks", "user"),
    "token of another sandbox": ({"Authorization": "Bearer user-nowhere"}, "it belongs to the sandbox nowhere", "user"),
    "the client key as token": ({"Authorization": "Bearer {client_id}"}, "it is the client key", "user"),
    "an e-mail address": ({"Authorization": "Bearer {email}"}, "it is an e-mail address", "user"),
    "the whole answer": ({"Authorization": 'Bearer {"accessToken":"x"}'}, "the whole answer of the login", "user"),
    "a JWT": ({"Authorization": "Bearer eyJh.eyJz.c2ln"}, "it is a JWT", "user"),
    "one that was issued elsewhere": (
        {"Authorization": "Bearer 3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"}, "it was issued by another sandbox", "user",
    ),
    "one that has expired": ({"Authorization": "Bearer expired-default"}, "has always been expired", "user"),
    "one that nobody knows": ({"Authorization": "Bearer nobody"}, "no such token", "user"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAANX)
def test_a_wrong_credential_of_baanx_is_named(default: Emulator, case: str) -> None:
    headers, mistake, check = BAANX[case]
    found = told(default, ask_baanx(default, headers))
    assert mistake in found["sentence"]
    assert next(each["name"] for each in found["checks"] if each["outcome"] == "refused") == check
    right = {"client key": "client-default", "user": "Authorization: Bearer <token of a user>"}[check]
    assert right in found["good"][0]["text"]


def test_for_an_expired_token_of_baanx_the_reason_says_since_when(emulator: Emulator) -> None:
    access = emulator.baanx.credentials
    login = {"email": access["email"], "password": access["password"]}
    client = {"X-Client-ID": str(access["client_id"])}
    answer = httpx.post(f"{emulator.baanx.url}/v1/auth/login", json=login, headers=client)
    token = answer.json()["accessToken"]
    emulator.advance("6h1s")
    found = told(emulator, ask_baanx(emulator, {"Authorization": f"Bearer {token}"}))
    assert found["sentence"] == "the token expired 1s ago by the sandbox's clock: log in again"
    assert token not in json.dumps(found)


def test_a_refresh_token_in_place_of_an_access_token_is_named(emulator: Emulator) -> None:
    emulator.set("baanx", enforce_region=True)
    found = told(emulator, ask_baanx(emulator, {"x-us-env": "true"}))
    assert found["sentence"] == (
        "the user belongs to the region international (setting enforce_region): send x-us-env: false"
    )
    assert (found["came"], found["good"][0]["text"]) == ("x-us-env: true", "x-us-env: false")


def test_a_header_excluded_by_a_setting_is_named(emulator: Emulator) -> None:
    emulator.set("baanx", client_header="client_key")
    found = told(emulator, ask_baanx(emulator, {}))
    assert found["sentence"].startswith("x-client-id does not count here (setting client_header); send")


# -- Koywe


def bearer(name: str, value: str | None) -> dict[str, str | None]:
    return {"Authorization": None, name: value}


KOYWE: dict[str, tuple[dict[str, str | None], str]] = {
    "nothing": (bearer("Authorization", None), "Authorization is missing; send Bearer and the token of a sign-in"),
    "no Bearer": (bearer("Authorization", "TOKEN"), "the token is there, but Bearer is missing before it"),
    "Token": (bearer("Authorization", "Token TOKEN"), "after Token in place of Bearer"),
    "Basic": (bearer("Authorization", "Basic YTpi"), "this is HTTP Basic: sign in"),
    "another header": (bearer("X-Access-Token", "TOKEN"), "it is in the header X-Access-Token; send it in"),
    "the api key in a header": (bearer("X-Api-Key", "{api_key}"), "it is in the header X-Api-Key, which is not"),
    "the api key as token": (bearer("Authorization", "Bearer {api_key}"), "it is an api key, which is for signing in"),
    "the secret as token": (bearer("Authorization", "Bearer {secret}"), "it is a secret, which is for signing in"),
    "Bearer undefined": (bearer("Authorization", "Bearer undefined"), "the client's variable has no value"),
    "Bearer twice": (bearer("Authorization", "Bearer Bearer TOKEN"), "there is a scheme before it"),
    "quotation marks": (bearer("Authorization", 'Bearer "TOKEN"'), "it is in quotation marks"),
    "the whole answer": (bearer("Authorization", 'Bearer {"token":"x"}'), "the whole answer of the sign-in was sent"),
    "a changed token": (bearer("Authorization", "Bearer TOKENx"), "was changed or cut off on its way"),
    "a cut token": (bearer("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.e30"), "the token was cut off"),
    "a token of somebody else": (
        bearer("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrb3l3ZSJ9.eA"),
        "it is a token that was issued elsewhere by koywe: the real provider's tokens are unknown here",
    ),
    "no token of ours": (bearer("Authorization", "Bearer x.y.z"), "the token's signature is not the emulator's"),
}


@pytest.mark.parametrize("case", KOYWE)
def test_a_wrong_token_of_koywe_is_named(default: Emulator, case: str) -> None:
    headers, mistake = KOYWE[case]
    with koywe.Client(default) as client:
        token = str(client.sign_in().json()["token"])
        sent = {
            name: value.replace("TOKEN", token) if value is not None else None
            for name, value in filled(default, "koywe", headers).items()
        }
        found = told(default, client.request("GET", "/api/v1/auth/me", headers={**ASK, **sent}))
    assert mistake in found["sentence"]
    assert next(each["name"] for each in found["checks"] if each["outcome"] == "refused") == "token"
    assert token not in json.dumps({**found, "how": None})
    assert found["good"][0]["text"] == "Authorization: Bearer <token of a sign-in with api-default>"


def test_a_token_of_koywe_from_another_sandbox_or_time_is_named(default: Emulator) -> None:
    now_ms = default.call("GET", "clock")["now_ms"]
    with koywe.Client(default) as client:
        for token, mistake in (
            (
                make_token("api-nowhere", "org_nowhere", now_ms),
                "the token belongs to the sandbox nowhere, which does not",
            ),
            (make_token("api-default.00000000", "org_default", now_ms), "its credential was removed"),
            (
                make_token("api-default", "org_default", now_ms - 3_700_000),
                "s ago by the sandbox's clock: sign in again",
            ),
        ):
            headers: dict[str, str | None] = {**ASK, "Authorization": f"Bearer {token}"}
            found = told(default, client.request("GET", "/api/v1/auth/me", headers=headers))
            assert mistake in found["sentence"]


SIGN_INS: dict[str, tuple[dict[str, str], str]] = {
    "the secret as api key": ({"apiKey": "secret-default", "secret": "x"}, "a secret was sent in place of the api key"),
    "changed places": ({"apiKey": "secret-default", "secret": "api-default"}, "are swapped"),
    "an id": ({"apiKey": "org_default"}, "an id was sent in place of the api key"),
    "another sandbox": ({"apiKey": "api-nowhere"}, "it belongs to the sandbox nowhere, which does not exist"),
    "quotation marks": ({"apiKey": '"api-default"'}, "it is in quotation marks"),
    "the api key twice": ({"secret": "api-default"}, "the api key was sent twice"),
    "the secret of another sandbox": ({"secret": "secret-nowhere"}, "it belongs to the sandbox nowhere"),
    "the secret of webhooks": ({"secret": "whsec_koywe_test"}, "it is the webhooks' secret"),
    "no value": ({"secret": "undefined"}, "the client's variable has no value"),
    "a line break": ({"secret": "secret-default\n"}, "a line break is in it"),
    "a wrong one": ({"secret": "nonsense"}, "the secret does not belong to api-default"),
}


@pytest.mark.parametrize("case", SIGN_INS)
def test_a_wrong_sign_in_of_koywe_is_named(default: Emulator, case: str) -> None:
    changes, mistake = SIGN_INS[case]
    body = {"apiKey": "api-default", "secret": "secret-default"} | changes
    found = told(default, httpx.post(f"{default.koywe.url}{koywe.SIGN_IN}", json=body, headers=ASK))
    assert mistake in found["sentence"]
    assert found["checks"][-1] == {"name": "sign-in", "about": found["checks"][-1]["about"], "outcome": "refused"}
    assert "secret-default" not in json.dumps({**found, "request": None})


PATHS: dict[str, tuple[str, str, str]] = {
    "changed places": ("mrc_default", "org_default", "organization and merchant are swapped"),
    "organization of another sandbox": ("org_nowhere", "mrc_default", "it belongs to the sandbox nowhere"),
    "a merchant for the organization": ("mrc_default", "mrc_default", "it is the id of a merchant"),
    "an organization for the merchant": ("org_default", "org_default", "it is the id of the organization"),
    "merchant of another sandbox": ("org_default", "mrc_nowhere", "it belongs to the sandbox nowhere"),
    "a place not filled in": ("org_default", ":merchantId", "the client did not fill in its place in the path"),
    "an api key": ("org_default", "api-default", "it is an api key"),
    "capitals": ("org_default", "MRC_DEFAULT", "it differs in upper and lower case"),
}


@pytest.mark.parametrize("case", PATHS)
def test_a_wrong_id_in_a_path_of_koywe_is_named_and_corrected(default: Emulator, case: str) -> None:
    organization, merchant, mistake = PATHS[case]
    with koywe.Client(default) as client:
        client.sign_in()
        path = f"/api/v1/organizations/{organization}/merchants/{merchant}/orders"
        found = told(default, client.request("POST", path, koywe.smallest(), headers=dict(ASK)))
    assert mistake in found["sentence"]
    assert next(each["name"] for each in found["checks"] if each["outcome"] == "refused") in (
        "merchant",
        "organization",
    )
    again = default.call("POST", f"journal/{found['request']['number']}/resend")
    assert (again["sent"]["status"], again["error"]) == (201, None)
