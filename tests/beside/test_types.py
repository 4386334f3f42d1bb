"""What type checkers find in tests of users: each line of the samples that has a mistake, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import emulator.testing
from emulator.testing.types import arguments, names
from emulator.web.application import build_library

ROOT = Path(__file__).parent.parent.parent
SAMPLES = Path(__file__).with_name("typed_calls.txt").read_text("utf-8")
CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-pretty"],
    "pyright": ["basedpyright", "--level", "error", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_found_before_anything_runs(checker: str, tmp_path: Path) -> None:
    (tmp_path / "samples.py").write_text(SAMPLES)
    command = [sys.executable, "-m", *CHECKERS[checker], str(tmp_path / "samples.py")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    found = {int(line) for line in re.findall(r"samples\.py:(\d+)(?::\d+)?(?::| -) error", ran.stdout)}
    expected = {number for number, line in enumerate(SAMPLES.splitlines(), 1) if line.endswith("  # bad")}
    assert len(expected) > 20
    assert found == expected, ran.stdout + ran.stderr


def test_users_types_are_looked_at() -> None:
    assert Path(emulator.testing.__file__).parent.parent.joinpath("py.typed").exists()


def test_every_setting_and_scenario_has_a_type() -> None:
    library, _ = build_library()
    for name, provider in library.providers.items():
        title = {"basswallet": "BassWallet"}.get(name, name.capitalize())
        typed = getattr(arguments, f"{title}Settings").__annotations__
        assert set(typed) >= set(provider.settings)
        assert set(getattr(names, f"{title}Scenario").__args__) == set(library.shipped[name].by_name)
        assert getattr(names, f"{title}Event").__args__ == tuple(provider.lifecycle.events)
