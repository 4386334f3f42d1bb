"""The pytest plugin: the fixtures, with an emulator that is started for them in this process, and coverage.

pytest loads this module in every run. It imports nothing but pytest until a fixture is used.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from emulator.testing import fixtures

if TYPE_CHECKING:
    from emulator.testing import BackgroundServer


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Adds the fixtures, and the options about coverage."""
    pluginmanager.register(fixtures, "emulator-fixtures")
    group = parser.getgroup("emulator")
    group.addoption(
        "--emulator-coverage", metavar="PATH", nargs="?", const="",
        help="report at the end how much of the providers' behaviour the tests have met, and write all of it to PATH: "
             "as JSON, as a page if it ends with .html, as JUnit XML if it ends with .xml",
    )  # fmt: skip
    group.addoption(
        "--emulator-coverage-fail-under", metavar="PERCENT", type=float,
        help="fail the run if they have met less than this",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Begins to collect coverage if it is asked for."""
    path, fail_under = config.getoption("--emulator-coverage"), config.getoption("--emulator-coverage-fail-under")
    if path is not None or fail_under is not None:
        from emulator.testing.coverage import CoverageRun

        config.pluginmanager.register(CoverageRun(config, path, fail_under), fixtures.COVERAGE)


@pytest.fixture(scope="session")
def _started_emulator(request: pytest.FixtureRequest) -> "Iterator[BackgroundServer]":
    """An emulator in this process, on free ports."""
    from emulator.testing import BackgroundServer

    run = request.config.pluginmanager.get_plugin(fixtures.COVERAGE)
    with BackgroundServer() as server:
        if run is not None:
            run.whole = server
        yield server
        if run is not None:
            run.add(server.coverage())
