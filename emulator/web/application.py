"""The emulator assembled from its options: library, engine, control API, and who may call it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace
from starlette.types import ASGIApp

from emulator.core.clock import Mode
from emulator.core.common_settings import PAYER_WAIT_S
from emulator.core.library import Library
from emulator.core.origin import DEFAULT, Origin
from emulator.core.settings import read_settings, require_scenarios
from emulator.core.urls import url_problem
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.engine.sandboxes import MAX_SANDBOXES
from emulator.engine.scheduler import Scheduler, unload_unused
from emulator.engine.sender import Sender, trusted
from emulator.files.scenario_folders import ScenarioFolders
from emulator.stores.open import MEMORY, open_store
from emulator.views.credentials import credentials_of
from emulator.web.control.app import Control
from emulator.web.control.context import PAGES, PROBES
from emulator.web.guard import Guard, host_name
from emulator.web.late import late
from emulator.web.library import load_library
from emulator.web.limits import Limits
from emulator.web.place import Place
from emulator.web.receiver import receive_for
from emulator.web.router import Addresses, Router

DEFAULT_PORT = 8900
UNLOAD_AFTER_MS = 30 * 60_000
DEFAULT_TLS_PORT = 8443
if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from emulator.files.seed_file import SeedFile

_EDITS_MS = 1000
DEMO_PAYER_WAIT_S = 600
"""How long orders wait for their payers with `--demo`, unless a setting says otherwise."""


class Options(Struct, frozen=True):
    """The options of `emulator serve`, by the names of the flags."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    sandboxes: str = "named"
    control_token: str | None = None
    ready_file: Path | None = None
    scenarios: Path | None = None
    seed_file: Path | None = None
    known: Path | None = None
    """A file that confirms or corrects what is known about the providers."""
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
    door: Literal["direct", "asgi"] = "direct"
    """How requests to providers come in: straight from the connection, or by ASGI as with any other server. No flag."""
    max_sandboxes: int = MAX_SANDBOXES
    store: str = MEMORY
    journal_kept: bool = False
    unload_after_ms: int = UNLOAD_AFTER_MS
    """After how long without use a sandbox is unloaded from memory, if the store keeps it; 0: never."""
    tls: bool = False
    tls_port: int = DEFAULT_TLS_PORT
    tls_name: tuple[str, ...] = ()
    tls_ca_folder: Path | None = None
    log_format: str = "text"
    log_lives: bool = False
    """Whether each request, transition and webhook is logged on a line; `serve` does so."""
    log_color: bool = False
    traces: "TracerProvider | None" = None
    """Where spans of requests and webhooks go; None: there are none. `--otel` sets it."""
    trust_proxy: bool = False
    public_url: str = ""
    demo: bool = False
    """Whether orders wait by default for people to pay them."""

    def __post_init__(self) -> None:
        """Raises ValueError for values that make no sense."""
        if not self.host:
            raise ValueError("--host must not be empty: write 0.0.0.0 for all addresses")
        problem = url_problem(self.public_url or None)
        if problem is not None or "?" in self.public_url or "#" in self.public_url:
            raise ValueError(f"--public-url {self.public_url}: {problem or 'a base URL has neither ? nor #'}")
        if self.control_token == "":
            raise ValueError("--control-token must not be empty: leave it out to ask for none")
        if self.webhook_ca is not None:
            trusted(self.webhook_ca)
        if self.ready_file is not None and not self.ready_file.parent.is_dir():
            raise ValueError(f"--ready-file: there is no folder {self.ready_file.parent}: make it first")
        for flag, names in (("--allowed-host", self.allowed_host), ("--tls-name", self.tls_name)):
            for name in names:
                if not name or host_name(name) != name.lower().removesuffix("."):
                    raise ValueError(
                        f"{flag} {name}: write a host name without scheme and port, such as emulator.example"
                    )


def guard_for(options: Options, library: Library) -> Guard:
    """Who may call: under every name in the addresses that it gives out, and under those that options name."""
    public_hosts = [host for outline in library.outlines.values() for host in outline.public_hosts]
    public = urlsplit(options.public_url).netloc
    names = map(host_name, (*public_hosts, options.host, *options.allowed_host, *options.tls_name, public))
    return Guard(frozenset(filter(None, names)), options.control_token is None, PAGES, PROBES)


def _engine_and_sender(options: Options) -> tuple[Callable[..., Engine], Callable[..., Sender]]:
    """The classes to use: those that send traces, if traces are wanted."""
    if options.traces is None:
        return Engine, Sender
    from emulator.engine.traces import TracedEngine, TracedSender

    return partial(TracedEngine, traces=options.traces), partial(TracedSender, traces=options.traces)


def _read_seeds(path: Path | None) -> "SeedFile | None":
    if path is None:
        return None
    from emulator.files.seed_file import read_seed_file

    return read_seed_file(path)


def _load_console(control: Control) -> ASGIApp:
    from emulator.web.console.app import Console

    return Console(control).app


