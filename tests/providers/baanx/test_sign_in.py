"""Logging in: passwords, one-time codes that are sent, and those of an authenticator."""

import re
from typing import Any

import pytest

from emulator.core import json_text
from emulator.providers.baanx.accounts import one_time_codes
from emulator.testing import Emulator
from tests.clients.baanx import Client

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
MAIN_ID = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c02"
CODE_USER_ID = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c04"
WRONG_CODE = (400, {"message": "Invalid OTP code"})
BAD_CREDENTIALS = (401, {"message": "Incorrect email or password"})


def enter(client: Client, emulator: Emulator, word: str, **more: Any) -> tuple[int, Any]:
    """Logs a user of the sandbox in; status and body."""
    response = client.login(f"{word}@{emulator.name}.test", **more)
    return response.status_code, response.json()


def send_code(client: Client, user_id: Any = CODE_USER_ID) -> tuple[int, Any]:
    response = client.request("POST", "/v1/auth/login/otp", {"userId": user_id}, headers={"Authorization": None})
    return response.status_code, response.json()


def seconds(emulator: Emulator) -> int:
    return int(emulator.call("GET", "clock")["now_ms"]) // 1000


def test_16_a_finished_login_returns_a_token(emulator: Emulator, client: Client) -> None:
    client.token = ""
    status, body = enter(client, emulator, "user")
    token = body.pop("accessToken")
    assert (status, list(body.items())) == (
        200,
        [
            ("userId", MAIN_ID),
            ("isOtpRequired", False),
            ("phoneNumber", None),
            ("phase", None),
            ("verificationState", "VERIFIED"),
            ("isLinked", False),
        ],
    )
    assert re.fullmatch(UUID, token)
    client.token = token
    assert client.create().status_code == 200


def test_16_the_access_token_comes_first(emulator: Emulator, client: Client) -> None:
    assert list(enter(client, emulator, "user")[1])[:2] == ["accessToken", "userId"]


def test_16_a_token_of_the_us_region_has_a_prefix(emulator: Emulator, client: Client) -> None:
    client.token = enter(client, emulator, "us")[1]["accessToken"]
    assert re.fullmatch(f"US_{UUID}", client.token)
    assert client.request("GET", "/v1/user").json()["usState"] == "NY"


def test_16_a_new_login_leaves_older_tokens_valid(emulator: Emulator, client: Client) -> None:
    first, second = (enter(client, emulator, "user")[1]["accessToken"] for _ in range(2))
    assert first != second
    for client.token in (first, second):
        assert client.request("GET", "/v1/user").status_code == 200


def test_16_the_case_of_an_email_address_is_ignored(emulator: Emulator, client: Client) -> None:
    assert client.login(f"USER@{emulator.name.upper()}.Test").status_code == 200


def test_16_a_code_is_sent_and_can_be_used_once(emulator: Emulator, client: Client) -> None:
    status, body = enter(client, emulator, "otp")
    assert (status, body["accessToken"], body["isOtpRequired"], body["phase"]) == (200, None, True, None)
    assert body["phoneNumber"] == "+447*****104"
    assert send_code(client, body["userId"]) == (200, {"success": True})
    emulator.advance("299999ms")
    status, body = enter(client, emulator, "otp", otpCode="123456")
    assert (status, body["isOtpRequired"], body["phoneNumber"]) == (200, False, None)
    assert re.fullmatch(UUID, body["accessToken"])
    assert enter(client, emulator, "otp", otpCode="123456") == WRONG_CODE


def test_16_a_code_that_was_not_asked_for_is_wrong(emulator: Emulator, client: Client) -> None:
    assert enter(client, emulator, "otp", otpCode="123456") == WRONG_CODE


def test_16_a_wrong_code_leaves_the_right_one_valid(emulator: Emulator, client: Client) -> None:
    send_code(client)
    assert enter(client, emulator, "otp", otpCode="123457") == WRONG_CODE
    assert enter(client, emulator, "otp", otpCode="123456")[0] == 200


def test_16_a_code_expires_after_five_minutes(emulator: Emulator, client: Client) -> None:
    send_code(client)
    emulator.advance("300s")
    assert enter(client, emulator, "otp", otpCode="123456") == WRONG_CODE
    send_code(client)
    assert enter(client, emulator, "otp", otpCode="123456")[0] == 200


