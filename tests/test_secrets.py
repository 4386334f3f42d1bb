"""No secret that is sent is shown: not in the journal, a story, the webhooks, a reason, a log line or a refusal."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.testing.connection import tls
from tests.clients import basswallet, koywe
from tests.command import emulator as command
from tests.receivers import Receiver

WORD = "hUnTeR2x"
PROVIDERS = ("baanx", "basswallet", "changelly", "koywe")
HEADERS = ("Secret", "X-Api-Token", "Authorization", "Proxy-Authorization", "Cookie", "X-Client-Secret", "X-Password")
NAMES = ("access_token", "token", "client_secret", "password", "refreshToken", "privateKey")


@pytest.fixture
def client(emulator: Emulator) -> Iterator[httpx.Client]:
    """A client whose requests all land in the sandbox, whatever else is wrong with them."""
    name = emulator.name
    headers = {"X-Client-ID": f"client-{name}", "API-Access-Key": f"access-{name}", "X-Api-Key": f"key-{name}"}
    with httpx.Client(headers={**headers, "X-Emulator-Explain": "1"}, verify=tls()) as http:
        yield http


def seen(emulator: Emulator) -> str:
    """All that the control API shows of what has happened."""
    shown: list[Any] = [emulator.journal(), emulator.webhooks(), emulator.orders()]
    shown += [emulator.order(order["id"]) for order in emulator.orders()]
    return json.dumps(shown, default=str, ensure_ascii=False)


BODIES: list[tuple[str, bytes]] = [
    ("application/json", json.dumps({"a": [{"b": dict.fromkeys(NAMES, WORD)}]}).encode()),
    ("application/json", json.dumps(dict.fromkeys(NAMES, WORD)).encode()[:-1]),
    ("application/json", json.dumps(dict.fromkeys(NAMES, WORD)).encode("utf-16")),
    ("application/json", b"\xef\xbb\xbf" + json.dumps(dict.fromkeys(NAMES, WORD)).encode()),
    ("application/x-www-form-urlencoded", "&".join(f"{name}={WORD}" for name in NAMES).encode()),
    ("text/plain", "\n".join(f"{name}: {WORD}" for name in NAMES).encode()),
    (
        "multipart/form-data; boundary=b",
        "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{WORD}\r\n' for n in NAMES).encode()
        + b"--b--",
    ),
]
CALLS = [
    ("POST", "/nowhere"), ("DELETE", "/v1/orders"), ("PUT", "/v1/account/payment"), ("POST", "/v1/order"),
    ("POST", "/v1/orders"), ("POST", "/v1/account/payment"), ("POST", "/api/v1/auth/sign-in"),
    ("POST", "/v1/auth/login"), ("POST", "/api/v1/organizations/org_x/webhooks"), ("PATCH", "/v1/sandbox/order/1"),
]  # fmt: skip


@pytest.mark.parametrize("provider", PROVIDERS)
def test_secrets_are_hidden_wherever_they_are_sent(
    emulator: Emulator, client: httpx.Client, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "emulator")
    query = "&".join(f"{name}={WORD}" for name in NAMES)
    headers = dict.fromkeys(HEADERS, f"Bearer {WORD}")
    for content_type, content in BODIES:
        for method, path in CALLS:
            url = f"{emulator[provider].url}{path}?{query}"
            sent = {**headers, "Content-Type": content_type, "Referer": f"https://a.test/?{query}"}
            answer = client.request(method, url, content=content, headers=sent)
            assert WORD not in answer.headers.get("x-emulator-reason", ""), (method, path, content_type)
    # A sandbox is found by its key; where a call has none that is known, the default sandbox takes the request.
    shown = seen(emulator) + json.dumps(
        httpx.get(f"{emulator.control_url}/sandboxes/default/journal?limit=1000").json()
    )
    assert shown.count("[redacted]") > 100
    assert WORD not in shown
    assert WORD not in caplog.text


def test_the_secret_in_a_webhook_s_url_is_hidden_and_still_sent(emulator: Emulator, client: httpx.Client) -> None:
    with Receiver() as receiver, basswallet.Client(emulator) as shop:
        url = receiver.url.replace("://", f"://me:{WORD}@") + f"?access_token={WORD}&a=1"
        order_id = shop.order_id(shop.create({"X-Emulator-Scenario": "manual"}, webhookUrl=url))
        emulator.fire(order_id, "expire")
        happened = emulator.advance("1s")
        assert [each.path for each in receiver.received] == [f"/hook?access_token={WORD}&a=1"]
        shown = seen(emulator) + json.dumps(happened)
        assert "/hook?access_token=[redacted]&a=1" in shown
        assert WORD not in shown


def test_extra_headers_and_receivers_answers_are_shown_without_secrets(emulator: Emulator) -> None:
    emulator.set("koywe", webhook_extra_headers={"X-Auth-Token": WORD, "X-Version": "1"})
    with Receiver() as receiver, koywe.Client(emulator) as partner:
        endpoint = {"url": receiver.url, "secret": f"whsec_{WORD}"}
        partner.request("POST", f"{partner.organization}/webhooks", endpoint)
        partner.create()
        emulator.advance("1s")
        assert receiver.received[0].headers["x-auth-token"] == WORD
        headers = emulator.webhooks()[0]["attempts"][0]["headers"]
        assert (headers["X-Auth-Token"], headers["X-Version"]) == ("[redacted]", "1")
        assert WORD not in seen(emulator)


def test_values_that_are_not_secret_can_still_be_checked(emulator: Emulator) -> None:
    with Receiver() as receiver, basswallet.Client(emulator) as shop:
        emulator.fire(shop.order_id(shop.create({"X-Emulator-Scenario": "manual"}, webhookUrl=receiver.url)), "pay")
        emulator.advance("2m")
        bodies = [each["attempts"][0]["body"] for each in emulator.webhooks()]
        assert bodies == [each.body.decode() for each in receiver.received]
        assert "tokenName=USDT" in bodies[0]


# -- the sandbox's own secrets

SECRETS = {
    "baanx": ("token", "partner_token"),
    "basswallet": ("secret_key", "noauth_secret_key", "callback_secret_key"),
    "changelly": ("private_key_base64",),
    "koywe": ("secret",),
}
KEY_HEADERS = {"baanx": "X-Client-ID", "basswallet": "API-Access-Key", "changelly": "X-Api-Key", "koywe": "X-Api-Key"}
KEY_PATHS = {
    "baanx": "/v1/order/products/available", "basswallet": "/v1/account/payment", "changelly": "/v1/orders",
    "koywe": "/api/v1/auth/sign-in",
}  # fmt: skip
PLACES = ("key", "header", "query", "path", "member", "form")
NOT_HIDDEN = {("baanx", "path"), ("baanx", "member"), ("baanx", "form")}
"""A ready token is known by its value alone, where credentials are looked for: `user-1` may be anybody's own id."""


