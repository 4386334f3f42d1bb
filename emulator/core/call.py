"""One request being answered: what a provider's checks and handlers work with."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from emulator.core import events
from emulator.core.delivery import Delivery
from emulator.core.order import Order
from emulator.core.provider import Endpoint, Provider, Refusal, Reply, Request
from emulator.core.sandbox import DEFAULT_SCENARIOS
from emulator.core.scenario import HAPPY, Scenario
from emulator.core.transaction import Transaction

SCENARIO_HEADER = "x-emulator-scenario"


class UnknownScenario(Exception):
    """The request names a scenario that does not exist; the text lists those that do."""


@dataclass(frozen=True, slots=True)
class AfterDelivery:
    """An answer that depends on what a receiver says: the delivery, due now, is made first, then `reply` answers."""

    delivery_id: str
    reply: Callable[[Delivery | None], Reply]


class Call:
    """A request in its sandbox. Checks and handlers read it, and leave what they find out for those after them."""

    __slots__ = (
        "_choice",
        "body",
        "caller",
        "endpoint",
        "methods",
        "parameters",
        "provider",
        "request",
        "seen",
        "settings",
        "tx",
    )

    def __init__(self, provider: Provider, request: Request, tx: Transaction) -> None:
        self.provider = provider
        self.request = request
        self.tx = tx
        self.methods, self.parameters = provider.route(request.path)
        self.endpoint: Endpoint | None = self.methods.get(request.method)
        self.caller: Any = None
        """Whom the credential names, once it was checked."""
        self.body: Any = None
        """The parsed body, once it was read."""
        self.seen: list[Order] = []
        """Orders that the answer shows; each counts as read once."""
        self.settings: Mapping[str, Any] = tx.settings(provider.name)
        """The provider's settings in this sandbox."""
        self._choice: tuple[Scenario | None] | None = None

    def header(self, name: str) -> str | None:
        """A header's value, or None; `name` in lower case."""
        return self.request.headers.get(name)

    def scenario(self) -> Scenario | None:
        """The scenario that was chosen for this request: by header, by match, or by the sandbox. None: nobody chose.

        Raises UnknownScenario.
        """
        if self._choice is None:
            self._choice = (self._choose_scenario(),)
        return self._choice[0]

    def _choose_scenario(self) -> Scenario | None:
        available = self.tx.scenarios(self.provider.name)
        name = self.request.headers.get(SCENARIO_HEADER)
        if name is None:
            fitting = available.fitting(self.subject())
            if fitting is not None:
                return fitting
            name = (self.tx.get(DEFAULT_SCENARIOS, self.provider.name) or {}).get("name")
        if name is None:
            return None
        chosen = available.by_name.get(name)
        if chosen is None:
            known = ", ".join(sorted(available.by_name))
            raise UnknownScenario(f"{self.provider.name} has no scenario {name!r}: use one of {known}")
        return chosen

    def subject(self) -> dict[str, Any]:
        """What the conditions of a match look at."""
        query = dict(parse_qsl(self.request.query, keep_blank_values=True)) if self.request.query else {}
        return {"body": self.body, "header": self.request.headers, "path": self.parameters, "query": query}

    def refuse_as_scripted(self, errors: Collection[str] | None = None) -> None:
        """Raises the Refusal that the scenario asks for, if it is one of `errors` (None: whatever it is)."""
        scenario = self.scenario()
        if scenario is None or scenario.answer is None:
            return
        error = scenario.answer.error
        if errors is None or error in errors:
            raise Refusal(error, f"the scenario {scenario.name} asks for it", **scenario.answer.details)

    def create(self, order: Order, *, waiting: bool = False) -> None:
        """Keeps a new order, with the scenario that was chosen, or else the provider's usual one, or `happy`."""
        scenario = self.scenario()
        if scenario is None:
            name = self.provider.usual_scenario(self, order.fields, order.kind) or HAPPY
            scenario = self.tx.scenarios(self.provider.name).by_name.get(name)
        elif scenario.conditions:
            order.captured = scenario.captured(self.subject())
        events.create(self.tx, order, scenario, waiting=waiting)

    def refuse(self, error: str, reason: str, **details: Any) -> Reply:
        """A refusal as an answer, for the rare command that does something and says no all the same."""
        return self.provider.render(self, Refusal(error, reason, **details))


def answer(call: Call) -> Reply | AfterDelivery:
    """The provider's answer. Raises Refusal, in which case nothing of the call may be kept but what lasts."""
    for check in call.provider.checks:
        check(call)
    endpoint = call.endpoint
    if endpoint is None:
        raise LookupError(f"the checks of {call.provider.name} must refuse a path without endpoint")
    for check in endpoint.checks:
        check(call)
    reply = endpoint.handle(call)
    for order in call.seen:
        events.count_read(call.tx, order)
    return reply
