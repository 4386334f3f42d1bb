"""What is wrong with the head of a request that goes no further, in words for the client."""

import re
from collections.abc import Sequence

from emulator.contract.request import Request

REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP/(1\.[01])")
"""Method, target and version."""
_FRAMING = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_LINE_BYTES = 4
"""What a header line has besides name and value."""
_UNKNOWN_ENCODING = 501, "Transfer-Encoding can only be chunked: send the body so, or plain with a Content-Length."


class BadHead(Exception):
    """A request cannot go any further; it has the status and the text of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def size_of_head(url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> int:
    """The bytes of the target and the complete headers."""
    return len(url) + sum(len(name) + len(value) + _LINE_BYTES for name, value in headers)


def require_clear_head(request: Request, version: str) -> None:
    """Raises BadHead if two readers could take the request for two different ones."""
    if "host" not in request.headers and version != "1.0":
        raise BadHead(400, "There is no Host header: send one, or speak HTTP/1.0.")
    if "host" in request.repeated:
        raise BadHead(400, "There are several Host headers: send one.")
    if request.headers.get("transfer-encoding", "chunked").lower() != "chunked":
        raise BadHead(*_UNKNOWN_ENCODING)


def why_unreadable(data: bytes) -> tuple[int, str]:
    """Status and text for what the parser did not understand."""
    told = [(name.lower(), value.strip().lower()) for name, value in _FRAMING.findall(data)]
    encodings = [value for name, value in told if name == b"transfer-encoding"]
    if len(told) - len(encodings) > 1 or 0 < len(encodings) < len(told):
        return 400, "The length of the body is given twice: send one Content-Length, or Transfer-Encoding: chunked."
    if encodings and encodings != [b"chunked"]:
        return _UNKNOWN_ENCODING
    return 400, "Invalid HTTP request received: this port speaks plain HTTP/1.1."
