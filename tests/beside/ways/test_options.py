"""The plugin's options and marker as a run of pytest has them."""

from pathlib import Path

import pytest

from emulator.testing import BackgroundServer
from emulator.web.application import Options
from tests.beside.test_plugin import pytest_run, python

USES = """
from tests.beside.receiving import Shop

def test_one(emulator, emulator_server):
    assert type(emulator_server).__name__ == "RemoteServer"
    shop = Shop()
    receiver = emulator.receive_at("shop.test", shop)
    assert receiver.url.startswith("http://localhost:")
    emulator.set("basswallet", webhook_url=receiver.url + "/hook")
    emulator.make_order("basswallet")
    emulator.advance("2m")
    assert len(shop.seen) == 2

def test_two(emulator):
    assert emulator.orders() == []
"""


def test_a_run_uses_the_emulator_at_a_url(tmp_path: Path) -> None:
    with BackgroundServer(Options(port=0)) as server:
        url = server.server.addresses.front
        shown = pytest_run(tmp_path, USES, "--emulator-url", url, "--emulator-receiver-host", "localhost")
        assert "2 passed" in shown
        assert list(server.server.engine.sandboxes) == ["default"]


def test_a_run_takes_the_token_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with BackgroundServer(Options(port=0, control_token="s3cret")) as server:
        arguments = ("--emulator-url", f"{server.server.addresses.control}/", "--emulator-receiver-host", "localhost")
        assert "unauthorized" in pytest_run(tmp_path, USES, *arguments)
        monkeypatch.setenv("EMULATOR_CONTROL_TOKEN", "s3cret")
        assert "2 passed" in pytest_run(tmp_path, USES, *arguments)


def test_if_no_emulator_runs_there_each_test_says_so(tmp_path: Path) -> None:
    shown = pytest_run(tmp_path, USES, "--emulator-url", "http://127.0.0.1:9")
    assert "no emulator can be reached at http://127.0.0.1:9" in shown
    assert "not an http(s) URL" in pytest_run(tmp_path, USES, "--emulator-url", "127.0.0.1:9")


MARKED = """
import pytest

@pytest.mark.emulator(clok="2026-03-01T00:00:00Z")
def test_misspelt(emulator): pass

@pytest.mark.emulator("2026-03-01T00:00:00Z")
def test_without_a_name(emulator): pass

@pytest.mark.emulator(scenario={"baanx": "nope"})
def test_refused(emulator): pass

@pytest.mark.emulator(clock="real")
def test_real(emulator):
    assert emulator.call("GET", "clock")["mode"] == "real"
"""


def test_a_meaningless_marker_is_refused_with_the_reason(tmp_path: Path) -> None:
    shown = pytest_run(tmp_path, MARKED, "--strict-markers")
    assert "does not take 'clok': it takes clock, seed, settings, scenario, faults; did you mean 'clock'?" in shown
    assert "takes named arguments only" in shown
    assert "no scenario 'nope'" in shown
    assert "1 passed, 3 errors" in shown


def test_pytest_lists_the_marker_and_the_options(tmp_path: Path) -> None:
    run = ("-m", "pytest", "-p", "emulator.testing.plugin")
    assert "@pytest.mark.emulator(clock=..., seed=...," in python(tmp_path, *run, "--markers").stdout
    helped = python(tmp_path, *run, "--help").stdout
    assert "--emulator-url=URL" in helped
    assert "--emulator-receiver-host=HOST" in helped
