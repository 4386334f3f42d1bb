"""The README's install lines name what is really published, and work in a clone."""

import json
import re
import tomllib

from emulator import __version__
from emulator.web.application import DEFAULT_PORT
from scripts.absolute_links import make_absolute
from tests.test_docs import ROOT, TEXT

README = (ROOT / "README.md").read_text("utf-8")
ROWS = {
    name: (clone.strip(), published)
    for name, clone, published in re.findall(r"^\| ([^|]+) \|([^|]*)\| ([^|]+) \|$", README, re.MULTILINE)
}
PACKAGE = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NPM = json.loads((ROOT / "clients" / "node" / "package.json").read_text("utf-8"))


def test_the_lines_for_python_name_the_package_and_its_command() -> None:
    name = PACKAGE["name"]
    assert {"emulator"} == set(PACKAGE["scripts"])
    assert ROWS["pipx"] == ("`pipx run --spec . emulator`", f"`pipx run --spec {name} emulator`")
    assert ROWS["pytest"] == ("`pip install .`", f"`pip install {name}`")
    thin = tomllib.loads((ROOT / "clients" / "python" / "pyproject.toml").read_text("utf-8"))["project"]
    [row] = [ROWS[row] for row in ROWS if row.startswith("pytest, from Python 3.9 on")]
    assert thin["requires-python"] == ">=3.9"
    assert row == ("`pip install ./clients/python`", f"`pip install {thin['name']}`")


def test_the_lines_for_node_name_the_package_and_its_command() -> None:
    assert set(NPM["bin"]) == {NPM["name"]}
    assert ROWS["npx"][1] == f"`npx {NPM['name']} serve`"
    assert ROWS["Vitest, Jest"][1] == f"`npm install --save-dev {NPM['name']}`"


def test_the_lines_for_docker_publish_the_image_s_ports() -> None:
    ports = re.search(r"^EXPOSE (.*)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert ports is not None
    first, *_, last = ports[1].split()
    assert int(first) == DEFAULT_PORT
    assert all(f"-p {first}-{last}:{first}-{last} " in line for line in ROWS["Docker"])


def test_every_mention_of_the_action_or_the_image_has_this_version() -> None:
    assert "GitHub Actions" in ROWS
    named = re.findall(r"/payment-provider-emulator(?:/action/report)?(?:@v|:)([0-9][\w.]*)", TEXT)
    assert len(named) > 3
    assert set(named) == {__version__}


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) <= 115


def test_for_registries_every_link_and_picture_leads_to_the_repository() -> None:
    shown = make_absolute(README, "https://code.example/it", "v1")
    targets = re.findall(r'\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"', shown)
    own = [
        target.removeprefix("https://code.example/it/") for target in map("".join, targets) if "code.example" in target
    ]
    assert len(own) > 40
    assert [target for target in map("".join, targets) if not target.startswith("https://")] == []
    paths = [re.fullmatch(r"(?:blob/v1|raw/v1)/([^#]+)(?:#.*)?", target) for target in own]
    assert [path for path in paths if path is None or not (ROOT / path[1]).exists()] == []
    assert {target.partition("/")[0] for target in own if "pictures" in target} == {"raw"}
