"""A Redis server for tests, which can be killed and started again with its data."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import redis

from tests.command import free_block
from tests.polling import eventually

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
PASSWORD = "not-to-be-shown"


class RedisServer:
    """Keeps what it is given in an append-only file."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        """With `tls` it also speaks TLS, by the key and the certificate in the folder."""
        self._folder = folder
        self._tls = tls
        self.port = free_block()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self.tls_url = f"rediss://:{PASSWORD}@127.0.0.1:{self.port + 1}/0"
        self.client = redis.Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        """Starts it, again with what it had."""
        assert PROGRAM is not None
        encrypted = [
            "--tls-port", str(self.port + 1), "--tls-cert-file", str(self._folder / "certificate.pem"),
            "--tls-key-file", str(self._folder / "key.pem"), "--tls-auth-clients", "no",
            "--tls-ca-cert-file", str(self._folder / "ca.pem"),
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", "",
             "--appendonly", "yes", "--requirepass", PASSWORD, *(encrypted if self._tls else ())],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def empty(self) -> "RedisServer":
        """The same, with nothing in it."""
        self.client.flushall()
        return self

    def kill(self) -> None:
        """Ends it as a crash does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stand_still(self) -> None:
        """Lets it answer nothing, with all connections open."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Lets it answer again."""
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Ends it for good."""
        self.go_on()
        self.kill()
        self.client.close()


def started(folder: Path) -> RedisServer:
    """A running server; without the program the test is left out."""
    if PROGRAM is None:
        pytest.skip("there is neither redis-server nor valkey-server here: run scripts/install_tools.sh")
    return RedisServer(folder)
