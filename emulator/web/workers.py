"""Several processes on the same ports, which share a store: started, watched, and stopped together.

The ports are bound once, and each worker inherits them; the system gives a connection to whoever takes it first.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from msgspec.structs import replace

from emulator.engine import real_time
from emulator.web.server import Server, write_ready_file

log = logging.getLogger("emulator")

_BROKEN = 1


class WorkerFailed(Exception):
    """A worker could not start, and has said why; `code` is what it has ended with."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a worker ended with {code} before it could serve")
        self.code = code


def require_workers(count: int, server: Server) -> None:
    """Raises ValueError, with what to do, if there can be only one process."""
    if count > 1 and server.engine.replicas is None:
        raise ValueError(
            f"--workers {count} takes a store that processes can share, and {server.engine.queue.store} is each one's "
            "own: give --store redis://HOST:PORT/DB, or leave --workers out"
        )
    if count > 1 and not hasattr(os, "fork"):
        raise ValueError("--workers needs a system where processes can fork: start several with one --store instead")


class Workers:
    """The processes that serve, and the one that watches them, in which this is called."""

    def __init__(self, server: Server, count: int, fail: Callable[[Exception], int]) -> None:
        """`fail` reports what went wrong in a worker; the code to end with."""
        self._server = server
        self._count = count
        self._fail = fail
        self._ready: dict[int, int] = {}
        """For each process, the pipe on which it says that it serves."""
        self._stopping = False
        self._alive, self._lives = os.pipe()
        """Closed by the system when this process ends, however it does."""

    def run(self, started: Callable[[dict[str, Any]], None]) -> None:
        """Serves until a signal arrives; `started` gets what the ready file says. A worker that dies is replaced.

        Raises WorkerFailed, and as `Server.bind` does."""
        self._server.bind()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            documents = []
            if self._server.seeds is not None:  # the first makes what they say before others let anybody in
                documents.append(self._wait_for(self._start()))
                self._server.seeds = None
            others = [self._start() for _ in range(self._count - len(documents))]
            documents += [self._wait_for(process) for process in others]
            if not self._stopping:
                self._tell(documents[0], started)
            self._watch()
        finally:
            self._stop()
            while self._ready:
                self._bury()
            self._server.release()
            if self._server.options.ready_file is not None:
                self._server.options.ready_file.unlink(missing_ok=True)

    def _tell(self, document: dict[str, Any], started: Callable[[dict[str, Any]], None]) -> None:
        if self._server.options.ready_file is not None:
            write_ready_file(self._server.options.ready_file, document)
        started(document)

    def _start(self) -> int:
        """A new worker."""
        reads, writes = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            os.close(reads)
            os.close(self._lives)
            os._exit(self._work(writes))
        os.close(writes)
        self._ready[process] = reads
        return process

    def _work(self, writes: int) -> int:
        """What a worker does, until it is told to stop or the process that watches is gone."""
        server = self._server
        server.options = replace(server.options, ready_file=None)  # the process that watches writes it

        def on_started(server: Server) -> None:
            asyncio.get_running_loop().add_reader(self._alive, server.stop)
            with os.fdopen(writes, "w") as pipe:
                json.dump(server.ready_document(), pipe)

        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            with suppress(KeyboardInterrupt):
                real_time.run(server.serve(on_started))
        except Exception as failure:
            try:
                return self._fail(failure)
            except Exception:  # nothing else may happen in this process
                log.exception("a worker failed")
                return _BROKEN
        return 0

    def _wait_for(self, process: int) -> dict[str, Any]:
        """What the ready file says, once the worker serves."""
        with os.fdopen(self._ready[process], closefd=False) as pipe:
            told = pipe.read()
        if told or self._stopping:
            return dict(json.loads(told or "{}"))
        raise WorkerFailed(self._bury(process))

    def _watch(self) -> None:
        while self._ready:
            code = self._bury()
            if not self._stopping:
                log.error("a worker has ended with %d: another one takes over", code)
                self._wait_for(self._start())

    def _bury(self, process: int = -1) -> int:
        """Waits for a worker's end."""
        process, status = os.waitpid(process, 0)
        os.close(self._ready.pop(process))
        return os.waitstatus_to_exitcode(status)

    def _stop(self, number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        self._stopping = True
        for process in self._ready:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
