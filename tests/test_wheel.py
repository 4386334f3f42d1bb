"""The wheel: what it contains, and that it needs nothing else."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from emulator import __version__
from emulator.providers import NAMES

ROOT = Path(__file__).parent.parent
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return folder / built.stdout.split()[-1]


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_a_release_is_the_same_when_it_is_built_from_its_source_archive(wheel: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "uv", "build", "--quiet", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", str(tmp_path)], cwd=ROOT, check=True)
    [source] = tmp_path.glob("*.tar.gz")
    assert source.name == f"payment_provider_emulator-{__version__}.tar.gz"
    assert names(tmp_path / wheel.name) == names(wheel)


def test_the_wheel_contains_schemas_scenarios_and_data(wheel: Path) -> None:
    inside = names(wheel)
    for kind in ("schemas", "scenarios"):
        wanted = {f"emulator/{path.relative_to(ROOT)}" for path in (ROOT / kind).rglob("*") if path.is_file()}
        assert wanted
        assert wanted <= inside
    package = {str(path.relative_to(ROOT)) for path in (ROOT / "emulator").rglob("*") if path.is_file()}
    assert {name for name in package if "__pycache__" not in name} <= inside


def test_the_wheel_contains_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names(wheel)}
    assert tops == {"emulator", f"payment_provider_emulator-{__version__}.dist-info"}
    assert [name for name in names(wheel) if "__pycache__" in name or name.startswith("tests")] == []


def test_the_wheel_declares_the_command_and_the_pytest_plugin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        said = archive.read(f"payment_provider_emulator-{__version__}.dist-info/entry_points.txt").decode()
    assert "[console_scripts]\nemulator = emulator.cli:main" in said
    assert "[pytest11]\nemulator = emulator.testing.plugin" in said


def test_the_wheel_works_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1]);"
        "import emulator; from emulator.web.library import load_library;"
        "library, _ = load_library();"
        "print(json.dumps([emulator.__file__, {name: sorted(each.by_name) for name, each in library.shipped.items()}]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "installed")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    where, shipped = json.loads(ran.stdout)
    assert where.startswith(str(tmp_path))
    assert list(shipped) == list(NAMES)
    for name in NAMES:
        assert shipped[name] == sorted(path.stem for path in (ROOT / "scenarios" / name).glob("*.yaml"))
