"""Programs that tests run as they are, installed beside this Python."""

import subprocess
import sys
from pathlib import Path


def path_of(name: str) -> str:
    """Where a program is that pip has installed."""
    return str(Path(sys.executable).parent / name)


def check(name: str, *arguments: str, folder: Path) -> str:
    """The output of a program that must find nothing wrong."""
    done = subprocess.run(
        [path_of(name), *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
    )
    assert done.returncode == 0, f"{name} {' '.join(arguments)}\n{done.stdout}"
    return done.stdout
