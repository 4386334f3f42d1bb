"""The webhook signature, against its known vectors."""

import pytest

from emulator.providers.koywe.webhooks import make_signature

FULL = (
    '{"id":"evt_00000000-0000-4000-8000-000000000901","type":"order.paid","created_at":"2026-01-05T12:01:00.000Z",'
    '"data":{"status":"PAID","external_id":"inv-77","type":"PAYIN","amount_in":50000,"amount_out":50000,'
    '"origin_currency_symbol":"COP","destination_currency_symbol":"COP"},"relationships":{"self":{"type":"order",'
    '"id":"ord_00000000-0000-4000-8000-000000000801"},"merchant":{"type":"merchant","id":"mrc_default"},'
    '"organization":{"type":"organization","id":"org_default"}}}'
)
ACCENTED = (
    '{"id":"evt_demo_2","type":"order.completed","data":{"status":"COMPLETED","external_id":"factura-ñ-1"},'
    '"relationships":{"self":{"type":"order","id":"ord_demo_2"}}}'
)


@pytest.mark.parametrize(
    ("secret", "body", "size", "signature"),
    [
        ("whsec_demo", '{"id":"evt_demo_1","type":"order.paid"}', 39,
         "edcc7de280d8dd83bbe4bef982d1b83028d6891123dc72198eac5479b5708928"),
        ("whsec_demo", '{"id": "evt_demo_1", "type": "order.paid"}', 42,
         "60c52a373257ac02958a3572104c9ebf06a83cca4cd502cf8d04d696662beb63"),
        ("whsec_koywe_test", ACCENTED, 163, "57140d9e2bd37c58f4b7ac4d49137bab685558a5aef6e341442470085c67bbd3"),
        ("whsec_koywe_test", FULL, 474, "cee2bc5b32efef83596a27b608129a39b332d73426361128c8a4e9d8e0090410"),
        ("whsec_koywe_rotated", FULL, 474, "b6ed6412c9164c9a43acde12c7dafb0e3089bb62844b6c14450bb049527c18a5"),
    ],
)  # fmt: skip
def test_the_signature_of_the_known_body_is_the_known_one(secret: str, body: str, size: int, signature: str) -> None:
    assert len(body.encode()) == size
    assert make_signature(secret, body.encode()) == signature