def send_secret(emulator: Emulator, provider: str, place: str, secret: str, before: str) -> httpx.Response:
    """A request in which a secret stands where it does not belong, with something before it."""
    path, written = KEY_PATHS[provider], before + secret
    headers = {"X-Emulator-Explain": "1"}
    if provider == "baanx":
        headers["X-Client-ID"] = f"client-{emulator.name}"
    content: Any = {"apiKey": written if place == "key" else "api", "secret": "x", "note": "n"}
    if place in ("key", "header"):
        headers[KEY_HEADERS[provider] if place == "key" else "X-Note"] = written
    elif place == "query":
        path += f"?{urlencode({'note': written})}"
    elif place == "path":
        path += f"/{quote(secret, safe='')}"
    elif place == "member":
        content["note"] = written
    body = urlencode({"note": written}) if place == "form" else json.dumps(content)
    method = "GET" if provider == "baanx" else "POST"
    with httpx.Client(base_url=emulator[provider].url, verify=tls()) as http:
        return http.request(method, path, headers=headers, content=body if method == "POST" else None)


def show_last(emulator: Emulator) -> str:
    """All that is shown of the last request; one whose key is no sandbox's is the default sandbox's."""
    front = emulator.control_url.removesuffix("/_emulator")
    shown = []
    for name in (emulator.name, "default"):
        journal = f"{emulator.control_url}/sandboxes/{name}/journal"
        [*last] = httpx.get(f"{journal}?order=desc&limit=1").json()["entries"]
        for number in (entry["number"] for entry in last):
            paths = (f"{journal}/{number}/diagnosis", f"{front}/console/{name}/requests/{number}")
            shown += [json.dumps(last), *(httpx.get(path).text for path in paths)]
        shown.append(httpx.get(f"{front}/console/{name}?show=refused").text)
    return "\n".join(shown)


@given(st.sampled_from([(name, key) for name, keys in SECRETS.items() for key in keys]), st.sampled_from(PLACES),
       st.sampled_from(["", "Bearer ", '"', "key="]))  # fmt: skip
def test_a_secret_of_the_sandbox_is_never_shown_wherever_it_is_sent(
    emulator_server: BackgroundServer, which: tuple[str, str], place: str, before: str
) -> None:
    provider, name = which
    if (provider, place) in NOT_HIDDEN or (provider == "baanx" and before):
        return
    log = io.StringIO()
    listener = logging.StreamHandler(log)
    logging.getLogger("emulator").addHandler(listener)
    try:
        with emulator_server.sandbox() as emulator:
            secret = emulator[provider].credentials[name]
            answer = send_secret(emulator, provider, place, secret, before)
            told = (show_last(emulator), answer.headers.get("x-emulator-reason", ""), log.getvalue())
    finally:
        logging.getLogger("emulator").removeHandler(listener)
    assert answer.status_code >= 400
    assert [text[:300] for text in told if secret in unquote(text)] == []
    assert "[redacted]" in unquote(told[0])


