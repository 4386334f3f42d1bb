"""A Hypothesis state machine in which an order lives while the client under test does what it likes.

The steps of a life are its rules; each is drawn from what the emulator says can happen just then, so that rules of
one's own may change the order, too.
"""

import atexit
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from emulator.core.durations import read_instant_ms
from emulator.testing.lives.arguments import Draw
from emulator.testing.lives.drawing import DRAWN, Source, Stage, begin, is_there, source_of, told
from emulator.testing.lives.life import Life
from emulator.testing.lives.playing import Played, drive, look, make, make_usual, take
from emulator.testing.lives.reading import reader
from emulator.testing.lives.steps import Rule, Step
from emulator.testing.types.names import Provider

if TYPE_CHECKING:
    from emulator.testing.background import BackgroundServer
    from emulator.testing.client import Emulator


class EmulatorMachine(RuleBasedStateMachine):
    """One order of a provider. To inherit from: say of which `provider`, and override what is the client's; rules and
    invariants of your own come in addition to those of the steps."""

    provider: ClassVar[Provider]
    kind: ClassVar[str | None] = None
    """The kind of the order; None: any."""
    faults: ClassVar[bool | Collection[str]] = False
    """As for `lives`, as are the next two."""
    settings: ClassVar[Mapping[str, Any]] = {}
    body: ClassVar[Mapping[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.emulator = self.open_sandbox()
        """The sandbox of this run."""
        self.life: Life
        """How it has begun, and its steps so far."""
        self.played: Played
        """What was seen so far."""

    @property
    def order(self) -> str | None:
        """Id of the order at the provider; None: there is none."""
        return self.played.order

    # -- what may be overridden

    def open_sandbox(self) -> "Emulator":
        """A new sandbox, which the end of the run closes. By default one of an emulator in this process."""
        return _server().sandbox()

    def prepare(self) -> None:
        """Called once there is a sandbox, before the order is made: make your client here."""

    def make_order(self, life: Life) -> str | None:
        """Makes the order with the client under test, and gives its id, or None where the client does not know it. By
        default the usual request makes it."""
        made: str | None = drive(make_usual(life), self.emulator._make)
        return made

    def read_order(self, order_id: str) -> Any:
        """Reads the order as the client under test does. By default as the provider's own client."""
        with reader(self.emulator, self.provider) as read:
            return read(order_id)

    # -- rules

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """The order is made."""
        self._source = _source_of(type(self))
        kind = data.draw(st.sampled_from(self._source.kinds))
        rehearsal, beginning, body = begin(data.draw, self._source, kind)
        self.life = Life(self.provider, kind, beginning, (), body, rehearsal.amount)
        self.played = Played(self.life)
        self.prepare()
        self.played.order = drive(make(self.make_order, self.life, self.played), self.emulator._make)
        self._stage = _Present(self.emulator, self.played, waits=rehearsal.order.waiting)

    @precondition(lambda self: self._can("fire"))
    @rule(data=st.data())
    def fire(self, data: st.DataObject) -> None:
        """An event happens to the order."""
        self._take("fire", data)

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        """Time goes by."""
        self._take("wait", data)

    @precondition(lambda self: self._can("read"))
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """The client reads the order."""
        self._take("read", data)

    @precondition(lambda self: self._can("inject"))
    @rule(data=st.data())
    def inject(self, data: st.DataObject) -> None:
        """A fault is injected into what comes next."""
        self._take("inject", data)

    @precondition(lambda self: self._can("run"))
    @rule(data=st.data())
    def run(self, data: st.DataObject) -> None:
        """Something happens at the provider outside the order."""
        self._take("run", data)

    def _can(self, kind: str) -> bool:
        """Whether there is such a step. Where there is no order, time goes by all the same."""
        return kind == "wait" if self.order is None else is_there(self._source, self._stage, kind)

    def _take(self, kind: str, data: st.DataObject) -> None:
        step = data.draw(_step(kind, self._source, self._stage), label=kind)
        self.life = replace(self.life, steps=(*self.life.steps, step))
        drive(take(step, self.played, self.read_order), self.emulator._make)
        if self.order is not None:
            drive(look(self.played), self.emulator._make)

    def teardown(self) -> None:
        """Closes the sandbox."""
        with self.emulator:
            if hasattr(self, "life"):
                note(told(self.life))


class _Present:
    """The order as it is in the emulator. Nothing happens here: the step that is drawn is taken afterwards."""

    def __init__(self, emulator: "Emulator", played: Played, *, waits: bool) -> None:
        self._emulator = emulator
        self._played = played
        self._waits = waits
        self.amount = played.life.amount

    def _order(self) -> Any:
        return self._emulator.order(str(self._played.order))

    def ways(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [(event, {}) for event in self._order()["events"]]

    def is_possible(self, event: str, arguments: Mapping[str, Any]) -> bool:
        return True

    def waits_for_somebody(self) -> bool:
        return self._waits

    def deadlines(self) -> list[tuple[str, int]]:
        due = self._order()["next"] if self._played.order is not None else None
        if due is None or due["at"] is None:
            return []
        return [(due["what"], read_instant_ms(due["at"]) - read_instant_ms(self._emulator.now))]

    def count_webhooks(self) -> int:
        known = self._emulator.webhooks(self._played.order)
        return sum(bool(each["attempts"]) and each["fault"] is None for each in known)

    def fire(self, event: str, arguments: Mapping[str, Any]) -> None:
        self._waits = False

    def advance(self, by_ms: int) -> None:
        pass

    def inject(self, rule: Rule) -> None:
        pass

    def run(self, command: str, arguments: Mapping[str, Any]) -> bool:
        return True


@st.composite
def _step(draw: Draw, kind: str, source: Source, stage: Stage) -> Step:
    return DRAWN[kind](draw, source, stage)


@cache
def _source_of(machine: type[EmulatorMachine]) -> Source:
    return source_of(machine.provider, machine.kind, machine.faults, 0, machine.settings, machine.body)


@cache
def _server() -> "BackgroundServer":
    """One for all runs of all machines, which ends with the process."""
    from emulator.testing.background import BackgroundServer

    server = BackgroundServer(sockets=False).__enter__()
    atexit.register(server.__exit__, None, None, None)
    return server
