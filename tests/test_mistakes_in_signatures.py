"""Each common signing mistake is made and named, in answer, journal and diagnosis: keys, texts, codes, timestamps."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

import httpx
import pytest

from emulator.core import json_text
from emulator.engine import real_time
from emulator.testing import ControlRefused, Emulator
from tests.clients import basswallet, changelly
from tests.clients.changelly import sign as sign_rsa
from tests.refused import ASK, PAIRS, ask_in, code, plain, told

# -- BassWallet

Signed = Callable[[list[tuple[str, str]], str], str]
OF_TEXTS: dict[str, Callable[[list[tuple[str, str]]], str]] = {
    "the client signed the text with its names sorted: ": lambda pairs: plain(sorted(pairs)),
    "the client signed the text with its names sorted, encoded: ": lambda pairs: urlencode(sorted(pairs)),
    "the client signed the text with its names sorted and the timestamp last": lambda pairs: plain(
        [*sorted(pairs[:-1]), pairs[-1]]
    ),
    "the client signed the text in reverse": lambda pairs: plain(pairs[::-1]),
    "the client signed the text without the timestamp": lambda pairs: plain(pairs[:-1]),
    "the client signed the text without its empty values": lambda pairs: plain([pair for pair in pairs if pair[1]]),
    "the client signed the text with the timestamp first": lambda pairs: plain([pairs[-1], *pairs[:-1]]),
    "the client signed the text with its timestamp in seconds": lambda pairs: plain(
        [*pairs[:-1], ("timestamp", pairs[-1][1][:-3])]
    ),
    "the client signed a JSON text: ": lambda pairs: json.dumps(dict(pairs), separators=(",", ":"), ensure_ascii=False),
    "the client signed a JSON text with spaces": lambda pairs: json.dumps(dict(pairs), ensure_ascii=False),
    "the client signed a JSON text with \\u escapes": lambda pairs: json.dumps(dict(pairs), separators=(",", ":")),
    "the client signed the text with %20 for spaces": lambda pairs: urlencode(pairs, quote_via=quote),
    "the client signed the text with its escapes in lower case": lambda pairs: (
        urlencode(pairs).replace("%C3", "%c3").replace("%B1", "%b1")
    ),
    "the client signed the text encoded twice": lambda pairs: quote(urlencode(pairs), safe="=&"),
    "the client signed the values alone, in a row": lambda pairs: "".join(value for _, value in pairs),
    "the client signed the text without & between": lambda pairs: "".join(f"{name}={value}" for name, value in pairs),
    "the client signed the text with commas": lambda pairs: plain(pairs).replace("&", ","),
    "the client signed the path before the text": lambda pairs: "/v1/account/payment?" + plain(pairs),
    "the client signed the method and the path before the text": lambda pairs: "POST/v1/account/payment" + plain(pairs),
    "the client signed the text with a line break at its end": lambda pairs: plain(pairs) + "\n",
    "the client signed the SHA-256 of the text in hex": lambda pairs: hashlib.sha256(plain(pairs).encode()).hexdigest(),
    "the client signed an empty text": lambda pairs: "",
    "the client signed the access key before the text": lambda pairs: "ACCESS_KEY" + plain(pairs),
}
OF_CODES: dict[str, Signed] = {
    "it is base64, not hex": lambda pairs, key: base64.b64encode(bytes.fromhex(code(plain(pairs), key))).decode(),
    "it is hex in base64": lambda pairs, key: base64.b64encode(code(plain(pairs), key).encode()).decode(),
    "0x stands before it": lambda pairs, key: "0x" + code(plain(pairs), key),
    "the hash's name stands before it": lambda pairs, key: "sha256=" + code(plain(pairs), key),
    "it is in quotation marks": lambda pairs, key: f'"{code(plain(pairs), key)}"',
    "the hash is SHA-1, not SHA-256": lambda pairs, key: code(plain(pairs), key, "sha1"),
    "the hash is SHA-512, not SHA-256": lambda pairs, key: code(plain(pairs), key, "sha512"),
    "the hash is MD5, not SHA-256; the client signed the text with its names sorted": lambda pairs, key: code(
        plain(sorted(pairs)), key, "md5"
    ),
    "it is base64, not hex; the client signed the text with its names sorted": lambda pairs, key: base64.b64encode(
        bytes.fromhex(code(plain(sorted(pairs)), key))
    ).decode(),
    "it is a hash of the text without the secret": lambda pairs, key: hashlib.sha256(plain(pairs).encode()).hexdigest(),
    "it is a hash of text and secret in a row": lambda pairs, key: hashlib.sha256(
        (plain(pairs) + key).encode()
    ).hexdigest(),
    "it is a hash of the text with the secret as key=": lambda pairs, key: hashlib.md5(
        f"{plain(pairs)}&key={key}".encode()
    ).hexdigest(),
    "text and secret are swapped": lambda pairs, key: code(key, plain(pairs)),
    "it was made with an empty secret": lambda pairs, key: code(plain(pairs), ""),
    "it was made with a secret with a line break at its end": lambda pairs, key: code(plain(pairs), f"{key}\n"),
    "it was made with the access key in place of the secret": lambda pairs, key: code(plain(pairs), "ACCESS_KEY"),
    "it was made with the secret of noauth-": lambda pairs, key: code(plain(pairs), "NOAUTH_SECRET"),
    ", which signs webhooks": lambda pairs, key: code(plain(pairs), "CALLBACK_SECRET"),
    "it was made with the secret of access-default, a key of another sandbox": lambda pairs, key: code(
        plain(pairs), "secret-default"
    ),
    "it is 'undefined': the client's variable has no value": lambda pairs, key: "undefined",
    "the signature is wrong": lambda pairs, key: code(plain(pairs)[::-1], key),
}


def ask_basswallet(emulator: Emulator, make: Signed) -> httpx.Response:
    access = emulator.basswallet.credentials
    pairs = [*PAIRS, ("timestamp", str(real_time.now_ms()))]
    with basswallet.Client(emulator) as client:
        sent = {"Signature": make(pairs, client.secret), "Content-Type": basswallet.FORM_TYPE, **ASK}
        assert access["access_key"] == client.access_key
        return client.send("POST", "/v1/account/payment", urlencode(pairs).encode(), sent)


@pytest.mark.parametrize("mistake", OF_TEXTS)
def test_a_wrong_signed_text_of_basswallet_is_named_and_shown(emulator: Emulator, mistake: str) -> None:
    key = str(emulator.basswallet.credentials["access_key"])
    signed: list[str] = []

    def make(pairs: list[tuple[str, str]], secret: str) -> str:
        signed.append(OF_TEXTS[mistake](pairs).replace("ACCESS_KEY", key))
        return code(signed[0], secret)

    found = told(emulator, ask_basswallet(emulator, make))
    assert found["sentence"].startswith(mistake)
    assert (found["found"], found["came"]) == (True, signed[0])
    good = {each["name"]: each["text"] for each in found["good"]}
    assert good["plain"].startswith("tokenName=USDT&chainName=Tron&amount=25.50&displayInfo=Gold plan ñ&x=&timestamp=")
    secret = str(emulator.basswallet.credentials["secret_key"])
    assert found["signature"]["expected"] == code(good["plain"], secret)
    assert secret not in json.dumps({**found, "how": None})


@pytest.mark.parametrize("mistake", OF_CODES)
def test_a_wrongly_made_signature_of_basswallet_is_named(emulator: Emulator, mistake: str) -> None:
    access = emulator.basswallet.credentials
    places = {
        "ACCESS_KEY": access["access_key"],
        "NOAUTH_SECRET": access["noauth_secret_key"],
        "CALLBACK_SECRET": access["callback_secret_key"],
    }
    made = OF_CODES[mistake]

    def make(pairs: list[tuple[str, str]], secret: str) -> str:
        text = plain(pairs)
        for place, value in places.items():
            if made(pairs, secret) == code(text, place):
                return code(text, str(value))
        return made(pairs, secret)

    found = told(emulator, ask_basswallet(emulator, make))
    assert mistake in found["sentence"]
    assert found["found"] is (mistake != "the signature is wrong")
    assert [each["outcome"] for each in found["checks"]].count("refused") == 1
    assert next(each["name"] for each in found["checks"] if each["outcome"] == "refused") == "signature"


def stamped(emulator: Emulator, stamp: str) -> httpx.Response:
    with basswallet.Client(emulator) as client:
        return client.request("POST", "/v1/account/payment", {"tokenName": "USDT", "timestamp": stamp}, headers=ASK)


TIMES: dict[str, Callable[[int], str]] = {
    "which is in seconds": lambda now_ms: str(now_ms // 1000),
    "which is in microseconds": lambda now_ms: str(now_ms * 1000),
    "which is in nanoseconds": lambda now_ms: str(now_ms * 1_000_000),
    "which is a date": lambda now_ms: "2026-01-05T12:00:00",
    "which has a decimal point": lambda now_ms: f"{now_ms / 1000:.3f}",
    "which is missing": lambda now_ms: "",
    "which is not a number": lambda now_ms: "now",
    "which is 5h behind: local time was taken for UTC": lambda now_ms: str(now_ms - 5 * 3_600_000),
    "which is 5h30m ahead: local time was taken for UTC": lambda now_ms: str(now_ms + 55 * 360_000),
    "which is by the sandbox's clock": lambda now_ms: "1767614400000",
    "s old": lambda now_ms: str(now_ms - 77_000),
    "s in the future": lambda now_ms: str(now_ms + 77_000),
}


@pytest.mark.parametrize("mistake", TIMES)
def test_a_wrong_timestamp_is_named(emulator: Emulator, mistake: str) -> None:
    found = told(emulator, stamped(emulator, TIMES[mistake](real_time.now_ms())))
    assert mistake in found["sentence"]
    assert found["good"][0]["text"].startswith("timestamp=1")
    assert "is good" not in found["sentence"]


KEYS: dict[str, tuple[Mapping[str, str | None], str]] = {
    "another header": ({"API-Access-Key": None, "X-Api-Key": "{access_key}"}, "it is in the header X-Api-Key; send"),
    "Bearer": (
        {"API-Access-Key": None, "Authorization": "Bearer {access_key}"}, "it is in the header Authorization; send",
    ),
    "nothing": ({"API-Access-Key": None}, "API-Access-Key is missing; send the access key in it"),
    "the secret": ({"API-Access-Key": "{secret_key}"}, "a secret key was sent as access key"),
    "the key of webhooks": ({"API-Access-Key": "{callback_access_key}"}, "it is the webhooks' key"),
    "another sandbox": ({"API-Access-Key": "access-nowhere"}, "it belongs to the sandbox nowhere, which does not"),
    "quotation marks": ({"API-Access-Key": '"{access_key}"'}, "it is in quotation marks"),
    "no value": ({"API-Access-Key": "undefined"}, "the client's variable has no value"),
    "a placeholder": ({"API-Access-Key": "${ACCESS_KEY}"}, "it is a placeholder"),
    "capitals": ({"API-Access-Key": "{ACCESS_KEY}"}, "it differs in upper and lower case"),
}  # fmt: skip


@pytest.mark.parametrize("case", KEYS)
def test_a_wrong_access_key_of_basswallet_is_named(default: Emulator, case: str) -> None:
    headers, mistake = KEYS[case]
    found = told(default, ask_in(default, "basswallet", headers))
    assert mistake in found["sentence"]
    assert found["good"][0]["text"] == "API-Access-Key: access-default"
    assert next(each["name"] for each in found["checks"] if each["outcome"] == "refused") == "key"
    assert "secret-default" not in json.dumps({**found, "request": None})


# -- Changelly

CHANGELLY_KEYS: dict[str, tuple[Mapping[str, str | None], str]] = {
    "another header": ({"X-Api-Key": None, "Api-Key": "{api_key}"}, "it is in the header Api-Key"),
    "nothing": ({"X-Api-Key": None}, "X-Api-Key is missing; send the API key in it"),
    "a private key": ({"X-Api-Key": "{private_key_base64}"}, "a key for signatures was sent as API key"),
    "another sandbox": ({"X-Api-Key": "key-nowhere"}, "it belongs to the sandbox nowhere, which does not"),
    "quotation marks": ({"X-Api-Key": "'{api_key}'"}, "it is in quotation marks"),
    "no value": ({"X-Api-Key": "null"}, "the client's variable has no value"),
}


@pytest.mark.parametrize("case", CHANGELLY_KEYS)
def test_a_wrong_key_of_changelly_is_named(default: Emulator, case: str) -> None:
    headers, mistake = CHANGELLY_KEYS[case]
    found = told(default, ask_in(default, "changelly", headers))
    assert mistake in found["sentence"]
    assert found["good"][0]["text"] == "X-Api-Key: key-default"
    assert next(each["name"] for each in found["checks"] if each["outcome"] == "refused") == "partner"


CHANGELLY_TEXTS: dict[str, Callable[[str, bytes], bytes]] = {
    "the client signed the path without scheme and host": lambda url, body: b"/v1/orders" + body,
    "the client signed the body without the URL": lambda url, body: body,
    "the client signed the URL without the body": lambda url, body: url.encode(),
    "the client signed the body with its keys sorted": lambda url, body: (
        url.encode() + json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    ),
    "the client signed the body written again, with spaces": lambda url, body: (
        url.encode() + json.dumps(json.loads(body)).encode()
    ),
}


@pytest.mark.parametrize("mistake", CHANGELLY_TEXTS)
def test_a_wrong_signed_text_of_changelly_is_shown_beside_the_right_one(emulator: Emulator, mistake: str) -> None:
    body, url = json_text.encode(changelly.BUY), f"{emulator.changelly.url}/v1/orders"
    with changelly.Client(emulator) as client:
        text = CHANGELLY_TEXTS[mistake](url, body)
        headers = {**ASK, "X-Api-Signature": sign_rsa(text, client.private_key)}
        found = told(emulator, client.request("POST", "/v1/orders", content=body, headers=headers))
        assert found["sentence"].startswith(mistake)
        assert found["came"] == text.decode()
        assert found["good"][0]["text"] == url + body.decode()
        assert found["signature"]["expected"] == sign_rsa(found["good"][0]["text"].encode(), client.private_key)


def test_with_a_custom_key_the_emulator_cannot_show_the_right_signature(emulator: Emulator) -> None:
    from tests.providers.changelly.test_mistakes import STRANGERS_PEM

    emulator.set("changelly", publicKey=STRANGERS_PEM)
    with changelly.Client(emulator) as client:
        found = told(emulator, client.create(headers=ASK))
    assert found["signature"]["expected"] is None
    assert found["how"]["programs"] == {}
    assert "only you have its private key" in found["how"]["why_not"]
    with pytest.raises(ControlRefused, match="only you have its private key") as caught:
        emulator.call("POST", "journal/last/resend")
    assert (caught.value.error, caught.value.status) == ("not-signable", 409)
