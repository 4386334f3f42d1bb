"""Any bytes at any path get the provider's own answer, and never a failure."""

from hypothesis import given
from hypothesis import strategies as st

from emulator.testing import Emulator
from tests.clients.basswallet import FORM_TYPE, Client, sign

CREATE = "/v1/account/payment"
SERVER_ERROR = 500
TYPES = st.sampled_from(["application/json", FORM_TYPE, "multipart/form-data; boundary=b", "text/plain", "x/é", ""])
PIECES = st.sampled_from(
    [
        *(b"tokenName=USDT&", b"chainName=Tron&", b"amount=", b"1", b"%", b"%00", b"\xff", b"&", b"=", b"+", b"\0"),
        *(b"{", b"}", b'"a"', b":", b"1e999", b"[", b"null", b"--b", b"\r\n", b"timestamp=9&", b"id=", b"\n"),
    ]
)
BODIES = st.binary(max_size=200) | st.lists(PIECES).map(b"".join)
QUERIES = st.lists(st.sampled_from(["id=", "%", "%ff", "&", "=", "+", "type=Payment", "startTime=9", "~", "'", "\\x"]))
PATHS = st.sampled_from(
    [
        *(CREATE, f"/api{CREATE}", "/v1/account/order/query", "/v1/account/order/history", "/v1/common/tokens", "/"),
        *("/payin/x", "/payin/%ff/pay", "/payin/3f6c2c1e-5a0a-4b52-9a3c-8f1d2e7b6a90/pay", "/api/payin/%2F"),
    ]
)
VALUES = st.dictionaries(
    st.sampled_from(["amount", "businessId", "displayInfo", "returnUrl", "expiryMinutes", "chainName", "other"]),
    st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["5", "1e5", "https://a/\n", "USDT", "Bsc"]),
)


def test_the_provider_answers_any_bytes(emulator: Emulator, client: Client) -> None:
    @given(st.sampled_from(["GET", "POST", "PUT"]), PATHS, QUERIES, BODIES, TYPES)
    def answers(method: str, path: str, query: list[str], body: bytes, content_type: str) -> None:
        headers = {"Content-Type": content_type.encode().decode("latin-1")} if content_type.isascii() else {}
        signed = "".join(query) if method == "GET" else body.decode("utf-8", "replace")
        headers["Signature"] = sign(signed, client.secret)
        target = f"{path}?{''.join(query)}" if query else path
        assert client.send(method, target, body, headers).status_code < SERVER_ERROR

    answers()
    emulator.set("basswallet", signature_check="off")
    answers()


def test_any_signed_values_lead_to_an_order_or_a_refusal(client: Client) -> None:
    @given(VALUES, st.sampled_from(["python", "php", "json", "curl"]))
    def answers(values: dict[str, str], style: str) -> None:
        client.style = style if all("\r\n--" not in value for value in values.values()) else "python"
        response = client.create(None, **values)
        client.style = "python"
        assert response.status_code in (200, 400, 403)
        if response.status_code == 200:
            order_id = client.order_id(response)
            assert client.page(order_id).status_code == 200
            assert client.data(client.history())[0]["id"] == order_id

    answers()
