"""How long the console takes over a crowded sandbox: its first page, a search through all orders, and the list as the
page asks for it while 500 things happen each second."""

import http.client
import socket
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Event
from types import MappingProxyType

from bench.cases import baanx_create
from bench.load import Job
from bench.processes import control, generate_load, serve_emulator
from bench.row import Amounts, Found, Skipped

_LOOKS = 15
_RATE = 500
"""Requests a second, each of which makes an order and is an event of the stream."""
_BATCHES_A_SECOND = 20
_STEADY_S = 5
_PAINTS_A_SECOND = 4
"""How often the page asks for the list at most."""


def console(amounts: Amounts) -> tuple[Found, ...]:
    """Milliseconds for the page with its list, and for a search that finds nothing and so looks at every order."""
    with serve_emulator("--clock", "manual") as emulator:
        sandbox = control(emulator, "GET", "sandboxes/default")
        port = int(sandbox["urls"]["baanx"].rpartition(":")[2])
        prepared = baanx_create(port, sandbox["credentials"]["baanx"], amounts.listed)
        created = generate_load(Job(port, prepared, amounts.listed))
        if created.first_bad:
            raise Skipped(f"answers {created.first_bad[:400]!r}")
        pages = [_look_ms(emulator.port, "/console/default") for _ in range(_LOOKS)]
        nothing = "/console/default?show=orders&search=nothing-has-this"
        searches = [_look_ms(emulator.port, nothing) for _ in range(_LOOKS)]
        refreshed, told = _watch(emulator.port, port, baanx_create(port, sandbox["credentials"]["baanx"], 1)[0])
    details = f"{amounts.listed} orders; {min(pages):.0f} to {max(pages):.0f} ms"
    return (
        Found(median(pages), details),
        Found(median(searches), f"{min(searches):.0f} to {max(searches):.0f} ms"),
        Found(median(refreshed), f"up to {max(refreshed):.0f} ms; the stream told of {told / _STEADY_S:.0f} a second"),
    )


def _watch(front: int, provider: int, request: str) -> tuple[list[float], int]:
    """Milliseconds of each look at the list while orders are made all the time, and how many events were told."""
    told: list[int] = []
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as others:
        ends = began + _STEADY_S
        others.submit(_make_steadily, provider, request.encode("latin-1"), ends)
        listening = others.submit(_count_events, front, told, ends)
        looks = []
        while (now := time.perf_counter()) < ends:
            looks.append(_look_ms(front, "/console/default", {"HX-Target": "rows"}))
            Event().wait(max(0.0, now + 1 / _PAINTS_A_SECOND - time.perf_counter()))
        listening.result()
    return looks, len(told)


def _make_steadily(port: int, request: bytes, ends: float) -> None:
    """Sends so many requests a second, whatever the answers are."""
    batch = _RATE // _BATCHES_A_SECOND
    with socket.create_connection(("127.0.0.1", port)) as connection:
        at = time.perf_counter()
        while at < ends:
            connection.sendall(request * batch)
            answered = b""
            while answered.count(b"HTTP/1.1 ") < batch:
                answered += connection.recv(1 << 20)
            at += 1 / _BATCHES_A_SECOND
            Event().wait(max(0.0, at - time.perf_counter()))


def _count_events(port: int, told: list[int], ends: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/_emulator/sandboxes/default/events")
    stream = connection.getresponse()
    while time.perf_counter() < ends:
        if stream.readline().startswith(b"event: "):
            told.append(1)
    connection.close()


def _look_ms(port: int, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    page = answer.read()
    took_ms = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != http.client.OK or b'id="rows"' not in page:
        raise Skipped(f"{path} answers {answer.status}")
    return took_ms
