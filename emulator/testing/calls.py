"""The calls of the control API about one sandbox, each described once: what is asked, and how the answer is read.

`Emulator` makes them and waits, `AsyncEmulator` makes them and is awaited; the functions here are the methods of both.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, Unpack

from emulator.core.durations import read_duration_ms
from emulator.testing.types import answers
from emulator.testing.types.arguments import Choice, Rule
from emulator.testing.types.names import Command, Event, Fault, Provider, Status

T = TypeVar("T")

__tracebackhide__ = True
TIMEOUT_S = 90
"""Real time that any call has; the emulator itself waits for others for at most 60 s unless asked otherwise."""
_GRACE_S = 30
"""How much longer than its budget an advance may take, lest the connection be given up before its answer."""
_WAITS_FOR_RECEIVERS = re.compile(r"clock/advance|commands/.+|webhooks/.+")


class NotSettled(Exception):
    """An advance has used up its budget of real time. The clock stands at `now`; `happened` has what was done so far,
    and `silent` the webhooks that nobody has answered: `{webhook, provider, event, order, receiver}`."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.now: str = answer["now"]
        self.happened: list[answers.HappenedItem] = answer["happened"]
        self.silent: list[answers.Silent] = answer["silent"]
        unanswered = [
            f"{each['receiver']} has not answered webhook {each['webhook']} ({each['provider']} {each['event']}, "
            f"order {each['order'] or 'none'})"
            for each in self.silent
        ]
        why = "; ".join(unanswered) or "there was too much to do; allow more time with budget=..."
        super().__init__(f"the clock stopped at {self.now}, as this advance ran out of time: {why}")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call below `/_emulator/sandboxes/<name>`; `T`: what is read from its answer."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    member: str = ""
    """The member of the answer that is meant; empty: the whole answer."""
    settles: bool = False
    """Raises NotSettled for an answer that says so."""
    timeout_s: float = TIMEOUT_S

    @property
    def waits(self) -> bool:
        """Whether the emulator may wait for receivers of webhooks before it answers."""
        return self.method == "POST" and _WAITS_FOR_RECEIVERS.fullmatch(self.path) is not None

    def read(self, answer: Any) -> T:
        """What the caller gets of the answer. Raises NotSettled."""
        if self.settles and not answer.get("settled", True):
            raise NotSettled(answer)
        found: T = answer[self.member] if self.member else answer
        return found


def call(method: str, path: str, body: Any = None, **query: Any) -> Call[Any]:
    """Any call below `/_emulator/sandboxes/<name>`. Raises ControlRefused, LoopNeeded, ConnectionError, and what the
    handlers of `receive_at` have raised."""
    return Call(method, path, body, query)


def advance(
    by: str | int | None = None,
    *,
    to: str | None = None,
    until: str | None = None,
    budget: str | float | None = None,
) -> Call[list[answers.HappenedItem]]:
    """Moves the clock and runs everything that falls due; says what happened. `budget`: how much real time it may take
    (20 s). Raises NotSettled if that was not enough."""
    wanted = {"by": by, "to": to, "until": until, "budget": budget}
    body = {name: value for name, value in wanted.items() if value is not None}
    timeout_s = max(TIMEOUT_S, _seconds(budget) + _GRACE_S)
    return Call("POST", "clock/advance", body, member="happened", settles=True, timeout_s=timeout_s)


def now() -> Call[str]:
    """The sandbox's time, such as `2026-01-05T12:00:00.000Z`."""
    return Call("GET", "clock", member="now")


def order(order_id: str) -> Call[answers.OrderWithStory]:
    """An order with its story."""
    return Call("GET", f"orders/{order_id}")


def orders(
    *, provider: Provider | None = None, status: Status | None = None, limit: int | None = None
) -> Call[list[answers.Order]]:
    """The sandbox's orders; `provider` and `status` select."""
    return Call("GET", "orders", query={"provider": provider, "status": status, "limit": limit}, member="orders")


def make_order(
    provider: Provider, kind: str | None = None, scenario: str | None = None, **body: Any
) -> Call[answers.MadeOrder]:
    """Makes an order with a valid, signed request; `body` replaces members of the usual one."""
    return Call("POST", "orders", {"provider": provider, "kind": kind, "scenario": scenario, "body": body})


def fire(order_id: str, event: Event, **arguments: Any) -> Call[answers.OrderWithHappened]:
    """Makes an event happen to an order now."""
    return Call("POST", f"orders/{order_id}/events", {"event": event, **arguments})


