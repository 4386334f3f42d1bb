"""Makes what a seed file says, by calls of the control API and requests to the providers, before anybody may connect.

All of it goes the ordinary way: what a call would refuse is refused here, with the line of the file.
"""

import logging
from collections.abc import Mapping
from typing import Any

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import WrittenRequest
from emulator.contract.schemas import ValuePath
from emulator.core import json_text
from emulator.core.origin import DEFAULT
from emulator.core.sandbox import ORDERS
from emulator.core.wording import counted
from emulator.engine.sandboxes import NameTaken, TooManySandboxes
from emulator.files.seed_file import SeedFile
from emulator.stores import StoreError
from emulator.web.control.app import Control
from emulator.web.control.context import SANDBOX
from emulator.web.control.inside import make_call
from emulator.web.control.refusals import ControlError, refusal_of
from emulator.web.control.sandboxes import read_origin
from emulator.web.control.sending import send, sign

log = logging.getLogger("emulator")

OWN = "receiver"
"""The built-in receiver of the sandbox, instead of a URL."""
_BEGINNING = ("seed", "clock", "settings", "webhook_url")
"""Members of `POST sandboxes`: what a reset brings back."""


class Refused(Exception):
    """Something in the file cannot be done; `place` is where, below the sandbox."""

    def __init__(self, place: ValuePath, message: str) -> None:
        super().__init__(message)
        self.place = place


async def make_seeds(control: Control, file: SeedFile) -> None:
    """Makes the sandboxes of a file, except those that a store has kept. Raises BrokenFiles, and leaves none half
    made."""
    for name, wanted in file.sandboxes.items():
        if not _is_new(control, name):
            log.info("%s: sandbox %s was kept by the store, and stays as it is", file.path, name)
            continue
        try:
            await Seeds(control, name).make(wanted)
        except Refused as refusal:
            await _unmake(control, name)
            raise file.broken(("sandboxes", name, *refusal.place), str(refusal)) from refusal
        orders = counted(len(control.engine.sandboxes[name].tables[ORDERS]), "order")
        log.info("%s: sandbox %s has %s", file.path, name, orders)


def _is_new(control: Control, name: str) -> bool:
    if name not in control.engine.sandboxes.names:
        return True
    sandbox = control.engine.sandboxes.get(name)
    return name == DEFAULT and sandbox is not None and sandbox.revision == 0


async def _unmake(control: Control, name: str) -> None:
    """Takes back what was made of a sandbox."""
    sandboxes = control.engine.sandboxes
    sandbox = sandboxes.get(name)
    if sandbox is not None and name == DEFAULT:
        await sandboxes.restore(sandbox, sandboxes.build(DEFAULT, sandboxes.first).snapshot(), new=True)
    elif sandbox is not None:
        await sandboxes.forget(sandbox)


