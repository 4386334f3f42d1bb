"""The fixture `emulator_server` in three ways; all other fixtures are the plugin's own."""

from collections.abc import Iterator

import pytest

from emulator.testing import BackgroundServer, RemoteServer
from tests.command import Serving


@pytest.fixture(scope="session", params=["thread", "no socket", "URL"])
def emulator_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackgroundServer | RemoteServer]:
    """An emulator."""
    if request.param != "URL":
        with BackgroundServer(sockets=request.param == "thread") as server:
            yield server
        return
    serving = Serving(tmp_path_factory.mktemp("serving") / "ready.json", "--port", "0", "--self-check")
    try:
        with RemoteServer(serving.ready()["control"]) as remote:
            yield remote
    finally:
        serving.end()
