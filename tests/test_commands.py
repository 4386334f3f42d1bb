"""`make run`, `make test` and the others: what they install, what they print meanwhile, and what they run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INSTALL = ROOT / "scripts" / "install.py"
PIP = """#!/bin/sh
[ "$2" = pip ] || exit 0
echo "$@" >> {calls}
for number in $(seq 25); do echo "Collecting package-$number==1.0"; done
[ "{code}" = 0 ] || {{ echo "ERROR: no such version" >&2; exit {code}; }}
echo "Installing collected packages: a, b, c"
"""


@pytest.fixture(params=[0, 3])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """What the installation says with a pip that does nothing, and ends with the parameter."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP.format(calls=tmp_path / "calls", code=request.param))
    python.chmod(0o755)
    (tmp_path / "some.lock").write_text("".join(f"package-{number}==1.0 \\\n    --hash=x\n" for number in range(25)))
    return subprocess.run(
        [sys.executable, str(INSTALL), "venv", "some.lock"], cwd=tmp_path, capture_output=True, text=True, timeout=20
    )


@pytest.mark.parametrize("installed", [0], indirect=True)
def test_setting_up_shows_its_progress(installed: "subprocess.CompletedProcess[str]", tmp_path: Path) -> None:
    assert (installed.returncode, installed.stderr) == (0, "")
    assert installed.stdout.splitlines() == [
        "Setting up venv: up to 25 packages, as pinned in some.lock",
        "  10 packages found",
        "  20 packages found",
        "  installing 3 of them",
        "  installing the emulator itself",
        "venv is ready",
    ]


@pytest.mark.parametrize("installed", [0], indirect=True)
def test_only_what_is_pinned_is_installed(installed: "subprocess.CompletedProcess[str]", tmp_path: Path) -> None:
    assert installed.returncode == 0
    packages, project = (tmp_path / "calls").read_text().splitlines()
    assert "--require-hashes --requirement some.lock" in packages
    assert "--no-deps --no-build-isolation --editable ." in project


@pytest.mark.parametrize("installed", [3], indirect=True)
def test_a_failed_set_up_says_why(installed: "subprocess.CompletedProcess[str]") -> None:
    assert installed.returncode == 3
    assert "ERROR: no such version" in installed.stderr
    assert installed.stderr.endswith("Once the cause is fixed, run the same command again.\n")
    assert "ready" not in installed.stdout


def recipe(*arguments: str) -> list[str]:
    """The lines of what make would do in a fresh clone."""
    command = ["make", "--dry-run", "VENV=no-such-folder", *arguments]
    alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("target", "locks"),
    [
        ("run", "requirements-build.lock requirements.lock"),
        ("test", "requirements-dev.lock"),
        ("test-all", "requirements-dev.lock"),
        ("bench", "requirements-dev.lock"),
    ],
)
def test_a_make_target_installs_what_the_locks_pin_and_nothing_else(target: str, locks: str) -> None:
    done = recipe(target)
    assert f"no-such-folder/bin/python scripts/install.py no-such-folder {locks}" in done
    assert [line for line in done if "pip install" in line] == []


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("run", "no-such-folder/bin/emulator --port 0"),
        ("test", "no-such-folder/bin/pytest --numprocesses 3 --dist worksteal --port 0"),
        ("test-all", "no-such-folder/bin/pytest --numprocesses 3 --dist worksteal --all --port 0"),
        ("test-newest", "no-such-folder-newest/bin/python -m pytest --port 0"),
        ("test-lowest", "no-such-folder-lowest/bin/python -m pytest --port 0"),
    ],
)
def test_arguments_are_passed_on(target: str, command: str) -> None:
    assert command in recipe(target, "WORKERS=3", "ARGS=--port 0")


@pytest.mark.parametrize(("target", "resolution"), [("test-newest", "highest"), ("test-lowest", "lowest-direct")])
def test_the_lowest_and_the_newest_versions_can_be_tested(target: str, resolution: str) -> None:
    wanted = f"--upgrade --resolution {resolution} --editable '.[dev]'"
    assert [line for line in recipe(target) if line.endswith(wanted)]


def test_ci_runs_what_a_developer_runs() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


SUITE = """
import pytest


def test_runs():
    pass


@pytest.mark.skip(reason="no browser here")
def test_is_left_out():
    pass
"""


def run_suite(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A suite of two tests, one of which skips, with the hooks of this one."""
    (folder / "test_it.py").write_text(SUITE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        *arguments,
        "test_it.py",
    ]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60
    )


def test_a_run_ends_with_what_ran(tmp_path: Path) -> None:
    ran = run_suite(tmp_path)
    assert ran.returncode == 0, ran.stdout
    told = ran.stdout.partition("= what ran =")[2]
    assert "1 tests: . 1\nleft out: 1\n" in told
    assert "doors, stores and colours: each case once, they take turns\nHypothesis: 25 examples" in told
    assert re.search(rf"on Python {re.escape(sys.version.split()[0])}, .*click \d", told)


def test_a_whole_run_leaves_nothing_out(tmp_path: Path) -> None:
    ran = run_suite(tmp_path, "--all")
    assert ran.returncode == 1
    assert "left out, which --all does not allow" in ran.stdout
    assert "no browser here" in ran.stdout
    assert "left out: none\ndoors, stores and colours: all combinations\nHypothesis: 500 examples" in ran.stdout
