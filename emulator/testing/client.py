"""A client of the control API, for one sandbox. Everything it does anybody can do with HTTP."""

import base64
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from emulator.core import json_text
from emulator.core.durations import parse_duration_ms
from emulator.testing.connection import Connection
from emulator.testing.loops import LoopNeeded, listening_ports, running_loop
from emulator.testing.receivers import Failures, Receiver, Receivers

__tracebackhide__ = True
"""pytest shows the test that was refused, not the way in which it was."""
_TIMEOUT_S = 90
"""Real time that any call has; the emulator itself waits for others at most 60 s where nothing else is asked for."""
_GRACE_S = 30
"""So much longer than its budget an advance may take, lest the connection be given up before its answer."""
_NOT_FOUND = 404
_WAITS_FOR_RECEIVERS = re.compile(r"clock/advance|commands/.+|webhooks/.+")
_PORT_IN_URL = re.compile(rb"https?://[^/\s\"\\]*?:(\d{1,5})")


class ControlRefused(Exception):
    """The control API says no; `error` is its name, the text what to do."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{body.get('error')}: {body.get('message')}")
        self.status = status
        self.error = body.get("error")
        self.body = body


class NotSettled(Exception):
    """An advance has used up its budget of real time. The clock stands at `now`; `happened` has what was done so far,
    and `silent` the webhooks that nobody has answered: `{webhook, provider, event, order, receiver}`."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.now: str = answer["now"]
        self.happened: list[Any] = answer["happened"]
        self.silent: list[Any] = answer["silent"]
        unanswered = [
            f"{each['receiver']} has not answered webhook {each['webhook']} ({each['provider']} {each['event']}, "
            f"order {each['order'] or 'none'})"
            for each in self.silent
        ]
        why = "; ".join(unanswered) or "there was too much to do; allow more with budget=..."
        super().__init__(f"the clock stopped at {self.now}, as the time for this advance was over: {why}")


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """What a client of a provider is configured with."""

    url: str
    """Base URL, in place of the provider's own."""
    credentials: Mapping[str, Any]


