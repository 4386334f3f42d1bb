"""Load generator: keep-alive connections that repeat prepared requests, bounded in number. Runs in its own process.

Reads one JSON job on standard input, writes one JSON outcome on standard output. It must never be imported by a server
that is measured: what it costs would be counted twice.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import cast

CONNECTIONS = 64


@dataclass(frozen=True)
class Job:
    """What to send: `requests` in turn, `count` of them in all."""

    port: int
    requests: list[str]
    """Whole HTTP requests, one character per byte."""
    count: int
    connections: int = CONNECTIONS


@dataclass
class Outcome:
    """What came of a job."""

    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    """How many answers had which status."""
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    answer_bytes: int = 0
    """Length of the last answer's body."""
    first_bad: str = ""
    """The first answer that is not 2xx, whole."""

    @property
    def requests_per_second(self) -> float:
        """Answers of any status per second."""
        return sum(self.statuses.values()) / self.seconds


class _Connection(asyncio.Protocol):
    """Sends a request, waits for the whole answer, sends the next."""

    transport: asyncio.Transport

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send_next(self) -> None:
        """Sends the next request, unless enough were sent."""
        request = self._run.take()
        if request is None:
            self.transport.close()
            return
        self._sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head_end = received.find(b"\r\n\r\n")
        if head_end < 0:
            self._received = received
            return
        length_at = received.lower().find(b"content-length: ", 0, head_end) + 16
        length = int(received[length_at : received.find(b"\r", length_at)])
        if len(received) < head_end + 4 + length:
            self._received = received
            return
        self._received = b""
        self._run.add(received[9:12], time.perf_counter() - self._sent_at, received, length)
        self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        self._run.connection_closed(error)


class _Run:
    """One job under way."""

    def __init__(self, job: Job, done: "asyncio.Future[None]") -> None:
        self._requests: Iterator[bytes] = cycle([request.encode("latin-1") for request in job.requests])
        self._left = job.count
        self._open = job.connections
        self._done = done
        self.statuses: dict[bytes, int] = {}
        self.durations_s: list[float] = []
        self.answer_bytes = 0
        self.first_bad = b""

    def take(self) -> bytes | None:
        if self._left == 0:
            return None
        self._left -= 1
        return next(self._requests)

    def add(self, status: bytes, duration_s: float, answer: bytes, length: int) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.durations_s.append(duration_s)
        self.answer_bytes = length
        if status[:1] != b"2" and not self.first_bad:
            self.first_bad = answer

    def connection_closed(self, error: Exception | None) -> None:
        self._open -= 1
        if self._open == 0 and not self._done.done():
            self._done.set_result(None)


async def perform(job: Job) -> Outcome:
    """Sends a job's requests and counts the answers. The clock runs while all connections are open."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    run = _Run(job, done)
    connections = [
        (await loop.create_connection(lambda: _Connection(run), "127.0.0.1", job.port))[1]
        for _ in range(job.connections)
    ]
    started = time.perf_counter()
    for connection in connections:
        connection.send_next()
    await done
    seconds = time.perf_counter() - started
    durations_s = sorted(run.durations_s)
    return Outcome(
        seconds=seconds,
        statuses={status.decode(): count for status, count in run.statuses.items()},
        p50_ms=1000 * durations_s[len(durations_s) // 2] if durations_s else 0.0,
        p99_ms=1000 * durations_s[len(durations_s) * 99 // 100] if durations_s else 0.0,
        answer_bytes=run.answer_bytes,
        first_bad=run.first_bad.decode("latin-1"),
    )


def main() -> None:
    """Performs the job on standard input."""
    import uvloop

    outcome = uvloop.run(perform(Job(**json.load(sys.stdin))))
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
