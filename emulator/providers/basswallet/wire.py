"""Reading requests and writing answers: parameters as ordered names and values, orders.

Whatever the bytes of a request are, reading them raises nothing but `ParameterError`, and changes no value: no
trimming, no case folding, no reordering, because the signature is made over exactly these names and values in exactly
this order. Answers have their members in wire order; created, queried and listed orders name the same things
differently.

Sources: https://docs-en.basswallet.com/api-reference/info/request-info, .../info/respose-info (spelled so),
.../endpoint/receive/create_payment, .../receive/payment-query, .../receive/payment-webhook, .../account/order-history
and https://docs-zh.basswallet.com/api-reference/info/params-eum (spelled so), seen 2026-11. The samples there and the
list of statuses disagree on two words; settings choose. Assumed: the limits, and what happens with repeated parameters,
files, broken escapes and JSON.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.core import json_text, wording
from emulator.providers.basswallet.chain.transfers import find_credit

BODY_LIMIT_BYTES = 100 * 1024
"""A longer body is refused. Assumed."""

PART_HEADER_LIMIT_BYTES = 8 * 1024
"""A longer header block of one multipart part is refused. Assumed."""

AWAITING_REVIEW = "AwaitingReview"
REVIEW_DECLINED = "ReviewDeclined"
REVIEW_APPROVED = "ReviewApproved"
PROCESSING = "Processing"
AWAITING_PACKAGING = "AwaitingPackaging"
PENDING = "Pending"
AWAITING_CONFIRMATION = "AwaitingConfirmation"
SUCCESS = "Success"
FAILED = "Failed"
UNDERPAID = "Underpaid"
EXPIRED = "Expired"
CANCELLED = "Cancelled"

FIXED = "fixed"
VARIABLE = "variable"
PAYMENTS = frozenset({FIXED, VARIABLE})
"""The kinds of payments."""
WITHDRAWAL = "withdrawal"
DEPOSIT = "deposit"

COMPLETE = (SUCCESS, FAILED, UNDERPAID)
"""Statuses in which a payment has its outcome."""

_WORD_SETTINGS = {PENDING: "initial_status", AWAITING_CONFIRMATION: "confirmation_word"}

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_HEADER_PARAMETER = re.compile(r';[ \t]*([^\s;="]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*')
_PLAIN_TRANSFER_ENCODINGS = frozenset({"7bit", "8bit", "binary"})


class ParameterError(ValueError):
    """The client's parameters cannot be read: PARAM_ERROR on the wire. `reason` is a clause in ASCII."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Parameters(Struct, frozen=True):
    """The parameters of one request, in the order in which they were sent; every name occurs once.

    `raw` is the query string or urlencoded body exactly as received, `None` for multipart and JSON bodies.
    """

    values: dict[str, str]
    raw: str | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values in the order in which they were sent."""
        return tuple(self.values.items())

    def value(self, name: str) -> str:
        """The value as sent; `""` where the parameter is absent: the two mean the same everywhere."""
        return self.values.get(name, "")


def read_query(query_string: bytes) -> Parameters:
    """Reads a query string without its question mark. Raises ParameterError."""
    return _read_urlencoded(query_string)


def read_body(content_type: str | None, body: bytes, *, accept_json: bool = True) -> Parameters:
    """Reads a POST body by its Content-Type; without one it counts as urlencoded. Raises ParameterError."""
    if len(body) > BODY_LIMIT_BYTES:
        raise ParameterError(f"the body is longer than {BODY_LIMIT_BYTES} bytes")
    media_type = (content_type or "").partition(";")[0].strip().lower()
    match media_type:
        case "" | "application/x-www-form-urlencoded":
            return _read_urlencoded(body)
        case "multipart/form-data":
            return _read_multipart(content_type or "", body)
        case "application/json" if accept_json:
            return _read_json(body)
        case _:
            good = "a form or application/json" if accept_json else "a form (setting accept_json)"
            raise ParameterError(f"Content-Type is {_shown(media_type)}: send {good}")


def read_clock_ms(tx: Transaction, settings: Settings) -> int:
    """The time of timestamps, in ms since 1970: by the clock of the setting `timestamp_clock`."""
    return tx.real_ms if settings["timestamp_clock"] == "wall" else tx.now_ms


def write_answer(call: Call, data: Any) -> Reply:
    """The envelope with `data`; its `timestamp` is the answer's time, Unix milliseconds as text."""
    body = {"code": 200, "msg": "success", "timestamp": str(call.tx.now_ms), "data": data}
    return json_text.json_reply(200, body)


