"""Secrets are found by name and by form, wherever they are sent, and nothing else is touched."""

import json
from typing import Any
from urllib.parse import quote as escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.redaction import REDACTED, hide, hide_in_text, is_secret, shown_safely

SECRETS = [
    "password", "Password", "newPassword", "user_password", "PASSWD", "pwd", "passphrase", "secret", "Secret",
    "client_secret", "clientSecret", "X-Secret-Key", "token", "access_token", "refreshToken", "X-Api-Token", "id_token",
    "X-Auth-Token", "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "private_key", "privateKey",
    "callbackPrivateKey", "code_verifier", "credentials", "otpCode", "cvv", "ssn",
]  # fmt: skip
OPEN = [
    "tokenName", "tokenId", "tokens", "amount", "X-Api-Key", "API-Access-Key", "Signature", "X-Api-Signature", "apiKey",
    "publicKey", "status", "passenger", "pinned", "email", "txHash", "walletAddress", "code",
]  # fmt: skip
WORD = "hUnTeR2"
PEM = f"-----BEGIN PRIVATE KEY-----\nMII{WORD}\n{WORD}==\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_recognized_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", OPEN)
def test_other_names_are_left_alone(name: str) -> None:
    assert not is_secret(name)
    for text in (f"a=1&{name}=5&b=2", f'{{"{name}":"x"', f"{name}: x"):
        assert hide_in_text(text) == text


def multipart(name: str) -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\nX-Y: z\r\n\r\n{WORD}\r\n{WORD}\r\n--b--\r\n'


FORMS = [
    "a=1&{0}={1}&b=2", "{0}={1}", "?{0}={1},{1}#x", "{0} = {1}", '{{"{0}":"{1}","b":', '{{"{0}" : "{1}',
    "{{'{0}':'{1}'", '{{"a": [{{"b": {{"{0}": "{1}"', '{{"a":{{"x":"y"}},"{0}":"{1}"', 'x={{"a":[{{"{0}":"{1}"',
    "a=&{0}={1}", "{0}: Bearer {1}", '{0}={1}{{"token": "{1}", "x": 1}}', '{0}={1}{{"a": 1, "token": "{1}"}}',
    '{{"{0}":["{1}","{1}"', '{{"{0}":{{"x":"{1}"', '{{"{0}":"a\\"{1}', "{0}: {1}\n", "{0}:{1}",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("form", FORMS)
def test_no_spelling_of_a_text_reveals_a_secret(name: str, form: str) -> None:
    for spelt in (name, "".join(f"%{ord(each):02x}" for each in name), "".join(f"\\u{ord(e):04x}" for e in name)):
        shown = hide_in_text(form.format(spelt, WORD))
        assert WORD not in shown, shown
        assert REDACTED in shown


@pytest.mark.parametrize("name", SECRETS)
def test_neither_a_multipart_form_nor_a_sentence_reveals_a_secret(name: str) -> None:
    assert WORD not in hide_in_text(multipart(name))
    for text in (f'sign one of: raw "a=1&{name}={WORD}&b"', f'the text to sign is: https://x/y{{"{name}":"{WORD}"}}'):
        shown = hide_in_text(text)
        assert WORD not in shown
        assert shown.startswith(text[:12])


def test_secrets_in_a_url_inside_a_form_are_hidden() -> None:
    url = f"https://me:{WORD}@a.test/?x=1&access_token={WORD}"
    shown = hide_in_text(f"a=1&url={escape(url, safe='')}&b=2")
    assert WORD not in shown
    assert shown == f"a=1&url={escape(url.replace(WORD, REDACTED), safe='')}&b=2"


def test_members_are_hidden_at_any_depth_and_null_is_not_a_secret() -> None:
    value = {
        "a": [{"password": WORD, "b": {"secret": {"c": WORD}, "token": None, "n": json_text.read_number("275.0")}}]
    }
    assert json_text.encode(hide(value)) == (
        b'{"a":[{"password":"[redacted]","b":{"secret":"[redacted]","token":null,"n":275.0}}]}'
    )


def test_urls_and_keys_inside_values_are_hidden() -> None:
    value = {
        "url": f"https://me:{WORD}@shop.example/hook?a=1&access_token={WORD}",
        "note": f"here it is: {PEM} bye",
        "key": {"kty": "RSA", "n": "public", "e": "AQAB", "d": WORD, "p": WORD, "qi": WORD},
    }
    shown = json.dumps(hide(value))
    assert WORD not in shown
    for kept in ("https://me:", "@shop.example/hook?a=1&access_token=", "here it is: ", " bye", "public", "AQAB"):
        assert kept in shown


@given(st.text(max_size=200), st.lists(st.text(max_size=5), max_size=2))
def test_any_text_can_be_shown(text: str, also: list[str]) -> None:
    hide_in_text(text, also)


@given(st.text(st.sampled_from("ab\"'\\%=: {[&\n-_.u0"), max_size=60).map(lambda text: text * 1500))
def test_no_text_takes_long(text: str) -> None:
    """A pattern that backtracks would take for ever."""
    hide_in_text(text[:65_536])


@given(st.dictionaries(st.sampled_from(OPEN), st.integers() | st.sampled_from(["x", "25.50", "a b"]), max_size=5))
def test_values_that_are_not_secret_stay_unchanged(value: dict[str, Any]) -> None:
    assert hide(value) == value
    form = "&".join(f"{name}={escape(str(member))}" for name, member in value.items())
    assert hide_in_text(form) == form


def test_a_quotation_is_short_and_has_no_secrets() -> None:
    assert shown_safely("B") == '"B"'
    assert shown_safely({"password": WORD}) == '{"password":"[redacted]"}'
    assert shown_safely(PEM) == shown_safely("x" * 500) == "what was given"
