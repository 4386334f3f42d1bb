"""The GitHub action: its steps are run as a runner runs them, in bash, and start an emulator that serves."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from emulator import __version__
from emulator.providers import NAMES
from tests.test_docs import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
REPORT: dict[str, Any] = yaml.safe_load((ROOT / "action" / "report" / "action.yml").read_text("utf-8"))
_EXPRESSION = re.compile(r"\$\{\{ inputs\.(\w+) \}\}")
_LIMIT_S = 120
INSTALLED = "payment-provider-emulator"
_RECORDING = """#!/bin/sh
folder=$(dirname "$0")
[ "$2" = pip ] && folder=$(dirname "$(dirname "$folder")")
echo "$@" >>"$folder/said"
[ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
exit 0
"""
"""A program that stands for Python: it writes down what it is told, and a virtual environment has it again."""


class Runner(NamedTuple):
    """What a runner has for the steps of a job."""

    folder: Path

    def run(self, step: dict[str, Any], home: Path = ROOT, **inputs: str) -> "subprocess.CompletedProcess[str]":
        """Runs a step of an action that is in the folder `home`."""
        default = {name: each["default"] for name, each in ACTION["inputs"].items()}
        given = default | {"python": sys.executable} | inputs
        said = {
            name: _EXPRESSION.sub(lambda found: given[found[1]], text) for name, text in step.get("env", {}).items()
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
        variables = {
            "RUNNER_TEMP": str(self.folder), "GITHUB_ACTION_PATH": str(home),
            "GITHUB_OUTPUT": str(self.folder / "output"), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
        }  # fmt: skip
        assert step["shell"] == "bash"
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env=kept | variables | said, capture_output=True, text=True, timeout=_LIMIT_S,
        )  # fmt: skip

    def outputs(self) -> dict[str, str]:
        """What the steps have put out."""
        lines = (self.folder / "output").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A runner with a serving emulator, installed where the tests are."""
    runner = make_runner(tmp_path_factory.mktemp("runner"))
    _, start = ACTION["runs"]["steps"]
    done = runner.run(start, port="0", args="--clock manual --seed 'two words'")
    assert done.returncode == 0, done.stderr
    yield runner
    found = re.search(r"as process (\d+)", done.stdout)
    assert found is not None
    os.kill(int(found[1]), signal.SIGTERM)


def make_runner(folder: Path) -> Runner:
    """A runner on which the emulator is installed."""
    (folder / INSTALLED).symlink_to(sys.prefix)
    return Runner(folder)


@pytest.mark.parametrize("version", ["", "1.2.3"])
def test_the_action_installs_what_the_locks_pin_or_a_published_version(tmp_path: Path, version: str) -> None:
    python = tmp_path / "python"
    python.write_text(_RECORDING)
    python.chmod(0o755)
    install, _ = ACTION["runs"]["steps"]
    done = Runner(tmp_path).run(install, python=str(python), version=version)
    assert done.returncode == 0, done.stderr
    pip = "-m pip install --quiet --disable-pip-version-check"
    locks = f"--require-hashes --requirement {ROOT}/requirements-build.lock --requirement {ROOT}/requirements.lock"
    pinned = [f"{pip} {locks}", f"{pip} --no-deps --no-build-isolation {ROOT}"]
    wanted = [f"{pip} payment-provider-emulator=={version}"] if version else pinned
    assert (tmp_path / "said").read_text().splitlines() == [f"-m venv {tmp_path / INSTALLED}", *wanted]


def test_the_installed_emulator_starts(tmp_path: Path, thorough: bool) -> None:
    if not thorough:
        pytest.skip("the steps of the Dockerfile install the same: with --all those of the action do, too")
    install, _ = ACTION["runs"]["steps"]
    done = Runner(tmp_path).run(install)
    assert done.returncode == 0, done.stderr
    said = subprocess.run([tmp_path / INSTALLED / "bin" / "emulator", "--version"], capture_output=True, text=True)
    assert said.stdout.endswith(f"{__version__}\n")


def test_the_outputs_say_where_everything_is(started: Runner) -> None:
    outputs = started.outputs()
    assert set(outputs) == set(ACTION["outputs"])
    ready = json.loads(Path(outputs["ready-file"]).read_text("utf-8"))
    assert (json.loads(outputs["urls"]), json.loads(outputs["credentials"])) == (ready["urls"], ready["credentials"])
    assert httpx.get(f"{outputs['url']}/_emulator/ready").status_code == 200
    clock = httpx.get(f"{outputs['url']}/_emulator/sandboxes/default/clock").json()
    assert clock["mode"] == "manual"


def test_every_output_comes_from_a_step() -> None:
    said = {name: each["value"] for name, each in ACTION["outputs"].items()}
    assert said == {name: f"${{{{ steps.start.outputs.{name} }}}}" for name in said}


def test_the_report_has_orders_and_refused_requests_with_the_true_reason(started: Runner) -> None:
    control = f"{started.outputs()['url']}/_emulator/sandboxes/default"
    for provider in NAMES:
        assert httpx.post(f"{control}/orders", json={"provider": provider}).status_code == 201
    urls = json.loads(started.outputs()["urls"])
    httpx.get(f"{urls['baanx']}/v1/order/a|b<c", headers={"X-Client-ID": "client-default", "Authorization": "Bearer x"})
    [step] = REPORT["runs"]["steps"]
    done = started.run(step, ROOT / "action" / "report")
    assert done.returncode == 0, done.stderr
    summary = (started.folder / "summary.md").read_text("utf-8")
    assert done.stdout.strip() == summary.strip()
    orders = httpx.get(f"{control}/orders").json()["orders"]
    for order in orders:
        assert f"| {order['provider']} | {order['id']} | {order['status']} | {order['scenario']} |" in summary
    [entry] = [each for each in httpx.get(f"{control}/journal?kind=request").json()["entries"] if each["error"]]
    assert re.search(r"^\| baanx \| GET /v1/order/a.*b.* \| 401 \| no such token", summary, re.MULTILINE), summary
    assert str(entry["reason"]).split(";")[0] in summary
    assert {line.count(" | ") for line in summary.splitlines() if line.startswith("|")} == {3}


def test_if_the_emulator_does_not_start_the_step_fails_with_its_message(tmp_path: Path) -> None:
    _, start = ACTION["runs"]["steps"]
    refused = make_runner(tmp_path).run(start, port="0", args="--no-such-flag")
    assert refused.returncode == 1
    assert "No such option" in refused.stderr
    assert "--no-such-flag" in refused.stderr


def test_without_an_emulator_the_report_fails(tmp_path: Path) -> None:
    [step] = REPORT["runs"]["steps"]
    assert make_runner(tmp_path).run(step, ROOT / "action" / "report").returncode == 1
