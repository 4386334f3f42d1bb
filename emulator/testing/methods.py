"""The calls as methods, in one list for both clients: `Emulator` waits for the answers, `AsyncEmulator` is awaited."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Generic, ParamSpec, TypeVar, overload

from emulator.testing import calls
from emulator.testing.calls import Call
from emulator.testing.types import answers
from emulator.testing.types.arguments import ChangeSettings
from emulator.testing.types.calls import AnyAwaitedCall, AnyCall

P = ParamSpec("P")
T = TypeVar("T")

__tracebackhide__ = True


class Waiting(ABC):
    """Who waits for answers."""

    @abstractmethod
    def _make(self, call: Call[T]) -> T:
        """What is read from the answer."""


class Awaited(ABC):
    """Who is awaited."""

    @abstractmethod
    async def _make(self, call: Call[T]) -> T:
        """What is read from the answer."""


class Method(Generic[P, T]):
    """A call as a method."""

    def __init__(self, describe: Callable[P, Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> "Method[P, T]": ...
    @overload
    def __get__(self, instance: Waiting, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Awaited, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Waiting | Awaited | None, owner: type) -> Any:
        if instance is None:
            return self
        caller, describe = instance, self._describe

        def make(*arguments: P.args, **named: P.kwargs) -> Any:
            return caller._make(describe(*arguments, **named))

        return make


class CallMethod(Method[..., Any]):
    """Any call; the type of its answer follows from method and path where these are constant."""

    @overload
    def __get__(self, instance: None, owner: type) -> "CallMethod": ...
    @overload
    def __get__(self, instance: Waiting, owner: type) -> AnyCall: ...
    @overload
    def __get__(self, instance: Awaited, owner: type) -> AnyAwaitedCall: ...
    def __get__(self, instance: Waiting | Awaited | None, owner: type) -> Any:
        return super().__get__(instance, owner)


class SettingsMethod(Method[..., answers.Settings]):
    """The call `set`, of which each provider's settings are the arguments."""

    @overload
    def __get__(self, instance: None, owner: type) -> "SettingsMethod": ...
    @overload
    def __get__(self, instance: Waiting, owner: type) -> ChangeSettings[answers.Settings]: ...
    @overload
    def __get__(self, instance: Awaited, owner: type) -> ChangeSettings[Coroutine[Any, Any, answers.Settings]]: ...
    def __get__(self, instance: Waiting | Awaited | None, owner: type) -> Any:
        return super().__get__(instance, owner)


class Value(Generic[T]):
    """A call without arguments as a property."""

    def __init__(self, describe: Callable[[], Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> "Value[T]": ...
    @overload
    def __get__(self, instance: Waiting, owner: type) -> T: ...
    @overload
    def __get__(self, instance: Awaited, owner: type) -> Coroutine[Any, Any, T]: ...
    def __get__(self, instance: Waiting | Awaited | None, owner: type) -> Any:
        return self if instance is None else instance._make(self._describe())


class Calls:
    """What can be called."""

    call = CallMethod(calls.call)
    advance = Method(calls.advance)
    now = Value(calls.now)
    order = Method(calls.order)
    orders = Method(calls.orders)
    make_order = Method(calls.make_order)
    fire = Method(calls.fire)
    move = Method(calls.move)
    command = Method(calls.command)
    set = SettingsMethod(calls.change_settings)
    scenario = Method(calls.scenario)
    choose = Method(calls.choose)
    journal = Method(calls.journal)
    count = Method(calls.count)
    coverage = Method(calls.coverage)
    webhooks = Method(calls.webhooks)
    replay = Method(calls.replay)
    hold_webhook = Method(calls.hold_webhook)
    release_webhook = Method(calls.release_webhook)
    send_webhook = Method(calls.send_webhook)
    received = Method(calls.received)
    clear_received = Method(calls.clear_received)
    wait_for_webhooks = Method(calls.wait_for_webhooks)
    inject = Method(calls.inject)
    clear_faults = Method(calls.clear_faults)
    reset = Method(calls.reset)
