"""The way back to the app: where the browser is sent once the user has consented or refused.

Source: https://docs.baanx.com/api-reference/auth/oauth-authorize, seen 2026-11. Observed: the redirect of the newer
calls, from which one wallet takes the region (`app_id`). Assumed: errors by redirect, as in RFC 6749.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.pages.page import write_redirect
from emulator.providers.baanx.accounts.users import User
from emulator.providers.baanx.oauth import codes, redirects, sessions

NO_STORE = ("Cache-Control", "no-store")


def find_app_id(call: Call, user: User) -> str:
    """What the setting `app_ids` calls the app in the user's region."""
    return str(call.settings["app_ids"][user.seed.region])


def write_return_url(call: Call, session: sessions.AuthorizationSession, user: User, code: str) -> str:
    """The app's address with the code."""
    if session.family == "oauth":
        return redirects.write_redirect_url(session.redirect_uri, {"state": session.state, "code": code})
    parameters = {"code": code, "app_id": find_app_id(call, user), "state": session.state}
    return redirects.write_redirect_url(session.redirect_uri, parameters)


def allow(call: Call, session: sessions.AuthorizationSession, user: User) -> Reply:
    """302 to the app with a new code."""
    code = codes.issue_code(call, session, user.word)
    return write_redirect(302, write_return_url(call, session, user, code))


def send_error(redirect_uri: str, state: str | None, error: str, description: str) -> Reply:
    """302 to the app with an error."""
    parameters = {"error": error, "error_description": description, "state": state}
    return write_redirect(302, redirects.write_redirect_url(redirect_uri, parameters))
