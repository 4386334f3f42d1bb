"""The three OAuth calls: an app starts an authorization, its user consents, and the app trades the code for tokens.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate,
https://docs.baanx.com/api-reference/auth/oauth-authorize and https://docs.baanx.com/api-reference/auth/oauth-token,
seen 2026-11. Assumed: most statuses and texts of refusals.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from msgspec import convert

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts import tokens
from emulator.providers.baanx.accounts.users import User, find_user, link_user
from emulator.providers.baanx.oauth import pkce, sessions
from emulator.providers.baanx.tables import CODES, Code

CODE_LIFETIME_S = 600
"""Assumed: the provider says only that a code serves once."""

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
"""What the token call must carry beside `grant_type`, for each grant that exists."""


def initiate_oauth(call: Call) -> Reply:
    """`GET /v1/auth/oauth/authorize/initiate`: 200 with a session token and the page's address, or without `mode=api`
    302 to that page. Refuses with `invalid_request`, `invalid_client`."""
    query = dict(parse_qsl(call.request.query, keep_blank_values=True))
    _require_parameters(query, INITIATE_PARAMETERS)
    for violation in call.provider.schemas["initiate-oauth.query"].violations(query):
        _refuse_parameter(str(violation.path[0]), violation.message)
    if not pkce.is_code_challenge(query["code_challenge"]):
        _refuse_parameter("code_challenge", "an S256 challenge has 43 characters of base64url without padding")
    allowed = call.settings["redirect_uris"]
    if allowed is not None and query["redirect_uri"] not in allowed:
        _refuse_parameter("redirect_uri", f"allowed are {', '.join(allowed) or 'none'} (setting redirect_uris)")
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
    token = sessions.sign_session(session, _session_key(call), call.tx.now_ms)
    url = sessions.write_hosted_url(call.base_url, token)
    body = {"token": token, "url": url}
    if query.get("mode") != "api":
        return wire.write_answer(call, 302, body, (("Location", url),))
    return wire.write_answer(call, 200, body)


def authorize_oauth(call: Call) -> Reply:
    """`POST /v1/auth/oauth/authorize`: 200 with a code for the token call. Refuses with `invalid_request`,
    `unauthenticated`."""
    _require_object(call)
    _require_parameters(call.body, ("token",))
    session = sessions.read_session(call.body["token"], _session_key(call), call.tx.now_ms)
    if isinstance(session, sessions.SessionRefused):
        raise Refusal("unauthenticated", f"the session token is not good: {session.reason}")
    code = call.tx.chance.uuid()
    grant = Code(
        user=call.caller.word,
        redirect_uri=session.redirect_uri,
        code_challenge=session.code_challenge,
        expires_ms=call.tx.now_ms + CODE_LIFETIME_S * 1000,
    )
    call.tx.put_passing(CODES, code, grant, tokens.MAX_KEPT, lambda each: call.tx.now_ms >= each["expires_ms"])
    link_user(call.tx, call.caller.word)
    url = sessions.write_redirect_url(session.redirect_uri, session.state, code)
    return wire.write_answer(call, 200, {"url": url, "code": code, "state": session.state})


def create_oauth_token(call: Call) -> Reply:
    """`POST /v1/auth/oauth/token`: 200 with a new pair of tokens. Refuses with `invalid_request`,
    `unsupported_grant_type`, `invalid_grant`."""
    _require_object(call)
    _require_parameters(call.body, ("grant_type",))
    grant_type = call.body["grant_type"]
    if grant_type not in GRANT_PARAMETERS:
        raise Refusal("unsupported_grant_type", f"grant_type is one of {', '.join(GRANT_PARAMETERS)}")
    _require_parameters(call.body, GRANT_PARAMETERS[grant_type])
    access, refresh = tokens.issue_pair(call, _GRANTS[grant_type](call))
    body = {
        "access_token": access,
        "expires_in": tokens.ACCESS_TOKEN_LIFETIME_S,
        "refresh_token": refresh,
        "refresh_token_expires_in": tokens.REFRESH_TOKEN_LIFETIME_S,
        "token_type": "Bearer",
    }
    return wire.write_answer(call, 200, body)


def _use_code(call: Call) -> User:
    document = call.tx.get(CODES, call.body["code"])
    if document is None:
        raise Refusal("invalid_grant", "there is no such code, or it has been used")
    grant = convert(document, Code)
    if call.tx.now_ms >= grant.expires_ms:
        raise Refusal("invalid_grant", f"the code has expired after {CODE_LIFETIME_S} s")
    if call.body["redirect_uri"] != grant.redirect_uri:
        raise Refusal("invalid_grant", f"redirect_uri must be exactly {grant.redirect_uri!r}")
    if not pkce.is_verifier_of(call.body["code_verifier"], grant.code_challenge):
        raise Refusal("invalid_grant", f"code_verifier does not prove the challenge {grant.code_challenge!r}")
    user = find_user(call, grant.user)
    if user is None:
        raise Refusal("invalid_grant", "the user of the code is gone")
    call.tx.forget(CODES, call.body["code"])
    return user


def _use_refresh_token(call: Call) -> User:
    return tokens.use_refresh_token(call, call.body["refresh_token"])


_GRANTS = {"authorization_code": _use_code, "refresh_token": _use_refresh_token}


def find_missing(parameters: Mapping[str, object], names: Sequence[str]) -> str | None:
    """The first name without a value (absent, null or empty), or None when all are there."""
    return next((name for name in names if parameters.get(name) in (None, "")), None)


def _require_object(call: Call) -> None:
    refusal = wire.read_body(call)
    if refusal is not None:
        raise Refusal("invalid_request", refusal.reason, message="Request body must be a JSON object")


def _require_parameters(parameters: Mapping[str, Any], names: Sequence[str]) -> None:
    missing = find_missing(parameters, names)
    if missing is not None:
        raise Refusal("invalid_request", f"{missing} is missing", message=f"Missing required parameter: {missing}")
    for name in names:
        if not isinstance(parameters[name], str):
            _refuse_parameter(name, "it must be a text")


def _refuse_parameter(name: str, reason: str) -> NoReturn:
    raise Refusal("invalid_request", f"{name}: {reason}", message=f"Invalid parameter: {name}")


def _session_key(call: Call) -> bytes:
    # Sessions of one sandbox mean nothing in another, as those of two client keys do not.
    return f"baanx session of {call.tx.sandbox_name}".encode()
