"""The provider contract: the values by which a provider says what it is. Nothing here knows any provider."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct, field

from emulator.core import wire
from emulator.core.delivery import Webhooks
from emulator.core.lifecycle import Lifecycle
from emulator.core.schema import Schema

if TYPE_CHECKING:
    from emulator.core.call import AfterDelivery, Call
    from emulator.core.order import Order
    from emulator.core.transaction import Transaction

JSON_TYPE = "application/json; charset=utf-8"


class Request(Struct):
    """One HTTP request as it arrived, before anything of it is parsed. Nobody changes it once it is complete."""

    method: str
    target: str
    """Mount prefix, path and query exactly as on the request line."""
    path: str
    """Undecoded, without the mount prefix and the query."""
    query: str
    """Undecoded, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the first value."""
    body: bytes
    """At most the provider's `body_limit` + 1 bytes."""
    origin: str = "http://127.0.0.1"
    """Scheme, host and port by which the client has reached the emulator."""
    mount: str = ""
    """The path prefix under which the provider is mounted, as `/name`, or empty."""
    peer: str = "127.0.0.1"
    repeated: frozenset[str] = frozenset()
    """Names of headers that were sent more than once."""
    header_lines: bytes = b""
    """All headers in their order, for the journal: each name and each value on a line of its own."""
    entry: Any = None
    """What the journal has of it, once it was answered."""

    @property
    def base_url(self) -> str:
        """What the client has for the provider's base URL."""
        return self.origin + self.mount


class Reply(Struct, frozen=True):
    """One HTTP answer, ready to be written."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    breakage: str = ""
    """How the answer is spoiled on its way: malformed, truncate, reset or timeout."""
    delay_ms: int = 0
    """Real time that the answer is held back."""
    scripts: tuple[str, ...] = ()
    """Of a page: its inline scripts, and what its elements do on events, exactly as they are there. No others run."""


def json_reply(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply with `value` as compact JSON."""
    return Reply(status, wire.encode(value), headers=headers)


class Refusal(Exception):
    """The provider says no: `error` names a case of its catalogue, `reason` is the truth for the journal."""

    def __init__(self, error: str, reason: str, /, **details: Any) -> None:
        super().__init__(f"{error}: {reason}")
        self.error = error
        self.reason = reason
        self.details = details


class AskedFor(Refusal):
    """A refusal that a scenario, a fault or a header asks for: what was sent has nothing to do with it."""


class ErrorCase(Struct, frozen=True):
    """One named error of a provider's catalogue."""

    name: str
    status: int
    message: str
    about: str
    """When it is raised."""
    mark: str = "documented"
    scripted: str = ""
    """When a scenario may refuse the create call with it: `early` (before the body is judged), `late`, or never."""


_CAPITAL = re.compile(r"(?<=[a-z0-9])[A-Z]")


class Setting(Struct, frozen=True):
    """Something about a provider that is not known for sure, or that people want to vary."""

    name: str
    default: Any
    schema: Mapping[str, Any]
    """JSON Schema of the values that are good."""
    about: str
    mark: str = "assumed"
    check: Callable[[Any], str | None] = lambda value: None
    """What is wrong with a value that fits the schema, where a schema can not say it all."""

    @property
    def shown_name(self) -> str:
        """The name in snake_case, as `publicBase` is `public_base`; whoever sets it may write either."""
        return _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", self.name)

    def problem(self, value: Any) -> str | None:
        """Why a value is not good, with what is, but without the value, which may be secret; None if it is good."""
        schema = Schema(self.schema)
        if schema.accepts(value):
            return self.check(value)
        good = self.schema.get("enum")
        if good is not None:
            return f"use one of {', '.join(map(str, good))}"
        return "; ".join(violation.rule for violation in schema.violations(value)) + f" ({self.about})"


class CommandRefused(Exception):
    """A command can not be done; the text says what to do about it. Nothing has changed."""


class Command(Struct, frozen=True):
    """Something that happens at the provider apart from any order, as money that comes in; the control API gives it."""

    name: str
    about: str
    schema: Mapping[str, Any]
    """JSON Schema of its arguments, an object."""
    run: Callable[["Transaction", Mapping[str, Any]], Any]
    """Does it and gives what the control API answers; may raise CommandRefused."""