def test_16_a_new_code_voids_the_older_one(emulator: Emulator, client: Client) -> None:
    send_code(client)
    emulator.set("baanx", users={"otp": {"otpCode": "000001"}})
    assert enter(client, emulator, "otp", otpCode="000001") == WRONG_CODE
    send_code(client)
    assert enter(client, emulator, "otp", otpCode="123456") == WRONG_CODE
    assert enter(client, emulator, "otp", otpCode="000001")[0] == 200


def test_16_a_login_without_a_required_code_can_be_refused_instead(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", otp_required_style="error400")
    assert enter(client, emulator, "otp") == (400, {"message": "OTP required"})
    send_code(client)
    assert enter(client, emulator, "otp", otpCode="123456")[0] == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [({}, "userId is required"), ({"userId": None}, "userId is required"), ({"userId": ""}, "userId is required"),
     ({"userId": 7}, "userId is required"), ([], "Request body must be a JSON object")],
)  # fmt: skip
def test_16_a_code_needs_a_user(client: Client, body: Any, message: str) -> None:
    response = client.request("POST", "/v1/auth/login/otp", body)
    assert (response.status_code, response.json()) == (422, {"message": message})


def test_16_there_is_no_code_for_an_unknown_user(client: Client) -> None:
    assert send_code(client, MAIN_ID.replace("3", "4")) == (404, {"message": "User not found"})


@pytest.mark.parametrize("offset_s", [-30, 0, 30])
def test_16_a_code_of_an_authenticator_needs_no_call(emulator: Emulator, client: Client, offset_s: int) -> None:
    emulator.set("baanx", totp_clock="sandbox")
    status, body = enter(client, emulator, "totp")
    assert (status, body["accessToken"], body["isOtpRequired"]) == (200, None, True)
    code = one_time_codes.totp(SECRET, seconds(emulator) + offset_s)
    assert enter(client, emulator, "totp", otpCode=code)[0] == 200


