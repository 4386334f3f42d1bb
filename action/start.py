"""Starts the emulator in a GitHub workflow, waits until it can serve, and writes the outputs of the action.

It reads `ARGS`, further flags as on a command line, and the `EMULATOR_*` variables; what the emulator says is in a log
beside the ready file.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

NAME = "payment-provider-emulator"
_LOOK_AGAIN_S = 0.1


def main() -> None:
    """Ends with the emulator's own words where it does not start."""
    folder = Path(os.environ["RUNNER_TEMP"])
    ready, log = folder / f"{NAME}.json", folder / f"{NAME}.log"
    ready.unlink(missing_ok=True)
    command = [str(Path(sys.executable).with_name("emulator")), "serve", "--ready-file", str(ready)]
    with log.open("wb") as words:
        process = subprocess.Popen(
            [*command, *shlex.split(os.environ.get("ARGS", ""))],
            stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    while not ready.exists():
        try:
            process.wait(_LOOK_AGAIN_S)
        except subprocess.TimeoutExpired:
            continue
        sys.exit(log.read_text("utf-8"))
    document = json.loads(ready.read_text("utf-8"))
    outputs = {
        "url": document["control"].removesuffix("/_emulator"),
        "urls": json.dumps(document["urls"]),
        "credentials": json.dumps(document["credentials"]),
        "ready-file": ready,
    }
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    print(f"The emulator serves at {outputs['url']}, as process {process.pid}; its log is {log}.")


if __name__ == "__main__":
    main()
