"""Binds the ports, starts uvicorn on them, and stops gracefully. Ports open only when everything is loaded."""

import asyncio
import contextlib
import errno
import gc
import json
import logging
import os
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, cast

import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp

from emulator.core.library import Library
from emulator.engine import real_time
from emulator.files.scenario_folders import ScenarioFolders
from emulator.providers import NAMES
from emulator.web.application import Application, Options
from emulator.web.latest_heads import LatestHeads
from emulator.web.limits import Watch
from emulator.web.protocol import Protocol
from emulator.web.router import Addresses, Router

_SHUTDOWN_S = 5
_LOOK_MS = 100
"""How often to check whether it is time to stop."""


class PortInUse(OSError):
    """A port of the block is taken."""


def bind(host: str, port: int, count: int = 1 + len(NAMES)) -> list[socket.socket]:
    """Bound sockets, not yet listening: by default one for the front door and one for each provider.

    Raises PortInUse, and OSError for an address that is none of this machine's.
    """
    sockets: list[socket.socket] = []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for offset in range(count):
        wanted = port + offset if port else 0
        # With the protocol named, asyncio turns off the delay that small answers would otherwise suffer.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sockets.append(bound)
        try:
            bound.bind((host, wanted))
            bound.set_inheritable(True)
        except OSError as error:
            for each in sockets:
                each.close()
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(f"cannot use {host}:{wanted}: {error}") from error
            raise OSError(f"cannot listen on {host}:{wanted}: {error}; see --host and --port") from error
    return sockets


class Tls(Struct, frozen=True):
    """One more port, on which the front door is served over HTTPS."""

    bound: socket.socket
    context: ssl.SSLContext


class Graceful(uvicorn.Server):
    """A signal ends it gracefully, with everything cleaned up; a second one ends it at once."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def bare_config(app: ASGIApp, **options: Any) -> uvicorn.Config:
    """How an application is served: with no log and no headers of the server's own."""
    return uvicorn.Config(
        app, ws="none", access_log=False, log_config=None, proxy_headers=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_S, **options,
    )  # fmt: skip


class _Uvicorn(Graceful):
    """Calls back when it serves, and when it begins to stop."""

    def __init__(
        self, config: uvicorn.Config, tls: Tls | None, started: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._tls = tls
        self._tell_started = started
        self._tell_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._tls is not None:
            protocol = partial(
                cast(Any, self.config.http_protocol_class), config=self.config, server_state=self.server_state,
                app_state=self.lifespan.state,
            )  # fmt: skip
            loop = asyncio.get_running_loop()
            bound, context = self._tls.bound, self._tls.context
            self.servers.append(await loop.create_server(protocol, sock=bound, ssl=context))
        try:
            self._tell_started()
        except OSError:
            await self.shutdown(sockets)
            raise

    async def main_loop(self) -> None:
        """The library's own version uses Python's clock and sleep, and a test may have put mocks there."""
        while not self.should_exit:
            await real_time.pause(_LOOK_MS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._tell_stopping()
        await super().shutdown(sockets)

    async def _wait_tasks_to_complete(self) -> None:
        """As the library's own version, in real time too."""
        while (self.server_state.connections or self.server_state.tasks) and not self.force_exit:
            await real_time.pause(_LOOK_MS)
        for server in self.servers:
            await server.wait_closed()


class Server(Application):
    """One emulator process: engine, control API, ports."""

    def __init__(self, options: Options, library: Library, folders: ScenarioFolders) -> None:
        super().__init__(options, library, folders)
        self.front: Router
        """The application that answers, once the ports are bound."""
        self._sockets: list[socket.socket] = []
        self._tls: Tls | None = None
        self._uvicorn: _Uvicorn | None = None

    def bind(self) -> None:
        """Takes the ports. Raises PortInUse, and OSError for anything else that the options make impossible."""
        self._sockets = sockets = bind(self.options.host, self.options.port)
        self._tls = tls = self._open_tls(sockets)
        ports = [bound.getsockname()[1] for bound in (*sockets, *([tls.bound] if tls else []))]
        self.engine.dispatcher.sender.stay_away_from(sockets[0].getsockname()[0], ports)
        addresses = Addresses(
            self.options.host, ports[0], dict(zip(NAMES, ports[1 : len(sockets)], strict=True)),
            tls_port=ports[-1] if tls else None,
        )  # fmt: skip
        self.front = self.router(addresses)

    def release(self) -> None:
        """Lets go of the ports."""
        for bound in (*self._sockets, *([self._tls.bound] if self._tls else [])):
            bound.close()
        self._sockets, self._tls = [], None

    def _open_tls(self, sockets: list[socket.socket]) -> Tls | None:
        """The port for HTTPS, bound. Closes the others if that fails. Raises as `bind` does."""
        if not self.options.tls:
            return None
        from emulator.files.authority import open_authority

        try:
            [bound] = bind(self.options.host, self.options.tls_port, 1)
            self.control.authority = authority = open_authority(self.options.tls_ca_folder)
        except (OSError, ValueError):
            for each in sockets:
                each.close()
            raise
        return Tls(bound, authority.server_context(self.tls_names()))

    async def serve(self, started: Callable[["Server"], None] = lambda server: None) -> None:
        """Runs until a signal or `stop`. Raises as `bind` does."""
        ready_file = self.options.ready_file
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
        if not self._sockets:
            self.bind()
        direct = partial(Protocol, watch=Watch(self.options.limits), heads=LatestHeads())
        protocol = cast(Any, direct if self.options.door == "direct" else "httptools")
        config = bare_config(self.front, http=protocol, lifespan="off")

        def on_started() -> None:
            self.control.ready = True
            if self.options.log_lives and logging.getLogger("emulator.life").isEnabledFor(logging.INFO):
                from emulator.web.life_log import LifeLog

                color, as_json = self.options.log_color, self.options.log_format == "json"
                LifeLog(self.engine.records.journals, color=color, as_json=as_json)
            if ready_file is not None:
                write_ready_file(ready_file, self.ready_document())
            started(self)

        self._uvicorn = _Uvicorn(config, self._tls, on_started, self.end_waits)
        try:
            await self.engine.open()
            async with self.running():
                await self.make_seeds(self.front)
                await self._uvicorn.serve(self._sockets)
        finally:
            await self.close()
            self.release()
            if ready_file is not None:
                ready_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Lets `serve` return soon; may be called from another thread."""
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True


def write_ready_file(path: Path, document: dict[str, Any]) -> None:
    """Writes the file in one go, so that nobody reads half of it. Raises OSError that names the flag."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.write("\n")
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        raise OSError(f"--ready-file: {error}") from error


def run(server: Server, started: Callable[[Server], None]) -> None:
    """Serves until a signal arrives. What exists by now stays to the end, and is not searched for garbage again."""
    gc.freeze()
    with contextlib.suppress(KeyboardInterrupt):
        real_time.run(server.serve(started))


def set_up_logging(level: str = "INFO", *, as_json: bool = False) -> None:
    """Log lines on standard error, so that standard output stays for the table.

    Other libraries only log warnings: their other lines would show whole webhook URLs, which may contain tokens.
    """
    handler, bare = logging.StreamHandler(sys.stderr), logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if as_json else logging.Formatter("%(levelname)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    life = logging.getLogger("emulator.life")
    life.handlers, life.propagate = [bare], False
    for name in ("uvicorn", "uvicorn.error", "httpx", "httpcore"):
        logging.getLogger(name).setLevel("WARNING")


class _JsonLines(logging.Formatter):
    """Each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)
