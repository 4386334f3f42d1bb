"""`emulator explain` as people run it."""

import json
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.command import in_process
from tests.refused import refuse


def explain(emulator: Emulator, *arguments: str, code: int = 0) -> str:
    url = emulator.control_url.removesuffix("/_emulator")
    done = in_process("explain", *arguments, "--url", url, "--sandbox", emulator.name)
    assert done.exit_code == code, done.output
    return done.output


def test_the_last_refusal_is_explained(emulator: Emulator) -> None:
    refuse(emulator, "basswallet")
    told = explain(emulator)
    assert told.startswith("the client signed the text with its names sorted: sign them as they are sent\n")
    assert "\n  came      amount=25.50&chainName=Tron&displayInfo=Gold plan" in told
    assert "\n  should be tokenName=USDT&chainName=Tron&amount=25.50&displayInfo=Gold plan" in told
    assert "\n  received  " in told
    assert "\n  ok  address\n  NO  signature\n  -   permission" in told
    assert str(emulator.basswallet.credentials["secret_key"]) not in told


def test_a_refusal_can_be_chosen_by_its_number(emulator: Emulator) -> None:
    refuse(emulator, "basswallet")
    refuse(emulator, "changelly")
    assert explain(emulator, "1").startswith("the client signed the text with its names sorted")
    assert explain(emulator).startswith("the client signed the body without the URL")


def test_the_explanation_is_available_as_json(emulator: Emulator) -> None:
    refuse(emulator, "baanx")
    found: Any = json.loads(explain(emulator, "--json"))
    assert found == emulator.call("GET", "journal/last/diagnosis")


@pytest.mark.parametrize(("language", "word"), [("shell", "curl"), ("node", "fetch("), ("java", "class Sign")])
def test_a_program_can_be_printed_alone(emulator: Emulator, language: str, word: str) -> None:
    refuse(emulator, "baanx")
    program = explain(emulator, "--how", language)
    assert word in program
    assert program.strip() == emulator.call("GET", "journal/last/diagnosis")["how"]["programs"][language].strip()


def test_an_unknown_language_is_refused_with_the_known_ones(emulator: Emulator) -> None:
    refuse(emulator, "baanx")
    assert "no program in 'pyton': did you mean 'python'? use one of" in explain(emulator, "--how", "pyton", code=1)


def test_the_refused_request_can_be_sent_again(emulator: Emulator) -> None:
    refuse(emulator, "changelly")
    told = explain(emulator, "--resend")
    [order] = emulator.orders()
    assert told.startswith("request 2: POST ")
    assert told.rstrip().endswith(f"-> 201, order {order['id']}")


def test_a_request_refused_again_says_why(emulator: Emulator) -> None:
    from tests.clients.changelly import Client

    with Client(emulator) as partner:
        partner.create(headers={"X-Api-Signature": "nonsense"}, currencyTo="NOPE")
    assert "\nrefused again, as " in explain(emulator, "--resend")


def test_without_a_refusal_the_command_says_so(emulator: Emulator) -> None:
    assert "no request was refused in this sandbox" in explain(emulator, code=1)
