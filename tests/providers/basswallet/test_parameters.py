"""Which bytes become which names and values, and which are refused."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.basswallet.wire import BODY_LIMIT_BYTES, ParameterError, Parameters, read_body, read_query

Pairs = tuple[tuple[str, str], ...]

JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=cut"


def part(disposition: str, value: str = "1", headers: str = "") -> str:
    return f"--cut\r\nContent-Disposition: {disposition}\r\n{headers}\r\n{value}\r\n"


def whole(*parts: str) -> bytes:
    return "".join([*parts, "--cut--\r\n"]).encode()


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        (b"", ()),
        (b"a=1&b=2", (("a", "1"), ("b", "2"))),
        (b"b=2&a=1", (("b", "2"), ("a", "1"))),
        (b"amount=&b= 2 ", (("amount", ""), ("b", " 2 "))),
        (b"a=x=y", (("a", "x=y"),)),
        (b"a", (("a", ""),)),
        (b"&a=1&&b=2&", (("a", "1"), ("b", "2"))),
        (b"a=Gold+plan&b=Gold%20plan&c=%2b", (("a", "Gold plan"), ("b", "Gold plan"), ("c", "+"))),
        (b"a=50% off", (("a", "50% off"),)),
        (b"a=50%+off&b=%zz&c=%4&d=%", (("a", "50% off"), ("b", "%zz"), ("c", "%4"), ("d", "%"))),
        ("a=金牌&b=%E4%BC%9A员".encode(), (("a", "金牌"), ("b", "会员"))),
        (b"a%20b=1", (("a b", "1"),)),
        (b"a=1;b=2", (("a", "1;b=2"),)),
    ],
)
def test_urlencoded_text_becomes_ordered_pairs(raw: bytes, pairs: Pairs) -> None:
    for parameters in (read_query(raw), read_body("Application/X-WWW-Form-Urlencoded; charset=UTF-8", raw)):
        assert parameters.pairs == pairs
        assert parameters.raw == raw.decode()


@pytest.mark.parametrize("content_type", [None, "", "  "])
def test_a_body_without_a_type_counts_as_urlencoded(content_type: str | None) -> None:
    assert read_body(content_type, b"a=1").pairs == (("a", "1"),)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (None, b"a=\xff", "not valid UTF-8"),
        (None, b"a=%FF", "not valid UTF-8"),
        (None, b"a=%ED%A0%80", "not valid UTF-8"),
        (None, b"a=1&b=2&a=1", "parameter 'a' was sent more than once"),
        (None, b"a=1&%61=2", "parameter 'a' was sent more than once"),
        (None, b"a=" + b"x" * BODY_LIMIT_BYTES, f"longer than {BODY_LIMIT_BYTES} bytes"),
        ("text/plain", b"a=1", "Content-Type is 'text/plain': send a form or"),
        ("application/xml", b"<a/>", "Content-Type is 'application/xml': send"),
        ("\xff/\xff" * 100, b"", ": send a form or application/json"),
        (JSON, b"", "not JSON"),
        (JSON, b"{", "not JSON"),
        (JSON, b'{"a":"1"} x', "not JSON"),
        (JSON, b'\xef\xbb\xbf{"a":"1"}', "not JSON"),
        (JSON, b'{"a":"\n"}', "not JSON"),
        (JSON, b'"a"', "not an object"),
        (JSON, b"[]", "not an object"),
        (JSON, b'[{"a":"1"}]', "not an object"),
        (JSON, b"12", "not an object"),
        (JSON, b"null", "not an object"),
        (JSON, b'{"a":null}', "'a' is null"),
        (JSON, b'{"a":[1]}', "'a' is an array"),
        (JSON, b'{"a":[]}', "'a' is an array"),
        (JSON, b'{"a":{}}', "'a' is an object"),
        (JSON, b'{"a":NaN}', "NaN is not a JSON number"),
        (JSON, b'{"a":-Infinity}', "-Infinity is not a JSON number"),
        (JSON, b'{"a":1,"b":2,"a":1}', "parameter 'a' was sent more than once"),
        (JSON, b'{"a":"\\ud800"}', "unpaired surrogate"),
        (JSON, b'{"\\udc00":"a"}', "unpaired surrogate"),
        (JSON, b'{"a":"\xff"}', "not valid UTF-8"),
        (JSON, b'{"a":' + b"[" * 50_000, "nested too deeply"),
        ("multipart/form-data", b"", "no usable boundary"),
        ('multipart/form-data; boundary=""', b"", "no usable boundary"),
        ("multipart/form-data; boundary=" + "x" * 71, b"", "no usable boundary"),
        ("multipart/form-data; boundary=é", b"", "no usable boundary"),
        ("multipart/form-data; boundary", b"", "malformed parameters"),
        ("multipart/form-data; boundary=a; boundary=b", b"", "malformed parameters"),
        (MULTIPART, b"", "no closing boundary"),
        (MULTIPART, part('form-data; name="a"').encode(), "no closing boundary"),
        (MULTIPART, b"--cutter\r\n\r\n--cut--", "not alone on its line"),
        (MULTIPART, b"--cut", "not alone on its line"),
        (MULTIPART, b"--cut\r\nContent-Disposition: form-data; name=a\r\n--cut--", "no end of its headers"),
        (MULTIPART, whole(part('form-data; name="a"', headers="X: " + "x" * 9000 + "\r\n")), "no end of its headers"),
        (MULTIPART, b"--cut\r\n\r\n1\r\n--cut--", "no form-data Content-Disposition"),
        (MULTIPART, whole(part("attachment; name=a")), "no form-data Content-Disposition"),
        (MULTIPART, whole(part("form-data")), "has no name"),
        (MULTIPART, whole(part('form-data; name="a')), "malformed parameters"),
        (MULTIPART, whole(part("form-data; name=a; name=b")), "malformed parameters"),
        (MULTIPART, whole(part("form-data; name=a", headers="nonsense\r\n")), "malformed header"),
        (MULTIPART, whole(part("form-data; name=a", headers="X: 1\r\nx: 2\r\n")), "malformed header"),
        (MULTIPART, whole(part('form-data; name="a"; filename="a.txt"')), "is a file"),
        (MULTIPART, whole(part('form-data; name="a"; filename=""')), "is a file"),
        (MULTIPART, whole(part("form-data; name=a; filename*=UTF-8''a")), "is a file"),
        (MULTIPART, whole(part("form-data; name=a", headers="Content-Transfer-Encoding: base64\r\n")), "encoding"),
        (MULTIPART, whole(part("form-data; name=a"), part("form-data; name=a")), "'a' was sent more than once"),
        (MULTIPART, b"--cut\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--cut--", "not valid UTF-8"),
    ],
)
def test_an_unreadable_body_is_refused_with_the_reason(content_type: str | None, body: bytes, reason: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read_body(content_type, body)
    assert reason in caught.value.reason
    assert caught.value.reason.isascii()


def test_a_body_of_exactly_the_limit_is_read() -> None:
    assert len(read_body(None, b"a=" + b"x" * (BODY_LIMIT_BYTES - 2)).value("a")) == BODY_LIMIT_BYTES - 2


def test_json_values_are_read_as_they_are_written() -> None:
    body = (
        b'{"z": "1.50", "a": 1.50, "b": 1E+5, "c": true, "d": false, "e": -0, "f": "", "g": "\\u91d1\\n", "h": "null"}'
    )
    parameters = read_body("application/json; charset=utf-8", body)
    assert parameters.pairs == (
        ("z", "1.50"),
        ("a", "1.50"),
        ("b", "1E+5"),
        ("c", "true"),
        ("d", "false"),
        ("e", "-0"),
        ("f", ""),
        ("g", "金\n"),
        ("h", "null"),
    )
    assert parameters.raw is None


def test_a_json_number_may_have_any_number_of_digits() -> None:
    digits = "7" * 5000
    assert read_body(JSON, f'{{"a":{digits}}}'.encode()).value("a") == digits


def test_json_can_be_switched_off() -> None:
    with pytest.raises(ParameterError) as caught:
        read_body(JSON, b'{"a":"1"}', accept_json=False)
    assert caught.value.reason == "Content-Type is 'application/json': send a form (setting accept_json)"


def test_multipart_values_are_read_unchanged() -> None:
    body = b"preamble\r\n" + whole(
        part('form-data; name="a"', " Gold+plan%20 "),
        part("form-data; name=b", "two\r\nlines--cut"),
        part('form-data; name="c"', "", "Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n"),
        part(r'FORM-DATA ;name="q\"\\"', "金牌"),
    )
    parameters = read_body('Multipart/Form-Data; charset=utf-8; boundary="cut"', body + b"epilogue")
    assert parameters.pairs == (("a", " Gold+plan%20 "), ("b", "two\r\nlines--cut"), ("c", ""), ('q"\\', "金牌"))
    assert parameters.raw is None


def test_an_absent_and_an_empty_parameter_have_the_same_value() -> None:
    parameters = read_query(b"amount=&tokenName=USDT")
    assert parameters.value("amount") == parameters.value("chainName") == ""
    assert parameters.values == {"amount": "", "tokenName": "USDT"}


texts = st.text(st.characters(exclude_categories=["Cs"]))
members = st.dictionaries(texts.filter(bool), texts)
types = st.sampled_from([None, JSON, MULTIPART, "multipart/form-data; boundary=-"]) | st.text().map(
    lambda text: "multipart/form-data;" + text
)
shapes = st.binary() | st.lists(
    st.sampled_from(
        [
            *(b"--cut", b"--", b"\r\n", b"\r\n\r\n", b"Content-Disposition: form-data", b"; name=", b'"', b"\\", b"a"),
            *(b":", b"{", b"}", b"[", b",", b'"\\ud800"', b"1", b"%", b"%f", b"+", b"&", b"=", b"\xe4", b"\x00"),
        ]
    )
).map(b"".join)


@given(types, shapes)
def test_any_bytes_are_read_as_parameters_or_refused(content_type: str | None, body: bytes) -> None:
    try:
        parameters = read_body(content_type, body)
    except ParameterError:
        return
    assert isinstance(parameters, Parameters)
    assert all(name.encode() is not None and value.encode() is not None for name, value in parameters.pairs)


@given(members)
def test_parameters_arrive_the_same_in_every_form(sent: dict[str, str]) -> None:
    pairs = tuple(sent.items())
    assert read_query(urlencode(pairs).encode()).pairs == pairs
    assert read_body(JSON, json.dumps(sent).encode()).pairs == pairs


@given(st.dictionaries(st.text("abcAZ09_", min_size=1), texts.filter(lambda text: "\r\n--cut" not in text)))
def test_parameters_arrive_the_same_in_multipart(sent: dict[str, str]) -> None:
    body = whole(*[part(f'form-data; name="{name}"', value) for name, value in sent.items()])
    assert read_body(MULTIPART, body).pairs == tuple(sent.items())
