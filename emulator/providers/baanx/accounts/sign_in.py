"""Logging in and out: e-mail and password, and the one-time code of users who need one.

Sources: https://docs.baanx.com/api-reference/auth/login, https://docs.baanx.com/api-reference/auth/login-otp,
https://docs.baanx.com/guides/user/authentication and https://docs.baanx.com/api-reference/auth/logout, seen 2026-11.
Observed: codes of an authenticator. Assumed: that a code that was sent can be used once, and an authenticator's as long
as it is valid; the answer to a login from another region.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.contract.schemas import Violation
from emulator.core.durations import format_duration
from emulator.providers.baanx import wire
from emulator.providers.baanx.access import is_wrong_region, require_bearer
from emulator.providers.baanx.accounts import locks, one_time_codes, tokens
from emulator.providers.baanx.accounts.users import User, find_user_by_email, find_user_by_id
from emulator.providers.baanx.tables import SENT_CODES, SentCode

_FORM_MESSAGES = {"email": "email must be a valid email", "otpCode": "otpCode must be 6 digits"}


def sign_in(call: Call) -> Reply:
    """`POST /v1/auth/login`: 200 with a token, or with what is still to be done. Refuses with `validation`,
    `malformed_json`, `bad_credentials`, `unauthenticated`, `user_disabled`, `code_required`, `wrong_code`."""
    wire.require_object(call)
    wire.require_valid(call, "sign-in.request", word_login)
    user, is_finished = authenticate(call, call.body)
    if user.seed.phase is not None:
        return _write_outcome(call, user)
    if not is_finished:
        return _ask_for_code(call, user)
    return _write_outcome(call, user, token=tokens.issue_login_token(call, user))


def sign_out(call: Call) -> Reply:
    """`POST /v1/auth/logout`: 200, and the bearer token is invalid from now on; with the setting `logout_scope` on
    `user`, so is every other token of the user."""
    if call.settings["logout_scope"] == "user":
        tokens.end_sessions(call.tx, call.caller.word)
    else:
        tokens.end_token(call.tx, require_bearer(call), call.caller.word)
    return wire.write_answer(call, {"success": True})


def authenticate(call: Call, given: Mapping[str, str]) -> tuple[User, bool]:
    """The user of `email` and `password`, and whether the login is complete: it is not where an `otpCode` is needed and
    missing. A user who is still onboarding needs none. Refuses with `user_locked`, `bad_credentials`,
    `unauthenticated`, `user_disabled`, `wrong_code`."""
    user = _require_credentials(call, given["email"], given["password"])
    if user.seed.disabled:
        raise Refusal("user_disabled", f"the user {user.word} is disabled")
    if user.seed.phase is None and user.seed.second_factor != "none":
        code = given.get("otpCode")
        if code is None:
            return user, False
        try:
            _USE_CODE[user.seed.second_factor](call, user, code)
        except Refusal:
            locks.count_failure(call, user.word)
            raise
    locks.unlock(call.tx, user.word)
    return user, True


def send_one_time_code(call: Call) -> Reply:
    """`POST /v1/auth/login/otp`: 200; an older code becomes void. Refuses with `validation`, `malformed_json`,
    `user_not_found`."""
    wire.require_object(call)
    wire.require_valid(call, "send-one-time-code.request", _word_one_time_code)
    user = find_user_by_id(call.tx, call.body["userId"])
    if user is None:
        raise Refusal("user_not_found", f"no user has the id {call.body['userId']!r}")
    send_code(call, user)
    return wire.write_answer(call, {"success": True})


def send_code(call: Call, user: User) -> None:
    """Sends the user a one-time code; an older one becomes void."""
    expires_ms = call.tx.now_ms + one_time_codes.SENT_CODE_LIFETIME_S * 1000
    SENT_CODES.put(call.tx, user.word, SentCode(user.seed.otp_code, expires_ms))


def _require_credentials(call: Call, email: str, password: str) -> User:
    user = find_user_by_email(call.tx, email)
    if user is None:
        raise Refusal("bad_credentials", f"no user has this e-mail; there is user@{call.tx.sandbox_name}.test")
    locks.require_unlocked(call, user.word)
    if user.seed.password != password:
        locks.count_failure(call, user.word)
        raise Refusal("bad_credentials", f"not the password of {user.word}")
    if is_wrong_region(call, user.seed.region):
        raise Refusal("unauthenticated", f"the user belongs to the region {user.seed.region} (setting enforce_region)")
    return user


def _ask_for_code(call: Call, user: User) -> Reply:
    if call.settings["otp_required_style"] == "error400":
        raise Refusal("code_required", f"{user.word} needs otpCode (setting otp_required_style)")
    return _write_outcome(call, user, asks_for_code=True)


def _use_sent_code(call: Call, user: User, code: str) -> None:
    sent = SENT_CODES.find(call.tx, user.word)
    if sent is None:
        raise Refusal("wrong_code", "no code was asked for, or it has been used: call /v1/auth/login/otp")
    if call.tx.now_ms >= sent.expires_ms:
        lived = format_duration(one_time_codes.SENT_CODE_LIFETIME_S * 1000)
        raise Refusal("wrong_code", f"the code has expired after {lived}")
    if code != sent.code:
        raise Refusal("wrong_code", f"not the code that was sent, which is the otpCode of {user.word} (setting users)")
    SENT_CODES.remove(call.tx, user.word)


def _use_time_based_code(call: Call, user: User, code: str) -> None:
    secret = user.seed.totp_secret
    if secret is None:
        raise Refusal("wrong_code", f"{user.word} has no totpSecret (setting users)")
    clocks_ms = {"real": (call.tx.real_ms,), "sandbox": (call.tx.now_ms,), "either": (call.tx.now_ms, call.tx.real_ms)}
    times_ms = clocks_ms[call.settings["totp_clock"]]
    if not any(one_time_codes.is_code_of_time(secret, code, time_ms // 1000) for time_ms in times_ms):
        raise Refusal("wrong_code", "not a code of this time, nor 30 s before or after it (setting totp_clock)")


_USE_CODE = {"code": _use_sent_code, "totp": _use_time_based_code}


def _write_outcome(call: Call, user: User, *, token: str | None = None, asks_for_code: bool = False) -> Reply:
    profile = user.seed.profile
    masked = one_time_codes.write_masked_phone(profile.phone_country_code, profile.phone_number)
    body = {
        "accessToken": token,
        "userId": profile.id,
        "isOtpRequired": asks_for_code,
        "phoneNumber": masked if asks_for_code else None,
        "phase": user.seed.phase,
        "verificationState": profile.verification_state,
        "isLinked": user.state.linked,
    }
    return wire.write_answer(call, body)


def word_login(violation: Violation, value: Any) -> str:
    """The message for a broken rule of the login's schema."""
    name = str(violation.path[0])
    if name != "otpCode" and (not isinstance(value, str) or not value):
        return f"{name} is required"
    return _FORM_MESSAGES[name]


def _word_one_time_code(violation: Violation, value: Any) -> str:
    return f"{violation.path[0]} is required"
