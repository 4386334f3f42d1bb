"""Makes a life happen in a sandbox. A generator says what to do; `Emulator` does it and waits, `AsyncEmulator` awaits
it."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from inspect import isawaitable
from typing import Any

from emulator import providers
from emulator.core.durations import read_instant_ms
from emulator.core.faults.registry import ON_DELIVERIES
from emulator.testing import calls
from emulator.testing.calls import Call
from emulator.testing.lives.life import Life
from emulator.testing.lives.rehearsal import NAME, scenario_document
from emulator.testing.lives.steps import Fire, Inject, Read, Rule, Run, Step, Wait
from emulator.testing.sandbox import ControlRefused

Order = str | Callable[[Life], Any] | None
"""An existing order, a function that makes it and gives its id, or nothing: the usual request makes it."""
Reader = Callable[[str], Any]
"""Reads an order, as a client does."""


After = Callable[[Step], Any]
"""Is told of each step that was taken."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A function of the user's that is called now, `times` at once."""

    function: Callable[..., Any]
    argument: Any
    times: int = 1


Play = Generator[Call[Any] | Ask, Any, Any]


@dataclass(slots=True)
class Played:
    """What was seen of a life."""

    life: Life
    order: str | None = None
    """Id at the provider; None: there is no order."""
    statuses: list[str] = field(default_factory=list)
    """The statuses of the order, in order."""
    happened: list[Any] = field(default_factory=list)
    """What the steps led to, as `advance` reports it."""
    webhooks: list[Any] = field(default_factory=list)
    """The webhooks about the order, with every attempt."""
    reads: list[Any] = field(default_factory=list)
    """What the client has read, one for each time."""
    impossible: list[Step] = field(default_factory=list)
    """Steps that could not be taken: the client has changed the order, or nobody receives the test webhook."""


def begin(life: Life) -> Play:
    """Prepares the sandbox for the order of a life; gives the ids of the fault rules."""
    provider: Any = life.provider
    beginning = life.beginning
    if beginning.settings:
        yield calls.change_settings(provider, **beginning.settings)
    document = scenario_document(provider, beginning.initial)
    if beginning.refused is not None:
        document = {**document, "answer": {"error": beginning.refused}}
        del document["timeline"]
    yield calls.scenario(provider, NAME, document)
    yield calls.choose(**{provider: NAME})
    request = providers.load(provider).order_request
    if request is not None and life.kind in request.before:
        name, arguments = request.before[life.kind]
        yield Call("POST", f"commands/{provider}/{name}", arguments)
    rules = []
    for rule in beginning.faults:
        rules.append((yield _inject(rule))["id"])
    return rules


def play(order: Order, life: Life, read: Reader, after: After | None = None) -> Play:
    """Makes a life happen; gives what was seen of it."""
    played = Played(life)
    played.order = order if isinstance(order, str) else (yield from make(order, life, played))
    if played.order is None:
        return played
    for step in life.steps:
        yield from take(step, played, read)
        if after is not None:
            yield Ask(after, step)
    yield from look(played)
    return played


def take(step: Step, played: Played, read: Reader) -> Play:
    """Lets one step happen."""
    try:
        yield from _TAKEN[type(step)](step, played, read)
    except ControlRefused as refusal:
        if refusal.error != _REFUSED.get(type(step)):
            raise
        played.impossible.append(step)


def look(played: Played) -> Play:
    """Writes down what has become of the order."""
    story = yield calls.order(str(played.order))
    played.statuses = [each["status"] for each in story["story"] if each["kind"] in _CHANGES]
    played.webhooks = yield calls.webhooks(played.order)


_CHANGES = ("created", "transition")
_REFUSED: Mapping[type, str] = {Fire: "illegal-event", Run: "bad-request"}
"""The error of the control API for a step that cannot be taken now."""