def write_new_order(order: Order, settings: Settings) -> dict[str, Any]:
    """A new order in the answer of the create call."""
    fields = order.fields
    body: dict[str, Any] = {
        "createdDate": order.created_ms,
        "expiryDate": fields["expiry_ms"],
        "redirectUrl": fields["redirect_url"],
        "status": write_status(order.status, settings),
        "id": order.id,
    }
    if "amount" in fields:
        body["amount"] = fields["amount"]
    else:
        body["minAmount"] = fields["min_amount"]
    body["tokenName"] = fields["token_name"]
    body["chainName"] = fields["chain"]
    body["address"] = fields["address"]
    shows_absent = settings["absent_optional"] == "empty"
    if shows_absent or "business_id" in fields:
        body["businessId"] = fields.get("business_id", "")
    body["returnUrl"] = fields.get("return_url", "")
    if shows_absent or "display_info" in fields:
        body["displayInfo"] = fields.get("display_info", "")
    return body


def write_order(order: Order, settings: Settings) -> dict[str, Any]:
    """An order in the answer of the query; here `amountActual` is a number."""
    fields = order.fields
    shows_page = settings["query_redirect_url"] == "payin"
    body: dict[str, Any] = {
        "id": order.id,
        "businessId": fields.get("business_id", ""),
        "redirectUrl": fields["redirect_url"] if shows_page else fields.get("return_url", ""),
        "tokenName": fields["token_name"],
        "chainName": fields["chain"],
    }
    if "amount" in fields:
        body["amount"] = fields["amount"]
    body["address"] = fields["address"]
    body["status"] = write_status(order.status, settings)
    credit = find_credit(fields)
    if credit is not None:
        body["txHash"] = credit.tx_hash
        body["amountActual"] = json_text.read_number(credit.amount)
    body["createdTime"] = order.created_ms
    body["expiryTime"] = fields["expiry_ms"]
    return body


def write_listed_order(order: Order, settings: Settings) -> dict[str, Any]:
    """An order in the answer of the history; here `amountActual` is text."""
    fields = order.fields
    credit = find_credit(fields)
    body = {
        "id": order.id,
        "businessId": fields.get("business_id"),
        "chainName": fields["chain"],
        "tokenName": fields["token_name"],
        "amount": fields.get("amount"),
        "amountActual": credit and credit.amount,
        "fromAddress": credit and credit.payer,
        "toAddress": fields["address"],
        "txHash": credit and credit.tx_hash,
        "createdTime": order.created_ms,
        "expiryTime": fields["expiry_ms"],
        "completeTime": fields.get("completed_ms") if order.status in COMPLETE else None,
        "status": write_status(order.status, settings),
    }
    return {name: value for name, value in body.items() if value is not None}


def write_status(status: str, settings: Settings) -> str:
    """The word for a status in answers, on pages and in webhooks."""
    setting = _WORD_SETTINGS.get(status)
    return status if setting is None else str(settings[setting])