class Emulator:
    """One sandbox of a running emulator."""

    def __init__(
        self,
        control_url: str,
        document: Mapping[str, Any],
        token: str | None = None,
        *,
        receivers: Receivers | None = None,
        failures: Failures | None = None,
    ) -> None:
        """`receivers`: of the server, if it runs in this process; `failures`: of those that are for all sandboxes."""
        self.name: str = document["name"]
        self.control_url = control_url
        self._connection = _connect(control_url, token)
        self._access = {
            provider: ProviderAccess(url, document["credentials"][provider])
            for provider, url in document["urls"].items()
        }
        self._receivers = receivers
        self._own_failures = Failures()
        self._failures = (self._own_failures, *([failures] if failures else []))

    @classmethod
    def create(cls, control_url: str, token: str | None = None, **wanted: Any) -> "Emulator":
        """A new sandbox; `wanted` are members of `POST sandboxes`."""
        return cls(control_url, create_sandbox(control_url, token, wanted), token)

    def __repr__(self) -> str:
        return f"<Emulator: sandbox {self.name!r} at {self.control_url}>"

    def __getitem__(self, provider: str) -> ProviderAccess:
        return self._access[provider]

    @property
    def baanx(self) -> ProviderAccess:
        """Access to Baanx."""
        return self["baanx"]

    @property
    def basswallet(self) -> ProviderAccess:
        """Access to BassWallet."""
        return self["basswallet"]

    @property
    def changelly(self) -> ProviderAccess:
        """Access to Changelly Fiat."""
        return self["changelly"]

    @property
    def koywe(self) -> ProviderAccess:
        """Access to Koywe."""
        return self["koywe"]

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Any call below `/_emulator/sandboxes/<name>`. Raises ControlRefused, LoopNeeded, ConnectionError, and what
        the handlers of `receive_at` have raised."""
        if method == "POST" and _WAITS_FOR_RECEIVERS.fullmatch(path):
            self._require_free_loop()
        return self._call(method, path, body, query)

    def _call(
        self, method: str, path: str, body: Any, query: Mapping[str, Any] | None = None, timeout_s: float = _TIMEOUT_S
    ) -> Any:
        status, content = self._ask(method, path, body, query, timeout_s)
        self._raise_failures()
        return _answer(status, content)

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> tuple[int, bytes]:
        """As `call`, but gives status and body of the answer, whatever they are."""
        target = f"sandboxes/{self.name}/{path}" if path else f"sandboxes/{self.name}"
        content = b"" if body is None else json_text.encode(body)
        return self._connection.ask(method, target, content, query, timeout_s=timeout_s)

    def _raise_failures(self) -> None:
        for failures in self._failures:
            failures.raise_first()

    def _require_free_loop(self) -> None:
        """Raises LoopNeeded if this thread runs an event loop in which a receiver of this sandbox's webhooks lives."""
        loop = running_loop()
        if loop is None:
            return
        needed = self._receivers.hosts_in(loop) if self._receivers is not None else []
        ports = listening_ports(loop)
        if ports:
            mentioned = {int(port) for port in _PORT_IN_URL.findall(self._ask("GET", "snapshot")[1])}
            needed += [f"port {port}" for port in sorted(ports & mentioned)]
        if needed:
            raise LoopNeeded(
                f"webhooks go to {', '.join(needed)}, which this event loop serves, and it could not answer while this "
                'call waits for it: call it in a thread, as `await asyncio.to_thread(emulator.advance, "1h")`'
            )

    def receive_at(self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True) -> Receiver:
        """Lets an application of this process receive what goes to `http://<host>/...`, without a socket, until the
        sandbox's block ends; as `with emulator.receive_at(...)` until that block does.

        `app`: ASGI or WSGI. It runs in the server's event loop (WSGI: in threads). `lifespan`: whether it is told that
        it starts and stops; None: unless it is a plain function. `reraise`: an exception of a handler is raised in the
        test, by the next call or at the end; a webhook always gets a 500 for it. Raises what goes wrong at the start.
        """
        return self._local_receivers().add(host, app, self._own_failures, lifespan=lifespan, reraise=reraise)

    def receive_here(
        self, host: str, app: Any, *, lifespan: bool | None = None, reraise: bool = True
    ) -> AbstractAsyncContextManager[Receiver]:
        """As `receive_at`, for an `async with`: the application runs in the event loop of the caller. Calls that wait
        for it are then made in a thread, as `await asyncio.to_thread(emulator.advance, "1h")`."""
        return self._local_receivers().here(host, app, self._own_failures, lifespan=lifespan, reraise=reraise)

    def _local_receivers(self) -> Receivers:
        if self._receivers is None:
            raise RuntimeError(
                f"the emulator at {self.control_url} does not run in this process: give it the URL of a real receiver"
            )
        return self._receivers

    def advance(
        self,
        by: str | int | None = None,
        *,
        to: str | None = None,
        until: str | None = None,
        budget: str | float | None = None,
    ) -> list[Any]:
        """Moves the clock and lets everything happen that falls due; says what did. `budget`: how much real time it may
        take (20 s). Raises NotSettled if that was not enough."""
        wanted = {"by": by, "to": to, "until": until, "budget": budget}
        body = {name: value for name, value in wanted.items() if value is not None}
        self._require_free_loop()
        timeout_s = max(_TIMEOUT_S, _seconds(budget) + _GRACE_S)
        answer = self._call("POST", "clock/advance", body, timeout_s=timeout_s)
        if not answer.get("settled", True):
            raise NotSettled(answer)
        happened: list[Any] = answer["happened"]
        return happened

    @property
    def now(self) -> str:
        """The sandbox's time, as `2026-01-05T12:00:00.000Z`."""
        return str(self.call("GET", "clock")["now"])

    def order(self, order_id: str) -> Any:
        """An order with its story."""
        return self.call("GET", f"orders/{order_id}")

    def orders(self, **query: Any) -> list[Any]:
        """The sandbox's orders; `provider` and `status` select."""
        found: list[Any] = self.call("GET", "orders", **query)["orders"]
        return found

    def make_order(self, provider: str, kind: str | None = None, scenario: str | None = None, **body: Any) -> Any:
        """Makes an order by a valid, signed request; `body` replaces members of the usual one."""
        wanted = {"provider": provider, "kind": kind, "scenario": scenario, "body": body}
        return self.call("POST", "orders", wanted)

    def fire(self, order_id: str, event: str, **arguments: Any) -> Any:
        """Makes an event happen to an order now."""
        return self.call("POST", f"orders/{order_id}/events", {"event": event, **arguments})

    def move(self, order_id: str, to: str, *, force: bool = False) -> Any:
        """Takes an order to a status now."""
        return self.call("POST", f"orders/{order_id}/events", {"to": to, **({"force": True} if force else {})})

    def command(self, provider: str, name: str, **arguments: Any) -> Any:
        """Makes something happen at a provider apart from any order."""
        return self.call("POST", f"commands/{provider}/{name}", arguments)

    def set(self, provider: str, **settings: Any) -> Any:
        """Changes settings of a provider."""
        return self.call("PUT", "settings", {provider: settings})

    def scenario(self, provider: str, name: str, document: Any) -> Any:
        """Adds a scenario, or replaces one."""
        return self.call("PUT", f"scenarios/{provider}/{name}", document)

    def choose(self, **scenarios: str | None) -> Any:
        """Chooses default scenarios: `choose(changelly="kyc-hold")`."""
        return self.call("PUT", "default-scenario", scenarios)

    def journal(self, **query: Any) -> list[Any]:
        """Entries of the journal; `kind`, `order`, `provider`, `after`, `before` and `limit` select.

        `order="desc"` has the newest first; `order=[id, "desc"]` those about one order."""
        entries: list[Any] = self.call("GET", "journal", **query)["entries"]
        return entries

    def count(self, match: Mapping[str, Any]) -> Any:
        """How many journal entries match: `{count, complete}`."""
        return self.call("POST", "journal/count", {"match": match})

    def webhooks(self, order: str | None = None) -> list[Any]:
        """Webhooks with every attempt, oldest first."""
        query = {} if order is None else {"order": order}
        found: list[Any] = self.call("GET", "webhooks", **query)["webhooks"]
        return found

    def replay(self, webhook_id: str) -> Any:
        """Sends a webhook again, and says what came of it."""
        return self.call("POST", f"webhooks/{webhook_id}/replay")

    def send_webhook(self, provider: str, body: bytes, url: str | None = None) -> Any:
        """Sends a body as it is as a provider's webhook, signed anew, and says what came of it. `url`: by default where
        the sandbox's webhooks go."""
        wanted = {"provider": provider, "body_base64": base64.b64encode(body).decode()}
        return self.call("POST", "webhooks/send", wanted | ({} if url is None else {"url": url}))

    def wait_for_webhooks(self, count: int = 1, match: Mapping[str, Any] | None = None, timeout: str = "10s") -> Any:
        """Waits by real time until `count` webhooks that match have been sent: `{complete, count, webhooks}`."""
        return self.call("POST", "webhooks/wait", {"count": count, "match": match or {}, "timeout": timeout})

    def inject(self, fault: str, **rule: Any) -> Any:
        """Adds a fault rule: `inject("reset", when="after", provider="koywe", times=1)`."""
        return self.call("POST", "faults", {"fault": fault, **rule})

    def clear_faults(self) -> None:
        """Removes all fault rules."""
        self.call("DELETE", "faults")

    def reset(self) -> None:
        """Brings the sandbox back to its first state."""
        self.call("POST", "reset")

    def close(self) -> None:
        """Ends its receivers and closes the connection; the sandbox stays."""
        try:
            if self._receivers is not None:
                self._receivers.end_all(self._own_failures)
        finally:
            self._connection.close()

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            status, content = self._ask("DELETE", "")
            if status != _NOT_FOUND:
                _answer(status, content)
        finally:
            self.close()
        if error is None:
            self._raise_failures()


def create_sandbox(control_url: str, token: str | None, wanted: Mapping[str, Any]) -> Any:
    """What `POST sandboxes` answers. Raises ControlRefused."""
    connection = _connect(control_url, token)
    try:
        return _answer(*connection.ask("POST", "sandboxes", json_text.encode(wanted)))
    finally:
        connection.close()


def _connect(control_url: str, token: str | None) -> Connection:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return Connection(control_url, headers, _TIMEOUT_S)


def _seconds(budget: object) -> float:
    """A duration in seconds; 0 for what the emulator will refuse."""
    try:
        return parse_duration_ms(budget) / 1000
    except ValueError:
        return 0


def _answer(status: int, content: bytes) -> Any:
    body = json_text.decode(content) if content else None
    if 200 <= status < 300:
        return body
    raise ControlRefused(status, body if isinstance(body, dict) else {})
