"""What the plugin costs a run that does not use it, and what a failed test shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import emulator.testing

ROOT = Path(__file__).parent.parent.parent
OURS = {"emulator", "emulator.testing", "emulator.testing.fixtures", "emulator.testing.plugin"}
LOADED = """
import sys
import pytest
before = set(sys.modules)
import emulator.testing.plugin
print(*sorted(set(sys.modules) - before))
"""
COLLECTED = """
import sys
import pytest
class Watch:
    def pytest_sessionfinish(self):
        heavy = ("emulator", "httpx", "starlette", "uvicorn", "msgspec", "asyncio")
        print("LOADED", *(name for name in sys.modules if name.startswith(heavy)))
pytest.main(["-q", "-p", "emulator.testing.plugin"], plugins=[Watch()])
"""


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of Python in which pytest has no plugins but those that are named."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, env=environment
    )


def pytest_run(folder: Path, text: str, *arguments: str) -> str:
    """What pytest prints of these tests."""
    (folder / "test_mine.py").write_text(text)
    return python(folder, "-m", "pytest", "-p", "emulator.testing.plugin", *arguments).stdout


def test_the_plugin_imports_only_pytest(tmp_path: Path) -> None:
    assert set(python(tmp_path, "-c", LOADED).stdout.split()) == OURS


def test_a_run_that_does_not_use_the_plugin_loads_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("def test_it():\n    pass\n\ndef test_other():\n    assert 0\n")
    shown = python(tmp_path, "-c", COLLECTED).stdout
    assert "1 failed, 1 passed" in shown
    assert set(shown.split("LOADED")[1].split("\n")[0].split()) == OURS


def test_exactly_the_public_names_can_be_imported() -> None:
    for name in emulator.testing.__all__:
        assert getattr(emulator.testing, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'Emulater'"):
        emulator.testing.Emulater  # type: ignore[attr-defined]  # noqa: B018


FAILS = """
import pytest
from tests.beside.orders import create_baanx, create_basswallet
from tests.beside.receiving import Shop

def test_refused_by_the_provider(emulator):
    emulator.set("basswallet", webhook_url="http://127.0.0.1:9/hook")
    create_basswallet(emulator)
    create_baanx(emulator)
    emulator.advance("30s")
    emulator.baanx.credentials["token"] = "wrong"
    create_baanx(emulator)

@pytest.fixture
def order(emulator):
    emulator.basswallet.credentials["secret_key"] = "wrong"
    return create_basswallet(emulator)

def test_refused_in_a_fixture(order):
    pass

def test_refused_by_the_control_api(emulator):
    emulator.fire("nobody", "pay")

def test_failed_by_a_handler(emulator):
    emulator.set("basswallet", webhook_url="http://shop.test/hook")
    create_basswallet(emulator)
    emulator.receive_at("shop.test", Shop(breaks=0, error=ValueError("no such order\\nin this shop")))
    emulator.advance("2m")

def test_many(emulator):
    for _ in range(12):
        create_baanx(emulator)
    assert repr(emulator) == "short"

def test_gone(emulator, emulator_server):
    emulator.reset()
    del emulator_server.server.engine.sandboxes._by_name[emulator.name]
    assert 0

def test_passed(emulator):
    create_baanx(emulator)
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What pytest shows of each of the failed tests."""
    shown = pytest_run(tmp_path_factory.mktemp("fails"), FAILS, "-q")
    failures = shown.split("= FAILURES =")[1].split("short test summary info")[0]
    errors = shown.split("= ERRORS =")[1].split("= FAILURES =")[0]
    parts = re.split(r"\n_+ (?:ERROR at setup of )?(test_\w+) _+\n", errors + failures)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_a_failed_test_shows_requests_with_true_reasons_orders_and_webhooks(reports: dict[str, str]) -> None:
    text = reports["test_refused_by_the_provider"]
    assert "- Emulator: sandbox test-1 -" in text
    assert "baanx POST /v1/order -> 200" in text
    assert "baanx POST /v1/order -> 401" in text
    assert "COMPLETED" in text
    assert "AwaitingConfirmation, scenario happy, next {" in text
    assert "basswallet payment to http://127.0.0.1:9/hook pending" in text
    assert "ConnectError" in text


def test_a_test_whose_fixture_failed_shows_them_too(reports: dict[str, str]) -> None:
    text = reports["test_refused_in_a_fixture"]
    assert "basswallet POST /v1/account/payment -> " in text
    assert "SIGN_ERROR: the signature is wrong; with the secret of access-test-2 sign" in text
    assert "orders: none\nwebhooks: none" in text


def test_a_refusal_s_traceback_ends_in_the_test(reports: dict[str, str]) -> None:
    text = reports["test_refused_by_the_control_api"]
    assert 'emulator.fire("nobody", "pay")' in text
    assert "unknown-order: no order 'nobody'" in text
    assert "emulator/testing" not in text
    assert "requests: none; those whose key is no sandbox's are in the journal of 'default'\n" in text


def test_a_failed_handler_s_traceback_leaves_out_internal_frames(reports: dict[str, str]) -> None:
    text = reports["test_failed_by_a_handler"]
    assert 'emulator.advance("2m")' in text
    assert "self.handle_webhook()" in text
    assert "-> 500 ValueError: no such order in this shop Internal Server Error\n" in text
    assert "emulator/testing" not in text


def test_of_many_entries_the_last_are_shown_with_the_total(reports: dict[str, str]) -> None:
    text = reports["test_many"]
    assert "requests, the last 10 of 12:" in text
    assert text.count("POST /v1/order") == 10
    assert "orders, the last 10 of 12:" in text


def test_the_repr_of_an_emulator_names_its_sandbox(reports: dict[str, str]) -> None:
    assert "<Emulator: sandbox 'test-5' at http://127.0.0.1:" in reports["test_many"]


def test_an_unreachable_sandbox_does_not_hide_the_failure(reports: dict[str, str]) -> None:
    text = reports["test_gone"]
    assert "assert 0" in text
    assert "It cannot be asked: unknown-sandbox: no sandbox 'test-6'" in text


def test_a_test_that_passes_shows_nothing(reports: dict[str, str]) -> None:
    assert len(reports) == 6
