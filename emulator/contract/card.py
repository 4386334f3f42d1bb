"""A provider's index card: its endpoints, and everything else by which it says what it is."""

from collections.abc import Callable, Collection, Iterable, Mapping
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
    """A request being answered. Checks and handlers read it, and leave what they find out for those after them."""

    caller: Any
    """Whom the credential names, once it was checked."""
    body: Any
    """The parsed body, once it was read."""
    fault: Any
    """The fault that was injected into this request, or None."""
    deferred: Refusal | None
    """An error that a fault asks for, if the provider's own checks are to raise it in its place."""
    provider: "Provider"
    request: Request
    endpoint: "Endpoint | None"
    methods: Mapping[str, "Endpoint"]
    """The endpoints at the request's path, by method."""
    parameters: Mapping[str, str]
    """Of the path."""
    settings: Mapping[str, Any]
    """The provider's settings in this sandbox."""
    seen: list[Order]
    """Orders that the answer shows; each counts as read once."""

    @property
    def tx(self) -> Transaction:
        """The sandbox."""

    @property
    def base_url(self) -> str:
        """What links to the provider's pages begin with, for the client's users; without a slash at its end."""

    def header(self, name: str) -> str | None:
        """A header's value, or None; `name` in lower case."""

    def scenario(self) -> Scenario | None:
        """The scenario that was chosen for this request: by header, by match, or by the sandbox. None: nobody chose."""

    def fitting_scenario(self) -> Scenario | None:
        """The scenario whose match fits, whatever else was chosen."""

    def subject(self) -> dict[str, Any]:
        """What the conditions of a match look at."""

    def refuse_as_scripted(self, errors: Collection[str] | None = None) -> None:
        """Raises the Refusal that the scenario asks for, if it is one of `errors` (None: whatever it is)."""

    def initial_status(self, kind: str) -> str | None:
        """The status in which the chosen scenario wants an order of this kind to begin; None: as usual."""

    def create(self, order: Order, *, waiting: bool = False, scenario: str = "") -> None:
        """Keeps a new order, with the scenario that was chosen, or else the provider's usual one, or `happy`.

        `scenario`: the one with this name, as if nobody had chosen."""

    def open_page(self, order: Order) -> None:
        """A payer opens the page of an order, and takes it over; only a GET opens it."""

    def inject_faults(self) -> None:
        """Injects the fault that a header, the sandbox's rules or the scenario of the order in the path ask for."""

    def refuse(self, error: str, reason: str, **details: Any) -> Reply:
        """A refusal as an answer, for the rare command that does something and says no all the same."""


def inject_faults(call: Call) -> None:
    """A check: faults are injected here, among the provider's other checks."""
    call.inject_faults()


Check = Callable[["Call"], None]
"""Returns, or raises a Refusal."""
Handler = Callable[["Call"], Reply | AfterDelivery]


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
    request_types: tuple[str, ...] = ()
    """Content types of its request, where they are others than the provider's."""
    content_type: str = ""
    """Content type of its answer, where it is neither JSON nor a page."""
    matched: tuple[str, ...] = ()
    """Where orders are made: names of the schemas of bodies that a scenario's `match` sees."""
    kind: str = ""
    """The kind of the orders that are made here, where it is always the same."""


Shown = tuple[str, Any]
"""What a call shows, and the name of the schema that it must fit; an empty name: none."""


class CheckWhere(Struct, frozen=True):
    """A check that can refuse with some settings or at some endpoints only; elsewhere it is not asked."""

    check: Check
    needed: Callable[[Mapping[str, Any], Endpoint | None], bool]
    """Gets the provider's settings, and the endpoint, or None where the path or the method has none."""

    def __call__(self, call: Call) -> None:
        """Asks the check, where it is needed."""
        if self.needed(call.settings, call.endpoint):
            self.check(call)


def where_nothing_is(check: Check) -> CheckWhere:
    """A check that only refuses paths and methods without an endpoint."""
    return CheckWhere(check, lambda settings, endpoint: endpoint is None)


def where_set(check: Check, setting: str) -> CheckWhere:
    """A check that refuses nothing as long as the setting is null, 0 or false."""
    return CheckWhere(check, lambda settings, endpoint: bool(settings[setting]))


class Table(Struct, frozen=True):
    """A table in which a provider keeps documents of its own; snapshots that have there what cannot be are refused."""

    name: str
    """Tables whose name begins so, with a slash behind it, are of the same form."""
    kind: Any
    """The msgspec type of its documents."""
    show: Callable[["Call", str, Any], Iterable[Shown]] = lambda call, key, document: ()
    """Everything that calls show of a document; raises, whatever it may be, where they could not."""
    always: Callable[[str], tuple[str, ...]] = lambda sandbox: ()
    """Keys of the documents that nobody can remove, in the sandbox with this name."""


