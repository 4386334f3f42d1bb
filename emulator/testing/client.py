"""A client of the control API, for one sandbox. Everything it does anybody can do with HTTP."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any

import httpx

from emulator.core import wire


@cache
def tls() -> ssl.SSLContext:
    """One TLS context for all clients: to make one takes longer than a whole test. Pass it as `verify`."""
    return ssl.create_default_context()


class ControlRefused(Exception):
    """The control API says no; `error` is its name, the text what to do."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{body.get('error')}: {body.get('message')}")
        self.status = status
        self.error = body.get("error")
        self.body = body


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """What a client of a provider is configured with."""

    url: str
    """Base URL, in place of the provider's own."""
    credentials: Mapping[str, Any]


class Emulator:
    """One sandbox of a running emulator."""

    def __init__(self, control_url: str, document: Mapping[str, Any], token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=control_url, headers=headers, timeout=60, verify=tls())
        self.name: str = document["name"]
        self.control_url = control_url
        self._access = {
            provider: ProviderAccess(url, document["credentials"][provider])
            for provider, url in document["urls"].items()
        }

    @classmethod
    def create(cls, control_url: str, token: str | None = None, **wanted: Any) -> "Emulator":
        """A new sandbox; `wanted` are members of `POST sandboxes`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(headers=headers, timeout=60, verify=tls()) as client:
            return cls(
                control_url, _answer(client.post(f"{control_url}/sandboxes", content=wire.encode(wanted))), token
            )

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
        """Any call below `/_emulator/sandboxes/<name>`. Raises ControlRefused."""
        content = None if body is None else wire.encode(body)
        url = f"sandboxes/{self.name}/{path}" if path else f"sandboxes/{self.name}"
        return _answer(self._http.request(method, url, content=content, params=query))

    def advance(self, by: str | int | None = None, *, to: str | None = None, until: str | None = None) -> list[Any]:
        """Moves the clock and lets everything happen that falls due; says what did."""
        wanted = {"by": by, "to": to, "until": until}
        body = {name: value for name, value in wanted.items() if value is not None}
        happened: list[Any] = self.call("POST", "clock/advance", body)["happened"]
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
        """Closes the connection; the sandbox stays."""
        self._http.close()

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call("DELETE", "")
        self.close()


def _answer(response: httpx.Response) -> Any:
    body = wire.decode(response.content) if response.content else None
    if response.is_success:
        return body
    raise ControlRefused(response.status_code, body if isinstance(body, dict) else {})
