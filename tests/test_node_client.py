"""clients/node: it is built from what its lock names, and its own tests pass against this emulator.

The steps are those of a user: `npm ci`, type check, build, tests. They run in a copy, so that the checkout stays clean.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emulator import __version__
from emulator.testing import Emulator
from scripts import control_types

NODE = Path(__file__).parent.parent / "clients" / "node"
LOCKS = sorted(path for path in NODE.rglob("package-lock.json") if "node_modules" not in path.parts)
_LIMIT_S = 300
"""The machine may be busy with the rest of the suite: on a quiet one all of it takes less than 20 s."""


def copy_of(folder: Path, into: Path) -> Path:
    """A copy without what was installed or built there."""
    return Path(shutil.copytree(folder, into, ignore=shutil.ignore_patterns("node_modules", "dist")))


def run(folder: Path, *command: str, **variables: str) -> str:
    """What a command prints; fails with it unless the command succeeds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    done = subprocess.run(
        command, cwd=folder, env=environment | {"NO_COLOR": "1", "CI": "1"} | variables,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


def require_npm() -> None:
    """Skips the test where there is no npm; with `--all` that is a failure."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: clients/node is not tested")


def test_it_is_built_and_its_tests_pass(tmp_path: Path) -> None:
    require_npm()
    folder = copy_of(NODE, tmp_path / "node")
    emulator = {"TEST_EMULATOR": str(Path(sys.executable).parent / "emulator")}
    run(folder, "npm", "ci", "--ignore-scripts", "--prefer-offline")
    run(folder, "npm", "run", "check")
    run(folder, "npm", "run", "build")
    printed = run(folder, "npm", "test", **emulator)
    files = len(list((NODE / "test").glob("*.test.ts")))
    assert re.search(rf"Test Files +{files} passed \({files}\)", printed), printed
    assert "skipped" not in printed


def test_its_types_are_those_of_the_control_api(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.control_url) as client:
        answers = [client.get(path).json() for path in ("/openapi.json", "/providers")]
    written = control_types.PATH.read_text("utf-8")
    assert written == control_types.text(*answers), "run: .venv/bin/python scripts/generate_docs.py"


def test_its_version_is_the_emulator_s() -> None:
    package = json.loads((NODE / "package.json").read_text("utf-8"))
    assert package["version"] == __version__
    assert f'export const VERSION = "{__version__}";' in control_types.PATH.read_text("utf-8")
    lock = json.loads((NODE / "package-lock.json").read_text("utf-8"))
    assert (lock["version"], lock["packages"][""]["version"]) == (__version__, __version__)


def test_it_needs_no_other_package_when_it_runs() -> None:
    package = json.loads((NODE / "package.json").read_text("utf-8"))
    assert not {"dependencies", "peerDependencies", "optionalDependencies"} & package.keys()
    assert set(package["devDependencies"]) == {"@types/node", "typescript", "vitest"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(NODE)))
def test_a_lock_names_digests_and_no_registry(lock: Path) -> None:
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name and not package.get("link")}
    assert installed
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if not package.get("integrity", "").startswith("sha")] == []
    assert "registry" not in lock.read_text("utf-8")
