"""How a request is signed here: with the key that it came with, or else the sandbox's first."""

from urllib.parse import urlencode

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import WrittenRequest
from emulator.contract.signing import Literal, Signing
from emulator.contract.transaction import Transaction
from emulator.providers.basswallet import catalogue
from emulator.providers.basswallet.catalogue import AccessKey
from emulator.providers.basswallet.signature.texts import ALLOWED_FORMS, sign, write_encoded_text, write_plain_text
from emulator.providers.basswallet.wire import ParameterError, read_body, read_clock_ms, read_query

_FORM = "application/x-www-form-urlencoded"


def _sign(tx: Transaction, request: WrittenRequest, base_url: str) -> WrittenRequest:
    settings = tx.settings("basswallet")
    path, _, _ = request.path.partition("?")
    values = _read(request) | {"timestamp": str(read_clock_ms(tx, settings))}
    pairs = tuple(values.items())
    key = _find_key(tx, request)
    sent = urlencode(pairs)
    forms = {"plain": write_plain_text(pairs), "raw": sent, "encoded": write_encoded_text(pairs)}
    text = forms[ALLOWED_FORMS[settings["signature_text"]][0]]
    headers = {**request.headers, "api-access-key": key.access_key, "signature": sign(text, key.secret_key)}
    headers.pop("content-type", None)
    if request.method in ("GET", "HEAD"):
        return WrittenRequest(request.method, f"{path}?{sent}", headers, b"")
    return WrittenRequest(request.method, path, {**headers, "content-type": _FORM}, sent.encode())


def _read(request: WrittenRequest) -> dict[str, str]:
    """The parameters in the order in which they were sent. Raises CommandRefused."""
    try:
        if request.method in ("GET", "HEAD"):
            return read_query(request.path.partition("?")[2].encode("latin-1", "replace")).values
        return read_body(request.headers.get("content-type"), request.body).values
    except ParameterError as error:
        raise CommandRefused(f"its parameters cannot be read, and so cannot be signed: {error.reason}") from error


def _find_key(tx: Transaction, request: WrittenRequest) -> AccessKey:
    sent = request.headers.get("api-access-key", "")
    found = catalogue.find_access_key(sent) if catalogue.find_sandbox_of_access_key(sent) == tx.sandbox_name else None
    return found or catalogue.list_access_keys(tx.sandbox_name)[0]


def _show(tx: Transaction, request: WrittenRequest, base_url: str) -> dict[str, Literal]:
    pairs = tuple((name, value) for name, value in _read(request).items() if name != "timestamp")
    path, _, _ = request.path.partition("?")
    key = request.headers["api-access-key"]
    return {"url": base_url + path, "access_key": key, "key_header": f"API-Access-Key: {key}", "pairs": pairs}


SIGNING = Signing("secret_key", "BASSWALLET_SECRET_KEY", _sign, _show)
