"""What the handlers of the control API work with."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from emulator.contract.card import Provider
from emulator.core.forwarded import Reached
from emulator.core.journal import Journal
from emulator.core.sandbox import Sandbox
from emulator.core.suggestion import did_you_mean
from emulator.engine.engine import Engine
from emulator.web.control.refusals import ControlError, not_ready
from emulator.web.guard import CONTROL_PREFIX
from emulator.web.place import REACHED
from emulator.web.receiver import PATH as RECEIVER
from emulator.web.receiver import Receiver
from emulator.web.router import Addresses

if TYPE_CHECKING:
    from starlette.requests import Request

    from emulator.files.authority import Authority

PROBES = frozenset({f"{CONTROL_PREFIX}/health", f"{CONTROL_PREFIX}/ready"})
"""Paths for tools that know nothing of the emulator: they accept any query and any host name, and need no token."""
SANDBOX = "/sandboxes/{sandbox}"
"""The path of a sandbox."""
_SHOW_SANDBOXES = ("/sandboxes", "/metrics")
"""What the paths of calls begin with that show what sandboxes hold."""
PAGES = frozenset({f"{CONTROL_PREFIX}/docs"})
"""Paths that answer with a page for people, to which pages of other sites may link."""


class Context:
    """The engine, where it is reached, whether it can serve, and for whom."""

    def __init__(self, engine: Engine, token: str | None = None) -> None:
        self.engine = engine
        self.receiver = Receiver(engine)
        self.ready = False
        self.addresses = Addresses("127.0.0.1", 0, {})
        self.token = token
        """What a caller has to present; None: nothing."""
        self.authority: Authority | None = None
        """Who has signed what is served over HTTPS; None: nothing is."""
        self.streams = 0
        """How many callers are listening to events."""
        self.calls: tuple[Call, ...] = ()
        """What can be called."""

    @property
    def providers(self) -> Mapping[str, Provider]:
        """All providers by name."""
        return self.engine.library.providers

    def require_ready(self) -> None:
        """Refuses a call that only makes sense while the emulator serves."""
        if not self.ready:
            raise not_ready()

    def urls(self, request: "Request") -> dict[str, str]:
        """Base URL of each provider, for this caller."""
        return self.addresses.urls_for(self.reached(request))

    def control_url(self, request: "Request") -> str:
        """Base URL of the control API, for this caller."""
        return self.addresses.front_for(self.reached(request)) + CONTROL_PREFIX

    def receiver_url(self, sandbox: str) -> str:
        """Where the built-in receiver of a sandbox is."""
        return f"{self.addresses.front}{RECEIVER}/{sandbox}"

    def prefix(self, request: "Request") -> str:
        """What a proxy has removed from the beginning of the path, such as `/emulator`, or empty."""
        return self.reached(request).prefix

    def reached(self, request: "Request") -> Reached:
        """The URL that the caller used."""
        reached: Reached = request.scope.get(REACHED) or Reached(self.addresses.front)
        return reached

    def sandbox(self, request: "Request") -> Sandbox:
        """The sandbox that the path names."""
        name = request.path_params["sandbox"]
        found = self.engine.sandboxes.get(name)
        if found is None:
            meant = did_you_mean(name, self.engine.sandboxes.names)
            raise ControlError("unknown-sandbox", f"no sandbox {name!r}: POST /_emulator/sandboxes creates one{meant}")
        return found

    def journal(self, sandbox: Sandbox) -> Journal:
        """The journal of a sandbox."""
        return self.engine.records.journals[sandbox.name]


JSON_TYPE = "application/json"
MAX_BODY_BYTES = 1024 * 1024
MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024
Handler = Callable[[Context, "Request"], Awaitable[Any]]


class Answer(Struct, frozen=True):
    """What a call answers when it does what it was asked for."""

    status: int = 200
    schema: Mapping[str, Any] | None = None
    """JSON Schema of the body; None: there is none."""
    media_type: str = JSON_TYPE


class Call(Struct, frozen=True):
    """One call of the API. By this it is found, held to what it takes, and described."""

    method: str
    path: str
    handler: Handler
    """Its docstring says what the call does."""
    answer: Answer
    query: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the query, and what each does. Others are refused: a misspelt one would select everything."""
    body: Mapping[str, Any] | None = None
    """JSON Schema of the body; if it is closed, other members are refused. None: no body is read."""
    errors: tuple[str, ...] = ()
    """Names of its errors, besides those that its path, its body and the emulator's state can lead to."""
    media_types: tuple[str, ...] = (JSON_TYPE,)
    """Media types that the body may have."""
    body_limit: int = MAX_BODY_BYTES
    """How many bytes the body may have."""
    unrecorded: str = ""
    """Why a reproduction does not repeat it, if that is not because it only reads, or is about no sandbox."""

    @property
    def recorded(self) -> bool:
        """Whether it counts as done in its sandbox, so that a reproduction repeats it."""
        return self.method != "GET" and self.path.startswith(f"{SANDBOX}/") and not self.unrecorded

    @property
    def reads(self) -> bool:
        """Whether it shows what sandboxes hold, and changes nothing."""
        return self.method == "GET" and self.path.startswith(_SHOW_SANDBOXES)

    @property
    def probe(self) -> bool:
        """Whether its path is one of PROBES."""
        return CONTROL_PREFIX + self.path in PROBES


def closed(required: tuple[str, ...] = (), **members: Mapping[str, Any]) -> dict[str, Any]:
    """JSON Schema of an object with these members and no others."""
    schema = {"type": "object", "additionalProperties": False, "properties": members}
    return {**schema, "required": list(required)} if required else schema
