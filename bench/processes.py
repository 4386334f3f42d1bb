"""Servers as child processes: start, wait for the first good answer, read their memory, stop. Ends only its own."""

import contextlib
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bench.load import Job, Outcome

_START_S = 30
_POLL_S = 0.002
_NO_TESTS = 5
"""What pytest ends with where it finds none."""
_UNWANTED = ("EMULATOR_", "PYTHONDONTWRITEBYTECODE")
"""Variables that the servers start without: with the second, each start would compile everything anew."""
_ROOT = Path(__file__).parent.parent
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12
"""Which of the numbers after the name of a process's program are its processor times."""

Door = Literal["direct", "asgi"]
"""How requests to providers come in; see `emulator.web.application.Options`."""


@dataclass(frozen=True)
class ProcessorTime:
    """What all threads of a process have taken of processors so far, to a hundredth of a second."""

    user_s: float
    system_s: float


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int
    start_s: float
    """From the start of the process to its first good answer."""

    @property
    def resident_mib(self) -> float:
        """Resident memory now."""
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, check=True)
        return int(shown.stdout) / 1024

    def processor_time(self) -> ProcessorTime:
        """Processor time of the server up to now."""
        return processor_time(self.process.pid)


def processor_time(process_id: int) -> ProcessorTime:
    """Of a process, up to now. Raises RuntimeError where there is no /proc as Linux has it."""
    try:
        shown = Path(f"/proc/{process_id}/stat").read_text()
    except OSError as error:
        raise RuntimeError(f"processor time is read from /proc: measure this part on Linux ({error})") from error
    numbers = shown.rpartition(")")[2].split()
    return ProcessorTime(int(numbers[_USER]) / _TICKS_PER_S, int(numbers[_SYSTEM]) / _TICKS_PER_S)


@contextlib.contextmanager
def serve(module: str, *arguments: str, port: int, path: str = "/") -> Iterator[Running]:
    """Runs `python -m module arguments` until the block ends; `path` on `port` shows that it serves."""
    started = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
        try:
            while not _answers(port, path):
                if _ends_within(process, _POLL_S) or time.perf_counter() - started > _START_S:
                    log.seek(0)
                    raise RuntimeError(f"{module} does not serve: {log.read().decode(errors='replace')}")
            yield Running(process, port, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait()


def serve_bare(answer_bytes: int) -> contextlib.AbstractContextManager[Running]:
    """The bare ASGI application."""
    port = free_ports(1)
    return serve("bench.bare", "bare", str(port), "--answer-bytes", str(answer_bytes), port=port)


def serve_starlette() -> contextlib.AbstractContextManager[Running]:
    """The bare Starlette application."""
    port = free_ports(1)
    return serve("bench.bare", "starlette", str(port), port=port)


def serve_emulator(*arguments: str) -> contextlib.AbstractContextManager[Running]:
    """The emulator on a free block of ports; `port` is the front door's."""
    port = free_ports(5)
    return serve("emulator", "serve", "--port", str(port), *arguments, port=port, path="/_emulator/ready")


def serve_door(door: Door, *arguments: str) -> contextlib.AbstractContextManager[Running]:
    """The same behind the door that is named."""
    port = free_ports(5)
    return serve("bench.server", "--door", door, "--port", str(port), *arguments, port=port, path="/_emulator/ready")


def collect(*arguments: str) -> float:
    """How many seconds of a processor `pytest --co` takes in an empty folder, with no plugins but those named here."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != _NO_TESTS:
        raise RuntimeError(f"pytest --co failed: {done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def collect_with_plugin() -> float:
    """The same with the emulator's plugin."""
    return collect("-p", "emulator.testing.plugin")


def generate_load(job: Job) -> Outcome:
    """Performs a job in a process of its own."""
    return Outcome(**run_json("bench.load", given=json.dumps(asdict(job))))


def run_json(module: str, *arguments: str, given: str = "") -> Any:
    """What a module of the bench, run as a process of its own, prints as JSON. Raises RuntimeError with its errors."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], input=given, cwd=_ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def control(running: Running, method: str, path: str, body: Any = None) -> Any:
    """A call of the emulator's control API."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    try:
        connection.request(method, f"/_emulator/{path}", None if body is None else json.dumps(body))
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content.decode()}")
        return json.loads(content) if content else None
    finally:
        connection.close()


def free_ports(count: int) -> int:
    """The first of `count` neighbouring ports that are free now."""
    for first in range(20_000 + os.getpid() % 5000, 60_000, count):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    probe = stack.enter_context(socket.socket())
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError(f"no {count} neighbouring ports are free")


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