class Seeds:
    """The seeds of one sandbox."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self._name = name

    async def make(self, wanted: Mapping[str, Any]) -> None:
        """Makes all of it. Raises Refused."""
        beginning = {each: wanted[each] for each in _BEGINNING if each in wanted}
        if "webhook_url" in wanted:
            beginning["webhook_url"] = self._url(wanted["webhook_url"])
        await self._begin(beginning)
        for provider, scenarios in wanted.get("scenarios", {}).items():
            for name, scenario in scenarios.items():
                document = {"version": 1, "provider": provider, **scenario}
                at = ("scenarios", provider, name)
                await self._call(at, "PUT", "scenarios/{provider}/{name}", document, provider=provider, name=name)
        if "default_scenario" in wanted:
            await self._call(("default_scenario",), "PUT", "default-scenario", wanted["default_scenario"])
        for number, url in enumerate(wanted.get("webhooks", ())):
            await self._call(("webhooks", number), "POST", "webhooks/subscribe", {"url": self._url(url)})
        for number, item in enumerate(wanted.get("requests", ())):
            for provider, request in item.items():
                await self._send(("requests", number, provider), provider, request)
        for number, item in enumerate(wanted.get("commands", ())):
            for provider, commands in item.items():
                for name, arguments in commands.items():
                    await self._call(
                        ("commands", number, provider, name), "POST", "commands/{provider}/{name}", arguments,
                        provider=provider, name=name,
                    )  # fmt: skip
        for number, item in enumerate(wanted.get("orders", ())):
            for provider, order in item.items():
                await self._order(("orders", number, provider), provider, order or {})
        if "wait" in wanted:
            await self._wait(("wait",), wanted["wait"])
        for number, rule in enumerate(wanted.get("faults", ())):
            await self._call(("faults", number), "POST", "faults", rule)

    def _url(self, written: str) -> str:
        return self._control.receiver_url(self._name) if written == OWN else written

    async def _begin(self, beginning: Mapping[str, Any]) -> None:
        """A sandbox in its first state."""
        sandboxes = self._control.engine.sandboxes
        try:
            if self._name == DEFAULT:
                origin = read_origin(self._control, DEFAULT, {"seed": sandboxes.first.seed, **beginning})
                begun = sandboxes.build(DEFAULT, origin).snapshot()
                await sandboxes.restore(sandboxes[DEFAULT], begun, new=True)
            else:
                await sandboxes.create(self._name, read_origin(self._control, self._name, beginning))
        except (ControlError, NameTaken, TooManySandboxes) as error:
            raise Refused(_place_in(beginning, str(error)), str(error)) from error

    async def _order(self, place: ValuePath, provider: str, wanted: Mapping[str, Any]) -> None:
        body = {each: wanted[each] for each in ("kind", "scenario", "body") if each in wanted}
        for _ in range(wanted.get("times", 1)):
            order = (await self._call(place, "POST", "orders", {"provider": provider, **body}))["id"]
            for number, step in enumerate(wanted.get("then", ())):
                at = (*place, "then", number)
                if "wait" in step:
                    await self._wait(at, step["wait"])
                else:
                    event = {"event": step["do"], **step.get("with", {})} if "do" in step else step
                    await self._call(at, "POST", "orders/{order}/events", event, order=order)

    async def _wait(self, place: ValuePath, span: Any) -> None:
        advanced = await self._call(place, "POST", "clock/advance", {"by": span})
        if not advanced["settled"]:
            silent = ", ".join(sorted({each["receiver"] for each in advanced["silent"]})) or "nobody"
            raise Refused(place, f"the clock stopped at {advanced['now']}: {silent} has not answered webhooks in time")

    async def _send(self, place: ValuePath, provider: str, wanted: Mapping[str, Any]) -> None:
        """Sends a request, signed, that has to succeed."""
        context = self._control
        sandbox, base_url = context.engine.sandboxes[self._name], context.addresses.urls()[provider]
        await context.engine.settle_in_turns(sandbox)
        body = json_text.encode(wanted["body"]) if "body" in wanted else b""
        headers = {"content-type": "application/json"} if body else {}
        headers |= {name.lower(): value for name, value in wanted.get("headers", {}).items()}
        written = WrittenRequest(wanted.get("method", "POST"), wanted["path"], headers, body)
        try:
            written = sign(context, sandbox, provider, written, base_url)
        except CommandRefused as error:
            raise Refused(place, str(error)) from error
        _, entry, reply = await send(context, provider, written, base_url)
        if entry is None or entry.error or not 200 <= reply.status < 300:
            reason = entry.reason if entry is not None else ""
            raise Refused(place, f"{provider} has refused it with {reply.status}: {reason or reply.body.decode()}")

    async def _call(self, place: ValuePath, method: str, path: str, body: Any, **names: str) -> Any:
        """What a call below this sandbox gives. Raises Refused."""
        names = {"sandbox": self._name, **names}
        try:
            return await make_call(self._control, {"type": "http"}, method, f"{SANDBOX}/{path}", names, body)
        except (ControlError, StoreError) as failure:
            error = refusal_of(failure)
            inner: list[str | int] = next((each["path"] for each in error.more.get("problems", ())), [])
            raise Refused((*place, *inner), error.message) from failure


def _place_in(beginning: Mapping[str, Any], message: str) -> ValuePath:
    """Where in a sandbox's beginning a refusal belongs, whose message names it."""
    for provider, settings in beginning.get("settings", {}).items():
        for name in settings:
            if message.startswith(f"{provider}.{name}"):
                return "settings", provider, name
    return next(((each,) for each in beginning if message.startswith(each)), tuple(beginning)[:1])