def test_a_secret_sent_in_the_place_of_its_key_is_hidden(emulator: Emulator) -> None:
    with koywe.Client(emulator) as partner:
        made = partner.request(
            "POST", f"/api/v1/auth/organizations/{partner.organization_id}/credentials",
            {"name": "second", "roles": ["k3r_viewer"]},
        ).json()  # fmt: skip
        swapped = {"apiKey": made["secret"], "secret": made["apiKey"]}
        httpx.post(f"{partner.url}/api/v1/auth/sign-in", json=swapped, verify=tls())
    shown = show_last(emulator)
    assert "api key and secret are swapped" in shown
    assert made["secret"] not in shown


# -- a private key where a public one belongs

KEY = rsa.generate_private_key(65_537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
OLD_PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
DER = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


_NUMBERS = KEY.private_numbers()
JWK = {"kty": "RSA", "n": _number(_NUMBERS.public_numbers.n), "e": "AQAB", "d": _number(_NUMBERS.d)} | {
    name: _number(getattr(_NUMBERS, attribute))
    for name, attribute in {"p": "p", "q": "q", "dp": "dmp1", "dq": "dmq1", "qi": "iqmp"}.items()
}
KEYS: dict[str, Any] = {
    "PKCS 8": PEM.decode(), "PKCS 1": OLD_PEM.decode(), "base64 of PEM": base64.b64encode(PEM).decode(),
    "base64 of DER": base64.b64encode(DER).decode(), "hex": DER.hex(), "JWK": JWK, "JSON": json.dumps(JWK),
    "one line": PEM.decode().replace("\n", "\\n"), "list": [PEM.decode()],
}  # fmt: skip


def give_away(text: str) -> list[str]:
    """Pieces of the key in a text: any sixteen characters in a row, however it is written."""
    written = [PEM.decode(), OLD_PEM.decode(), base64.b64encode(PEM).decode(), DER.hex(), json.dumps(JWK)]
    secret = [line for each in written for line in each.split("\n") if "-----" not in line]
    pieces = {line[place : place + 16] for line in secret for place in range(40, len(line) - 16, 8)}
    return [piece for piece in pieces if piece in text]


def test_the_search_for_secrets_would_find_one() -> None:
    for text in (f"no key: {PEM.decode()}", json.dumps(JWK), DER.hex()):
        assert give_away(text)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "setting",
    [
        ("changelly", "publicKey"), ("changelly", "acceptedBases"), ("changelly", "otherPartner"),
        ("changelly", "edition"), ("changelly", "callbackUrl"), ("basswallet", "webhook_url"), ("basswallet", "keys"),
        ("baanx", "users"), ("koywe", "profile"), ("koywe", "no_such"),
    ],
)  # fmt: skip
def test_a_refused_setting_does_not_show_the_secret(emulator: Emulator, setting: tuple[str, str], key: Any) -> None:
    provider, name = setting
    for value in (key, {"publicKey": key}, {"alice": {"password": key}}):
        settings = {provider: {name: value}}
        for method, path, body in (
            ("PUT", f"sandboxes/{emulator.name}/settings", settings),
            ("POST", "sandboxes", {"name": "never", "settings": settings}),
        ):
            answer = httpx.request(method, f"{emulator.control_url}/{path}", json=body)
            assert answer.status_code == 400, answer.text
            assert give_away(answer.text) == []
            assert name in answer.json()["message"]


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_other_refusals_of_the_control_api_do_not_show_the_secret(emulator: Emulator, key: Any) -> None:
    text = key if isinstance(key, str) else json.dumps(key)
    for method, path, body in (
        ("POST", "sandboxes", {"name": "never", "webhook_url": text}),
        ("POST", "sandboxes", {"name": "never", "settings": {text: {}}}),
        ("PUT", f"sandboxes/{emulator.name}/settings", {"changelly": {text: 1}}),
    ):
        answer = httpx.request(method, f"{emulator.control_url}/{path}", json=body)
        assert answer.status_code == 400
        assert give_away(answer.text) == [], path


def test_the_command_does_not_show_the_secret() -> None:
    for key in (PEM.decode(), base64.b64encode(DER).decode(), json.dumps(JWK)):
        for argument in (f"changelly.publicKey={key}", key, f"changelly.edition={key}", f"publicKey={key}"):
            ended = command("serve", "--port", "0", "--set", argument)
            assert ended.returncode == 2
            assert give_away(ended.stdout + ended.stderr) == []


def test_the_reason_says_that_the_value_is_a_private_key(emulator: Emulator) -> None:
    for key in (PEM.decode(), base64.b64encode(PEM).decode(), base64.b64encode(DER).decode()):
        with pytest.raises(ControlRefused, match="this is a private key: give the public one that belongs to it"):
            emulator.set("changelly", publicKey=key)
