"""Installs the packages that lock files pin into a virtual environment, then this project, and reports progress.

    python3 scripts/install.py .venv requirements-build.lock requirements.lock

Downloads only what the locks name, and only files with one of the hashes there. Needs only the standard library.
"""

import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

_STEP = 10
_PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==\S+", re.IGNORECASE)
_HAS_ONE = ("Collecting ", "Processing ", "Requirement already satisfied: ")
_LAST_LINES = 40


def main(folder: str, *locks: str) -> None:
    """Installs. If pip fails, prints its last lines and exits with its status."""
    pinned = {match[1] for lock in locks for line in Path(lock).read_text("utf-8").splitlines()
              if (match := _PIN.match(line))}  # fmt: skip
    print(f"Setting up {folder}: up to {len(pinned)} packages, as pinned in {' and '.join(locks)}", flush=True)
    found = 0
    for line in _pip(folder, "--require-hashes", *(part for lock in locks for part in ("--requirement", lock))):
        if line.startswith(_HAS_ONE):
            found += 1
            if found % _STEP == 0:
                print(f"  {found} packages found", flush=True)
        elif line.startswith("Installing collected packages: "):
            print(f"  installing {line.count(',') + 1} of them", flush=True)
    print("  installing the emulator itself", flush=True)
    for _ in _pip(folder, "--no-deps", "--no-build-isolation", "--editable", "."):
        pass
    subprocess.run([f"{folder}/bin/python", "-m", "compileall", "-q", "emulator"], check=True)
    print(f"{folder} is ready", flush=True)


def _pip(folder: str, *arguments: str) -> Iterator[str]:
    """The lines that `pip install` prints."""
    command = [f"{folder}/bin/python", "-m", "pip", "install", "--progress-bar", "off", "--no-input",
               "--disable-pip-version-check", *arguments]  # fmt: skip
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            last.append(line)
            yield line
    if pip.returncode:
        print("".join(last), file=sys.stderr)
        print(
            "The installation failed; see above. Once the cause is fixed, run the same command again.", file=sys.stderr
        )
        sys.exit(pip.returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
