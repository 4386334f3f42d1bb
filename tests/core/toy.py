"""A provider made up for the tests of the core: small, and with one of everything that the contract offers.

Orders are `open`, may be `held` (only those of kind `buy`), are `paid`, and end as `done`, `failed` or `expired`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar

from emulator.contract.card import Call, Endpoint, Provider, inject_faults, where_nothing_is, where_set
from emulator.contract.errors import ErrorCase
from emulator.contract.lifecycle import Arguments, Event, IllegalEvent, Lifecycle, Status, Transition
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.request import Request
from emulator.contract.setting import Setting
from emulator.contract.transaction import Transaction
from emulator.core import events, json_text, rate_limits
from emulator.core import transaction as transactions
from emulator.core.clock import Clock
from emulator.core.common_settings import COMMON
from emulator.core.json_text import json_reply
from emulator.core.library import Library
from emulator.core.origin import Origin
from emulator.core.sandbox import Sandbox
from emulator.core.scenario import ScenarioSet
from emulator.core.schema import Schema
from emulator.engine.engine import Engine
from emulator.files import shipped
from emulator.stores import Store
from emulator.stores.memory import MemoryStore

T = TypeVar("T")
_LOOP = asyncio.new_event_loop()

START_MS = 1_767_614_400_000
"""2026-01-05T12:00:00Z."""
FINAL = ("done", "failed", "expired")
EVENTS = ("pay", "hold", "approve", "finish", "fail", "expire")
NOTES = "toy.notes"


def _enough(tx: Transaction, order: Order, arguments: Arguments) -> bool:
    return Decimal(str(arguments.get("amount", order.fields["amount"]))) >= Decimal(str(order.fields["amount"]))


def _paid(tx: Transaction, order: Order, arguments: Arguments) -> None:
    order.fields["receipt"] = tx.chance.hexadecimal(8)
    tx.stop_timer(order, "expire")


LIFECYCLE = Lifecycle(
    statuses=(
        Status("open", "created, not paid"),
        Status("held", "somebody has to look at it"),
        Status("paid", "the money is there"),
        *(Status(name, "the end", final=True) for name in FINAL),
    ),
    events=(
        Event("pay", "money arrives", {"amount": {"type": ["number", "string"]}}),
        *(Event(name, "it happens") for name in EVENTS[1:]),
    ),
    transitions=(
        Transition("open", "pay", "paid", when=_enough, then=_paid),
        Transition("open", "pay", "failed"),
        Transition("open", "hold", "held", kinds=frozenset({"buy"})),
        Transition("open", "fail", "failed"),
        Transition("open", "expire", "expired"),
        Transition("held", "approve", "paid", then=_paid),
        Transition("held", "fail", "failed"),
        Transition("paid", "finish", "done"),
        Transition("paid", "fail", "failed"),
    ),
    initial={"buy": ("open",), "sell": ("open",)},
    automatic=frozenset({"expire"}),
)

ERRORS = {
    case.name: case
    for case in (
        ErrorCase("not_found", 404, "nothing here", "no such path"),
        ErrorCase("method_not_allowed", 405, "not so", "other methods only"),
        ErrorCase("bad_key", 401, "who are you", "unknown key"),
        ErrorCase("too_many", 429, "too many requests", "more than the setting `limit`"),
        ErrorCase("bad_body", 400, "not understood", "body is not what it should be", scripted="early"),
        ErrorCase("limits", 400, "too much", "amount out of bounds", scripted="late"),
        ErrorCase("busy", 409, "busy", "always, at /orders/refused"),
        ErrorCase("illegal", 409, "not now", "the order's status forbids it"),
        ErrorCase("order_not_found", 404, "no such order", "unknown order"),
        ErrorCase("internal", 500, "broken", "an unexpected failure"),
    )
}

SETTINGS = {
    setting.name: setting
    for setting in (
        *COMMON,
        Setting("limit", None, {"type": ["string", "null"], "pattern": "^[1-9][0-9]*/[1-9][0-9]*$"}, "count/seconds"),
        Setting("expiry_s", None, {"type": ["integer", "null"], "minimum": 1}, "seconds until an open order expires"),
        Setting("style", "plain", {"enum": ["plain", "fancy"]}, "how it looks"),
        Setting("delay_s", 5, {"type": "integer", "minimum": 0}, "seconds of a scenario"),
        Setting("deep.er", 1, {"type": "integer"}, "a name with a dot"),
    )
}


def _render(call: Call, refusal: Refusal) -> Reply:
    case = ERRORS[refusal.error]
    details = {name: value for name, value in refusal.details.items() if name != "retry_after_s"}
    return json_reply(case.status, {"error": case.name, "message": case.message, **details})


def _require_path(call: Call) -> None:
    if not call.methods:
        raise Refusal("not_found", f"there is no {call.request.path}")
    if call.endpoint is None:
        raise Refusal("method_not_allowed", f"not {call.request.method}")


def _require_key(call: Call) -> None:
    if call.header("x-key") != f"key-{call.tx.sandbox_name}":
        raise Refusal("bad_key", "send x-key")


def _require_rate(call: Call) -> None:
    limit = call.settings["limit"]
    if limit is not None and rate_limits.take(call.tx, "toy", rate_limits.read_rate(limit)) is not None:
        raise Refusal("too_many", "setting limit")


_RATE = where_set(_require_rate, "limit")


def _body(call: Call) -> dict[str, Any]:
    try:
        body = json_text.decode(call.request.body)
    except json_text.MalformedJson as error:
        raise Refusal("bad_body", str(error)) from error
    if not isinstance(body, dict):
        raise Refusal("bad_body", "not an object")
    return body


def create_order(call: Call) -> Reply:
    """`POST /orders`: 201 with the order."""
    call.body = _body(call)
    call.refuse_as_scripted("early")
    if "amount" not in call.body or call.body.get("kind", "buy") not in LIFECYCLE.initial:
        raise Refusal("bad_body", "amount is missing, or the kind unknown")
    call.refuse_as_scripted()
    order = Order(
        id=call.tx.chance.uuid(),
        provider=call.provider.name,
        owner="owner",
        kind=call.body.get("kind", "buy"),
        status="open",
        created_ms=call.tx.now_ms,
        updated_ms=call.tx.now_ms,
        fields={"amount": call.body["amount"], "ref": call.body.get("ref")},
        keys=(f"ref:{call.body['ref']}",) if "ref" in call.body else (),
    )
    call.create(order, waiting=bool(call.body.get("waiting")))
    if call.settings["expiry_s"] is not None:
        call.tx.start_timer(order, "expire", call.tx.now_ms + call.settings["expiry_s"] * 1000)
    return json_reply(201, _shown(order))


def get_order(call: Call) -> Reply:
    """`GET /orders/{order_id}`: 200 with the order."""
    order = _order(call)
    call.seen.append(order)
    return json_reply(200, _shown(order))


def list_orders(call: Call) -> Reply:
    """`GET /orders`: 200 with the ids, oldest first."""
    return json_reply(200, call.tx.order_ids(call.provider.name, "owner:owner"))


def pay_order(call: Call) -> Reply:
    """`POST /orders/{order_id}/pay`: 200 with the order."""
    order = _order(call)
    try:
        events.fire(call.tx, order, "pay", _body(call) if call.request.body else {}, cause="request")
    except IllegalEvent as error:
        raise Refusal("illegal", str(error)) from error
    return json_reply(200, _shown(order))


def start_order(call: Call) -> Reply:
    """`POST /orders/{order_id}/start`: starts the timeline of a waiting order."""
    order = _order(call)
    events.start_timeline(call.tx, order)
    return json_reply(200, _shown(order))


def refuse_late(call: Call) -> Reply:
    """`POST /orders/refused`: does everything that can be done, then refuses."""
    create_order(call)
    for order_id in call.tx.order_ids(call.provider.name, "owner:owner"):
        order = call.tx.order(order_id)
        if order is not None:
            order.fields["touched"] = True
            call.tx.touch(order)
            call.tx.start_timer(order, "fail", call.tx.now_ms)
    call.tx.put(NOTES, "seen", {"seen": True})
    call.tx.put(NOTES, "count", int(call.tx.get(NOTES, "count") or 0) + 1, even_if_refused=True)
    raise Refusal("busy", "as always")


def crash(call: Call) -> Reply:
    """`POST /orders/crash`: does something, then fails."""
    create_order(call)
    raise RuntimeError("as asked for")


def _order(call: Call) -> Order:
    order = call.tx.order(call.parameters["order_id"])
    if order is None:
        raise Refusal("order_not_found", "unknown")
    return order


def _shown(order: Order) -> dict[str, Any]:
    return {"id": order.id, "kind": order.kind, "status": order.status, **order.fields}


def _endpoint(name: str, method: str, path: str, handle: Callable[[Call], Reply]) -> Endpoint:
    return Endpoint(name, method, path, handle, f"{name}, as its name says", checks=(_RATE,), secrets=("pin",))


provider = Provider(
    name="toy",
    title="Toy",
    public_hosts=("api.toy.test",),
    endpoints=(
        _endpoint("create-order", "POST", "/orders", create_order),
        _endpoint("list-orders", "GET", "/orders", list_orders),
        _endpoint("get-order", "GET", "/orders/{order_id}", get_order),
        _endpoint("pay-order", "POST", "/orders/{order_id}/pay", pay_order),
        _endpoint("start-order", "POST", "/orders/{order_id}/start", start_order),
        _endpoint("refuse-late", "POST", "/orders/refused", refuse_late),
        _endpoint("crash", "POST", "/orders/crash", crash),
    ),
    lifecycle=LIFECYCLE,
    errors=ERRORS,
    settings=SETTINGS,
    checks=(where_nothing_is(_require_path), inject_faults, _require_key),
    render=_render,
    find_sandbox=lambda request, holder: request.headers.get("x-key", "").removeprefix("key-") or None,
    open_keys=("ref:",),
    credentials=lambda sandbox, settings: {"key": f"key-{sandbox}"},
    seed=lambda tx, sandbox: tx.put(NOTES, "seed", {"of": sandbox, "number": tx.chance.hexadecimal(4)}),
)

ABOUT = {"version": 1, "provider": "toy", "about": "For a test."}
SCENARIOS: dict[str, dict[str, Any]] = {
    "happy": {**ABOUT, "timeline": [{"after": "5s", "to": "paid"}, {"after": "10s", "to": "done"}]},
    "still": ABOUT,
    "kyc": {**ABOUT, "timeline": {"buy": [{"after": "1s", "to": "held"}, {"on": "approve", "to": "paid"}]}},
    "plain-wait": {**ABOUT, "timeline": [{"on": "pay"}, {"after": "2s", "to": "done"}]},
    "read": {**ABOUT, "timeline": [{"reads": 2, "to": "paid"}, {"reads": 1, "to": "done"}]},
    "dice": {
        **ABOUT,
        "timeline": [{"after": "1s", "one_of": [{"weight": 1, "to": "paid"}, {"weight": 1, "to": "failed"}]}],
    },
    "refused": {**ABOUT, "match": {"body.amount": 13}, "answer": {"error": "limits", "with": {"max": "12"}}},
    "unlucky": {
        **ABOUT,
        "match": {"body.amount": 13, "body.ref": {"pattern": "^late-(?P<s>[0-9]+)$"}},
        "timeline": [{"after": "{s}s", "to": "failed"}],
    },
    "forced": {**ABOUT, "timeline": [{"after": "1s", "to": "done", "force": True}]},
}


def scenario_schema() -> Schema:
    """The published schema of scenario files, with the toy as the provider."""
    return shipped.scenario_schema(["toy"])


def library(scenarios: Mapping[str, Any] = SCENARIOS) -> Library:
    """A library with the toy and these scenarios."""
    made = Library({"toy": provider}, scenario_schema())
    made.shipped["toy"] = ScenarioSet(made.read_scenario("toy", name, document) for name, document in scenarios.items())
    return made


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine; if an event loop is already running, of one that only waits for its turn."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _LOOP.run_until_complete(coroutine)
    while True:
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]


@dataclass
class Wall:
    """A real clock that only moves when it is told to."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        return self.now_ms


