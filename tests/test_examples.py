"""The examples in other languages work against a live server, as they stand."""

import shutil
import subprocess
from pathlib import Path

import pytest

from emulator.server import write_ready_file
from emulator.testing import BackgroundServer, Emulator

EXAMPLES = Path(__file__).parent.parent / "examples"
TOOLS = {".mjs": ("node",), ".java": ("java",), ".sh": ("bash", "curl", "openssl")}
FINAL_STATUS = {"baanx": "COMPLETED", "basswallet": "Success", "changelly": "complete", "koywe": "COMPLETED"}
FIRST_STATUS = {"baanx": "STARTED", "basswallet": "Pending", "changelly": "created", "koywe": "PENDING"}
CLIENTS = sorted(path.name for path in EXAMPLES.iterdir() if path.stem.lower() in FINAL_STATUS)
_LIMIT_S = 60


def command(example: str) -> list[str]:
    """How an example is started; skips the test if a tool that it needs is not on this machine."""
    path = EXAMPLES / example
    tools = TOOLS[path.suffix]
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    return [tools[0], str(path)]


@pytest.fixture
def ready_file(emulator: Emulator, tmp_path: Path) -> Path:
    """What `emulator --ready-file` would write if this sandbox were the default one."""
    document = emulator.call("GET", "")
    path = tmp_path / "ready.json"
    write_ready_file(
        path, {"control": emulator.control_url, "urls": document["urls"], "credentials": document["credentials"]}
    )
    return path


def test_the_ready_file_of_these_tests_has_the_real_one_s_form(
    emulator_server: BackgroundServer, emulator: Emulator
) -> None:
    real = emulator_server.server.ready_document()
    document = emulator.call("GET", "")
    assert list(real) == ["control", "urls", "credentials"]
    assert (real["control"], real["urls"]) == (emulator.control_url, document["urls"])
    assert list(real["credentials"]) == list(document["credentials"])


def test_each_provider_has_a_client_in_node_and_one_in_shell() -> None:
    assert {f"{provider}{suffix}" for provider in FINAL_STATUS for suffix in (".mjs", ".sh")} <= set(CLIENTS)


@pytest.mark.parametrize("example", CLIENTS)
def test_a_client_creates_an_order_and_sees_it_paid(emulator: Emulator, ready_file: Path, example: str) -> None:
    provider = Path(example).stem.lower()
    run = subprocess.run([*command(example), str(ready_file)], capture_output=True, text=True, timeout=_LIMIT_S)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    [order] = emulator.orders()
    assert (order["provider"], order["status"]) == (provider, FINAL_STATUS[provider])
    steps = [line.split()[0] for line in run.stdout.splitlines() if not line.startswith(("page", "signed"))]
    assert steps == ["created", "read", "advanced", "read"]
    assert order["id"] in run.stdout
    assert f"read       {FIRST_STATUS[provider]}\n" in run.stdout
    assert f"read       {FINAL_STATUS[provider]}" in run.stdout.splitlines()[-1]


@pytest.mark.parametrize("example", CLIENTS)
def test_a_client_says_so_when_the_order_is_not_paid(emulator: Emulator, ready_file: Path, example: str) -> None:
    provider = Path(example).stem.lower()
    emulator.choose(**{provider: "manual"})
    run = subprocess.run([*command(example), str(ready_file)], capture_output=True, text=True, timeout=_LIMIT_S)
    assert run.returncode != 0
    assert FINAL_STATUS[provider] in run.stderr
    assert FIRST_STATUS[provider] in run.stderr
