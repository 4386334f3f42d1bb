# Made by scripts/generate_docs.py from emulator/testing/types/calls.py: edit that, and run it again.
"""What `call` returns, by method and path.

Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them.
"""

from __future__ import annotations
# fmt: off

from collections.abc import Coroutine
from typing import Any, Literal, Protocol, overload

from emulator_client.types import answers


class AnyCall(Protocol):
    """Any call below a sandbox."""

    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["reset"], body: Any = None, **query: Any
    ) -> answers.Sandbox: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["clock"], body: Any = None, **query: Any
    ) -> answers.Clock: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["clock"], body: Any = None, **query: Any
    ) -> answers.ChangedClock: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["clock/advance"], body: Any = None, **query: Any
    ) -> answers.Advanced: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["orders"], body: Any = None, **query: Any
    ) -> answers.Orders: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["orders"], body: Any = None, **query: Any
    ) -> answers.MadeOrder: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["journal"], body: Any = None, **query: Any
    ) -> answers.Journal: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["journal/count"], body: Any = None, **query: Any
    ) -> answers.JournalCount: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["coverage"], body: Any = None, **query: Any
    ) -> answers.Coverage: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["faults"], body: Any = None, **query: Any
    ) -> answers.Faults: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["faults"], body: Any = None, **query: Any
    ) -> answers.FaultRule: ...
    @overload
    def __call__(
        self, method: Literal["DELETE"], path: Literal["faults"], body: Any = None, **query: Any
    ) -> None: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["webhooks"], body: Any = None, **query: Any
    ) -> answers.Webhooks: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["webhooks/wait"], body: Any = None, **query: Any
    ) -> answers.WebhooksWait: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["webhooks/send"], body: Any = None, **query: Any
    ) -> answers.Webhook: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["webhooks/subscribe"], body: Any = None, **query: Any
    ) -> None: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["receiver"], body: Any = None, **query: Any
    ) -> answers.Receiver: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["receiver/verify"], body: Any = None, **query: Any
    ) -> answers.Verdict: ...
    @overload
    def __call__(
        self, method: Literal["DELETE"], path: Literal["receiver"], body: Any = None, **query: Any
    ) -> None: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["settings"], body: Any = None, **query: Any
    ) -> answers.Settings: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["settings"], body: Any = None, **query: Any
    ) -> answers.Settings: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["scenarios"], body: Any = None, **query: Any
    ) -> answers.Scenarios: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["default-scenario"], body: Any = None, **query: Any
    ) -> answers.PutDefaultScenario: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["reproduction"], body: Any = None, **query: Any
    ) -> answers.Reproduction: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["snapshot"], body: Any = None, **query: Any
    ) -> answers.Snapshot: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["snapshot"], body: Any = None, **query: Any
    ) -> answers.Sandbox: ...
    @overload
    def __call__(
        self, method: str, path: str, body: Any = None, **query: Any
    ) -> Any: ...

class AnyAwaitedCall(Protocol):
    """Any call below a sandbox, to be awaited."""

    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["reset"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Sandbox]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["clock"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Clock]: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["clock"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.ChangedClock]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["clock/advance"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Advanced]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["orders"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Orders]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["orders"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.MadeOrder]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["journal"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Journal]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["journal/count"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.JournalCount]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["coverage"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Coverage]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["faults"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Faults]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["faults"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.FaultRule]: ...
    @overload
    def __call__(
        self, method: Literal["DELETE"], path: Literal["faults"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, None]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["webhooks"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Webhooks]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["webhooks/wait"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.WebhooksWait]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["webhooks/send"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Webhook]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["webhooks/subscribe"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, None]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["receiver"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Receiver]: ...
    @overload
    def __call__(
        self, method: Literal["POST"], path: Literal["receiver/verify"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Verdict]: ...
    @overload
    def __call__(
        self, method: Literal["DELETE"], path: Literal["receiver"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, None]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["settings"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Settings]: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["settings"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Settings]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["scenarios"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Scenarios]: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["default-scenario"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.PutDefaultScenario]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["reproduction"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Reproduction]: ...
    @overload
    def __call__(
        self, method: Literal["GET"], path: Literal["snapshot"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Snapshot]: ...
    @overload
    def __call__(
        self, method: Literal["PUT"], path: Literal["snapshot"], body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, answers.Sandbox]: ...
    @overload
    def __call__(
        self, method: str, path: str, body: Any = None, **query: Any
    ) -> Coroutine[Any, Any, Any]: ...
