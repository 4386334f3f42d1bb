"""What type checkers find in users' tests: each mistake in the samples, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import emulator.testing
from emulator.testing.types import arguments, names
from emulator.web.library import load_library
from scripts import thin_client
from scripts.thin_client import translated

ROOT = Path(__file__).parent.parent.parent
SAMPLES = Path(__file__).with_name("typed_calls.txt").read_text("utf-8")
CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-pretty"],
    "pyright": ["basedpyright", "--level", "error", "--pythonpath", sys.executable],
}


PACKAGES = {
    "emulator.testing": SAMPLES,
    "emulator_client": translated(SAMPLES).replace("BackgroundServer", "RemoteServer"),
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_found_before_anything_runs(checker: str, tmp_path: Path) -> None:
    expected = set()
    for package, samples in PACKAGES.items():
        path = tmp_path / f"uses_{package.replace('.', '_')}.py"
        path.write_text(samples)
        mistakes = [number for number, line in enumerate(samples.splitlines(), 1) if line.endswith("  # bad")]
        assert len(mistakes) > 20
        expected |= {(path.name, number) for number in mistakes}
    (tmp_path / "emulator_client").symlink_to(thin_client.PACKAGE)
    command = [sys.executable, "-m", *CHECKERS[checker], *sorted({name for name, _ in expected})]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    lines = re.findall(r"(uses_\w+\.py):(\d+)(?::\d+)?(?::| -) error", ran.stdout)
    assert {(name, int(line)) for name, line in lines} == expected, ran.stdout + ran.stderr


def test_the_package_is_marked_as_typed() -> None:
    assert Path(emulator.testing.__file__).parent.parent.joinpath("py.typed").exists()


def test_every_setting_and_scenario_has_a_type() -> None:
    library, _ = load_library()
    for name, provider in library.providers.items():
        title = {"basswallet": "BassWallet"}.get(name, name.capitalize())
        typed = getattr(arguments, f"{title}Settings").__annotations__
        assert set(typed) >= set(provider.settings)
        assert set(getattr(names, f"{title}Scenario").__args__) == set(library.shipped[name].by_name)
        assert getattr(names, f"{title}Event").__args__ == tuple(provider.lifecycle.events)
