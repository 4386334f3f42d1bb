"""The emulator as `emulator serve` runs it, behind the door that is asked for: the command has no flag for it."""

import argparse
from typing import get_args

from bench.processes import Door
from emulator.web.application import Options
from emulator.web.library import load_library
from emulator.web.server import Server, run, set_up_logging


def main() -> None:
    """Serves on loopback until a signal arrives."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--door", choices=get_args(Door), required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clock", choices=["real", "manual"], default="real")
    parser.add_argument("--rate", default="1")
    options = parser.parse_args()
    set_up_logging()
    library, folders = load_library()
    run(Server(Options(**vars(options)), library, folders), lambda server: None)


if __name__ == "__main__":
    main()
