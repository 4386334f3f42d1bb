"""`emulator mcp`: what can be done with a running emulator, as tools for coding agents."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator import __version__
from emulator.cli import reproduce
from emulator.cli.output import EXIT_USAGE, Failed, unknown_provider, write_json
from emulator.cli.pairs import only_set
from emulator.cli.target import Target, with_target

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_REFUSALS_SHOWN = 5
_INSTRUCTIONS = """A sandbox that behaves like the order APIs of payment providers. An order follows a scenario; with
`manual` nothing moves by itself. Time in the sandbox moves with `advance`. When a client of a provider was refused,
`explain_refusals` says why. `coverage` says what the client has never met, and how to meet it."""


@click.command(
    epilog="""\b
Examples:
  emulator mcp
  emulator mcp --sandbox alice
  claude mcp add payments -- emulator mcp"""
)
@with_target
def mcp(target: Target) -> None:
    """Offer the commands as tools for coding agents (MCP over stdio); needs the extra [mcp]."""
    try:
        server = make_server(target)
    except ModuleNotFoundError as error:
        told = f"this needs an extra: pip install 'payment-provider-emulator[mcp]' ({error})"
        raise Failed(told, EXIT_USAGE) from error
    server.run("stdio")


def make_server(target: Target) -> "MCPServer":
    """A server with all tools. Raises ModuleNotFoundError where the extra [mcp] is missing."""
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError

    server = MCPServer("payment-provider-emulator", instructions=_INSTRUCTIONS, version=__version__)
    for tool in Tools(target).all():
        server.tool(structured_output=False)(_raising(ToolError, tool))
    return server


def _raising(kind: type[Exception], tool: Callable[..., str]) -> Callable[..., str]:
    """The tool, whose refusals reach the agent in the emulator's own words."""

    @functools.wraps(tool)
    def use(**arguments: Any) -> str:
        try:
            return tool(**arguments)
        except Failed as refused:
            raise kind(str(refused)) from None

    return use


