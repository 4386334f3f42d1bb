"""clients/python: it is made from emulator/testing, and does the same from an environment of its own."""

import ast
import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import __version__
from emulator.core import json_text
from scripts.thin_client import PACKAGE, ROOT, translated
from tests.command import Serving, environment

pytestmark = pytest.mark.long

CLIENT = PACKAGE.parent
BESIDE = ROOT / "tests" / "beside"
SUITE = ("asking.py", "receiving.py", "ways/test_all_ways.py")
"""One suite that runs wherever an emulator is, and what it needs."""
TOOLS = ("pytest", "requests", "respx")
MAY_IMPORT = {"emulator_client", "cryptography", "h11", "httpx", "pytest", "requests", "typing_extensions", "uvloop"}
_LIMIT_S = 300
STEPS_ASIDE = """
def test_it(emulator, emulator_server):
    assert type(emulator_server).__module__ == "emulator.testing.background"
"""
USES = "def test_it(emulator):\n    assert emulator.orders() == []\n"


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment in which the client is installed."""

    python: Path
    folder: Path

    def pytest(self, name: str, text: str, *arguments: str) -> str:
        """What pytest prints of a test file, in a folder where there is no checkout."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "test_mine.py").write_text(text, "utf-8")
        return self.run(folder, "-m", "pytest", "-p", "no:cacheprovider", *arguments)

    def run(self, folder: Path, *arguments: str) -> str:
        """What Python prints."""
        command = [str(self.python), *arguments]
        variables = environment({"COLUMNS": "200"})
        for name in ("PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
            variables.pop(name, None)
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=_LIMIT_S)
        return done.stdout + done.stderr


def install(folder: Path, python: str | Path, *packages: str) -> Installed:
    """A fresh environment with these packages."""
    uv, made = [sys.executable, "-m", "uv"], folder / "venv"
    for command in (
        ["venv", "--quiet", "--python", str(python), str(made)],
        ["pip", "install", "--quiet", "--python", str(made / "bin" / "python"), *packages, *TOOLS],
    ):
        done = subprocess.run([*uv, *command], env=environment({}), capture_output=True, text=True, timeout=_LIMIT_S)
        assert done.returncode == 0, done.stdout + done.stderr
    return Installed(made / "bin" / "python", folder)


