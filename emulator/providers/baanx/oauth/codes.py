"""Authorization codes: what a consent yields, and trading one for a user.

Sources: https://docs.baanx.com/api-reference/auth/oauth-authorize and
https://docs.baanx.com/api-reference/auth/oauth-token, seen 2026-11.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.core.durations import format_duration
from emulator.providers.baanx.accounts import tokens
from emulator.providers.baanx.accounts.users import User, link_user
from emulator.providers.baanx.oauth import pkce
from emulator.providers.baanx.oauth.sessions import AuthorizationSession
from emulator.providers.baanx.tables import CODES, Code, Family

CODE_LIFETIME_S = 600
"""Assumed: the provider says only that a code serves once."""


def issue_code(call: Call, session: AuthorizationSession, word: str) -> str:
    """A new code for the consent of a user, who counts as linked from now on."""
    code = call.tx.chance.uuid()
    grant = Code(
        user=word,
        redirect_uri=session.redirect_uri,
        code_challenge=session.code_challenge,
        expires_ms=call.tx.now_ms + CODE_LIFETIME_S * 1000,
        family=session.family,
        scope=session.scope,
    )
    call.tx.put_passing(CODES.table, code, grant, tokens.MAX_KEPT, lambda each: call.tx.now_ms >= each["expires_ms"])
    link_user(call.tx, word)
    return code


def use_code(call: Call, family: Family, code: str, redirect_uri: str | None, code_verifier: str) -> tuple[User, Code]:
    """Whose code it is and what it stands for; it is void from now on. `redirect_uri` None: not sent, and not needed.
    Refuses with `invalid_grant`."""
    grant = CODES.find(call.tx, code)
    if grant is None or grant.family != family:
        raise Refusal("invalid_grant", "there is no such code here, or it has been used")
    if call.tx.now_ms >= grant.expires_ms:
        raise Refusal("invalid_grant", f"the code expired after {format_duration(CODE_LIFETIME_S * 1000)}")
    if redirect_uri is not None and redirect_uri != grant.redirect_uri:
        raise Refusal("invalid_grant", f"redirect_uri must be exactly {grant.redirect_uri!r}")
    if not pkce.is_verifier_of(code_verifier, grant.code_challenge):
        raise Refusal("invalid_grant", f"code_verifier does not prove the challenge {grant.code_challenge!r}")
    user = tokens.require_grantor(call, grant.user)
    CODES.remove(call.tx, code)
    return user, grant