def _load_receiver(control: Control) -> ASGIApp:
    from emulator.web.receiving import receiving_app

    return receiving_app(control.receiver)


class Application:
    """Everything but the sockets."""

    def __init__(
        self, options: Options, library: Library | None = None, folders: ScenarioFolders | None = None
    ) -> None:
        """`library`, `folders`: as `load_library` returns them. Raises BrokenFiles, and ValueError for settings."""
        if library is None or folders is None:
            library, folders = load_library(options.scenarios, options.known)
        self.options = options
        self._folders = folders
        settings = read_settings(library, options.settings)
        require_scenarios(library, settings)
        self.seeds = _read_seeds(options.seed_file)
        """What is made before anybody may connect."""
        self._store = open_store(options.store, keeps_journals=options.journal_kept)
        if options.demo:
            waiting = {PAYER_WAIT_S: DEMO_PAYER_WAIT_S}
            settings = {name: waiting | settings.get(name, {}) for name in library.providers}
        mode: Mode = "rate" if options.rate != "1" else options.clock
        engine, sender = _engine_and_sender(options)
        self.engine = engine(
            library,
            self._store,
            Origin(options.seed, mode, options.rate, options.now_ms, settings),
            sender=sender(options.webhook_allow, options.webhook_ca, verify_loopback=options.webhook_verify),
            create_unknown=options.sandboxes == "auto",
            self_check=options.self_check,
            max_sandboxes=options.max_sandboxes,
            unload_after_ms=options.unload_after_ms,
        )
        self.control = Control(self.engine, options.control_token)

    @property
    def addresses(self) -> Addresses:
        """Where it is reached."""
        return self.control.addresses

    def ready_document(self) -> dict[str, Any]:
        """What the ready file says."""
        document: dict[str, Any] = {
            "control": self.addresses.control,
            "urls": self.addresses.urls(),
            "credentials": credentials_of(self.engine.sandboxes[DEFAULT], self.engine.library),
        }
        authority = self.control.authority
        if authority is not None:
            path = None if authority.path is None else str(authority.path)
            document["tls"] = {"url": self.addresses.tls, "ca": path, "ca_pem": authority.pem}
        return document

    def router(self, addresses: Addresses) -> Router:
        """The application that answers at these addresses."""
        addresses = replace(addresses, public_url=self.options.public_url.rstrip("/"))
        self.control.addresses = addresses
        place = Place(self.options.trust_proxy, self.options.public_url.rstrip("/"))
        guard = guard_for(self.options, self.engine.library)
        console, receiver = late(partial(_load_console, self.control)), late(partial(_load_receiver, self.control))
        return Router(self.engine, self.control, console, receiver, addresses, guard, place)

    def router_without_socket(self, base_url: str) -> Router:
        """The application that answers at a base URL, whether or not anything listens there."""
        addresses = Addresses("localhost", 0, {}, base_url.rstrip("/"), tuple(self.engine.library.providers))
        router = self.router(addresses)
        self.engine.dispatcher.sender.own_receiver = receive_for(router, base_url)
        return router

    async def make_seeds(self, router: Router) -> None:
        """Makes what the seed file says. Raises BrokenFiles."""
        if self.seeds is None:
            return
        from emulator.web.seeding import make_seeds

        sender, base_url = self.engine.dispatcher.sender, self.control.addresses.front
        listens_nowhere = sender.own_receiver
        sender.own_receiver = listens_nowhere or receive_for(router, base_url)  # the ports are not open yet
        try:
            await make_seeds(self.control, self.seeds)
        finally:
            sender.own_receiver = listens_nowhere

    def tls_names(self) -> list[str]:
        """Names and addresses under which it may be called over HTTPS."""
        hosts = [host for outline in self.engine.library.outlines.values() for host in outline.public_hosts]
        bound = [] if self.options.host in ("0.0.0.0", "::") else [self.options.host]  # noqa: S104  compared, not bound
        return list(dict.fromkeys(["localhost", "127.0.0.1", "::1", *bound, *hosts, *self.options.tls_name]))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Runs what falls due and picks up edits of scenarios until the block ends; then gives up what is under way."""
        running = [Scheduler(self.engine).run(), self._watch_edits()]
        if self.engine.replicas is not None:
            running.append(self.engine.replicas.run())
        if self.engine.unload_after_ms:
            running.append(unload_unused(self.engine))
        tasks = [asyncio.create_task(each) for each in running]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            if self.engine.replicas is not None:
                await self.engine.replicas.close()
            await self.engine.dispatcher.close()

    def end_waits(self) -> None:
        """It stops serving: lets those go on who wait for webhooks or for news."""
        self.control.ready = False
        self.engine.dispatcher.wake()
        self.engine.records.journals.tell_all()

    async def close(self) -> None:
        """Closes the store, once nothing runs any more."""
        await self._store.close()

    async def _watch_edits(self) -> None:
        never = asyncio.Event()
        while True:
            await real_time.wait(never, _EDITS_MS)
            self._folders.reload_if_edited()