def python_3_9() -> str:
    """Where Python 3.9 is. Skips the test where it is not; with `--all` that is a failure."""
    places = [shutil.which("python3.9"), *map(str, (Path.home() / ".pyenv" / "versions").glob("3.9.*/bin/python3.9"))]
    for place in filter(None, places):
        if subprocess.run([place, "--version"], capture_output=True).returncode == 0:
            return place
    pytest.skip("there is no python3.9 here: clients/python is tried on this Python only")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The client on the oldest Python, beside a FastAPI whose Starlette the emulator itself could not use."""
    return install(tmp_path_factory.mktemp("old"), python_3_9(), "fastapi==0.110.*", f"{CLIENT}[changelly]")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The client and the emulator beside the newest FastAPI."""
    return install(tmp_path_factory.mktemp("new"), sys.executable, "fastapi", str(CLIENT), str(ROOT))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The front door of an emulator in a process of its own."""
    serving = Serving(tmp_path_factory.mktemp("serving") / "ready.json", "--port", "0", "--self-check")
    yield serving.ready()["control"].removesuffix("/_emulator")
    serving.end()


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """The suite as one that uses the client."""
    for name in SUITE:
        text = translated((BESIDE / name).read_text("utf-8")).replace("tests.beside.", "")
        (tmp_path / Path(name).name).write_text(text, "utf-8")
    return tmp_path


def run_suite(installed: Installed, suite: Path, *arguments: str) -> None:
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *arguments)
    printed = installed.run(suite, *command)
    count = (BESIDE / SUITE[-1]).read_text("utf-8").count("def test_")
    assert count > 15
    assert f"{count + 2} passed" in printed, printed  # one of the tests runs with three faults


def test_the_suite_passes_on_python_3_9_beside_an_old_fastapi(old: Installed, suite: Path, url: str) -> None:
    run_suite(old, suite, "--emulator-url", url)


def test_the_suite_passes_beside_the_emulator_and_the_newest_fastapi(new: Installed, suite: Path, url: str) -> None:
    run_suite(new, suite, "-p", "no:emulator", "--emulator-url", url)


def test_if_the_emulator_is_installed_its_own_plugin_is_used(new: Installed) -> None:
    assert "1 passed" in new.pytest("aside", STEPS_ASIDE)


def test_without_a_url_each_test_says_what_is_missing(new: Installed) -> None:
    printed = new.pytest("nowhere", USES, "-p", "no:emulator")
    assert "say where an emulator is running: --emulator-url http://127.0.0.1:8900" in printed
    assert "1 error" in printed


def test_a_failed_test_shows_what_happened_in_its_sandbox(new: Installed, url: str) -> None:
    printed = new.pytest(
        "fails", 'def test_it(emulator):\n    emulator.make_order("koywe")\n    assert 0\n', "-p", "no:emulator",
        "--emulator-url", url,
    )  # fmt: skip
    assert "- Emulator: sandbox test-" in printed
    assert "PENDING, scenario happy, next {" in printed


def test_a_run_that_does_not_use_the_client_does_not_load_it(new: Installed) -> None:
    code = "import sys, pytest; import emulator_client.plugin; print(sorted(n for n in sys.modules if 'emulator' in n))"
    assert new.run(new.folder, "-c", code).strip() == "['emulator_client', 'emulator_client.plugin']"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_the_client_needs_only_httpx_and_nothing_of_the_emulator() -> None:
    imported = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])
    assert imported - sys.stdlib_module_names <= MAY_IMPORT
    assert 'dependencies = ["httpx>=' in (CLIENT / "pyproject.toml").read_text("utf-8")


def test_the_whole_client_is_written_for_python_3_9() -> None:
    for path in modules():
        ast.parse(path.read_text("utf-8"), feature_version=(3, 9))
    assert 'target-version = "py39"' in (CLIENT / "pyproject.toml").read_text("utf-8")


def test_a_type_checker_finds_nothing_that_python_3_9_lacks(tmp_path: Path) -> None:
    wanted = {"include": [str(PACKAGE)], "extraPaths": [str(CLIENT)], "pythonVersion": "3.9"}
    settings = tmp_path / "pyrightconfig.json"
    unlike_mypy = {"reportReturnType": False, "reportArgumentType": False}
    settings.write_text(json.dumps({**wanted, **unlike_mypy, "typeCheckingMode": "standard"}), "utf-8")
    command = [sys.executable, "-m", "basedpyright", "--level", "error", "--project", str(settings)]
    checked = subprocess.run(
        [*command, "--pythonpath", sys.executable], capture_output=True, text=True, timeout=_LIMIT_S
    )
    assert checked.stdout.startswith("0 errors"), checked.stdout


def test_the_version_and_licence_are_those_of_the_emulator(thin: Any) -> None:
    assert thin("emulator_client").__version__ == __version__
    assert (CLIENT / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


@pytest.fixture(scope="module")
def thin() -> Iterator[Any]:
    """What imports a module of the client."""
    sys.path.insert(0, str(CLIENT))
    yield importlib.import_module
    sys.path.remove(str(CLIENT))


def test_a_client_that_signs_with_rsa_says_what_to_install(thin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thin("emulator_client.extra"), "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'payment-provider-emulator-client\[changelly\]'"):
        thin("emulator_client.verify").verify_changelly(b"{}", {}, "key")


_NUMBERS = st.integers(-(2**53), 2**53) | st.decimals(allow_nan=False, allow_infinity=False, places=3)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
)


@given(document=_DOCUMENTS)
def test_the_client_writes_json_as_the_emulator_does(thin: Any, document: Any) -> None:
    own = thin("emulator_client.json_text")
    written = own.encode(document)
    assert json_text.decode(written) == own.decode(written) == document
    assert own.encode(own.decode(written)) == written == json_text.encode(json_text.decode(written))


def test_numbers_are_sent_back_exactly_as_they_were_received(thin: Any) -> None:
    own = thin("emulator_client.json_text")
    for literal in (b"275.0", b"1e-07", b"-0.0", b"1E+2", b"12345678901234567890.5"):
        assert own.encode(own.decode(literal)) == literal
