"""Orders created over a bare socket, whatever a test has put in place of HTTP clients."""

import hmac
import json
from urllib.parse import urlsplit

from emulator.engine import real_time
from emulator.testing import Emulator
from emulator.testing.connection import Sockets
from emulator.testing.link import Asked


def create_baanx(emulator: Emulator) -> str:
    """A Baanx order, which completes some seconds later; it sends no webhooks."""
    access = emulator.baanx
    headers = {
        "X-Client-ID": access.credentials["client_id"],
        "Authorization": f"Bearer {access.credentials['token']}",
        "Content-Type": "application/json",
    }
    body = json.dumps({"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}).encode()
    return str(_ask(access.url, headers, "v1/order", body)["orderId"])


def create_basswallet(emulator: Emulator) -> str:
    """A BassWallet order, which is paid within two minutes; its webhooks go to the setting `webhook_url`."""
    credentials = emulator.basswallet.credentials
    body = f"amount=25.50&tokenName=USDT&chainName=Tron&timestamp={real_time.now_ms()}".encode()
    headers = {
        "API-Access-Key": credentials["access_key"],
        "Signature": hmac.digest(credentials["secret_key"].encode(), body, "sha256").hex(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return str(_ask(emulator.basswallet.url, headers, "v1/account/payment", body)["data"]["id"])


def outcomes(emulator: Emulator) -> list[tuple[str, int | None]]:
    """State and last status of each webhook."""
    return [(each["state"], each["attempts"][-1]["status"]) for each in emulator.webhooks()]


def _ask(url: str, headers: dict[str, str], path: str, body: bytes) -> dict[str, dict[str, str]]:
    link, parts = Sockets(url), urlsplit(url)
    sent = {"Host": parts.netloc, "Content-Length": str(len(body)), **headers}
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    try:
        target = f"{parts.path}/{path}".encode()
        answered = link.exchange(Asked("POST", "http", parts.hostname or "", parts.port, target, raw, body, 20))
    finally:
        link.close()
    assert answered.status == 200, answered.body
    answer: dict[str, dict[str, str]] = json.loads(answered.body)
    return answer