Check = Callable[["Call"], None]
Handler = Callable[["Call"], "Reply | AfterDelivery"]


class Endpoint(Struct, frozen=True):
    """One call of the provider's API."""

    name: str
    """Verb and noun, as `create-order`; also the name of its schemas."""
    method: str
    path: str
    """As `/v1/order/{order_id}`; a parameter takes one segment."""
    handle: Handler
    about: str
    source: str = ""
    checks: tuple[Check, ...] = ()
    """What must hold after the provider's own checks, in order."""
    secrets: tuple[str, ...] = ()
    """Members of request and answer that the journal must not show."""
    success: int = 200
    error_schema: str = "error"
    """Name of the schema of its refusals."""
    open_to_all: bool = False
    """Needs no credential."""
    security: tuple[str, ...] | None = None
    """Names of the provider's security schemes that it needs; None: all."""
    page: bool = False
    """A web page rather than an API call."""
    matched: tuple[str, ...] = ()
    """Where orders are made: names of the schemas of bodies that a scenario's `match` sees."""
    kind: str = ""
    """The kind of the orders that are made here, where it is always the same."""


Shown = tuple[str, Any]
"""What a call shows, and the name of the schema that it must fit; an empty name: none."""


class Table(Struct, frozen=True):
    """A table in which a provider keeps documents of its own; snapshots that have there what can not be are refused."""

    name: str
    """Tables whose name begins so, with a slash behind it, are of the same form."""
    kind: Any
    """The msgspec type of its documents."""
    show: Callable[["Call", str, Any], Iterable[Shown]] = lambda call, key, document: ()
    """Everything that calls show of a document; raises, whatever it may be, where they could not."""
    always: Callable[[str], tuple[str, ...]] = lambda sandbox: ()
    """Keys of the documents that nobody can remove, in the sandbox with this name."""


