"""The hosted page, on which a user signs in and consents; the browser goes back to the app from there.

The docs call this way the default: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate, seen 2026-11.
Assumed: its looks, its form, and its words.
"""

from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.providers.baanx.accounts import sign_in
from emulator.providers.baanx.accounts.users import User, find_user
from emulator.providers.baanx.errors import write_message
from emulator.providers.baanx.oauth import consent, consent_page, redirects, sessions
from emulator.providers.baanx.oauth.parameters import read_form, read_query
from emulator.providers.baanx.oauth.sessions import AuthorizationSession

_ASKING = {"code": "Enter the code that was sent to you", "totp": "Enter the code of your authenticator"}
_UNFINISHED = "Your registration is not finished"


def show_consent_page(call: Call) -> Reply:
    """`GET /oauth/ui?token=...`: 200 with the page. Refuses with `bad_session`."""
    token = read_query(call.request).get("token", "")
    return open_page(call, _require_session(call, token), token)


def give_consent(call: Call) -> Reply:
    """`POST /oauth/ui`: 302 to the app with a code, or with `access_denied`; the page again with what is wrong or still
    needed. Refuses with `bad_session`."""
    form = read_form(call.request)
    token = form.get("token", "")
    session = _require_session(call, token)
    if form.get("action") == "deny":
        return consent.send_error(session.redirect_uri, session.state, "access_denied", "The user denied access")
    email = form.get("email", "")
    try:
        user, is_finished = sign_in.authenticate(call, _require_form(call, form))
    except Refusal as refusal:
        status, message = write_message(call, refusal)
        return _page(call, session, token, status=status, message=message, email=email, asks="otpCode" in form)
    if user.seed.phase is not None:
        return _page(call, session, token, status=403, message=_UNFINISHED, email=email)
    if not is_finished:
        if user.seed.second_factor == "code":
            sign_in.send_code(call, user)
        message = _ASKING[user.seed.second_factor]
        return _page(call, session, token, message=message, email=email, asks=True)
    return consent.allow(call, session, user)


def open_page(call: Call, session: AuthorizationSession, token: str, *, form_action: str = "") -> Reply:
    """The page as it is first seen; with the setting `oauth_auto_consent`, that user's consent at once."""
    word = call.settings["oauth_auto_consent"]
    user = find_user(call.tx, word) if word is not None else None
    if user is None:
        return _page(call, session, token, form_action=form_action)
    obstacle = _find_obstacle(call, user)
    if obstacle is None:
        return consent.allow(call, session, user)
    status, message = obstacle
    return _page(call, session, token, status=status, message=message, form_action=form_action)


def _find_obstacle(call: Call, user: User) -> tuple[int, str] | None:
    """Why a user could not consent, whatever the password: status and text."""
    if user.seed.disabled:
        return write_message(call, Refusal("user_disabled", "a disabled user does not consent"))
    return (403, _UNFINISHED) if user.seed.phase is not None else None


def _require_form(call: Call, form: dict[str, str]) -> dict[str, str]:
    """The members of a login; a field that is left empty counts as absent."""
    given = {name: form[name].strip() for name in ("email", "otpCode") if form.get(name, "").strip()}
    if form.get("password"):
        given["password"] = form["password"]
    schema = call.provider.schemas["sign-in.request"]
    violations = schema.violations(given)
    if violations:
        name: Any = violations[0].path[0]
        message = sign_in.word_login(violations[0], given.get(name))
        raise Refusal("validation", f"{name}: {violations[0].message}", message=message)
    return given


def _require_session(call: Call, token: str) -> AuthorizationSession:
    key = sessions.session_key(call.tx.sandbox_name)
    session = sessions.read_session(token, key, call.tx.now_ms)
    if isinstance(session, sessions.SessionRefused):
        raise Refusal("bad_session", f"the session token is not valid: {session.reason}")
    return session


def _page(
    call: Call,
    session: AuthorizationSession,
    token: str,
    *,
    status: int = 200,
    message: str = "",
    email: str = "",
    asks: bool = False,
    form_action: str = "",
) -> Reply:
    return consent_page.write_consent_page(
        status,
        client=session.client_id,
        destination=redirects.write_destination(session.redirect_uri),
        token=token,
        message=message,
        email=email,
        asks_for_code=asks,
        form_action=form_action or "ui",
    )
