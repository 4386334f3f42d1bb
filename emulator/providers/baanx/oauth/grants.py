"""The older OAuth calls: an app starts an authorization, its user consents, the app trades the code for tokens, and all
of it is revoked.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate,
https://docs.baanx.com/api-reference/auth/oauth-authorize, https://docs.baanx.com/api-reference/auth/oauth-token and
https://docs.baanx.com/api-reference/auth/oauth-revoke, seen 2026-11. Assumed: most statuses and texts of refusals.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts import tokens
from emulator.providers.baanx.accounts.users import User, unlink_user
from emulator.providers.baanx.oauth import codes, consent, pkce, redirects, sessions
from emulator.providers.baanx.oauth.parameters import (
    read_query,
    refuse_parameter,
    require_grant_type,
    require_object,
    require_parameters,
)

INITIATE_PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
)
"""What the start of an authorization must carry, in the order in which a missing one is named."""

GRANT_PARAMETERS: dict[str, tuple[str, ...]] = {
    "authorization_code": ("code", "redirect_uri", "code_verifier"),
    "refresh_token": ("refresh_token",),
}
"""What the token call must carry besides `grant_type`, for each grant that exists."""


def initiate_oauth(call: Call) -> Reply:
    """`GET /v1/auth/oauth/authorize/initiate`: 200 with a session token and the page's address, or without `mode=api`
    302 to that page. Refuses with `invalid_request`, `invalid_client`."""
    query = read_query(call.request)
    require_parameters(query, INITIATE_PARAMETERS)
    for violation in call.provider.schemas["initiate-oauth.query"].violations(query):
        refuse_parameter(str(violation.path[0]), violation.message)
    if not pkce.is_code_challenge(query["code_challenge"]):
        refuse_parameter("code_challenge", "an S256 challenge has 43 characters of base64url without padding")
    problem = redirects.find_redirect_problem(query["redirect_uri"], call.settings["redirect_uris"])
    if problem is not None:
        refuse_parameter("redirect_uri", problem)
    expected = catalogue.client_key(call.tx.sandbox_name)
    if query["client_id"] != expected:
        raise Refusal("invalid_client", f"client_id must be {expected!r} in this sandbox")
    session = sessions.AuthorizationSession(
        session_id=call.tx.chance.uuid(),
        client_id=query["client_id"],
        redirect_uri=query["redirect_uri"],
        state=query["state"],
        code_challenge=query["code_challenge"],
    )
    token = sessions.sign_session(session, sessions.session_key(call.tx.sandbox_name), call.tx.now_ms)
    url = sessions.write_hosted_url(call.base_url, token)
    body = {"token": token, "url": url}
    if query.get("mode") == "api" or call.settings["initiate_style"] == "json":
        return wire.write_answer(call, body)
    return wire.write_answer(call, body, 302, (("Location", url),))


def authorize_oauth(call: Call) -> Reply:
    """`POST /v1/auth/oauth/authorize`: 200 with a code for the token call. Refuses with `invalid_request`,
    `unauthenticated`."""
    require_object(call)
    require_parameters(call.body, ("token",))
    key = sessions.session_key(call.tx.sandbox_name)
    session = sessions.read_session(call.body["token"], key, call.tx.now_ms)
    if isinstance(session, sessions.SessionRefused):
        raise Refusal("unauthenticated", f"the session token is not valid: {session.reason}")
    if session.family != "oauth":
        raise Refusal("unauthenticated", "the session token comes from the newer OAuth calls")
    code = codes.issue_code(call, session, call.caller.word)
    url = consent.write_return_url(call, session, call.caller, code)
    return wire.write_answer(call, {"url": url, "code": code, "state": session.state})


def create_oauth_token(call: Call) -> Reply:
    """`POST /v1/auth/oauth/token`: 200 with a new pair of tokens. Refuses with `invalid_request`,
    `unsupported_grant_type`, `invalid_grant`."""
    require_object(call)
    user, grant = _GRANTS[require_grant_type(call.body, GRANT_PARAMETERS)](call)
    access, refresh = tokens.issue_pair(call, user, grant)
    body = {
        "access_token": access,
        "expires_in": tokens.ACCESS_TOKEN_LIFETIME_S,
        "refresh_token": refresh,
        "refresh_token_expires_in": tokens.REFRESH_TOKEN_LIFETIME_S,
        "token_type": "Bearer",
    }
    return wire.write_answer(call, body)


def revoke_oauth(call: Call) -> Reply:
    """`DELETE /v1/auth/oauth/revoke`: 200; everything that OAuth has issued for the user is void, logins stay valid."""
    tokens.end_grants(call.tx, call.caller.word)
    unlink_user(call.tx, call.caller.word)
    return wire.write_answer(call, {"success": True})


def _use_code(call: Call) -> tuple[User, str]:
    body = call.body
    user, _ = codes.use_code(call, "oauth", body["code"], body["redirect_uri"], body["code_verifier"])
    return user, call.tx.chance.uuid()


def _use_refresh_token(call: Call) -> tuple[User, str]:
    user, issued = tokens.use_refresh_token(call, call.body["refresh_token"], "oauth")
    return user, issued.grant


_GRANTS = {"authorization_code": _use_code, "refresh_token": _use_refresh_token}
