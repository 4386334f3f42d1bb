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
from tests.test_docs import ROOT, blocks

pytestmark = pytest.mark.long

NODE = ROOT / "clients" / "node"
COMMAND = Path(sys.executable).parent / "emulator"
LOCKS = sorted(path for path in NODE.rglob("package-lock.json") if "node_modules" not in path.parts)
PATH = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
"""With the command of this emulator in front."""
_LIMIT_S = 300
"""The machine may be busy with the rest of the suite: on a quiet one all of it takes less than 20 s."""


def copy_of(folder: Path, into: Path) -> Path:
    """A copy without what was installed or built there."""
    return Path(shutil.copytree(folder, into, ignore=shutil.ignore_patterns("node_modules", "dist")))


def run(folder: Path, *command: str, fails: bool = False, **variables: str) -> str:
    """What a command prints; fails with it unless the command succeeds, or fails as it should."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    done = subprocess.run(
        command, cwd=folder, env=environment | {"NO_COLOR": "1", "CI": "1"} | variables,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LIMIT_S,
    )  # fmt: skip
    assert (done.returncode != 0) is fails, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


def require_npm() -> None:
    """Skips the test where there is no npm; with `--all` that is a failure."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: clients/node is not tested")


def examples(language: str) -> list[str]:
    """The tests in docs/clients.md."""
    return [block.text for block in blocks(ROOT / "docs" / "clients.md") if block.language == language]


def build(folder: Path) -> None:
    """What a user does to have the package."""
    run(folder, "npm", "ci", "--ignore-scripts", "--prefer-offline")
    run(folder, "npm", "run", "build")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package, as a user has built it."""
    require_npm()
    folder = copy_of(NODE, tmp_path_factory.mktemp("client") / "node")
    build(folder)
    return folder


def use(built: Path, folder: Path) -> Path:
    """A folder in which the packages of its lock are installed, and this one."""
    run(folder, "npm", "ci", "--ignore-scripts", "--prefer-offline")
    package = folder / "node_modules" / "payment-provider-emulator"
    shutil.copytree(built / "dist", package / "dist")
    shutil.copy(built / "package.json", package)
    return folder


def test_the_client_builds_and_its_tests_and_those_of_the_docs_pass(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built, tmp_path / "node", symlinks=True))
    for place, text in enumerate(examples("typescript")):
        (folder / "test" / f"docs-{place}.test.ts").write_text(text, "utf-8")
    run(folder, "npm", "run", "check")
    printed = run(folder, "npm", "test", TEST_EMULATOR=str(COMMAND))
    files = len(list((folder / "test").glob("*.test.ts")))
    assert re.search(rf"Test Files +{files} passed \({files}\)", printed), printed
    assert "skipped" not in printed


def test_the_first_example_is_a_test_of_ten_lines() -> None:
    assert len([line for line in examples("typescript")[0].splitlines() if line.strip()]) in range(1, 11)


def test_jest_runs_the_example_of_the_docs_and_shows_what_happened_in_a_failed_test(
    tmp_path: Path, thorough: bool, request: pytest.FixtureRequest
) -> None:
    require_npm()
    if not thorough:
        pytest.skip("Jest is 280 packages: it is tried with --all")
    folder = use(request.getfixturevalue("built"), copy_of(NODE / "test" / "jest", tmp_path / "shop"))
    (folder / "docs.test.js").write_text("\n".join(examples("javascript")), "utf-8")
    run(folder, "npx", "jest", "docs", PATH=PATH)
    printed = run(folder, "npx", "jest", "fails", fails=True, PATH=PATH)
    assert "1 failed, 1 passed, 2 total" in printed
    assert printed.count("Emulator: sandbox test-") == 1
    assert re.search(r"koywe \S+ PENDING, scenario happy, next ", printed), printed


def test_express_receives_webhooks_as_the_docs_say(built: Path, tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "webhooks.md"
    shop, test = (block.text for block in blocks(page) if block.language == "javascript")
    folder = use(built, copy_of(NODE / "test" / "express", tmp_path / "shop"))
    (folder / "shop.mjs").write_text(shop, "utf-8")
    (folder / "test.mjs").write_text(test, "utf-8")
    run(folder, "node", "test.mjs", PATH=PATH)
    (folder / "shop.mjs").write_text(shop.replace("|| !timingSafeEqual(came, expected)", ""), "utf-8")
    assert "AssertionError" in run(folder, "node", "test.mjs", PATH=PATH, fails=True)


def test_the_package_has_what_users_need_and_nothing_else(tmp_path: Path) -> None:
    require_npm()
    folder = copy_of(NODE, tmp_path / "node")
    (folder / "dist").mkdir()
    (folder / "dist" / "index.js").touch()
    [packed] = json.loads(run(folder, "npm", "pack", "--dry-run", "--ignore-scripts", "--json"))
    assert {each["path"] for each in packed["files"]} == {"LICENSE", "README.md", "dist/index.js", "package.json"}
    assert (folder / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")


def test_the_types_are_those_of_the_control_api(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.control_url) as client:
        answers = [client.get(path).json() for path in ("/openapi.json", "/providers")]
    written = control_types.PATH.read_text("utf-8")
    assert written == control_types.text(*answers), "run: .venv/bin/python scripts/generate_docs.py"


def test_the_version_is_that_of_the_emulator() -> None:
    package = json.loads((NODE / "package.json").read_text("utf-8"))
    assert package["version"] == __version__
    assert f'export const VERSION = "{__version__}";' in control_types.PATH.read_text("utf-8")
    lock = json.loads((NODE / "package-lock.json").read_text("utf-8"))
    assert (lock["version"], lock["packages"][""]["version"]) == (__version__, __version__)


def test_the_package_has_no_dependencies_at_run_time() -> None:
    package = json.loads((NODE / "package.json").read_text("utf-8"))
    assert not {"dependencies", "peerDependencies", "optionalDependencies"} & package.keys()
    assert set(package["devDependencies"]) == {"@types/node", "typescript", "vitest"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(NODE)))
def test_the_lock_has_digests_and_names_no_registry(lock: Path) -> None:
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name and not package.get("link")}
    assert installed
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if not package.get("integrity", "").startswith("sha")] == []
    assert "registry" not in lock.read_text("utf-8")
