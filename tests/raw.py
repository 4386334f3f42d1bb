"""HTTP as bytes: requests that no client library would send, and answers as they came."""

import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RawAnswer:
    """Status, headers by name in lower case, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> str:
        """The name of the control API's refusal; empty if it is none."""
        return str(self.json().get("error", "")) if self.status >= 400 else ""

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def send(port: int, octets: bytes) -> RawAnswer:
    """The first answer to bytes that are sent to a port of this machine. The connection stays open meanwhile, so that
    what is answered has been answered without waiting for more."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(octets)
        with connection.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            lines = [line.decode("latin-1") for line in iter(stream.readline, b"\r\n")]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return RawAnswer(status, headers, stream.read(int(headers.get("content-length", "0"))))


def request(port: int, method: str, target: str, *headers: str, body: bytes = b"", version: str = "1.1") -> RawAnswer:
    """The answer to a request with just these headers, and the length of the body if it has one."""
    lines = [f"{method} {target} HTTP/{version}", *headers, *([f"Content-Length: {len(body)}"] if body else [])]
    return send(port, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)