def write_value(value: object) -> str:
    """A value as a parameter has it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json_text.encode(value).decode()


def _read_urlencoded(raw: bytes) -> Parameters:
    text = _read_text(raw)
    has_escapes = "%" in text or "+" in text
    pairs: list[tuple[str, str]] = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((_unescape(name), _unescape(value)) if has_escapes else (name, value))
    return _read_pairs(pairs, text)


def _read_pairs(pairs: list[tuple[str, str]], raw: str | None = None) -> Parameters:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ParameterError(f"parameter {_first_repeated(pairs)} was sent more than once")
    return Parameters(values, raw)


def _unescape(text: str) -> str:
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    return _read_text(unquote_to_bytes(text))


class _Members(list[tuple[str, object]]):
    """The members of one JSON object in document order, repeated ones included."""


def _read_json(body: bytes) -> Parameters:
    text = _read_text(body)
    try:
        document = json.loads(
            text, object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise ParameterError("the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ParameterError(f"the body is not JSON: wrong at character {error.pos}") from None
    if not isinstance(document, _Members):
        raise ParameterError(f"the body is {wording.kind_word(document)}, not an object")
    return _read_pairs([(_require_text(name), _read_json_value(name, value)) for name, value in document])


def _refuse_constant(constant: str) -> NoReturn:
    raise ParameterError(f"{constant} is not a JSON number")


def _read_json_value(name: str, value: object) -> str:
    if isinstance(value, str):
        return _require_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "null" if value is None else "an object" if isinstance(value, _Members) else "an array"
    raise ParameterError(f"JSON member {_shown(name)} is {kind}, not a string, number or boolean")


def _require_text(text: str) -> str:
    # JSON escapes can spell half of a surrogate pair, which no UTF-8 text can hold and no signature can cover.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParameterError("a JSON string has an unpaired surrogate escape") from None
    return text


def _read_multipart(content_type: str, body: bytes) -> Parameters:
    boundary = _read_header_parameters(content_type.partition(";")[2]).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise ParameterError("the multipart Content-Type has no usable boundary")
    _, *chunks = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"))
    pairs: list[tuple[str, str]] = []
    for chunk in chunks:
        if chunk.startswith(b"--"):
            return _read_pairs(pairs)
        pairs.append(_read_part(chunk))
    raise ParameterError("the multipart body has no closing boundary")


def _read_part(chunk: bytes) -> tuple[str, str]:
    padding, line_end, rest = chunk.partition(b"\r\n")
    if not line_end or padding.strip(b" \t"):
        raise ParameterError("a multipart boundary is not alone on its line")
    header_block, blank_line, value = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if not blank_line or len(header_block) > PART_HEADER_LIMIT_BYTES:
        raise ParameterError("a multipart part has no end of its headers")
    headers = _read_part_headers(_read_text(header_block))
    disposition, _, rest_of_disposition = headers.get("content-disposition", "").partition(";")
    if disposition.strip().lower() != "form-data":
        raise ParameterError("a multipart part has no form-data Content-Disposition")
    names = _read_header_parameters(rest_of_disposition)
    if "filename" in names or "filename*" in names:
        raise ParameterError("a multipart part is a file")
    if "name" not in names:
        raise ParameterError("a multipart part has no name")
    if headers.get("content-transfer-encoding", "8bit").lower() not in _PLAIN_TRANSFER_ENCODINGS:
        raise ParameterError("a multipart part has a transfer encoding")
    return names["name"], _read_text(value)


def _read_part_headers(block: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in filter(None, block.split("\r\n")):
        name, colon, value = line.partition(":")
        if not colon or name.lower() in headers:
            raise ParameterError("a multipart part has a malformed header")
        headers[name.lower()] = value.strip(" \t")
    return headers


def _read_header_parameters(text: str) -> dict[str, str]:
    """The `; name=value` parameters of a header; names in lower case."""
    text = ";" + text if text.strip() else ""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _HEADER_PARAMETER.match(text, position)
        if match is None or match[1].lower() in found:
            raise ParameterError("a multipart header has malformed parameters")
        found[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        position = match.end()
    return found


def _read_text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ParameterError(f"the text is not valid UTF-8 at byte {error.start}") from None


def _first_repeated(pairs: Iterable[tuple[str, str]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return _shown(name)
        seen.add(name)
    raise AssertionError("no name is repeated")


def _shown(text: str) -> str:
    return ascii(text[:60])
