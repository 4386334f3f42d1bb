"""The programs of a diagnosis send the refused request corrected, in every language installed on the machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from emulator.files.programs import LANGUAGES
from emulator.providers import NAMES
from emulator.testing import Emulator
from tests.refused import refuse

STARTED = {
    "shell": ("bash", "sign.sh"),
    "python": (sys.executable, "sign.py"),
    "node": ("node", "sign.mjs"),
    "java": ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "Sign.java"),
}
"""How a program is started; the last word is the name of its file."""
_LIMIT_S = 60


def run(emulator: Emulator, provider: str, language: str, folder: Path) -> str:
    """What the program of the last refusal prints, started with nothing but the secret."""
    tool, *flags, name = STARTED[language]
    place = shutil.which(tool)
    if place is None:
        pytest.skip(f"{tool} is not installed")
    how = emulator.call("GET", "journal/last/diagnosis")["how"]
    secret = str(emulator[provider].credentials[how["environment"]["credential"]])
    program = how["programs"][language]
    assert secret not in program
    (folder / name).write_text(program, "utf-8")
    environment = {"PATH": os.environ["PATH"], how["environment"]["variable"]: secret}
    done = subprocess.run(
        [place, *flags, name], cwd=folder, env=environment, capture_output=True, text=True, timeout=_LIMIT_S
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("provider", NAMES)
def test_the_program_creates_the_order_that_was_refused(
    emulator: Emulator, provider: str, language: str, tmp_path: Path
) -> None:
    refuse(emulator, provider)
    printed = run(emulator, provider, language, tmp_path)
    [order] = emulator.orders()
    assert order["id"] in printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_program_repeats_a_refused_get(emulator: Emulator, language: str, tmp_path: Path) -> None:
    from tests.clients.basswallet import Client

    with Client(emulator) as client:
        order = client.start()
        note = urlencode({"note": 'it\'s "1" & 2=\\ñ €'})
        target = f"/v1/account/order/query?id={order}&{note}&timestamp=1"
        client.send("GET", target, None, {"Signature": "00"})
    assert order in run(emulator, "basswallet", language, tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_program_lists_orders_of_changelly(emulator: Emulator, language: str, tmp_path: Path) -> None:
    from tests.clients.changelly import Client

    with Client(emulator) as client:
        order = client.start()
        client.request("GET", f"/v1/orders?orderId={order}&limit=5", headers={"X-Api-Signature": "00"})
    assert order in run(emulator, "changelly", language, tmp_path)


def test_a_refused_sign_in_gets_a_program_that_signs_in(emulator: Emulator, tmp_path: Path) -> None:
    from tests.clients.koywe import Client

    with Client(emulator) as client:
        client.sign_in(secret="nonsense")
    assert client.organization_id in run(emulator, "koywe", "python", tmp_path)
