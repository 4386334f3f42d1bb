"""The diagnosis of a refused request, and sending it again corrected."""

import json
from urllib.parse import parse_qsl

import pytest

from emulator.providers import NAMES, load
from emulator.testing import ControlRefused, Emulator
from tests.clients import changelly
from tests.refused import ask_baanx, refuse

# -- the calls


@pytest.mark.parametrize("provider", NAMES)
def test_a_refused_request_is_sent_again_corrected(emulator: Emulator, provider: str) -> None:
    refuse(emulator, provider)
    assert emulator.orders() == []
    [refused] = [each for each in emulator.journal(kind="request") if each["error"]]
    again = emulator.call("POST", f"journal/{refused['number']}/resend")
    assert (again["error"], again["reason"]) == (None, None)
    [order] = emulator.orders()
    assert again["order"] == order["id"]
    [entry] = emulator.journal(kind="request", order="desc", limit=1)
    assert (entry["number"], entry["status"]) == (again["number"], again["sent"]["status"])
    assert entry["header"]["x-note"] == "kept"
    assert (entry["method"], entry["path"]) == (refused["method"], refused["path"].removeprefix(f"/{provider}"))
    signing = load(provider).signing
    assert signing is not None
    assert str(emulator[provider].credentials[signing.secret]) not in json.dumps(again["sent"])


def test_a_request_sent_again_is_refused_for_what_is_still_wrong(emulator: Emulator) -> None:
    with changelly.Client(emulator) as partner:
        partner.create(headers={"X-Api-Signature": "nonsense"}, currencyTo="NOPE")
    again = emulator.call("POST", "journal/last/resend")
    assert again["sent"]["status"] == 400
    assert again["error"] not in (None, "unauthorized")
    found = emulator.call("GET", f"journal/{again['number']}/diagnosis")
    assert found["checks"][-1]["outcome"] == "refused"
    assert found["sentence"] == found["reason"] == again["reason"]


def test_the_checks_are_listed_in_the_provider_s_order(emulator: Emulator) -> None:
    refuse(emulator, "basswallet")
    checks = emulator.call("GET", "journal/last/diagnosis")["checks"]
    names = [each["name"] for each in checks]
    assert names == ["faults", "key", "address", "signature", "permission", "create-order"]
    outcomes = [each["outcome"] for each in checks]
    assert outcomes == ["passed", "passed", "passed", "refused", "not reached", "not reached"]
    assert all(each["about"] for each in checks)


@pytest.mark.parametrize("provider", NAMES)
def test_every_check_has_a_name_and_says_what_it_does(provider: str) -> None:
    from emulator import providers
    from emulator.views.diagnosis import about_check, name_check

    card = providers.load(provider)
    for endpoint in card.endpoints:
        checks = [*card.checks, *endpoint.checks]
        names = [name_check(check) for check in checks]
        assert len(set(names)) == len(names), (endpoint.name, names)
        assert all(about_check(check) for check in checks), (endpoint.name, names)


@pytest.mark.parametrize(
    ("number", "error", "status", "words"),
    [
        ("last", "unknown-entry", 404, "no request was refused"),
        ("7", "unknown-entry", 404, "entries go up to 1"),
        ("x", "unknown-entry", 404, "no entry 'x'"),
        ("1", "not-refused", 409, "entry 1 is a request that was answered"),
    ],
)
def test_an_entry_without_a_diagnosis_says_so(
    emulator: Emulator, number: str, error: str, status: int, words: str
) -> None:
    assert ask_baanx(emulator, {}).status_code == 200
    for method, call in (("GET", "diagnosis"), ("POST", "resend")):
        with pytest.raises(ControlRefused, match=words) as caught:
            emulator.call(method, f"journal/{number}/{call}")
        assert (caught.value.error, caught.value.status) == (error, status)


def test_an_entry_of_another_kind_has_no_diagnosis(emulator: Emulator) -> None:
    made = emulator.make_order("baanx")
    emulator.advance("1m")
    entry = next(each for each in emulator.journal(order=made["id"]) if each["kind"] == "transition")
    with pytest.raises(ControlRefused, match="is of the kind transition"):
        emulator.call("GET", f"journal/{entry['number']}/diagnosis")


def test_the_parameters_of_a_text_are_those_that_were_sent(emulator: Emulator) -> None:
    refuse(emulator, "basswallet")
    again = emulator.call("POST", "journal/last/resend")
    assert dict(parse_qsl(again["sent"]["body"]))["displayInfo"] == "Gold plan ñ"
