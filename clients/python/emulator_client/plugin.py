"""The pytest plugin: the fixtures `emulator`, `async_emulator` and `emulator_server`, the marker `emulator`, and the option
`--emulator-url`, as the emulator's own plugin has them. Where that is installed too, this one does nothing.

pytest loads this module in every run. It imports nothing but pytest until a fixture is used.
"""

from __future__ import annotations

import os
import sys
from importlib import metadata

import pytest

_OWN = "emulator.testing.plugin"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Brings the fixtures, unless the emulator's own plugin does."""
    if not _has_own(pluginmanager):
        from emulator_client import fixtures

        pluginmanager.register(fixtures, "emulator-client-fixtures")


def _has_own(pluginmanager: pytest.PytestPluginManager) -> bool:
    """Whether the emulator's own plugin is loaded, or will be."""
    if pluginmanager.hasplugin(_OWN):
        return True
    if sys.version_info < (3, 11) or os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return False
    own = [each for each in metadata.entry_points(group="pytest11") if each.value == _OWN]
    return any(not pluginmanager.is_blocked(each.name) for each in own)
