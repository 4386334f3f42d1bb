"""Creates a virtual environment, even if the system's Python comes without ensurepip (Debian, Ubuntu)."""

import importlib.util
import os
import shutil
import subprocess
import sys


def main(folder: str) -> None:
    """Creates the environment in `folder`; installs what is missing with apt, if it may."""
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ...")
    if importlib.util.find_spec("ensurepip") is None and shutil.which("apt-get"):
        become_root = [] if os.geteuid() == 0 else ["sudo"]
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        subprocess.run([*become_root, "apt-get", "update", "-q"], check=True)
        subprocess.run([*become_root, "apt-get", "install", "-q", "-y", package], check=True)
    print(f"Creating the virtual environment {folder} with Python {sys.version.split()[0]}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
