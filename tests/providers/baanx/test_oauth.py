"""OAuth: the PKCE vector, what a session token withstands, and addresses."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.baanx.accounts import tokens
from emulator.providers.baanx.oauth import codes, grants, parameters, pkce, redirects, sessions

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
KEY = b"a key of the test"
NOW_MS = 1_770_114_161_118
SESSION = sessions.AuthorizationSession("session-1", "client-default", "https://app.example.test/cb", "f4c1", CHALLENGE)
TOKEN = sessions.sign_session(SESSION, KEY, NOW_MS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VERIFIERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", min_size=43, max_size=128)


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: bytes, payload: bytes, key: bytes) -> str:
    text = f"{encode(header)}.{encode(payload)}"
    return f"{text}.{encode(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


def test_the_challenge_of_the_published_verifier_is_the_published_one() -> None:
    assert pkce.write_code_challenge(VERIFIER) == CHALLENGE
    assert pkce.is_code_challenge(CHALLENGE)
    assert pkce.is_verifier_of(VERIFIER, CHALLENGE)


@given(VERIFIERS)
def test_every_verifier_matches_its_own_challenge_and_no_other(verifier: str) -> None:
    challenge = pkce.write_code_challenge(verifier)
    assert pkce.is_code_challenge(challenge)
    assert pkce.is_verifier_of(verifier, challenge)
    assert pkce.is_verifier_of(verifier, CHALLENGE) == (verifier == VERIFIER)


@pytest.mark.parametrize(("length", "is_good"), [(42, False), (43, True), (128, True), (129, False)])
def test_a_verifier_has_43_to_128_characters(length: int, is_good: bool) -> None:
    assert pkce.is_code_verifier("a" * length) is is_good


@pytest.mark.parametrize("stranger", [" ", "+", "/", "=", "é", "\n"])
def test_a_verifier_with_a_forbidden_character_matches_nothing(stranger: str) -> None:
    bad = "a" * 43 + stranger
    assert not pkce.is_code_verifier(bad)
    assert not pkce.is_verifier_of(bad, CHALLENGE)
    with pytest.raises(ValueError, match="43 to 128"):
        pkce.write_code_challenge(bad)


@pytest.mark.parametrize("bad", ["", CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE + "=", "+" * 43, CHALLENGE + "\n"])
def test_a_challenge_has_43_characters_of_base64url(bad: str) -> None:
    assert not pkce.is_code_challenge(bad)


def test_lifetimes_are_those_of_the_pages() -> None:
    assert tokens.ACCESS_TOKEN_LIFETIME_S == 6 * 3600
    assert tokens.REFRESH_TOKEN_LIFETIME_S == 184 * 86_400
    assert sessions.SESSION_LIFETIME_S == codes.CODE_LIFETIME_S == 10 * 60


def test_the_session_token_is_an_ordinary_jwt() -> None:
    header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in TOKEN.split("."))
    assert json.loads(header) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(payload) == {
        "sid": "session-1",
        "client_id": "client-default",
        "redirect_uri": "https://app.example.test/cb",
        "state": "f4c1",
        "code_challenge": CHALLENGE,
        "iat": 1_770_114_161,
        "exp": 1_770_114_762,
        "exp_ms": NOW_MS + 600_000,
    }
    assert signed(header, payload, KEY) == TOKEN


@given(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.integers(min_value=0, max_value=2**45))
def test_a_session_is_read_back_as_it_was_written(a: str, b: str, c: str, d: str, e: str, now_ms: int) -> None:
    session = sessions.AuthorizationSession(a, b, c, d, e)
    assert sessions.read_session(sessions.sign_session(session, KEY, now_ms), KEY, now_ms) == session


def test_a_session_ends_after_ten_minutes_to_the_millisecond() -> None:
    assert sessions.read_session(TOKEN, KEY, NOW_MS + 599_999) == SESSION
    assert sessions.read_session(TOKEN, KEY, NOW_MS + 600_000) == sessions.SessionRefused("expired")


def test_a_session_token_signed_with_another_key_is_refused() -> None:
    assert sessions.read_session(TOKEN, b"another", NOW_MS) == sessions.SessionRefused("signature")


@given(st.integers(min_value=0, max_value=len(TOKEN) - 1), st.sampled_from("Aa0_-.=é"))
def test_a_session_token_with_one_other_character_is_refused(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    read = sessions.read_session(changed, KEY, NOW_MS)
    assert isinstance(read, sessions.SessionRefused) is (changed != TOKEN)


@given(st.text())
def test_any_other_text_is_refused_without_an_exception(text: str) -> None:
    assert isinstance(sessions.read_session(text, KEY, NOW_MS), sessions.SessionRefused)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "malformed"),
        ("a.b", "malformed"),
        (TOKEN + ".x", "malformed"),
        (encode(b'{"alg":"none"}') + "." + TOKEN.split(".")[1] + ".", "malformed"),
        (signed(b'{"alg":"none","typ":"JWT"}', b"{}", KEY), "malformed"),
        (signed(b'{"alg":"HS256","typ":"JWT"}', b"{}", KEY), "malformed"),
        (signed(b'{"alg":"HS256","typ":"JWT"}', b"\xff", KEY), "malformed"),
        (TOKEN.rsplit(".", 1)[0] + ".", "signature"),
    ],
)
def test_a_forged_token_is_refused_for_its_reason(token: str, reason: str) -> None:
    read = sessions.read_session(token, KEY, NOW_MS)
    assert isinstance(read, sessions.SessionRefused)
    assert read.reason == reason


@pytest.mark.parametrize("gone", grants.INITIATE_PARAMETERS)
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_parameter_without_a_value_is_missing(gone: str, nothing: str | None) -> None:
    full: dict[str, object] = dict.fromkeys(grants.INITIATE_PARAMETERS, "x")
    assert parameters.find_missing(full, grants.INITIATE_PARAMETERS) is None
    assert parameters.find_missing({**full, gone: nothing}, grants.INITIATE_PARAMETERS) == gone
    del full[gone]
    assert parameters.find_missing(full, grants.INITIATE_PARAMETERS) == gone


def test_the_first_missing_parameter_is_the_one_named() -> None:
    assert parameters.find_missing({}, grants.INITIATE_PARAMETERS) == "response_type"
    assert parameters.find_missing({"code": "c"}, grants.GRANT_PARAMETERS["authorization_code"]) == "redirect_uri"
    assert parameters.find_missing({}, grants.GRANT_PARAMETERS["refresh_token"]) == "refresh_token"


def test_the_address_of_the_hosted_page_has_the_token() -> None:
    expected = f"http://127.0.0.1:8901/oauth/ui?token={TOKEN}"
    assert sessions.write_hosted_url("http://127.0.0.1:8901", TOKEN) == expected
    assert sessions.write_hosted_url("http://127.0.0.1:8901/", TOKEN) == expected


@pytest.mark.parametrize(
    ("redirect_uri", "expected"),
    [
        ("https://a.test/cb", "https://a.test/cb?state=s&code=c"),
        ("https://a.test/cb?x=1", "https://a.test/cb?x=1&state=s&code=c"),
        ("app.scheme:/cb", "app.scheme:/cb?state=s&code=c"),
        ("http://[broken", "http://[broken?state=s&code=c"),
    ],
)
def test_state_and_code_are_added_to_the_redirect_uri(redirect_uri: str, expected: str) -> None:
    assert redirects.write_redirect_url(redirect_uri, {"state": "s", "gone": None, "code": "c"}) == expected


@given(TEXTS.filter(bool), TEXTS.filter(bool))
def test_state_and_code_can_be_read_back_from_the_redirect_uri(state: str, code: str) -> None:
    url = redirects.write_redirect_url("https://a.test/cb", {"state": state, "code": code})
    query = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert query == {"state": [state], "code": [code]}