def test_16_a_code_of_an_authenticator_can_be_used_again_while_it_is_valid(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", totp_clock="sandbox")
    code = one_time_codes.totp(SECRET, seconds(emulator))
    tokens = {enter(client, emulator, "totp", otpCode=code)[1]["accessToken"] for _ in range(3)}
    assert len(tokens - {None}) == 3
    emulator.advance("60s")
    assert enter(client, emulator, "totp", otpCode=code) == WRONG_CODE


@pytest.mark.parametrize("offset_s", [-90, -60, 60, 90])
def test_16_a_code_of_another_time_is_wrong(emulator: Emulator, client: Client, offset_s: int) -> None:
    code = one_time_codes.totp(SECRET, seconds(emulator) + offset_s)
    assert enter(client, emulator, "totp", otpCode=code) == WRONG_CODE


def test_16_the_published_code_is_valid_at_its_time(emulator: Emulator, client: Client) -> None:
    with (
        Emulator.create(
            emulator.control_url, name=f"{emulator.name}-b", clock={"mode": "manual", "now": 1735119737000}
        ) as sandbox,
        Client(sandbox) as app,
    ):
        assert enter(app, sandbox, "totp", otpCode="743523")[0] == 200


@pytest.mark.parametrize(
    ("clock", "sandbox_code", "real_code"), [("either", 200, 200), ("sandbox", 200, 400), ("real", 400, 200)]
)
def test_16_a_setting_says_whose_time_an_authenticator_shows(
    emulator: Emulator, client: Client, clock: Any, sandbox_code: int, real_code: int
) -> None:
    with Emulator.create(emulator.control_url, name=f"{emulator.name}-b", clock={"mode": "real"}) as live:
        real_s = seconds(live)
    emulator.set("baanx", totp_clock=clock)
    shown = one_time_codes.totp(SECRET, seconds(emulator))
    assert enter(client, emulator, "totp", otpCode=shown)[0] == sandbox_code
    assert enter(client, emulator, "totp", otpCode=one_time_codes.totp(SECRET, real_s))[0] == real_code


def test_16_without_a_secret_no_code_is_valid(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", users={"user": {"secondFactor": "totp"}})
    code = one_time_codes.totp(SECRET, seconds(emulator))
    assert enter(client, emulator, "user", otpCode=code) == WRONG_CODE


def test_16_a_user_who_is_still_onboarding_gets_no_token(emulator: Emulator, client: Client) -> None:
    status, body = enter(client, emulator, "onboarding")
    assert (status, body["accessToken"], body["phase"]) == (200, None, "PERSONAL_INFORMATION")
    assert (body["isOtpRequired"], body["phoneNumber"], body["verificationState"]) == (False, None, "UNVERIFIED")


@pytest.mark.parametrize("phase", ["ACCOUNT", "PHONE_NUMBER", "PHYSICAL_ADDRESS", "MAILING_ADDRESS", None])
def test_16_every_step_of_the_onboarding_can_be_reached(emulator: Emulator, client: Client, phase: str | None) -> None:
    emulator.set("baanx", users={"onboarding": {"phase": phase}})
    body = enter(client, emulator, "onboarding")[1]
    assert body["phase"] == phase
    assert (body["accessToken"] is None) is (phase is not None)


def test_16_a_wrong_password_and_an_unknown_email_look_alike(emulator: Emulator, client: Client) -> None:
    assert enter(client, emulator, "user", password="Sandbox") == BAD_CREDENTIALS
    assert enter(client, emulator, "nobody") == BAD_CREDENTIALS
    assert enter(client, emulator, "disabled", password="x") == BAD_CREDENTIALS
    emulator.set("baanx", login_failure_status=400)
    assert enter(client, emulator, "nobody") == (400, BAD_CREDENTIALS[1])


def test_16_a_disabled_user_is_refused_as_such(emulator: Emulator, client: Client) -> None:
    assert enter(client, emulator, "disabled") == (403, {"message": "Your account has been disabled"})
    emulator.set("baanx", users={"disabled": {"disabled": False}, "user": {"disabled": True, "phase": "ACCOUNT"}})
    assert enter(client, emulator, "disabled")[0] == 200
    assert enter(client, emulator, "user")[0] == 403


# Members of the login, `...` for one that is absent, and the message.
BROKEN_LOGINS: list[tuple[dict[str, Any], str]] = [
    *(({"email": value}, "email is required") for value in (..., None, "", 1, [0])),
    *(({"email": value}, "email must be a valid email") for value in ("user", "user@", "@a.test", "a b@c.test", "a@b")),
    *(({"password": value}, "password is required") for value in (..., None, "", 1, {"a": 1})),
    *(
        ({"otpCode": value}, "otpCode must be 6 digits")
        for value in (None, "", "12345", "1234567", "12345a", 123456, "１２３４５６")
    ),
    ({"email": "", "password": "", "otpCode": ""}, "email is required"),
    ({"email": "a@b.test", "password": "", "otpCode": ""}, "password is required"),
]


@pytest.mark.parametrize(("members", "message"), BROKEN_LOGINS)
def test_16_a_malformed_login_is_refused_with_the_reason(client: Client, members: dict[str, Any], message: str) -> None:
    body: dict[str, Any] = {"email": "user@default.test", "password": "sandbox"} | members
    body = {name: value for name, value in body.items() if value is not ...}
    response = client.request("POST", "/v1/auth/login", body)
    assert (response.status_code, response.json()) == (422, {"message": message})


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/auth/login/otp"])
@pytest.mark.parametrize(
    ("content", "content_type", "message"),
    [
        (b"{}", "text/plain", "Content-Type must be application/json"),
        (b"{", "application/json", "Request body is not valid JSON"),
        (b"[]", "application/json", "Request body must be a JSON object"),
    ],
)
def test_16_bodies_are_checked_like_those_of_orders(
    client: Client, path: str, content: bytes, content_type: str, message: str
) -> None:
    response = client.request("POST", path, content=content, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()) == (422, {"message": message})


def test_16_any_member_of_a_user_can_be_changed(emulator: Emulator, client: Client) -> None:
    changes = {"email": "ada@example.test", "password": "other", "region": "us", "verificationState": "REJECTED"}
    emulator.set("baanx", users={"user": changes})
    assert enter(client, emulator, "user") == BAD_CREDENTIALS
    body = client.login("ada@example.test", "other").json()
    assert body["accessToken"].startswith("US_")
    assert body["verificationState"] == "REJECTED"


def test_the_journal_shows_no_secret_of_a_login(emulator: Emulator, client: Client) -> None:
    send_code(client)
    token = enter(client, emulator, "otp", otpCode="123456")[1]["accessToken"]
    enter(client, emulator, "otp", password="hunter2", otpCode="654321")
    told = json_text.encode(emulator.journal()).decode()
    for secret in (token, "hunter2", "654321", "123456"):
        assert secret not in told