class Tools:
    """The tools. Their docstrings are what an agent reads of them; each answers with the JSON of the control API."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def all(self) -> list[Callable[..., str]]:
        """All of them."""
        return [
            self.describe_provider, self.list_orders, self.show_order, self.create_order, self.fire_event,
            self.move_order, self.advance, self.list_webhooks, self.resend_webhook, self.hold_webhook,
            self.release_webhook, self.explain_refusals,
            self.inject_fault, self.clear_faults, self.write_scenario, self.choose_scenario, self.change_settings,
            self.reset, self.coverage, self.save_reproduction, self.reproduce,
        ]  # fmt: skip

    def describe_provider(self, provider: str) -> str:
        """What a provider has: calls, statuses, transitions, events with their arguments, errors, settings, scenarios.
        provider: its name; an unknown one is refused with the list of all."""
        described = self._target.ask_emulator("GET", "providers")["providers"]
        if provider not in described:
            raise unknown_provider(provider, list(described))
        return write_json(described[provider])

    def list_orders(self, provider: str | None = None, status: str | None = None) -> str:
        """The sandbox's orders, newest first, with status and what comes next."""
        return self._ask("GET", "orders", provider=provider, status=status)

    def show_order(self, order: str) -> str:
        """One order with its fields, the events that are possible now, and its full story with the true reasons."""
        return self._ask("GET", f"orders/{order}")

    def create_order(
        self,
        provider: str,
        kind: str | None = None,
        scenario: str | None = None,
        body: dict[str, Any] | None = None,
    ) -> str:
        """Makes an order with a valid request, signed as the provider wants it. body: members that replace those of the
        usual request; scenario: what the order follows, such as `manual`."""
        return self._ask("POST", "orders", only_set(provider=provider, kind=kind, scenario=scenario, body=body))

    def fire_event(self, order: str, event: str, arguments: dict[str, Any] | None = None) -> str:
        """Makes an event, such as `pay`, happen to an order now. `show_order` says which are possible."""
        return self._ask("POST", f"orders/{order}/events", {**(arguments or {}), "event": event})

    def move_order(self, order: str, status: str, force: bool = False) -> str:
        """Moves an order to a status now; force: even where the provider's life cycle has no such transition."""
        return self._ask("POST", f"orders/{order}/events", only_set(to=status, force=force or None))

    def advance(self, by: str) -> str:
        """Moves the sandbox's clock, and runs everything that falls due on the way. by: a duration, such as 30s, 5m,
        1h30m or 2d, or `idle`: until nothing is due any more."""
        return self._ask("POST", "clock/advance", {"until": "idle"} if by == "idle" else {"by": by})

    def list_webhooks(self, order: str | None = None) -> str:
        """The webhooks that were sent or are to be sent, each attempt with headers, body and answer."""
        return self._ask("GET", "webhooks", order=order)

    def resend_webhook(self, webhook: str) -> str:
        """Sends a webhook again now."""
        return self._ask("POST", f"webhooks/{webhook}/resend")

    def hold_webhook(self, webhook: str) -> str:
        """Holds back a webhook that is waiting to be sent or tried again, until `release_webhook`."""
        return self._ask("POST", f"webhooks/{webhook}/hold")

    def release_webhook(self, webhook: str) -> str:
        """Sends a webhook that was held back, by `hold_webhook` or by the fault `hold`."""
        return self._ask("POST", f"webhooks/{webhook}/release")

    def explain_refusals(self, provider: str | None = None, number: int | None = None) -> str:
        """Why requests were refused, the newest first: what is wrong in a sentence, whether the mistake was found
        (`found`), what came, what should have come (for signatures the exact text to sign), and the check that failed.
        number: one request with all that is known of it, and programs that send it correctly."""
        if number is not None:
            return self._ask("GET", f"journal/{number}/diagnosis")
        wanted = {"outcome": "refused", "order": "desc", "limit": _REFUSALS_SHOWN, "provider": provider}
        refused = self._target.ask("GET", "journal", **wanted)["entries"]
        return write_json([self._explain(entry) for entry in refused])

    def _explain(self, entry: dict[str, Any]) -> dict[str, Any]:
        """A refused request: first what is wrong with it."""
        told = f"{entry['method']} {entry['path']}"
        answered = f"{entry['status']} {entry['error']}" if entry["sent"] else "no answer left"
        about = {"request": told, "answered": answered, "provider": entry["provider"], "number": entry["number"]}
        if not entry["error"]:
            return {"sentence": entry["reason"], "found": True, **about}
        found = self._target.ask("GET", f"journal/{entry['number']}/diagnosis")
        failed = [check["name"] for check in found["checks"] if check["outcome"] == "refused"]
        return {
            "sentence": found["sentence"],
            "found": found["found"],
            **about,
            "came": found["came"],
            "should_be": [each["text"] for each in found["good"]],
            "failed_check": failed[0] if failed else None,
        }

    def inject_fault(self, fault: str, rule: dict[str, Any] | None = None) -> str:
        """Adds a fault rule for future requests or webhooks, such as `reset` with {when: after, times: 1}: the order
        was made, and its answer is lost. An unknown name is refused with the list of all faults."""
        return self._ask("POST", "faults", {**(rule or {}), "fault": fault})

    def clear_faults(self) -> str:
        """Removes all fault rules."""
        self._target.ask("DELETE", "faults")
        return self._ask("GET", "faults")

    def write_scenario(self, provider: str, name: str, scenario: dict[str, Any]) -> str:
        """Adds a scenario, checked against the provider's life cycle, or says what is wrong with it. scenario:
        {version: 1, provider, about, timeline: [{after: 5s, to: STATUS}, {on: EVENT, to: STATUS}]}, perhaps with match,
        answer and faults."""
        return self._ask("PUT", f"scenarios/{provider}/{name}", scenario)

    def choose_scenario(self, provider: str, name: str | None = None) -> str:
        """Chooses the scenario that new orders of a provider follow; without a name, no default scenario is set."""
        return self._ask("PUT", "default-scenario", {provider: name})

    def change_settings(self, provider: str, settings: dict[str, Any]) -> str:
        """Changes settings of a provider; `describe_provider` lists them."""
        return self._ask("PUT", "settings", {provider: settings})

    def reset(self) -> str:
        """Resets the sandbox to its initial state: without orders, journal and faults."""
        return self._ask("POST", "reset")

    def coverage(self, provider: str | None = None) -> str:
        """Which of the providers' behaviour clients have met in the sandbox: of calls, errors, statuses, transitions,
        deadlines, webhooks and faults, how much, and the names of what was not met. provider: only this one, with the
        shortest way to meet each thing: a header for the client's own call, or lines of a test."""
        document = self._target.ask("GET", "coverage", provider=provider)
        shown = [_gaps(each, hints=provider is not None) for each in document["providers"] if _is_meant(each, provider)]
        return write_json({"complete": document["complete"], "providers": shown})

    def save_reproduction(self, file: str, as_test: bool = False) -> str:
        """Writes what was done in the sandbox, without secrets, to a file that `reproduce` replays; as_test: also as a
        test for pytest, into a file `test_<name>.py` next to it."""
        path = Path(file)
        reproduce.save_reproduction(self._target, path)
        written = [path]
        if as_test:
            written.append(path.with_name(f"test_{path.stem}.py"))
            reproduce.write_as_test(*written)
        return write_json({"written": [str(each) for each in written]})

    def reproduce(self, file: str, keep: str | None = None) -> str:
        """Replays a file that `save_reproduction` or a failed test has written, in an emulator of its own: how many
        answers were compared, and the first that differs from then, byte for byte; null: none does. keep: name of a new
        sandbox that gets the end state."""
        played = reproduce.replay(Path(file))
        if keep is not None:
            reproduce.keep_end(self._target, keep, played)
        return write_json(reproduce.describe(played))

    def _ask(self, method: str, path: str, body: Any = None, **query: Any) -> str:
        return write_json(self._target.ask(method, path, body, **query))


def _is_meant(provider: dict[str, Any], wanted: str | None) -> bool:
    """Whether the coverage of a provider was asked for: by name, or because somebody has used it."""
    return bool(provider["counts"]) if wanted is None else provider["name"] == wanted


def _gaps(provider: dict[str, Any], *, hints: bool) -> dict[str, Any]:
    """The coverage of a provider with what was not met: names, or with `hints` also how to meet each."""
    figures = ("name", "covered", "total", "percent")
    parts = []
    for part in provider["parts"]:
        missing = [item for item in part["items"] if not item["covered"]]
        names = [{"name": item["name"], "how": _how(item["hint"])} if hints else item["name"] for item in missing]
        parts.append({"about": part["about"], **{each: part[each] for each in figures}, "not_met": names})
    return {**{each: provider[each] for each in figures}, "parts": parts}


def _how(hint: dict[str, Any] | None) -> str | None:
    """The shortest way: a header, or lines of a test."""
    return None if hint is None else str(hint["header"] or hint["test"])