class SchemaFolder:
    """The JSON Schemas of one provider, by file name without `.json`."""

    def __init__(self, load: Callable[[], Mapping[str, Mapping[str, Any]]] = dict) -> None:
        """`load` gives the documents; they are asked for when the first one is needed."""
        self._load = load
        self._compiled: dict[str, Schema] = {}

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All schemas as they are in the files."""
        return self._load()

    def __getitem__(self, name: str) -> Schema:
        """The schema in the file `<name>.json`."""
        schema = self._compiled.get(name)
        if schema is None:
            files = {f"{each}.json": document for each, document in self.documents.items()}
            schema = self._compiled[name] = Schema(self.documents[name], files)
        return schema


class Provider(Struct, frozen=True, dict=True):
    """Everything the emulator knows of one provider."""

    name: str
    title: str
    public_hosts: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    lifecycle: Lifecycle
    errors: Mapping[str, ErrorCase]
    settings: Mapping[str, Setting]
    checks: tuple[Check, ...]
    """What every request must pass before its endpoint is asked, in order; the first that refuses wins. Among these or
    among those of each endpoint is the one that lets faults happen, `call.befall` or one of the provider's own."""
    render: Callable[["Call", Refusal], Reply]
    """A refusal in the provider's own words."""
    find_sandbox: Callable[[Request, Callable[[str], str | None]], str | None]
    """Name of the sandbox that the request's credential belongs to. The second argument finds the sandbox that holds
    an order with a given key, for requests without a credential."""
    credentials: Callable[[str], dict[str, Any]]
    """What a client of the sandbox with this name needs."""
    seed: Callable[["Transaction", str], None]
    """Puts the first state of a new sandbox with this name."""
    schemas: SchemaFolder = field(default_factory=SchemaFolder)
    """Filled in by the registry."""
    body_limit: int = 102_400
    request_types: tuple[str, ...] = ("application/json",)
    """Content types of request bodies."""
    webhook_type: str = "application/json"
    """Content type of webhooks."""
    security: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How requests are authenticated, as OpenAPI security schemes; all of them together."""
    webhooks: Webhooks | None = None
    """How webhooks are sent; None: the provider sends none."""
    announce: Callable[["Transaction", "Order", str], None] = lambda tx, order, event: None
    """Called after an order was created (event `create`) and after each event, in its new status: raises webhooks."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What the control API can make happen apart from any order, by name."""
    named_ids: tuple[str, ...] = ()
    """What those ids begin with that end with the name of the sandbox."""
    tables: tuple[Table, ...] = ()
    """The tables in which it keeps documents, but for orders and deliveries."""
    orders: Table = Table("orders", dict[str, Any])
    """What is possible as an order: `kind` is the type of its fields; `show` gets the order."""
    deliveries: Any = dict[str, Any]
    """The msgspec type of the fields of its deliveries."""
    open_keys: tuple[str, ...] = ()
    """What the index keys begin with by which `find_sandbox` finds an order without a credential."""
    route_prefixes: tuple[str, ...] = ("",)
    """Each path also exists with these in front."""
    usual_scenario: Callable[["Call", Mapping[str, Any], str], str | None] = field(
        default=lambda call, fields, kind: None
    )
    """Scenario of an order for which nobody has chosen one; None means `happy`. Gets the call, the new order's fields
    and kind."""

    @cached_property
    def _routes(self) -> dict[tuple[str, ...], tuple[tuple[str, ...], dict[str, Endpoint]]]:
        """Path and endpoints by method, by the shape of the path: its segments, with `{}` for each parameter."""
        routes: dict[tuple[str, ...], tuple[tuple[str, ...], dict[str, Endpoint]]] = {}
        for prefix in self.route_prefixes:
            for endpoint in self.endpoints:
                segments = tuple((prefix + endpoint.path).split("/"))
                shape = tuple("{}" if segment.startswith("{") else segment for segment in segments)
                names, methods = routes.setdefault(shape, (segments, {}))
                if names != segments:
                    raise ValueError(f"{'/'.join(names)} and {'/'.join(segments)} must name their parameters alike")
                if endpoint.method in methods:
                    raise ValueError(f"{endpoint.method} {'/'.join(segments)} is there twice")
                methods[endpoint.method] = endpoint
        return routes

    @cached_property
    def _static(self) -> dict[str, dict[str, Endpoint]]:
        return {"/".join(shape): methods for shape, (_, methods) in self._routes.items() if "{}" not in shape}

    @cached_property
    def _dynamic(self) -> dict[int, list[tuple[tuple[str, ...], dict[str, Endpoint]]]]:
        by_length: dict[int, list[tuple[tuple[str, ...], dict[str, Endpoint]]]] = {}
        for shape, entry in self._routes.items():
            if "{}" in shape:
                by_length.setdefault(len(shape), []).append(entry)
        for entries in by_length.values():
            entries.sort(key=lambda entry: [segment.startswith("{") for segment in entry[0]])
        return by_length

    def route(self, path: str) -> tuple[Mapping[str, Endpoint], Mapping[str, str]]:
        """The endpoints at this path by method, and the path's parameters; both empty where nothing is."""
        methods = self._static.get(path)
        if methods is not None:
            return methods, {}
        segments = path.split("/")
        for template, methods in self._dynamic.get(len(segments), ()):
            parameters: dict[str, str] = {}
            for expected, segment in zip(template, segments, strict=True):
                if expected.startswith("{"):
                    if not segment:
                        break
                    parameters[expected[1:-1]] = unquote(segment) if "%" in segment else segment
                elif expected != segment:
                    break
            else:
                return methods, parameters
        return {}, {}

    @cached_property
    def settings_by_spelling(self) -> Mapping[str, Setting]:
        """Each setting by its own name and by the one in snake_case."""
        return {
            spelling: setting for setting in self.settings.values() for spelling in (setting.name, setting.shown_name)
        }

    @cached_property
    def setting_defaults(self) -> dict[str, Any]:
        """The default of each setting, by name."""
        return {setting.name: setting.default for setting in self.settings.values()}

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """What the journal must not show of any endpoint: who misses the path or the method sends it all the same."""
        return tuple(dict.fromkeys(name for endpoint in self.endpoints for name in endpoint.secrets))

    @cached_property
    def answers(self) -> frozenset[str]:
        """Errors that a scenario may refuse a create call with."""
        return frozenset(error.name for error in self.errors.values() if error.scripted)