class Recurring(Struct, frozen=True):
    """Something that happens at the provider by itself, again and again, counted from the start of the sandbox."""

    name: str
    setting: str
    """The setting that says after how many seconds of the sandbox's clock; its value null: never."""
    run: Callable[[Transaction], None]


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
    among those of each endpoint is the one that injects faults, `inject_faults` or one of the provider's own."""
    render: Callable[[Call, Refusal], Reply]
    """A refusal in the provider's own words."""
    find_sandbox: Callable[[Request, Callable[[str], str | None]], str | None]
    """Name of the sandbox that the request's credential belongs to. The second argument finds the sandbox that holds
    an order or document with a given key, for requests without a credential."""
    credentials: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    """What a client of the sandbox with this name and these settings needs."""
    seed: Callable[[Transaction, str], None]
    """Puts the first state of a new sandbox with this name."""
    schemas: Schemas = NO_SCHEMAS
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
    announce: Callable[[Transaction, Order, str], None] = lambda tx, order, event: None
    """Called after an order was created (event `create`) and after each event, in its new status: raises webhooks."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What the control API can make happen apart from any order, by name."""
    recurring: tuple[Recurring, ...] = ()
    """What happens apart from any order by itself, again and again."""
    named_ids: tuple[str, ...] = ()
    """What those ids begin with that end with the name of the sandbox."""
    configured: Callable[[Transaction, Mapping[str, Any]], None] = lambda tx, changed: None
    """Called with settings that somebody changes while the sandbox is in use, before they hold."""
    tables: tuple[Table, ...] = ()
    """The tables in which it keeps documents, but for orders and deliveries."""
    orders: Table = Table("orders", dict[str, Any])
    """What is possible as an order: `kind` is the type of its fields; `show` gets the order."""
    deliveries: Any = dict[str, Any]
    """The msgspec type of the fields of its deliveries."""
    open_keys: tuple[str, ...] = ()
    """What the index keys begin with by which `find_sandbox` finds an order without a credential."""
    open_tables: tuple[str, ...] = ()
    """Tables whose documents `find_sandbox` finds without a credential, by `<table>/<key>`."""
    route_prefixes: tuple[str, ...] = ("",)
    """Each path also exists with these in front."""
    terms: Mapping[str, Setting] = field(default_factory=dict)
    """What a scenario may say under `terms` of the orders that follow it, by name."""
    usual_scenario: Callable[[Call, Mapping[str, Any], str], str | None] = field(
        default=lambda call, fields, kind: None
    )
    """Scenario of an order for which nobody has chosen one; None means `happy`. Gets the call, the new order's fields
    and kind."""

    order_request: OrderRequest | None = None
    """How a request that makes an order is built for who has no client at hand."""
    signing: Signing | None = None
    """How a refused request is signed anew, and what programs show of that."""
    answers_head: bool = True
    """Whether HEAD is answered wherever GET is; of a page it always is."""
    usual_is_chosen: bool = False
    """Whether what `usual_scenario` names counts as chosen by somebody."""
    page: Callable[[Transaction, Order], str | None] = lambda tx, order: None
    """URL of the page on which the order's payer pays; None: it has none."""
    order_views: tuple[OrderView, ...] = ()
    """Where answers and webhooks show orders."""
    status_words: Mapping[str, str] = field(default_factory=dict)
    """Other words for statuses that are seen on the wire, each with the status that it stands for."""
    refused_with_success: tuple[str, Any] = ("", None)
    """The setting, and its value, by which refusals have the HTTP status 200; an empty name: none does that."""
    error_member: str = ""
    """The member of refusals by which clients tell errors apart: the `code` of the error; empty: there is none."""
    amount: Callable[[Order], tuple[str, str]] = lambda order: ("", "")
    """What the order is about, for people: the amount as it was sent, and its currency or token; empty: not known."""

    @cached_property
    def routes(self) -> Routes[Endpoint]:
        """The endpoints by path and method. HEAD asks those that GET asks; a page always answers it."""
        heads = [
            replace(each, method="HEAD")
            for each in self.endpoints
            if each.method == "GET" and (self.answers_head or each.page)
        ]
        return Routes([*self.endpoints, *heads], self.route_prefixes)

    @cached_property
    def settings_by_spelling(self) -> Mapping[str, Setting]:
        """Each setting by every name that is good."""
        return {spelling: setting for setting in self.settings.values() for spelling in setting.spellings}

    @cached_property
    def default_settings(self) -> Mapping[str, Any]:
        """The value of each setting where nobody says otherwise, by every name that is good."""
        return {spelling: setting.default for spelling, setting in self.settings_by_spelling.items()}

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """What the journal must not show of any endpoint: who misses the path or the method sends it all the same."""
        return tuple(dict.fromkeys(name for endpoint in self.endpoints for name in endpoint.secrets))

    @cached_property
    def answers(self) -> frozenset[str]:
        """Errors that a scenario may refuse a create call with."""
        return frozenset(error.name for error in self.errors.values() if error.scripted)
