"""The newer OAuth calls, which current wallets use: a page in the browser, scopes, forms, tokens that are JWTs.

Observed in a mobile wallet and in a hardware wallet's app of 2026; no page of the provider has them. Assumed, following
RFC 6749, RFC 7009 and RFC 7636: errors, lifetimes, scopes, the algorithm and the claims of tokens.
"""

from typing import Any, NamedTuple

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core import json_text, jwt
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts import tokens
from emulator.providers.baanx.accounts.profile import find_person
from emulator.providers.baanx.accounts.users import User
from emulator.providers.baanx.oauth import codes, consent, hosted_page, pkce, redirects, sessions
from emulator.providers.baanx.oauth.parameters import (
    read_query,
    refuse_parameter,
    require_grant_type,
    require_members,
    require_parameters,
)
from emulator.providers.baanx.oauth.sessions import AuthorizationSession

SCOPES = ("openid", "profile", "email", "platform:full", "offline_access")
_WAY_TO_HOSTED_PAGE = "../../../oauth/ui"
"""Relative to the path of the authorization, so that it also works under a mount and behind a proxy."""
GRANT_PARAMETERS: dict[str, tuple[str, ...]] = {
    "authorization_code": ("code", "code_verifier"),
    "refresh_token": ("refresh_token",),
}
"""What the token call must carry besides `grant_type`, for each grant that exists."""


class _Problem(NamedTuple):
    """An error that goes back to the app by redirect."""

    error: str
    description: str


class _Grant(NamedTuple):
    """Whom tokens are for, the name that all tokens of one consent share, and what they allow."""

    user: User
    name: str
    scope: str


def authorize_oauth2(call: Call) -> Reply:
    """`GET /v1/auth/oauth2/authorize`: 200 with the page on which the user signs in and consents. 400 with a page if
    client or redirect_uri are wrong; 302 to the app with an error for anything else that is wrong."""
    query = read_query(call.request)
    expected = catalogue.client_key(call.tx.sandbox_name)
    if query.get("client_id") != expected:
        raise Refusal("invalid_client_page", f"client_id must be {expected!r} in this sandbox")
    require_parameters(query, ("redirect_uri",))
    redirect_uri = query["redirect_uri"]
    problem = redirects.find_redirect_problem(redirect_uri, call.settings["redirect_uris"])
    if problem is not None:
        refuse_parameter("redirect_uri", problem)
    found = _find_problem(query)
    if found is not None:
        return consent.send_error(redirect_uri, query.get("state"), *found)
    session = AuthorizationSession(
        session_id=call.tx.chance.uuid(),
        client_id=expected,
        redirect_uri=redirect_uri,
        state=query.get("state"),
        code_challenge=query["code_challenge"],
        family="oauth2",
        scope=" ".join(_read_scopes(query)),
    )
    token = sessions.sign_session(session, sessions.session_key(call.tx.sandbox_name), call.tx.now_ms)
    return hosted_page.open_page(call, session, token, form_action=_WAY_TO_HOSTED_PAGE)


def create_oauth2_token(call: Call) -> Reply:
    """`POST /v1/auth/oauth2/token`: 200 with the tokens that the scopes ask for. Refuses with `invalid_request`,
    `unsupported_grant_type`, `invalid_grant`."""
    require_members(call)
    grant = _GRANTS[require_grant_type(call.body, GRANT_PARAMETERS)](call)
    return wire.write_answer(call, _write_tokens(call, grant), headers=(consent.NO_STORE,))


def revoke_oauth2_token(call: Call) -> Reply:
    """`POST /v1/auth/oauth2/revoke`: 200, whether or not there is such a token. Refuses with `invalid_request`."""
    require_members(call)
    require_parameters(call.body, ("token",))
    tokens.revoke(call.tx, call.body["token"])
    return wire.write_answer(call, {"success": True}, headers=(consent.NO_STORE,))


def _find_problem(query: dict[str, str]) -> _Problem | None:
    response_type = query.get("response_type")
    if not response_type:
        return _Problem("invalid_request", "Missing required parameter: response_type")
    if response_type != "code":
        return _Problem("unsupported_response_type", "Unsupported response type")
    for name in ("code_challenge", "code_challenge_method"):
        if not query.get(name):
            return _Problem("invalid_request", f"Missing required parameter: {name}")
    if not pkce.is_code_challenge(query["code_challenge"]):
        return _Problem("invalid_request", "Invalid parameter: code_challenge")
    if query["code_challenge_method"] != "S256":
        return _Problem("invalid_request", "Invalid parameter: code_challenge_method")
    return None if set(SCOPES).issuperset(_read_scopes(query)) else _Problem("invalid_scope", "Invalid scope")


def _read_scopes(query: dict[str, str]) -> tuple[str, ...]:
    """What is asked for, once each, in the order asked."""
    return tuple(dict.fromkeys(query.get("scope", "").split())) or SCOPES[:1]


def _use_code(call: Call) -> _Grant:
    body = call.body
    redirect_uri = body.get("redirect_uri") or None
    if redirect_uri is not None:
        require_parameters(body, ("redirect_uri",))
    user, code = codes.use_code(call, "oauth2", body["code"], redirect_uri, body["code_verifier"])
    return _Grant(user, call.tx.chance.uuid(), code.scope)


def _use_refresh_token(call: Call) -> _Grant:
    user, issued = tokens.use_refresh_token(call, call.body["refresh_token"], "oauth2")
    return _Grant(user, issued.grant, issued.scope)


_GRANTS = {"authorization_code": _use_code, "refresh_token": _use_refresh_token}


def _write_tokens(call: Call, grant: _Grant) -> dict[str, Any]:
    scopes = grant.scope.split()
    access = _sign(call, grant, {"client_id": catalogue.client_key(call.tx.sandbox_name), "scope": grant.scope})
    tokens.keep_access_token(call, access, grant.user, "oauth2", grant.name, grant.scope)
    body = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": tokens.ACCESS_TOKEN_LIFETIME_S,
        "scope": grant.scope,
    }
    if "offline_access" in scopes:
        refresh = call.tx.chance.uuid()
        tokens.keep_refresh_token(call, refresh, grant.user, "oauth2", grant.name, grant.scope)
        body["refresh_token"] = refresh
        if call.settings["oauth2_refresh_expires_in"]:
            body["refresh_token_expires_in"] = tokens.REFRESH_TOKEN_LIFETIME_S
    if "openid" in scopes:
        claims = {"aud": catalogue.client_key(call.tx.sandbox_name)}
        profile = find_person(call.tx, grant.user).profile
        if "profile" in scopes:
            claims["name"] = f"{profile.first_name} {profile.last_name}"
        if "email" in scopes:
            claims["email"] = profile.email
        body["id_token"] = _sign(call, grant, claims)
    return body


def _sign(call: Call, grant: _Grant, more: dict[str, str]) -> str:
    """A token about the user, different from any other."""
    now_s = call.tx.now_ms // 1000
    claims = {
        "sub": grant.user.seed.profile.id,
        "app_id": consent.find_app_id(call, grant.user),
        "iat": now_s,
        "exp": now_s + tokens.ACCESS_TOKEN_LIFETIME_S,
        "jti": call.tx.chance.uuid(),
        **more,
    }
    return jwt.sign(json_text.encode(claims), f"baanx tokens of {call.tx.sandbox_name}".encode())
