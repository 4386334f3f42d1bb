"""Why a request was not trusted: the usual mistakes with client keys and tokens, tried on what came."""

from collections.abc import Collection

from emulator.contract.card import Call
from emulator.contract.chance import is_uuid
from emulator.contract.diagnosis import Diagnosis, Good
from emulator.core.credential_mistakes import find_elsewhere, find_other_writing, find_unset, list_values
from emulator.core.durations import format_duration
from emulator.providers.baanx import catalogue
from emulator.providers.baanx.tables import REFRESH_TOKENS, TOKENS

_TOKEN_HEADER = "authorization"
_BEARER = "send a user's token in Authorization, after Bearer"
_HIDDEN = "Authorization: [redacted]"
_CLIENT_HEADERS = ("x-client-id", "x-client-key")


def diagnose_missing_client(call: Call, names: Collection[str]) -> Diagnosis:
    """What is wrong with a request without a client key; `names` are the headers that count."""
    expected = catalogue.client_key(call.tx.sandbox_name)
    headers = " or ".join(names)
    other = next((name for name in _CLIENT_HEADERS if name not in names and call.header(name)), None)
    mistake = f"{other} does not count here (setting client_header)" if other else None
    if mistake is None:
        mistake = find_elsewhere(call.request, lambda value: value == expected, names)
    if mistake is None and any(call.header(name) == "" for name in names):
        mistake = "the client key is empty: the client's variable has no value"
    missing = f"{headers} is missing; send the client key in it"
    sentence = f"{mistake}; send the client key in {headers}" if mistake else missing
    return Diagnosis(sentence, mistake is not None, "", None, _good_client(names, expected))


def diagnose_client(call: Call, sent: str, names: Collection[str]) -> Diagnosis:
    """What is wrong with a client key that is not this sandbox's."""
    here = call.tx.sandbox_name
    expected = catalogue.client_key(here)
    other = catalogue.find_sandbox_of_client_key(sent)
    mistake = find_unset(sent) or find_other_writing(sent, lambda value: value == expected)
    is_token = _is_token(call, sent) or catalogue.find_sandbox_of_ready_token(sent) is not None
    if is_token:
        mistake = "it is a user's token, which belongs in Authorization, after Bearer"
    elif other is not None and other != here:
        mistake = f"it belongs to the sandbox {other}, which does not exist"
    shown = "[redacted]" if is_token else sent[:80]
    said = "the client key is not known" if is_token else f"{sent[:80]!r} is not a known client key"
    sentence = f"{said}: {mistake}" if mistake else said
    came = f"{next(name for name in names if call.header(name))}: {shown}"
    more = f"that of this sandbox is {expected!r}"
    return Diagnosis(
        sentence, mistake is not None, more, came, _good_client(names, expected), secrets=(sent,) if is_token else ()
    )


def diagnose_two_clients(call: Call, names: Collection[str]) -> Diagnosis:
    """What is wrong with client keys that differ, or with one that came twice."""
    expected = catalogue.client_key(call.tx.sandbox_name)
    came = ", ".join(f"{name}: {call.header(name)}"[:80] for name in names if call.header(name))
    told = f"{' and '.join(names)} differ, or one was sent twice"
    return Diagnosis(told, True, "send one of them, once", came, _good_client(names, expected))


def _good_client(names: Collection[str], expected: str) -> tuple[Good, ...]:
    return tuple(Good("client key", f"{name}: {expected}") for name in names)


def diagnose_missing_token(call: Call) -> Diagnosis:
    """What is wrong with a request without a token."""
    written = call.header(_TOKEN_HEADER)
    if written is None:
        mistake = find_elsewhere(call.request, lambda text: _is_token(call, text), (_TOKEN_HEADER,))
    else:
        mistake = _find_wrong_scheme(call, written)
    came = None if written is None else _HIDDEN
    said = f"Authorization is missing; {_BEARER}" if written is None else _BEARER
    sentence = f"{mistake}; {_BEARER}" if mistake else said
    tokens = tuple(text for text in list_values(call.request) if _is_token(call, text))
    return Diagnosis(sentence, mistake is not None, "", came, _good_token(call), secrets=tokens)


