"""A provider's index card: its endpoints, and everything else that describes it."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from emulator.contract.command import Command
from emulator.contract.errors import ErrorCase
from emulator.contract.lifecycle import Lifecycle
from emulator.contract.order import Order
from emulator.contract.order_request import OrderRequest
from emulator.contract.order_view import OrderView
from emulator.contract.outline import Outline
from emulator.contract.reply import AfterDelivery, Refusal, Reply
from emulator.contract.request import Request
from emulator.contract.routes import Routes
from emulator.contract.scenario import Scenario
from emulator.contract.schemas import NO_SCHEMAS, Schemas
from emulator.contract.setting import Setting
from emulator.contract.signing import Signing
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import Webhooks


class Call(Protocol):
    """A request being answered. Checks and handlers read it, and leave what they find out for those that follow."""

    caller: Any
    """Whoever the credential identifies, once it has been checked."""
    body: Any
    """The parsed body, once it has been read."""
    fault: Any
    """The fault that was injected into this request, or None."""
    deferred: Refusal | None
    """An error that a fault asks for, if the provider's own checks are to raise it at their place."""
    provider: "Provider"
    request: Request
    endpoint: "Endpoint | None"
    methods: Mapping[str, "Endpoint"]
    """The endpoints at the request's path, by method."""
    parameters: Mapping[str, str]
    """Parameters of the path, decoded."""
    settings: Mapping[str, Any]
    """The provider's settings in this sandbox."""
    seen: list[Order]
    """Orders that the answer shows; each is counted as read once."""

    @property
    def tx(self) -> Transaction:
        """The sandbox, in this one command."""

    @property
    def base_url(self) -> str:
        """The base of links to the provider's pages, for the client's users; without a trailing slash."""

    def header(self, name: str) -> str | None:
        """The value of a header, or None; `name` in lower case."""

    def scenario(self) -> Scenario | None:
        """The scenario chosen for this request: by header, by match, or by the sandbox. None: nobody chose one."""

    def fitting_scenario(self) -> Scenario | None:
        """The scenario whose `match` fits the request, whatever else was chosen; None if none fits."""

    def subject(self) -> dict[str, Any]:
        """What the conditions of a `match` look at."""

    def refuse_as_scripted(self, stage: str = "") -> None:
        """Raises the Refusal that the scenario asks for, if its error's `scripted` is this stage (empty: any)."""

    def initial_status(self, kind: str) -> str | None:
        """The status in which the chosen scenario starts an order of this kind; None: the usual one."""

    def create(self, order: Order, *, waiting: bool = False, scenario: str = "") -> None:
        """Stores a new order, which follows the chosen scenario, else the provider's usual one, else `happy`.

        `waiting`: its timeline stands still until the provider starts it. `scenario`: the name of one to follow
        instead, as if nobody had chosen."""

    def open_page(self, order: Order) -> None:
        """A payer opens the page of an order, and so takes the order over; only a GET counts."""

    def inject_faults(self) -> None:
        """Injects the fault that a header, the sandbox's rules or the scenario of an order in the path asks for."""

    def refuse(self, error: str, reason: str, **details: Any) -> Reply:
        """A refusal as an answer, for the rare command that does something and still says no."""


def inject_faults(call: Call) -> None:
    """A check: this is where faults are injected, among the provider's other checks."""
    call.inject_faults()


Check = Callable[["Call"], None]
"""Returns if all is well, else raises a Refusal."""
Handler = Callable[["Call"], Reply | AfterDelivery]


class Endpoint(Struct, frozen=True):
    """One call of the provider's API."""

    name: str
    """Verb and noun, such as `create-order`; also the name of its schemas."""
    method: str
    path: str
    """Such as `/v1/order/{order_id}`; a parameter takes one segment."""
    handle: Handler
    about: str
    source: str = ""
    checks: tuple[Check, ...] = ()
    """Checks that follow the provider's own, in order."""
    secrets: tuple[str, ...] = ()
    """Members of requests and answers that the journal must not show."""
    success: int = 200
    error_schema: str = "error"
    """Name of the schema of its refusals."""
    security: tuple[str, ...] | None = None
    """Names of the provider's security schemes that it needs; None: all of them; empty: it needs no credential."""
    page: bool = False
    """Whether it is a web page rather than an API call."""
    request_types: tuple[str, ...] = ()
    """Content types of its request, if they differ from the provider's."""
    content_type: str = ""
    """Content type of its answer, if that is neither JSON nor a page."""
    matched: tuple[str, ...] = ()
    """If it creates orders: names of the schemas of the bodies that a scenario's `match` looks at."""
    kind: str = ""
    """The kind of the orders that it creates, if that is always the same."""


Shown = tuple[str, Any]
"""The name of a schema (empty: none), and something shown by a call, which must fit it."""


class CheckWhere(Struct, frozen=True):
    """A check that can refuse only with some settings or at some endpoints; it is skipped everywhere else."""

    check: Check
    needed: Callable[[Mapping[str, Any], Endpoint | None], bool]
    """Gets the provider's settings, and the endpoint, or None if the path or the method has none."""

    def __call__(self, call: Call) -> None:
        """Runs the check where it is needed."""
        if self.needed(call.settings, call.endpoint):
            self.check(call)


def where_nothing_is(check: Check) -> CheckWhere:
    """A check that can refuse only paths and methods without an endpoint."""
    return CheckWhere(check, lambda settings, endpoint: endpoint is None)


