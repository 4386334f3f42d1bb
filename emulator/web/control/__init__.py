"""The control API: JSON under `/_emulator`."""

from emulator.web.control.app import PAGES, PROBES, Control
from emulator.web.control.refusals import ERRORS, ControlError

__all__ = ["ERRORS", "PAGES", "PROBES", "Control", "ControlError"]
