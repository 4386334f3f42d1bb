"""The published-style vectors, the four ways in which sample programs sign, and the age of a timestamp."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.basswallet.access import find_timestamp_error
from emulator.providers.basswallet.signature.mistakes import explain_signature
from emulator.providers.basswallet.signature.texts import (
    SignatureText,
    SignedText,
    arrange_webhook,
    find_signed_text,
    sign,
    sign_webhook,
    write_encoded_text,
    write_plain_text,
)
from emulator.providers.basswallet.wire import Parameters, read_body, read_query

SECRET = "sandbox-secret-0001"
CALLBACK_SECRET = "sandbox-callback-secret-0001"
FORM = "application/x-www-form-urlencoded"

HEAD = "amount=99.99&tokenName=USDT&chainName=Ethereum&businessId=Order0001"
ENCODED_TAIL = "&returnUrl=https%3A%2F%2Fshop.example%2Freturn%3Fo%3D1&timestamp=1735119737000"
TEXT_1 = HEAD + "&timestamp=1735119737000"
TEXT_2_PLAIN = HEAD + "&displayInfo=Gold plan&returnUrl=https://shop.example/return?o=1&timestamp=1735119737000"
TEXT_2_ENCODED = HEAD + "&displayInfo=Gold+plan" + ENCODED_TAIL
TEXT_2_RAW = HEAD + "&displayInfo=Gold%20plan" + ENCODED_TAIL
TEXT_5 = "tokenName=USDT&chainName=Tron&displayInfo=金牌会员&timestamp=1735119737000"
TEXT_6 = "amount=&tokenName=USDT&chainName=Tron&timestamp=1735119737000"

SIGNATURE_1 = "ad5620f191ca058b230037b44d1403a776b72fb6c4f39c0c79bbc1afe9d321c2"
SIGNATURE_2_PLAIN = "280326e78123248bbe8946d01cc99f5938749dbc7c8fe9bc717aa7809a08eb30"
SIGNATURE_2_ENCODED = "c042fe99d3898889ac4140f4690cfeafa293c17592fa6d5b14c0898021933498"
SIGNATURE_2_RAW = "70b3f182d4b922122d5b97190a61a18381c83aa98a98d23d7a5e845f342bc80e"

VECTORS = [
    pytest.param(TEXT_1, SIGNATURE_1, id="1"),
    pytest.param(TEXT_2_PLAIN, SIGNATURE_2_PLAIN, id="2p"),
    pytest.param(TEXT_2_ENCODED, SIGNATURE_2_ENCODED, id="2e"),
    pytest.param(TEXT_2_RAW, SIGNATURE_2_RAW, id="2r"),
    pytest.param(
        "businessId=Order0001&timestamp=1735119738000",
        "96f27256805db6b0d2c43abad126fdff30088077fd5b278dadb3ab0f3eeeb4b3",
        id="3",
    ),
    pytest.param(
        "type=Payment&timestamp=1735119739000",
        "39b11a1640d02e3bf4919a339b927afbf284ed902c0a942ea23794f60c499a49",
        id="4",
    ),
    pytest.param(TEXT_5, "041f5bc48497edfce9838ea54029923e8d685d1345832f1ac3c21e34e6f45ada", id="5"),
    pytest.param(TEXT_6, "850e6c6f974fb72b356d0237e861304ca782de3242faf5639c019b3e0e47669b", id="6"),
]


def pairs_of(plain: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (piece.partition("=") for piece in plain.split("&"))]


def multipart_of(plain: str) -> bytes:
    parts = [f'--cut\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in pairs_of(plain)]
    return "".join([*parts, "--cut--\r\n"]).encode()


def read_form(body: str) -> Parameters:
    return read_body(FORM, body.encode())


@pytest.mark.parametrize(("text", "signature"), VECTORS)
def test_each_vector_is_the_signature_of_its_text(text: str, signature: str) -> None:
    assert sign(text, SECRET) == signature


@pytest.mark.parametrize(("text", "signature"), VECTORS)
def test_each_vector_is_accepted_as_a_form_body_and_as_a_query(text: str, signature: str) -> None:
    assert find_signed_text(signature, SECRET, read_form(text))
    assert find_signed_text(signature, SECRET, read_query(text.encode()))


@pytest.mark.parametrize(
    ("parameters", "signature", "signed"),
    [
        pytest.param(read_form(TEXT_2_ENCODED), SIGNATURE_2_PLAIN, "plain", id="python: signs plain, sends urlencoded"),
        pytest.param(read_form(TEXT_2_PLAIN), SIGNATURE_2_PLAIN, "raw", id="java: sends the plain text it signed"),
        pytest.param(
            read_body("multipart/form-data; boundary=cut", multipart_of(TEXT_2_PLAIN)),
            SIGNATURE_2_ENCODED,
            "encoded",
            id="php: signs encoded, sends multipart",
        ),
        pytest.param(read_form(TEXT_1), SIGNATURE_1, "raw", id="curl: sends what it signed"),
        pytest.param(read_form(TEXT_2_RAW), SIGNATURE_2_RAW, "raw", id="raw escapes of the client's own"),
        pytest.param(
            read_body("application/json", b'{"businessId":"Order0001","timestamp":1735119738000}'),
            "96f27256805db6b0d2c43abad126fdff30088077fd5b278dadb3ab0f3eeeb4b3",
            "plain",
            id="json members in document order",
        ),
    ],
)
def test_every_way_the_sample_programs_sign_is_accepted(
    parameters: Parameters, signature: str, signed: SignedText
) -> None:
    assert find_signed_text(signature, SECRET, parameters) == signed


@pytest.mark.parametrize(
    ("setting", "good"),
    [
        ("any", {SIGNATURE_2_PLAIN, SIGNATURE_2_RAW, SIGNATURE_2_ENCODED}),
        ("plain", {SIGNATURE_2_PLAIN}),
        ("raw", {SIGNATURE_2_RAW}),
        ("encoded", {SIGNATURE_2_ENCODED}),
    ],
)
def test_the_setting_decides_which_texts_count(setting: SignatureText, good: set[str]) -> None:
    parameters = read_form(TEXT_2_RAW)
    signatures = {SIGNATURE_2_PLAIN, SIGNATURE_2_RAW, SIGNATURE_2_ENCODED}
    assert {s for s in signatures if find_signed_text(s, SECRET, parameters, setting)} == good


def test_a_multipart_body_has_no_raw_text() -> None:
    parameters = read_body("multipart/form-data; boundary=cut", multipart_of(TEXT_1))
    assert find_signed_text(SIGNATURE_1, SECRET, parameters, "raw") is None
    assert "no text" in explain_signature(parameters, "raw")


def test_the_case_of_the_hexadecimal_digits_does_not_matter() -> None:
    assert find_signed_text(SIGNATURE_1.upper(), SECRET, read_form(TEXT_1)) == "raw"


@pytest.mark.parametrize("signature", [None, "", "ä", "\ud800", SIGNATURE_1[:-1], SIGNATURE_1 + " ", "0" * 64])
def test_a_missing_or_wrong_signature_matches_nothing(signature: str | None) -> None:
    assert find_signed_text(signature, SECRET, read_form(TEXT_1)) is None


def test_a_reordered_or_changed_parameter_breaks_the_signature() -> None:
    reordered = "&".join(reversed(TEXT_1.split("&")))
    assert find_signed_text(SIGNATURE_1, SECRET, read_form(reordered)) is None
    assert find_signed_text(SIGNATURE_1, SECRET, read_form(TEXT_1.replace("99.99", "99.98"))) is None
    assert find_signed_text(SIGNATURE_1, "another secret", read_form(TEXT_1)) is None


def test_a_refusal_names_each_allowed_text_once() -> None:
    assert explain_signature(read_form(TEXT_1)) == f'sign one of: plain "{TEXT_1}"'
    assert explain_signature(read_form(TEXT_2_RAW)) == (
        f'sign one of: plain "{TEXT_2_PLAIN}", raw "{TEXT_2_RAW}", encoded "{TEXT_2_ENCODED}"'
    )
    assert explain_signature(read_form(TEXT_2_RAW), "raw") == f'sign one of: raw "{TEXT_2_RAW}"'
    assert explain_signature(read_query(b"")) == 'sign one of: plain ""'


def test_the_encoded_text_leaves_only_letters_digits_and_three_marks_unescaped() -> None:
    assert write_encoded_text([("a-b_c.d", "~*!'() /é")]) == "a-b_c.d=%7E%2A%21%27%28%29+%2F%C3%A9"


names_and_values = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"]))
).map(lambda members: tuple(members.items()))


@given(names_and_values)
def test_all_three_texts_of_any_parameters_are_accepted(pairs: tuple[tuple[str, str], ...]) -> None:
    body = urlencode(pairs)
    parameters = read_query(body.encode())
    assert parameters.pairs == pairs
    for text in (write_plain_text(pairs), body, write_encoded_text(pairs)):
        assert find_signed_text(sign(text, SECRET), SECRET, parameters)


@given(st.text(), names_and_values)
def test_no_signature_header_can_break_the_check(signature: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert find_signed_text(signature, SECRET, Parameters(dict(pairs))) is None


PAID_WEBHOOK = (
    "amount=99.99&amountActual=99.99&amountUSD=99.97&blockConfirmNum=1&blockHigh=21000000&businessId=Order0001"
    "&chainName=Ethereum&fromAddress=0x1111111111111111111111111111111111111111&id=626900000000000001"
    "&status=AwaitingConfirmation&toAddress=0x2222222222222222222222222222222222222222&tokenName=USDT"
    "&txHash=0xabababababababababababababababababababababababababababababababab&webhookType=Payment"
    "&timestamp=1735119800000"
)
EXPIRED_WEBHOOK = (
    "businessId=Order0001&id=626900000000000001&status=Expired&webhookType=Payment&timestamp=1735123337500"
)
WITHDRAW_WEBHOOK = (
    "businessId=Refund0001&id=626900000000000002&networkFee=0.01&platformFee=0.15&status=AwaitingConfirmation"
    f"&txHash={'cd' * 32}&webhookType=Withdraw&timestamp=1735119900000"
)
DEPOSIT_WEBHOOK = (
    "amount=25.5&blockConfirmNum=1&blockHigh=51000000&chainName=Tron&createdTime=1735119890000"
    "&fromAddress=TBXSw8fM4jpQkGc6zZjsVABFpVN7UvXPdV&id=626900000000000003&status=AwaitingConfirmation"
    f"&toAddress=TKjLDbk7LC9NXzRBCYahKa8pzMHRfahJjn&tokenName=USDT&txHash={'ef' * 32}&webhookType=Deposit"
    "&timestamp=1735119893000"
)


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (WITHDRAW_WEBHOOK, "a2303a2198e0ee72b9689a2c932e143bdff7ef0e9f832ad66b6f8573f0f99d32"),
        (DEPOSIT_WEBHOOK, "73357d43ac720a2c704704f8938d3db0c7fc276a2db80af2d549a63450d5e1c3"),
        (PAID_WEBHOOK, "6ccdf391f9dcfc9a87d4a454c5019c0358fe4e57573d3b7894039971ef73cb36"),
        (EXPIRED_WEBHOOK, "11c59bafdb1c2be75bd0de580508d29390b0f78820d0e545360f2ae27223fda1"),
    ],
)
def test_a_webhook_is_sorted_with_its_timestamp_last_and_signed(text: str, signature: str) -> None:
    members = dict(sorted(pairs_of(text), reverse=True))
    arranged = arrange_webhook(members)
    assert write_plain_text(arranged) == write_encoded_text(arranged) == text
    assert sign_webhook(arranged, CALLBACK_SECRET) == signature


NOW_MS = 1_735_119_737_000


@pytest.mark.parametrize(
    ("timestamp", "tolerance_ms", "error"),
    [
        (str(NOW_MS), None, None),
        (str(NOW_MS - 10_000), None, None),
        (str(NOW_MS - 10_001), None, "TIME_OUT"),
        ("0", None, "TIME_OUT"),
        (str(NOW_MS + 10**9), None, None),
        ("9" * 19, None, None),
        (str(NOW_MS + 500), 500, None),
        (str(NOW_MS + 501), 500, "TIME_OUT"),
        (str(NOW_MS + 1), 0, "TIME_OUT"),
        ("", None, "PARAM_ERROR"),
        ("9" * 20, None, "PARAM_ERROR"),
        ("1735119737000\n", None, "PARAM_ERROR"),
        (" 1735119737000", None, "PARAM_ERROR"),
        ("-1", None, "PARAM_ERROR"),
        ("1.7e12", None, "PARAM_ERROR"),
        ("١٧٣٥١١٩٧٣٧٠٠٠", None, "PARAM_ERROR"),
    ],
)
def test_a_timestamp_is_checked_for_form_and_age(timestamp: str, tolerance_ms: int | None, error: str | None) -> None:
    assert find_timestamp_error(timestamp, NOW_MS, tolerance_ms) == error
