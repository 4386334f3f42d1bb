"""The lock after failed logins."""

from typing import Any

import httpx
import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.baanx import Client
from tests.providers.baanx import browsers

LOCKED = (401, {"message": "Your account has been locked"})
WRONG = (401, {"message": "Incorrect email or password"})


def told(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def enter(client: Client, emulator: Emulator, word: str = "user", password: str = "sandbox", **more: Any) -> Any:
    return told(client.login(f"{word}@{emulator.name}.test", password, **more))


def fail(client: Client, emulator: Emulator, times: int, word: str = "user") -> None:
    for _ in range(times):
        assert enter(client, emulator, word, "wrong") == WRONG


def test_35_the_third_failure_locks_the_user_for_exactly_a_minute(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_lock="3/60")
    fail(client, emulator, 3)
    for password in ("sandbox", "wrong"):
        assert enter(client, emulator, password=password) == LOCKED
    emulator.advance("59999ms")
    assert enter(client, emulator) == LOCKED
    emulator.advance("1ms")
    assert enter(client, emulator)[0] == 200


def test_35_attempts_while_locked_do_not_extend_the_lock_and_the_count_starts_over(
    emulator: Emulator, client: Client
) -> None:
    emulator.set("baanx", login_lock="2/60")
    fail(client, emulator, 2)
    emulator.advance("59s")
    assert enter(client, emulator, password="wrong") == LOCKED
    emulator.advance("1s")
    fail(client, emulator, 1)
    assert enter(client, emulator)[0] == 200


def test_35_a_good_login_resets_the_count(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_lock="3/60")
    for _ in range(3):
        fail(client, emulator, 2)
        assert enter(client, emulator)[0] == 200


def test_35_other_users_are_not_locked_and_tokens_stay_valid(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_lock="1/60")
    fail(client, emulator, 1)
    assert enter(client, emulator) == LOCKED
    assert enter(client, emulator, "us")[0] == 200
    assert client.request("GET", "/v1/user").status_code == 200
    fail(client, emulator, 5, "nobody")
    assert enter(client, emulator, "nobody") == WRONG


def test_35_a_wrong_code_counts_as_a_failure(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_lock="2/60")
    user_id = enter(client, emulator, "otp")[1]["userId"]
    client.request("POST", "/v1/auth/login/otp", {"userId": user_id})
    for _ in range(2):
        assert enter(client, emulator, "otp", otpCode="654321") == (400, {"message": "Invalid OTP code"})
    assert enter(client, emulator, "otp", otpCode="123456") == LOCKED
    emulator.advance("60s")
    assert enter(client, emulator, "otp", otpCode="123456")[0] == 200


def test_35_a_command_ends_the_lock(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_lock="1/3600")
    fail(client, emulator, 1)
    emulator.command("baanx", "unlock_user", user="user")
    assert enter(client, emulator)[0] == 200
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.command("baanx", "unlock_user", user="nobody")


def test_35_failures_on_the_hosted_page_count_too(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", login_lock="2/60")
    page = browsers.open_page(emulator)
    for _ in range(2):
        wrong = browsers.submit(page, email=f"user@{emulator.name}.test", password="wrong")
        assert (wrong.status_code, "Incorrect email or password" in wrong.text) == (401, True)
    locked = browsers.allow(emulator, page)
    assert (locked.status_code, "Your account has been locked" in locked.text) == (401, True)
    assert enter(client, emulator) == LOCKED


def test_35_by_default_no_user_is_ever_locked(emulator: Emulator, client: Client) -> None:
    fail(client, emulator, 30)
    assert enter(client, emulator)[0] == 200
    with pytest.raises(ControlRefused, match="login_lock"):
        emulator.set("baanx", login_lock="0/5")
