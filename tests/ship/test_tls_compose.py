"""examples/tls: an app reaches the providers by their own base URLs. The compose file is followed without a container
engine: its host names and its port 443 are those of a network namespace of the test's own."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.providers import NAMES, load_all
from tests.test_docs import ROOT, all_blocks

FOLDER = ROOT / "examples" / "tls"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
EMULATOR, APP = COMPOSE["services"]["emulator"], COMPOSE["services"]["app"]
ALIASES: list[str] = EMULATOR["networks"]["default"]["aliases"]
_LIMIT_S = 60
_SCRIPT = """
ip link set lo up
mount --bind {hosts} /etc/hosts
{emulator} serve --ready-file {ready} >{log} 2>&1 &
trap 'kill $!' EXIT
until [ -e {ready} ]; do kill -0 $! || {{ cat {log}; exit 1; }}; sleep 0.05; done
{app}
"""


def alone() -> list[str]:
    """What to write before a command to give it a network of its own; the test is left out where that is forbidden."""
    for rights in ([], ["--user", "--map-root-user"]):
        command = ["unshare", *rights, "--net", "--mount"]
        if shutil.which("unshare") and subprocess.run([*command, "ip", "link"], capture_output=True).returncode == 0:
            return command
    pytest.skip("no network namespace can be made here: examples/tls is not tried")


def test_an_app_reaches_every_provider_by_its_own_base_url(tmp_path: Path) -> None:
    hosts, ready = tmp_path / "hosts", tmp_path / "ready.json"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(ALIASES)}\n")
    variables = EMULATOR["environment"] | APP["environment"]
    moved = {name: value.replace("/opt/ca", str(tmp_path / "ca")) for name, value in variables.items()}
    node, script = APP["command"]
    app = [node, str(ROOT / script.removeprefix("/"))]
    text = _SCRIPT.format(
        hosts=hosts, ready=ready, log=tmp_path / "log", app=shlex.join(app),
        emulator=shlex.join([sys.executable, "-m", "emulator"]),
    )  # fmt: skip
    done = subprocess.run(
        [*alone(), "bash", "-euc", text], env=os.environ | moved, cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    hosts_of_clients = {
        name: host for name, host in zip(NAMES, ALIASES, strict=True) if (FOLDER.parent / f"{name}.mjs").exists()
    }
    assert all(f"--- {name} at https://{host}\n" in done.stdout for name, host in hosts_of_clients.items())
    assert done.stdout.count("created ") == done.stdout.count("advanced ") == len(hosts_of_clients)
    assert "page       https://api.basswallet.com/" in done.stdout


def test_every_compose_file_has_the_providers_own_names_as_aliases() -> None:
    public = [card.public_hosts for card in load_all().values()]
    files = [COMPOSE, *(yaml.safe_load(block.text) for block in all_blocks("yaml") if "aliases:" in block.text)]
    assert len(files) > 1
    for document in files:
        aliases = document["services"]["emulator"]["networks"]["default"]["aliases"]
        assert all(name in hosts for name, hosts in zip(aliases, public, strict=True))