@dataclass
class Bench:
    """An engine with the toy in it, a client of it, and its real clock."""

    scenarios: Mapping[str, Any] = field(default_factory=lambda: SCENARIOS)
    origin: Origin = field(default_factory=lambda: Origin("seed", "manual", "1", START_MS))
    store: Store = field(default_factory=MemoryStore)
    wall: Wall = field(default_factory=Wall)

    def __post_init__(self) -> None:
        self.engine = Engine(library(self.scenarios), self.store, self.origin, real_ms=self.wall)
        run(self.engine.open())

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""
        return self.engine.sandboxes["default"]

    def request(
        self, method: str, path: str, body: Any = None, *, sandbox: str = "default", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of the answer to a request."""
        asked = request(method, path, body, sandbox=sandbox, **headers)
        reply = run(self.engine.answer(self.engine.library.providers["toy"], asked))
        return reply.status, reply.body

    def create(self, scenario: str | None = None, **body: Any) -> str:
        """Id of a new order."""
        headers = {"x-emulator-scenario": scenario} if scenario else {}
        status, answer = self.request("POST", "/orders", {"amount": 5, **body}, **headers)
        assert status == 201, answer
        return str(json_text.decode(answer)["id"])

    def status(self, order_id: str) -> str:
        """The order's status, without reading it as a client."""
        run(self.engine.settle_in_turns(self.sandbox))
        order = self.sandbox.order(order_id)
        assert order is not None
        return order.status

    def fire(self, order_id: str, event: str, by_hand: bool = False, **arguments: Any) -> None:
        """Fires an event by hand, as the control API does."""
        tx = self.engine.transaction(self.sandbox)
        order = tx.order(order_id)
        assert order is not None
        events.fire(tx, order, event, arguments, cause="control", by_hand=by_hand)
        run(self.engine.commit(self.sandbox, tx).wait())

    def advance(self, by_ms: int | None) -> list[dict[str, Any]]:
        """Moves the clock, or lets everything that is due happen (None)."""
        until_ms = None if by_ms is None else self.sandbox.clock.now_ms(self.wall()) + by_ms
        return run(self.engine.advance(self.sandbox, until_ms)).items

    def snapshot(self) -> bytes:
        """The whole default sandbox as bytes."""
        return json_text.encode(self.sandbox.snapshot())


def request(method: str, path: str, body: Any = None, *, sandbox: str = "default", **headers: str) -> Request:
    """A request as the web side hands it over."""
    content = b"" if body is None else body if isinstance(body, bytes) else json_text.encode(body)
    target = path
    path, _, query = path.partition("?")
    sent = {"x-key": f"key-{sandbox}", **{name.replace("_", "-").lower(): value for name, value in headers.items()}}
    lines = "\n".join(chain.from_iterable(sent.items())).encode("latin-1")
    return Request(method, target, path, query, sent, content, header_lines=lines)


def transaction(
    now_ms: int = START_MS, sandbox: Sandbox | None = None, scenarios: Mapping[str, Any] = SCENARIOS
) -> transactions.Transaction:
    """A transaction on an empty sandbox, for tests that need no engine."""
    return transactions.Transaction(
        sandbox or Sandbox("default", "seed", Clock("manual", "1", now_ms)), library(scenarios), now_ms, now_ms
    )


def new_order(order_id: str = "o-1", kind: str = "buy", status: str = "open", **fields: Any) -> Order:
    """An order as a handler makes it."""
    return Order(order_id, "toy", "owner", kind, status, START_MS, START_MS, {"amount": 5, **fields})
