"""What a start loads: little, so that it is quick. Python itself says what a process imports."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulator.providers import NAMES
from tests.command import environment
from tests.polling import eventually

ROOT = Path(__file__).parent.parent
LATE = {
    "anyio", "babel", "cryptography", "faker", "httpcore", "httpx", "jinja2", "jsonschema_rs", "mcp", "opentelemetry",
    "prometheus_client", "redis", "segno", "sqlite3", "starlette.applications", "starlette.requests", "trustme", "yaml",
    "emulator.files.seed_file", "emulator.files.yaml_text", "emulator.pages", "emulator.testing", "emulator.traffic",
    "emulator.views.coverage", "emulator.views.openapi", "emulator.web.console", "emulator.web.control.api",
    "emulator.web.receiving", "emulator.web.seeding", *(f"emulator.providers.{name}.card" for name in NAMES),
}  # fmt: skip
"""What a start does without, with everything below it: it is loaded when somebody needs it."""


def modules_in(text: str) -> set[str]:
    """The modules that Python says it has imported."""
    return set(re.findall(r"^import '([\w.]+)' #", text, re.MULTILINE))


def among(modules: set[str], parts: set[str]) -> set[str]:
    """Those of the modules that are one of the parts, or below it."""
    return {each for each in modules if any(f"{each}.".startswith(f"{part}.") for part in parts)}


def makes_dataclasses(module: str) -> bool:
    """Whether it is one of ours that makes a class of values in the way that takes longest."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    return module.startswith("emulator.") and path.exists() and "@dataclass" in path.read_text("utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Where the emulator writes what it imports."""
    return tmp_path / "imports"


@pytest.fixture
def ready(tmp_path: Path, written: Path) -> Iterator[dict[str, dict[str, str]]]:
    """What the ready file of a plain `emulator serve` says, which runs meanwhile."""
    file = tmp_path / "ready.json"
    command = [sys.executable, "-v", "-m", "emulator", "serve", "--port", "0", "--ready-file", str(file)]
    with written.open("w") as errors:
        process = subprocess.Popen(command, env=environment({}), stdout=subprocess.DEVNULL, stderr=errors)
    try:
        eventually(file.exists, 30)
        yield json.loads(file.read_text())
    finally:
        process.terminate()
        process.wait()


def test_a_start_loads_little_and_each_request_what_it_needs(ready: dict[str, dict[str, str]], written: Path) -> None:
    assert httpx.get(f"{ready['control']}/ready").json() == {"status": "ready"}
    started = modules_in(written.read_text())
    assert {"uvicorn", "emulator.web.server", *(f"emulator.providers.{name}.outline" for name in NAMES)} <= started
    assert among(started, LATE) == set()
    assert list(filter(makes_dataclasses, started)) == []

    assert httpx.get(f"{ready['urls']['koywe']}/api/v1/banks").status_code == 401
    asked = modules_in(written.read_text())
    assert among(asked, LATE) & {f"emulator.providers.{name}.card" for name in NAMES} == {
        "emulator.providers.koywe.card"
    }
    assert "starlette.requests" not in asked

    assert httpx.get(f"{ready['control']}/version").status_code == 200
    assert "emulator.web.control.api" in modules_in(written.read_text())


@pytest.mark.parametrize(
    ("arguments", "done_without"),
    [
        (("--help",), {"asyncio", "httpx", "msgspec", "emulator.contract", "emulator.core", "emulator.providers"}),
        (("orders", "--url", "http://127.0.0.1:1"), {"asyncio", "httpx", "emulator.engine", "emulator.providers"}),
        (("providers", "koywe"), {"httpx", "emulator.engine", "emulator.providers.baanx.card"}),
        (("validate", "scenarios/koywe/happy.yaml"), {"httpx", "emulator.engine", "emulator.providers.baanx.card"}),
    ],
)
def test_other_commands_load_nothing_of_the_server(arguments: tuple[str, ...], done_without: set[str]) -> None:
    command = [sys.executable, "-v", "-m", "emulator", *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=environment({}), capture_output=True, text=True, timeout=60)
    loaded = modules_in(ran.stderr)
    assert "emulator.cli" in loaded
    assert among(loaded, done_without | {"starlette", "uvicorn", "emulator.web.server"}) == set()