def make(order: Callable[[Life], Any] | None, life: Life, played: Played) -> Play:
    """Lets the order of a life be made; gives its id."""
    provider: Any = life.provider
    before = {each["id"] for each in (yield calls.orders(provider=provider))}
    rules = yield from begin(life)
    if order is not None:
        [made] = yield Ask(order, life)
    else:
        made = yield from make_usual(life)
    for rule in rules:
        yield calls.call("DELETE", f"faults/{rule}")
    played.happened += yield calls.advance(0)
    if made is None:
        after = [each["id"] for each in (yield calls.orders(provider=provider)) if each["id"] not in before]
        made = after[-1] if after else None
    return made if made is None else str(made)


def make_usual(life: Life) -> Play:
    """Makes the order by the usual request, once more where the first one was lost; gives its id, if it was told."""
    provider: Any = life.provider
    request = providers.load(provider).order_request
    if request is not None and life.kind in request.made_by:
        name, arguments = request.made_by[life.kind]
        return (yield Call("POST", f"commands/{provider}/{name}", arguments))["result"]["id"]
    for _ in range(1 if life.beginning.refused else 1 + len(life.beginning.faults)):
        try:
            return (yield calls.make_order(provider, life.kind or None, None, **life.beginning.body))["id"]
        except ControlRefused as refusal:
            if refusal.error != "order-refused":
                raise
    return None


def _inject(rule: Rule) -> Call[Any]:
    return Call("POST", "faults", dict(rule))


def _fire(step: Fire, played: Played, read: Reader) -> Play:
    made = yield Call("POST", f"orders/{played.order}/events", {"event": step.event, **step.arguments})
    played.happened += made["happened"]
    played.happened += yield calls.advance(0)


def _wait(step: Wait, played: Played, read: Reader) -> Play:
    by_ms = step.by_ms
    if step.deadline:
        due = (yield calls.order(str(played.order)))["next"]
        if due is not None and due["what"] == step.deadline:
            left_ms = read_instant_ms(due["at"]) - read_instant_ms((yield calls.now()))
            by_ms = max(0, left_ms + step.offset_ms)
    played.happened += yield calls.advance(f"{by_ms}ms")


def _read(step: Read, played: Played, read: Reader) -> Play:
    played.reads += yield Ask(read, played.order, step.clients)
    played.happened += yield calls.advance(0)


def _run(step: Run, played: Played, read: Reader) -> Play:
    yield calls.command(played.life.provider, step.command, **step.arguments)  # type: ignore[arg-type]
    played.happened += yield calls.advance(0)


def _put(step: Inject, played: Played, read: Reader) -> Play:
    """A fault of webhooks concerns those about the order; one of calls the next call, whatever it is about."""
    about = {"order": played.order} if step.rule["fault"] in ON_DELIVERIES else {}
    yield _inject({**step.rule, **about})


_TAKEN: Mapping[type, Callable[[Any, Played, Reader], Play]] = {
    Fire: _fire,
    Wait: _wait,
    Read: _read,
    Run: _run,
    Inject: _put,
}


# -- doing it


def drive(play: Play, make: Callable[[Call[Any]], Any]) -> Any:
    """Does what a generator says, and waits for it; its result. `make`: makes a call."""
    step = partial(next, play)
    while True:
        try:
            todo = step()
        except StopIteration as end:
            return end.value
        try:
            step = partial(play.send, make(todo) if isinstance(todo, Call) else _ask(todo))
        except Exception as failure:
            step = partial(play.throw, failure)


async def drive_async(play: Play, make: Callable[[Call[Any]], Awaitable[Any]]) -> Any:
    """The same, awaited."""
    step = partial(next, play)
    while True:
        try:
            todo = step()
        except StopIteration as end:
            return end.value
        try:
            step = partial(play.send, await (make(todo) if isinstance(todo, Call) else _ask_async(todo)))
        except Exception as failure:
            step = partial(play.throw, failure)


def _ask(todo: Ask) -> list[Any]:
    if todo.times == 1:
        return [todo.function(todo.argument)]
    with ThreadPoolExecutor(todo.times) as threads:
        return list(threads.map(todo.function, [todo.argument] * todo.times))


async def _ask_async(todo: Ask) -> list[Any]:
    return list(await asyncio.gather(*(_awaited(todo.function(todo.argument)) for _ in range(todo.times))))


async def _awaited(given: Any) -> Any:
    return await given if isawaitable(given) else given
