"""Errors that somebody asks for, by the header X-Sandbox-Fault, a fault of the emulator or a scenario that refuses,
and when they are answered.

A scenario is chosen as always; those with a `match` on `externalUserId` also act on offer calls, and the named group
`provider` of their pattern (`sandbox-error-timeout@wert`) limits them to one provider. Assumed: all of it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.reply import AskedFor, Refusal
from emulator.contract.scenario import Scenario
from emulator.providers.changelly.errors import PROVIDER_FAULTS, REQUEST_FAULTS, Detail, read_details

HEADER = "x-sandbox-fault"

TRADES = frozenset(("create-order", "create-sell-order", "list-offers", "list-sell-offers"))
"""Endpoints at which a fault may be meant for one provider alone."""


class Fault(Struct, frozen=True):
    """An error that somebody asks for."""

    error: str
    reason: str
    """Who asks for it."""
    provider: str | None = None
    """Only for this provider; None: for any."""
    details: tuple[Detail, ...] | None = None

    def concerns(self, provider_code: object) -> bool:
        """Whether the fault is meant for this provider."""
        return self.provider is None or self.provider == provider_code

    def with_details(self, details: tuple[Detail, ...]) -> "Fault":
        """The same fault, with these details unless it has its own."""
        return self if self.details is not None else replace(self, details=details)

    def refusal(self) -> Refusal:
        """The refusal that it asks for."""
        more: dict[str, Any] = {} if self.details is None else {"details": self.details}
        return AskedFor(self.error, self.reason, **more)


def require_no_request_fault(call: Call) -> None:
    """Refuses with the error that the header asks for, if that comes before the body is read."""
    fault = _read_header(call)
    if fault is None or fault.error not in REQUEST_FAULTS:
        return
    if fault.provider is None or call.endpoint is None or call.endpoint.name not in TRADES:
        raise fault.refusal()


def inject_faults(call: Call) -> None:
    """Injects the emulator's faults; an error that comes from a provider waits for its place."""
    try:
        call.inject_faults()
    except Refusal as refusal:
        if refusal.error not in PROVIDER_FAULTS:
            raise
        call.fault, call.deferred = None, refusal


def require_no_fault(call: Call) -> None:
    """Refuses with any error that somebody asks for, at endpoints that have nothing to do with a provider."""
    fault = _read_header(call) or _read_deferred(call)
    if fault is not None:
        raise fault.refusal()


def find_order_faults(call: Call) -> tuple[Fault, ...]:
    """The errors that somebody asks for on an order call whose body is read; the first that acts wins."""
    return tuple(filter(None, (_read_header(call), _read_deferred(call), _read_scenario(call, call.scenario()))))


def find_offer_faults(call: Call) -> tuple[Fault, ...]:
    """The same on an offer call. A scenario that the request names is for orders, and does not count."""
    fitting = call.fitting_scenario()
    return tuple(filter(None, (_read_header(call), _read_deferred(call), _read_scenario(call, fitting))))


def require_no_fault_of(faults: Iterable[Fault], errors: Collection[str], provider_codes: Collection[object]) -> None:
    """Refuses with the first fault that is one of `errors` and concerns one of the providers."""
    for fault in faults:
        if fault.error in errors and any(fault.concerns(code) for code in provider_codes):
            raise fault.refusal()


def _read_header(call: Call) -> Fault | None:
    """What the header asks for; None if there is no header, or it names no error."""
    text = call.request.headers.get(HEADER)
    if text is None or not call.settings["magic_values"]:
        return None
    error, at, provider = text.strip().partition("@")
    if error not in REQUEST_FAULTS and error not in PROVIDER_FAULTS:
        return None
    return Fault(error, "X-Sandbox-Fault asks for it", provider if at else None)


def _read_deferred(call: Call) -> Fault | None:
    """What a fault of the emulator asks for."""
    refusal = call.deferred
    return None if refusal is None else Fault(refusal.error, refusal.reason, None, read_details(refusal.details))


def _read_scenario(call: Call, scenario: Scenario | None) -> Fault | None:
    if scenario is None or scenario.answer is None:
        return None
    more: Mapping[str, Any] = scenario.answer.details
    captured = scenario.captured(call.subject())
    provider = captured.get("provider") or more.get("provider")
    reason = f"the scenario {scenario.name} asks for it"
    return Fault(scenario.answer.error, reason, provider, read_details(more))
