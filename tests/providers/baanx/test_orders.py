"""Creating and reading orders over HTTP."""

import httpx

from emulator.testing import Emulator

ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


def headers(emulator: Emulator) -> dict[str, str]:
    access = emulator.baanx.credentials
    return {"X-Client-ID": access["client_id"], "Authorization": f"Bearer {access['token']}"}


def test_a_created_order_is_completed_after_five_seconds(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.baanx.url, headers=headers(emulator)) as client:
        created = client.post("/v1/order", json=ORDER)
        assert created.status_code == 200
        order = created.json()
        assert list(order) == ["requestId", "orderId", "paymentConfig"]
        assert client.get(f"/v1/order/{order['orderId']}").json()["status"] == "STARTED"
        emulator.advance("5s")
        assert client.get(f"/v1/order/{order['orderId']}").json()["status"] == "COMPLETED"