def where_set(check: Check, setting: str) -> CheckWhere:
    """A check that refuses nothing while the setting is null, 0 or false."""
    return CheckWhere(check, lambda settings, endpoint: bool(settings[setting]))


class Table(Struct, frozen=True):
    """A table in which a provider keeps its own documents; snapshots whose rows do not fit are refused."""

    name: str
    """Tables whose names begin with this and a slash have the same form."""
    kind: Any
    """The msgspec type of its documents."""
    show: Callable[["Call", str, Any], Iterable[Shown]] = lambda call, key, document: ()
    """Everything that calls show of a document; raises anything if they could not show it."""
    always: Callable[[str], tuple[str, ...]] = lambda sandbox: ()
    """Keys of the documents that the sandbox with this name always has."""


class Provider(Outline, frozen=True, dict=True, kw_only=True):
    """Everything the emulator knows about one provider."""

    endpoints: tuple[Endpoint, ...]
    lifecycle: Lifecycle
    errors: Mapping[str, ErrorCase]
    checks: tuple[Check, ...]
    """What every request must pass before its endpoint's own checks, in order; the first that refuses wins. Either
    these or the checks of each endpoint include one that injects faults: `inject_faults`, or the provider's own."""
    render: Callable[[Call, Refusal], Reply]
    """A refusal in the provider's own form."""
    find_sandbox: Callable[[Request, Callable[[str], str | None]], str | None]
    """The name of the sandbox that the request's credential belongs to. The second argument finds the sandbox that
    holds an order or document with a given key, for requests without a credential."""
    schemas: Schemas = NO_SCHEMAS
    """Filled in by the registry."""
    body_limit: int = 102_400
    request_types: tuple[str, ...] = ("application/json",)
    """Content types of request bodies."""
    webhook_type: str = "application/json"
    """Content type of webhooks."""
    security: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How requests are authenticated, as OpenAPI security schemes; a request needs all of them."""
    webhooks: Webhooks | None = None
    """How webhooks are sent; None: the provider sends none."""
    announce: Callable[[Transaction, Order, str], None] = lambda tx, order, event: None
    """Sends webhooks; called after an order is created (event `create`) and after each event, in its new status."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What the control API can trigger that concerns no order, by name."""
    named_ids: tuple[str, ...] = ()
    """Prefixes of the ids that end with the name of the sandbox."""
    configured: Callable[[Transaction, Mapping[str, Any]], None] = lambda tx, changed: None
    """Called with settings that are changed while the sandbox is in use, before they take effect."""
    tables: tuple[Table, ...] = ()
    """The tables in which it keeps documents, except orders and deliveries."""
    orders: Table = Table("orders", dict[str, Any])
    """The form of its orders: `kind` is the type of their fields; `show` gets the order."""
    deliveries: Any = dict[str, Any]
    """The msgspec type of the fields of its deliveries."""
    route_prefixes: tuple[str, ...] = ("",)
    """Each path exists once with each of these in front."""
    terms: Mapping[str, Setting] = field(default_factory=dict)
    """What a scenario may set under `terms` for the orders that follow it, by name."""
    usual_scenario: Callable[[Call, Mapping[str, Any], str], str | None] = field(
        default=lambda call, fields, kind: None
    )
    """The scenario of an order for which nobody has chosen one; None means `happy`. Gets the call, and the new order's
    fields and kind."""

    order_request: OrderRequest | None = None
    """How a request that creates an order is built for someone who has no client at hand."""
    signing: Signing | None = None
    """How a refused request is signed again, and what programs show of that."""
    answers_head: bool = True
    """Whether HEAD is answered wherever GET is; for a page it always is."""
    usual_is_chosen: bool = False
    """Whether a scenario that `usual_scenario` names counts as chosen."""
    page: Callable[[Transaction, Order], str | None] = lambda tx, order: None
    """The URL of the page on which the order's payer pays; None: it has none."""
    order_views: tuple[OrderView, ...] = ()
    """Where answers and webhooks show orders."""
    status_words: Mapping[str, str] = field(default_factory=dict)
    """Other words for statuses that appear on the wire, each with the status that it stands for."""
    refused_with_success: tuple[str, Any] = ("", None)
    """The setting, and its value, that gives refusals the HTTP status 200; an empty name: there is none."""
    error_member: str = ""
    """The member of refusals by which clients tell errors apart, with the `code` of the error; empty: there is none."""
    amount: Callable[[Order], tuple[str, str]] = lambda order: ("", "")
    """The order's amount as it was sent, and its currency or token, for people; empty: not known."""

    @cached_property
    def routes(self) -> Routes[Endpoint]:
        """The endpoints by path and method; HEAD reaches those of GET, as far as `answers_head` says."""
        heads = [
            replace(each, method="HEAD")
            for each in self.endpoints
            if each.method == "GET" and (self.answers_head or each.page)
        ]
        return Routes([*self.endpoints, *heads], self.route_prefixes)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The secrets of all endpoints: a client that misses the path or the method sends them all the same."""
        return tuple(dict.fromkeys(name for endpoint in self.endpoints for name in endpoint.secrets))

    @cached_property
    def answers(self) -> frozenset[str]:
        """Names of the errors with which a scenario may refuse a create call."""
        return frozenset(error.name for error in self.errors.values() if error.scripted)
