"""What it costs to keep sandboxes: in a file, in Redis, by one emulator or two; and what a start and memory take."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from bench.cases import baanx_create
from bench.load import CONNECTIONS, Job
from bench.processes import (
    ProcessorTime,
    Running,
    control,
    free_ports,
    generate_load,
    processor_time,
    run_json,
    serve_emulator,
)
from bench.row import Amounts, Found, Skipped
from emulator.core.origin import DEFAULT

_USED = 100
"""Sandboxes in use."""
_READS = 200
_OTHER = "other"
_POLL_S = 0.01


@dataclass(frozen=True)
class _Cost:
    """What a request takes."""

    cpu_us: float
    """Of the emulators' processor time."""
    redis_us: float
    """Of Redis's."""
    per_s: float


def creates(amounts: Amounts) -> tuple[Found, ...]:
    """Creates with each store, as a ratio of processor time: memory's to the store's, so that more is better."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        redis = stack.enter_context(_redis(Path(folder)))
        started = [
            [_start(stack)],
            [_start(stack, "--store", f"sqlite:///{folder}/kept.db")],
            [_start(stack, "--store", redis.url)],
        ]
        rounds = [[_measure(servers, redis, amounts.requests) for servers in started] for _ in range(amounts.rounds)]
        started[2].append(_start(stack, "--store", redis.url))
        control(started[2][0], "POST", "sandboxes", {"name": _OTHER})
        apart = [_measure(started[2], redis, amounts.requests, _OTHER) for _ in range(amounts.rounds)]
        together = [_measure(started[2], redis, amounts.requests) for _ in range(amounts.rounds)]
        read_ms = _read_elsewhere(started[2])
    memory, sqlite, one = [_average([each[place] for each in rounds]) for place in range(3)]
    two, contended = _average(apart), _average(together)
    return (
        Found(memory.cpu_us / sqlite.cpu_us, f"{_told(sqlite)}; memory {_told(memory)}"),
        Found(memory.cpu_us / one.cpu_us, f"{_told(one)}, and {one.redis_us:.0f} us of Redis's"),
        Found(one.cpu_us / two.cpu_us, f"{_told(two)}, and {two.redis_us:.0f} us of Redis's; each also applies "
              "what the other has kept"),
        Found(one.cpu_us / contended.cpu_us, f"{_told(contended)}, and {contended.redis_us:.0f} us of Redis's; "
              "what was decided where the other was faster is decided again"),
        Found(median(read_ms), f"an order made at one, read at the other; {min(read_ms):.1f} to {max(read_ms):.1f} ms"),
    )  # fmt: skip


def start_and_memory(amounts: Amounts) -> tuple[Found, ...]:
    """How long a start takes with many orders in a file, and what many sandboxes take of which few are in use."""
    with tempfile.TemporaryDirectory() as folder:
        orders, many, few = (Path(folder) / name for name in ("orders.db", "many.db", "few.db"))
        run_json("bench.kept", str(orders), str(amounts.kept_orders), "0")
        run_json("bench.kept", str(many), "1", str(amounts.kept_sandboxes))
        run_json("bench.kept", str(few), "1", str(_USED))
        with serve_emulator("--store", f"sqlite:///{orders}") as running:
            start_s, start_mib = running.start_s, running.resident_mib
        resident = []
        for path in (many, few):
            limit = str(amounts.kept_sandboxes + 10)
            with serve_emulator("--store", f"sqlite:///{path}", "--max-sandboxes", limit) as running:
                for number in range(_USED):
                    control(running, "GET", f"sandboxes/sandbox-{number}/orders")
                resident.append(running.resident_mib)
    return (
        Found(start_s, f"{amounts.kept_orders} orders of Baanx in a SQLite file; {start_mib:.0f} MiB then"),
        Found(
            resident[0] / resident[1],
            f"{resident[0]:.0f} MiB with {amounts.kept_sandboxes} sandboxes of which {_USED} are in use, "
            f"{resident[1]:.0f} MiB with these alone",
        ),
    )


def _measure(servers: Sequence[Running], redis: "_Redis", count: int, other: str = DEFAULT) -> _Cost:
    """A round of creates, spread over all servers at once; in the sandbox `other` at all but the first."""
    share, places = count // len(servers), (DEFAULT, other)
    jobs = [
        Job(*_prepared(server, place), share, CONNECTIONS // len(servers))
        for server, place in zip(servers, places, strict=False)
    ]
    before = [*map(_cpu_s, servers)], _seconds(redis.processor_time())
    began = time.perf_counter()
    with ThreadPoolExecutor(len(servers)) as threads:
        outcomes = list(threads.map(generate_load, jobs))
    took_s = time.perf_counter() - began if len(servers) > 1 else outcomes[0].seconds
    for outcome in outcomes:
        if outcome.first_bad:
            raise Skipped(f"answers {outcome.first_bad[:400]!r}")
    cpu_s = sum(map(_cpu_s, servers)) - sum(before[0])
    redis_s = _seconds(redis.processor_time()) - before[1]
    return _Cost(1e6 * cpu_s / count, 1e6 * redis_s / count, count / took_s)


def _prepared(server: Running, name: str) -> tuple[int, list[str]]:
    sandbox = control(server, "GET", f"sandboxes/{name}")
    port = int(sandbox["urls"]["baanx"].rpartition(":")[2])
    return port, baanx_create(port, sandbox["credentials"]["baanx"], 1)


def _read_elsewhere(servers: Sequence[Running]) -> list[float]:
    """How long it takes to read at one what the other has just acknowledged, ms."""
    durations_ms = []
    for _ in range(_READS):
        made = control(servers[0], "POST", "sandboxes/default/orders", {"provider": "baanx"})
        began = time.perf_counter()
        control(servers[1], "GET", f"sandboxes/default/orders/{made['id']}")
        durations_ms.append(1000 * (time.perf_counter() - began))
    return durations_ms


def _average(costs: Sequence[_Cost]) -> _Cost:
    return _Cost(*(mean(getattr(each, name) for each in costs) for name in ("cpu_us", "redis_us", "per_s")))


def _told(cost: _Cost) -> str:
    return f"CPU {cost.cpu_us:.0f} us a request, {cost.per_s:.0f}/s"


def _start(stack: contextlib.ExitStack, *arguments: str) -> Running:
    return stack.enter_context(serve_emulator("--clock", "manual", "--log-level", "warning", *arguments))


def _cpu_s(server: Running) -> float:
    return _seconds(server.processor_time())


def _seconds(taken: ProcessorTime) -> float:
    return taken.user_s + taken.system_s


@dataclass(frozen=True)
class _Redis:
    """A Redis server of the bench's own."""

    process: "subprocess.Popen[bytes]"
    url: str

    def processor_time(self) -> ProcessorTime:
        """Up to now."""
        return processor_time(self.process.pid)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[_Redis]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise Skipped("there is neither redis-server nor valkey-server here")
    port = free_ports(1)
    with subprocess.Popen(
        [
            program,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(folder),
            "--save",
            "",
            "--appendonly",
            "yes",
        ],
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            while not _listens(port):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    raise Skipped(f"{program} has ended with {process.wait(_POLL_S)}")
            yield _Redis(process, f"redis://127.0.0.1:{port}/0")
        finally:
            process.terminate()
