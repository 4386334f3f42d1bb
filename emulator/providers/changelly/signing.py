"""How a request is signed here: with the public test key, for the partner whose API key it came with, or the first."""

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import WrittenRequest
from emulator.contract.signing import Literal, Signing
from emulator.contract.transaction import Transaction
from emulator.providers.changelly.access import FIRST, NAMES, api_key, read_partner
from emulator.providers.changelly.signature.test_key import PRIVATE_KEY_PEM


def _sign(tx: Transaction, request: WrittenRequest, base_url: str) -> WrittenRequest:
    from emulator.providers.changelly.signature.rsa import is_test_key, sign

    settings = tx.settings("changelly")
    keys = {api_key(settings, each, tx.sandbox_name): each for each in NAMES}
    sent = request.headers.get("x-api-key", "")
    name = keys.get(sent, FIRST)
    if not is_test_key(read_partner(settings, name).record["public_key"]):
        raise CommandRefused(
            "the setting public_key is a key of your own, and only you have its private key: sign the request "
            "yourself, or set public_key back"
        )
    body = b"" if request.method == "GET" else request.body
    text = f"{base_url}{request.path}".encode("latin-1", "replace") + (body if body.strip() else b"{}")
    headers = {
        **request.headers,
        "x-api-key": api_key(settings, name, tx.sandbox_name),
        "x-api-signature": sign(text, PRIVATE_KEY_PEM),
    }
    return WrittenRequest(request.method, request.path, headers, body)


def _show(tx: Transaction, request: WrittenRequest, base_url: str) -> dict[str, Literal]:
    key = request.headers["x-api-key"]
    body = request.body.decode(errors="replace")
    return {"api_key": key, "key_header": f"X-Api-Key: {key}", "signed_body": body or "{}"}


SIGNING = Signing("private_key_base64", "CHANGELLY_PRIVATE_KEY", _sign, _show)