def _find_wrong_scheme(call: Call, written: str) -> str | None:
    text = written.strip()
    scheme, _, rest = text.partition(" ")
    if not text or (scheme.lower() == "bearer" and not rest):
        return "Authorization has no token, as the client's variable has no value"
    if _is_token(call, text):
        return "the token is there, but Bearer is missing before it"
    if _is_token(call, rest.strip()):
        return f"the token is there, but after {scheme[:20]} in place of Bearer"
    if scheme.lower() == "basic":
        return "this is HTTP Basic, which nothing takes here"
    if catalogue.find_sandbox_of_client_key(text) is not None:
        return "it is the client key, which belongs in X-Client-ID"
    return None


def diagnose_token(call: Call, token: str) -> Diagnosis:
    """What is wrong with a token that was never issued."""
    here = call.tx.sandbox_name
    ready = f"a ready one is 'user-{here}'"
    other = catalogue.find_sandbox_of_ready_token(token)
    mistake = find_unset(token) or find_other_writing(token, lambda text: _is_token(call, text))
    if REFRESH_TOKENS.find(call.tx, token) is not None:
        mistake = "it is a refresh token; exchange it for an access token (POST /v1/auth/oauth/token)"
    elif catalogue.find_sandbox_of_client_key(token) is not None:
        mistake = "it is the client key, which belongs in X-Client-ID"
    elif token in {user.profile.email for user in catalogue.list_seed_users(here)}:
        mistake = "it is an e-mail address: log in with it, and send the token of the answer"
    elif other is not None and other != here:
        mistake = f"it belongs to the sandbox {other}, and the client key to {here}"
    elif mistake is None and token.startswith("{"):
        mistake = "the whole answer of the login was sent, and the token is a member of it"
    elif mistake is None and token.count(".") == 2 and token.startswith("eyJ"):
        mistake = "it is a JWT that was not issued here: the real provider's tokens are unknown"
    elif mistake is None and is_uuid(token.removeprefix("US_").removeprefix("access_token_")):
        mistake = "it was issued by another sandbox, before a reset, or is used up: log in again"
    sentence = f"no such token; {mistake}" if mistake else "no such token"
    return Diagnosis(sentence, mistake is not None, ready, _HIDDEN, _good_token(call))


def diagnose_expiry(call: Call, expires_ms: int) -> Diagnosis:
    """What is wrong with a token that has expired."""
    over_ms = call.tx.now_ms - expires_ms
    sentence = f"the token expired {format_duration(over_ms)} ago by the sandbox's clock: log in again"
    return Diagnosis(sentence, True, "", _HIDDEN, _good_token(call))


def diagnose_old_token(call: Call, told: str) -> Diagnosis:
    """What is wrong with a token that is no longer valid, or never was; `told` says why."""
    return Diagnosis(told, True, "", _HIDDEN, _good_token(call))


def diagnose_region(call: Call, region: str) -> Diagnosis:
    """What is wrong with a request for another region than its user's."""
    right = "x-us-env: true" if region == "us" else "x-us-env: false"
    sent = call.header("x-us-env")
    came = f"x-us-env: {sent[:40]}" if sent is not None else None
    odd = sent is not None and sent not in ("true", "false")
    said = f"the user belongs to the region {region} (setting enforce_region): send {right}"
    sentence = f"{said}; {sent[:40]!r} counts as false" if odd and sent is not None else said
    return Diagnosis(sentence, True, "", came, (Good("region", right),))


def _good_token(call: Call) -> tuple[Good, ...]:
    return (Good("token", "Authorization: Bearer <token of a user>"),)


def _is_token(call: Call, text: str) -> bool:
    """Whether a text is a token of this sandbox, valid or not."""
    here = call.tx.sandbox_name
    return catalogue.find_sandbox_of_ready_token(text) == here or TOKENS.find(call.tx, text) is not None