def move(order_id: str, to: Status, *, force: bool = False) -> Call[answers.OrderWithHappened]:
    """Moves an order to a status now."""
    return Call("POST", f"orders/{order_id}/events", {"to": to, **({"force": True} if force else {})})


def command(provider: Provider, name: Command, **arguments: Any) -> Call[answers.CommandResult]:
    """Makes something happen at a provider outside any order."""
    return Call("POST", f"commands/{provider}/{name}", arguments)


def change_settings(provider: str, **settings: Any) -> Call[answers.Settings]:
    """Changes settings of a provider."""
    return Call("PUT", "settings", {provider: settings})


def scenario(provider: Provider, name: str, document: Any) -> Call[answers.PutScenarios]:
    """Adds a scenario, or replaces one."""
    return Call("PUT", f"scenarios/{provider}/{name}", document)


def choose(**scenarios: Unpack[Choice]) -> Call[answers.PutDefaultScenario]:
    """Chooses default scenarios: `choose(changelly="kyc-hold")`."""
    return Call("PUT", "default-scenario", scenarios)


def journal(**query: Any) -> Call[list[answers.JournalEntry]]:
    """Entries of the journal; `kind`, `order`, `provider`, `outcome`, `search`, `after`, `before` and `limit` select.

    `order="desc"` has the newest first; `order=[id, "desc"]` those about one order."""
    return Call("GET", "journal", query=query, member="entries")


def count(match: Mapping[str, Any]) -> Call[answers.JournalCount]:
    """How many journal entries match: `{count, complete}`."""
    return Call("POST", "journal/count", {"match": match})


def coverage() -> Call[answers.Coverage]:
    """What was met of each provider's behaviour in this sandbox, and for all else the shortest way to it."""
    return Call("GET", "coverage")


def webhooks(order: str | None = None) -> Call[list[answers.Webhook]]:
    """Webhooks with every attempt, oldest first."""
    return Call("GET", "webhooks", query={"order": order}, member="webhooks")


def replay(webhook_id: str) -> Call[answers.Webhook]:
    """Sends a webhook again, and says what came of it."""
    return Call("POST", f"webhooks/{webhook_id}/replay")


def hold_webhook(webhook_id: str) -> Call[answers.Webhook]:
    """Holds back a webhook that is waiting to be sent or tried again, until `release_webhook`."""
    return Call("POST", f"webhooks/{webhook_id}/hold")


def release_webhook(webhook_id: str) -> Call[answers.Webhook]:
    """Sends a webhook that was held back, by `hold_webhook` or by the fault `hold`."""
    return Call("POST", f"webhooks/{webhook_id}/release")


def send_webhook(provider: Provider, body: bytes, url: str | None = None) -> Call[answers.Webhook]:
    """Sends a body as it is as a provider's webhook, with a new signature, and says what came of it. `url`: by default
    where the sandbox's webhooks go."""
    wanted = {"provider": provider, "body_base64": base64.b64encode(body).decode()}
    return Call("POST", "webhooks/send", wanted | ({} if url is None else {"url": url}))


def received() -> Call[list[answers.Received]]:
    """What the built-in receiver has received, oldest first: each verified, or why not."""
    return Call("GET", "receiver", member="received")


def clear_received() -> Call[None]:
    """Makes the built-in receiver forget what it has received."""
    return Call("DELETE", "receiver")


def wait_for_webhooks(
    count: int = 1, match: Mapping[str, Any] | None = None, timeout: str = "10s"
) -> Call[answers.WebhooksWait]:
    """Waits in real time until `count` webhooks that match have been sent: `{complete, count, webhooks}`."""
    return Call("POST", "webhooks/wait", {"count": count, "match": match or {}, "timeout": timeout})


def inject(fault: Fault, **rule: Unpack[Rule]) -> Call[answers.FaultRule]:
    """Adds a fault rule: `inject("reset", when="after", provider="koywe", times=1)`."""
    return Call("POST", "faults", {"fault": fault, **rule})


def clear_faults() -> Call[None]:
    """Removes all fault rules."""
    return Call("DELETE", "faults")


def reset() -> Call[answers.Sandbox]:
    """Resets the sandbox to its initial state."""
    return Call("POST", "reset")


def _seconds(budget: object) -> float:
    """A duration in seconds; 0 for what the emulator will refuse."""
    try:
        return read_duration_ms(budget) / 1000
    except ValueError:
        return 0
