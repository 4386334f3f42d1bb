"""The marker `@pytest.mark.emulator(...)`: what the sandbox of a test begins with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.core.suggestion import did_you_mean
from emulator.testing.client import Emulator
from emulator.testing.server import MANUAL_START

NAMES = ("clock", "seed", "settings", "scenario", "faults")
_MODES = ("manual", "real")


class Mark(Protocol):
    """A marker as pytest has it."""

    @property
    def args(self) -> tuple[Any, ...]:
        """Its arguments."""

    @property
    def kwargs(self) -> Mapping[str, Any]:
        """Its named arguments."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was asked for."""

    members: dict[str, Any]
    """Of `POST sandboxes`."""
    scenarios: Mapping[str, str | None]
    """Default scenario by provider."""
    faults: tuple[Mapping[str, Any], ...]
    """Fault rules."""

    def prepare(self, sandbox: Emulator) -> None:
        """Does what can only be done once there is a sandbox. Raises ControlRefused."""
        if self.scenarios:
            sandbox.choose(**self.scenarios)
        for rule in self.faults:
            sandbox.inject(**rule)


def read_marks(marks: Iterable[Mark]) -> Beginning:
    """What the markers of a test ask for, the closest first; of each argument the closest counts. Raises ValueError."""
    wanted: dict[str, Any] = {}
    for mark in marks:
        if mark.args:
            raise ValueError(f"@pytest.mark.emulator takes named arguments only: {', '.join(NAMES)}")
        for name, value in mark.kwargs.items():
            if name not in NAMES:
                good = f"it takes {', '.join(NAMES)}{did_you_mean(name, NAMES)}"
                raise ValueError(f"@pytest.mark.emulator does not take {name!r}: {good}")
            wanted.setdefault(name, value)
    members: dict[str, Any] = {name: wanted[name] for name in ("seed", "settings") if name in wanted}
    if "clock" in wanted:
        members["clock"] = _read_clock(wanted["clock"])
    faults = tuple({"fault": each} if isinstance(each, str) else each for each in wanted.get("faults", ()))
    return Beginning(members, wanted.get("scenario", {}), faults)


def _read_clock(wanted: Any) -> dict[str, Any]:
    """A clock as `POST sandboxes` takes it, from a mapping, a mode, or the instant at which a manual one stands
    still."""
    if not isinstance(wanted, Mapping):
        wanted = {"mode": wanted} if wanted in _MODES else {"now": wanted}
    clock = {"mode": "rate" if "rate" in wanted else "manual", **wanted}
    return {"now": MANUAL_START, **clock} if clock["mode"] == "manual" else clock
