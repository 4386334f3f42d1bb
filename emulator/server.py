"""Binds the ports, starts uvicorn on them, and stops gracefully. Ports open only when everything is loaded."""

import asyncio
import contextlib
import errno
import json
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, cast

import uvicorn

from emulator import files, wall
from emulator.core.clock import Mode
from emulator.core.library import Library
from emulator.core.schema import Schema
from emulator.courier import Courier, trusted
from emulator.credentials import credentials_of
from emulator.driver import Driver
from emulator.providers import NAMES, load_all
from emulator.scenario_files import ScenarioFolders
from emulator.settings import parse_settings
from emulator.stores.memory import MemoryStore
from emulator.web.app import Addresses, Front
from emulator.web.control import PAGES, PROBES, Control
from emulator.web.guard import Guard, host_name
from emulator.web.limits import Limits, Watch
from emulator.web.protocol import Protocol
from emulator.world import DEFAULT, MAX_SANDBOXES, Origin, World

DEFAULT_PORT = 8900
_EDITS_MS = 1000
_SHUTDOWN_S = 5
_LOOK_MS = 100
"""How often to look whether the end has come."""


@dataclass(frozen=True)
class Options:
    """What `emulator serve` can be told; the names are those of the flags."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    sandboxes: str = "named"
    control_token: str | None = None
    ready_file: Path | None = None
    scenarios: Path | None = None
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    seed: str = DEFAULT
    webhook_allow: tuple[str, ...] = ()
    webhook_ca: Path | None = None
    webhook_verify: bool = False
    allowed_host: tuple[str, ...] = ()
    self_check: bool = False
    clock: Mode = "real"
    rate: str = "1"
    now_ms: int | None = None
    limits: Limits = field(default_factory=Limits)
    """Of HTTP: `--max-connections`, `--keep-alive`, and what has no flag."""
    max_sandboxes: int = MAX_SANDBOXES

    def __post_init__(self) -> None:
        """Raises ValueError for texts that would mean nothing, or too much."""
        if not self.host:
            raise ValueError("--host must not be empty: write 0.0.0.0 for all addresses")
        if self.control_token == "":
            raise ValueError("--control-token must not be empty: leave it out to ask for none")
        if self.webhook_ca is not None:
            trusted(self.webhook_ca)
        if self.ready_file is not None and not self.ready_file.parent.is_dir():
            raise ValueError(f"--ready-file: there is no folder {self.ready_file.parent}: make it first")
        for name in self.allowed_host:
            if not name or host_name(name) != name.lower().removesuffix("."):
                raise ValueError(
                    f"--allowed-host {name}: write a host name without scheme and port, as emulator.example"
                )


class PortInUse(OSError):
    """A port of the block is taken."""


def build_library(scenarios: Path | None = None) -> tuple[Library, ScenarioFolders]:
    """The providers with their scenarios. Raises BrokenFiles."""
    library = Library(load_all(), Schema(files.scenario_schema()))
    roots = [files.folder("scenarios"), *([scenarios] if scenarios else [])]
    folders = ScenarioFolders(library, roots)
    folders.load()
    return library, folders


def guard_for(options: Options, library: Library) -> Guard:
    """Who may call. It may be called by every name that it gives out addresses with, and by those it was told of."""
    public_hosts = [host for provider in library.providers.values() for host in provider.public_hosts]
    names = map(host_name, (*public_hosts, options.host, *options.allowed_host))
    return Guard(frozenset(filter(None, names)), options.control_token is None, PAGES, PROBES)


def bind(host: str, port: int) -> list[socket.socket]:
    """Five bound sockets, not yet listening: the front door and one per provider.

    Raises PortInUse, and OSError for an address that is none of this machine's.
    """
    sockets: list[socket.socket] = []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for offset in range(1 + len(NAMES)):
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
                raise PortInUse(f"can not use {host}:{wanted}: {error}") from error
            raise OSError(f"can not listen on {host}:{wanted}: {error}; see --host and --port") from error
    return sockets


class _Uvicorn(uvicorn.Server):
    """Tells when it serves, and when it begins to stop."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started
        self._tell_stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal ends the process well, with everything cleaned up; a second one ends it at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            self._tell_started()
        except OSError:
            await self.shutdown(sockets)
            raise

    async def main_loop(self) -> None:
        """The library's own looks at Python's clock and waits by its sleep, and a test may have put mocks there."""
        while not self.should_exit:
            await wall.pause(_LOOK_MS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._tell_stopping()
        await super().shutdown(sockets)

    async def _wait_tasks_to_complete(self) -> None:
        """As the library's own, and by real time, too."""
        while (self.server_state.connections or self.server_state.tasks) and not self.force_exit:
            await wall.pause(_LOOK_MS)
        for server in self.servers:
            await server.wait_closed()


class Server:
    """One emulator process: world, control API, ports."""

    def __init__(self, options: Options, library: Library, folders: ScenarioFolders) -> None:
        self.options = options
        self._folders = folders
        settings = parse_settings(library, options.settings)
        first = Origin(options.seed, "rate" if options.rate != "1" else options.clock, options.rate,
                       options.now_ms, settings)  # fmt: skip
        self.world = World(
            library,
            MemoryStore(),
            first,
            courier=Courier(options.webhook_allow, options.webhook_ca, verify_loopback=options.webhook_verify),
            create_unknown=options.sandboxes == "auto",
            self_check=options.self_check,
            max_sandboxes=options.max_sandboxes,
        )
        self.control = Control(self.world, options.control_token)
        self._uvicorn: _Uvicorn | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it is reached."""
        return self.control.addresses

    def ready_document(self) -> dict[str, Any]:
        """What the ready file says."""
        return {
            "control": self.addresses.control,
            "urls": self.addresses.urls(),
            "credentials": credentials_of(DEFAULT, self.world.library.providers),
        }

    async def serve(self, started: Callable[["Server"], None] = lambda server: None) -> None:
        """Runs until a signal or `stop`. Raises PortInUse, and OSError for what else the options make impossible."""
        if self.options.ready_file is not None:
            self.options.ready_file.unlink(missing_ok=True)
        sockets = bind(self.options.host, self.options.port)
        ports = [bound.getsockname()[1] for bound in sockets]
        self.world.outbox.courier.stay_away_from(sockets[0].getsockname()[0], ports)
        self.control.addresses = Addresses(self.options.host, ports[0], dict(zip(NAMES, ports[1:], strict=True)))
        driver = Driver(self.world)
        await self.world.open()
        front = Front(self.world, self.control, self.addresses, guard_for(self.options, self.world.library))
        protocol = cast(Any, partial(Protocol, watch=Watch(self.options.limits)))
        config = uvicorn.Config(
            front, http=protocol, ws="none", lifespan="off", access_log=False, log_config=None, proxy_headers=False,
            server_header=False, date_header=False, timeout_graceful_shutdown=_SHUTDOWN_S,
        )  # fmt: skip

        def on_started() -> None:
            self.control.ready = True
            if self.options.ready_file is not None:
                write_ready_file(self.options.ready_file, self.ready_document())
            started(self)

        def on_stopping() -> None:
            self.control.ready = False
            self.world.outbox.wake()

        self._uvicorn = _Uvicorn(config, on_started, on_stopping)
        tasks = [asyncio.create_task(driver.run()), asyncio.create_task(self._watch_edits())]
        try:
            await self._uvicorn.serve(sockets)
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self.world.outbox.close()
            for bound in sockets:
                bound.close()
            if self.options.ready_file is not None:
                self.options.ready_file.unlink(missing_ok=True)

    def stop(self) -> None:
        """Lets `serve` return soon; may be called from another thread."""
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True

    async def _watch_edits(self) -> None:
        never = asyncio.Event()
        while True:
            await wall.wait(never, _EDITS_MS)
            self._folders.reload_if_edited()


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
    """Serves until a signal arrives."""
    with contextlib.suppress(KeyboardInterrupt):
        wall.run(server.serve(started))


def set_up_logging(level: str = "INFO") -> None:
    """Log lines on standard error, so that standard output stays for the table.

    The libraries are heard only where they warn: theirs would show whole webhook URLs, which may have tokens in them.
    """
    logging.basicConfig(stream=sys.stderr, level=level.upper(), format="%(levelname)s %(message)s")
    for name in ("uvicorn", "uvicorn.error", "httpx", "httpcore"):
        logging.getLogger(name).setLevel("WARNING")
