"""The `emulator` command as its own process, for tests."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from emulator.cli import main
from emulator.providers import NAMES
from tests.polling import eventually


def environment(variables: dict[str, str]) -> dict[str, str]:
    """The environment without the emulator's variables of the developer's own shell."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMULATOR_", "NO_COLOR"))}
    return kept | variables


def emulator(*arguments: str, folder: Path | None = None, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        cwd=folder, env=environment(variables), capture_output=True, text=True, timeout=30,
    )  # fmt: skip


def in_process(*arguments: str) -> Result:
    """Runs the command to its end without starting a process for it."""
    return CliRunner(env={"EMULATOR_PORT": "0"}).invoke(main, arguments)


def free_block() -> int:
    """The first of as many free ports as an emulator has, below the range that the system assigns from."""
    count = 1 + len(NAMES)
    for port in range(20_000 + os.getpid() % 1000 * 10, 32_000, count):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for each in range(port, port + count):
                stack.enter_context(socket.create_server(("127.0.0.1", each)))
            return port
    raise LookupError(f"no {count} free ports in a row")


_PIPE_BYTES = 1024 * 1024
"""How much an emulator can print before somebody must read it: with a full pipe it would block."""


class Serving:
    """A serving emulator."""

    def __init__(self, ready_file: Path, *arguments: str, **variables: str) -> None:
        self.ready_file = ready_file
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emulator", "serve", "--ready-file", str(ready_file), *arguments],
            env=environment(variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            pipesize=_PIPE_BYTES,
        )  # fmt: skip

    def ready(self) -> dict[str, Any]:
        """What the ready file says, once it is there."""
        eventually(lambda: self.ready_file.exists() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.process.communicate()
        return dict(json.loads(self.ready_file.read_text()))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code and output after a signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err
