"""The console's page of a refused request, its faults and its settings, as they come without scripts."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.faults.registry import FAULTS
from emulator.core.faults.rules import rule_members
from emulator.providers import NAMES, load
from emulator.testing import BackgroundServer, Emulator
from emulator.views.difference import Line, compare
from tests.refused import refuse

_TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def console(emulator: Emulator, emulator_server: BackgroundServer) -> Iterator[httpx.Client]:
    """A browser without scripts, which follows where forms lead."""
    base = f"{emulator_server.server.addresses.front}/console/{emulator.name}/"
    with httpx.Client(base_url=base, follow_redirects=True, trust_env=False) as client:
        yield client


def words(page: httpx.Response) -> str:
    """What people read of a page."""
    return " ".join(unescape(_TAG.sub(" ", page.text.partition("<main")[2])).split())


# -- a refused request


@pytest.mark.parametrize("provider", NAMES)
def test_a_refused_request_opens_with_its_sentence_and_ends_with_a_program(
    console: httpx.Client, emulator: Emulator, provider: str
) -> None:
    refuse(emulator, provider)
    found = emulator.call("GET", "journal/last/diagnosis")
    number = found["request"]["number"]
    page = console.get(f"requests/{number}")
    told = words(page)
    sentence = found["sentence"][0].upper() + found["sentence"][1:]
    assert " ".join(sentence.split()) in told
    assert told.index(" ".join(sentence.split())) < told.index("Checks, in") < told.index("How to do it right")
    assert " ".join(found["good"][0]["text"].replace("&", " ").split())[:12] in told
    for check in found["checks"]:
        assert f"{check['name']} : {check['outcome']}" in told
    for language, name in (("python", "Python"), ("node", "Node"), ("java", "Java"), ("shell", "curl")):
        shown = console.get(f"requests/{number}?language={language}")
        program = re.search(rf'aria-label="{name}"><code>(.*?)</code>', shown.text, re.S)
        assert program is not None
        assert unescape(program[1]).strip() == found["how"]["programs"][language].strip()


@pytest.mark.parametrize("provider", NAMES)
def test_a_form_sends_it_again_corrected_and_links_to_the_order(
    console: httpx.Client, emulator: Emulator, provider: str
) -> None:
    refuse(emulator, provider)
    number = emulator.call("GET", "journal/last/diagnosis")["request"]["number"]
    page = console.post(f"requests/{number}/resend")
    [order] = emulator.orders()
    assert str(page.url).endswith(f"/orders/{order['id']}")


def test_a_request_refused_again_links_to_that_refusal(console: httpx.Client, emulator: Emulator) -> None:
    from tests.clients.changelly import Client

    with Client(emulator) as partner:
        partner.create(headers={"X-Api-Signature": "nonsense"}, currencyTo="NOPE")
    page = console.post("requests/1/resend")
    assert str(page.url).endswith("/requests/2")
    assert "request 2" in words(page)


def test_for_a_custom_key_the_page_says_why_it_cannot_sign(console: httpx.Client, emulator: Emulator) -> None:
    from tests.clients.changelly import Client
    from tests.providers.changelly.test_mistakes import STRANGERS_PEM

    emulator.set("changelly", publicKey=STRANGERS_PEM)
    with Client(emulator) as partner:
        partner.create()
    page = console.get("requests/1")
    assert "It cannot be sent again from here: the setting public_key is a key of your own" in words(page)
    assert '<button id="resend" disabled' in page.text
    assert console.post("requests/1/resend").status_code == 409


def test_an_answered_request_has_no_diagnosis(console: httpx.Client, emulator: Emulator) -> None:
    emulator.make_order("baanx")
    told = words(console.get("requests/1"))
    assert "What was sent" in told
    assert "Checks, in" not in told
    assert console.post("requests/1/resend").status_code == 409


def test_an_earlier_request_with_the_same_mistake_is_linked(console: httpx.Client, emulator: Emulator) -> None:
    for _ in range(3):
        refuse(emulator, "basswallet")
    page = console.get("requests/3")
    assert "The same was refused before: request 2 , request 1 ." in words(page)


def marked(lines: list[Line]) -> list[str]:
    """Each line with what differs in brackets."""
    return ["".join(f"[{part.text}]" if part.odd else part.text for part in line.parts) for line in lines]


def test_two_texts_are_compared_line_by_line() -> None:
    came, good = compare("amount=1&token=A&chain=T", "token=A&amount=1&chain=X")
    assert [("".join(part.text for part in line.parts), line.differs, line.note) for line in came] == [
        ("amount=1", False, ""),
        ("token=A", True, "belongs at 1"),
        ("chain=T", True, ""),
    ]
    assert marked(good)[-1] == "chain=[X]"
    assert [line.number for line in good] == [1, 2, 3]


def test_a_url_with_a_body_is_compared_by_its_members() -> None:
    came, good = compare('http://a/v1{"x":1,"y":2}', 'http://b/v1{"x":1,"y":2}')
    assert [line.differs for line in came] == [True, False, False, False]
    assert marked(came)[0] == "http://[a]/v1"
    assert marked(good)[0] == "http://[b]/v1"


@pytest.mark.parametrize(
    ("came", "good", "marked_came", "marked_good"),
    [
        ("note=Gold plan%21", "note=Gold+plan!", "note=Gold[ ]plan[%21]", "note=Gold[+]plan[!]"),
        ("a=1&b=2\n", "a=1&b=2", "b=2[\u240a]", "b=2"),
        ('{"sum": 275.0}', '{"sum":275}', '"sum":[ ]275[.0]}', '"sum":275}'),
        ('{"a":1,"note":"caf\u00e9"}', '{"note":"cafe\u0301"}', '"note":"caf[\u00e9]"}', '"note":"caf[e\u0301]"}'),
        ("id=7632100000000000", "id=7632100000000001", "id=763210000000000[0]", "id=763210000000000[1]"),
    ],
)
def test_differing_characters_in_a_line_are_marked(came: str, good: str, marked_came: str, marked_good: str) -> None:
    lines_came, lines_good = compare(came, good)
    assert (marked(lines_came)[-1], marked(lines_good)[-1]) == (marked_came, marked_good)


@given(st.text('ab=&,"é\n', max_size=30), st.text('ab=&,"é\n', max_size=30))
def test_a_comparison_loses_no_text_and_marks_every_difference(came: str, good: str) -> None:
    lines = compare(came, good)
    for text, compared in zip((came, good), lines, strict=True):
        shown = "".join(part.text for line in compared for part in line.parts).replace("\u240a", "\n")
        assert [letter for letter in text if letter not in "&,\n"] == [each for each in shown if each not in "&,\n"]
    assert any(line.differs for compared in lines for line in compared) == (came != good)


# -- faults


@pytest.mark.parametrize("fault", FAULTS)
def test_the_form_of_a_fault_has_all_its_arguments(console: httpx.Client, fault: str) -> None:
    page = console.get(f"faults?fault={fault}").text
    fields = set(re.findall(r'name="member\.(\w+)"', page))
    assert fields == set(rule_members(FAULTS[fault])) - {"fault"}
    assert f"Add {fault}" in page


def test_a_fault_can_be_added_by_a_form_fires_and_can_be_removed(console: httpx.Client, emulator: Emulator) -> None:
    console.post(
        "faults",
        data={"fault": "status", "member.error": "NOT_FOUND", "member.provider": "basswallet", "member.times": "2"},
    )
    [rule] = emulator.call("GET", "faults")["faults"]
    assert {**rule, "id": ""} == {
        "id": "", "fault": "status", "error": "NOT_FOUND", "provider": "basswallet", "times": 2,
    }  # fmt: skip
    assert "waits, 0 of 2" in words(console.get("faults"))
    refuse(emulator, "basswallet")
    page = console.get("faults")
    assert "has fired 1 of 2 times" in words(page)
    assert "POST /v1/account/payment: the fault status" in words(page)
    console.post("faults/remove", data={"rule": rule["id"]})
    assert emulator.call("GET", "faults")["faults"] == []


def test_an_invalid_form_is_refused_and_keeps_what_was_typed(console: httpx.Client, emulator: Emulator) -> None:
    page = console.post("faults", data={"fault": "late", "member.by": "soonish", "member.times": "1"})
    assert page.status_code == 400
    assert 'value="soonish"' in page.text
    assert "soonish" in words(page)
    assert emulator.call("GET", "faults")["faults"] == []


def test_all_rules_can_be_removed_at_once(console: httpx.Client, emulator: Emulator) -> None:
    emulator.inject("reset")
    emulator.inject("drop")
    assert "Remove all" in words(console.get("faults"))
    assert "Nothing goes wrong by itself" in words(console.post("faults/remove", data={"rule": "all"}))
    assert console.post("faults/remove", data={}).status_code == 400
    assert console.post("faults/remove", data={"rule": "flt_x"}).status_code == 404


# -- settings


@pytest.mark.parametrize("provider", NAMES)
def test_every_setting_is_shown_with_its_mark_and_what_it_does(
    console: httpx.Client, emulator: Emulator, provider: str
) -> None:
    page = console.get(f"settings?of={provider}")
    told = words(page)
    for setting in load(provider).settings.values():
        assert f'id="value-{setting.name}"' in page.text
        assert f"{setting.name} {setting.mark} " in told
    assert "BEGIN PRIVATE KEY" not in page.text
    assert "BEGIN RSA PRIVATE KEY" not in page.text


def test_a_setting_can_be_changed_and_reset_by_a_form(console: httpx.Client, emulator: Emulator) -> None:
    changed = {"of": "basswallet", "setting": "future_tolerance_ms", "value": "500"}
    page = console.post("settings", data=changed)
    assert str(page.url).endswith("#future_tolerance_ms")
    assert emulator.call("GET", "settings")["basswallet"]["future_tolerance_ms"] == 500
    assert "1 changed" in words(page)
    console.post("settings", data={**changed, "back": "usual"})
    assert emulator.call("GET", "settings")["basswallet"]["future_tolerance_ms"] == 10_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"setting": "future_tolerance_ms", "value": "-5"}, "basswallet.future_tolerance_ms cannot be -5"),
        ({"setting": "signature_text", "value": "none"}, "basswallet.signature_text cannot be"),
        ({"setting": "nonsense", "value": "1"}, "basswallet has no setting 'nonsense'"),
    ],
)
def test_a_refused_setting_is_explained_briefly_and_keeps_what_was_typed(
    console: httpx.Client, emulator: Emulator, changes: dict[str, str], said: str
) -> None:
    before = emulator.call("GET", "settings")
    page = console.post("settings", data={"of": "basswallet", **changes})
    assert page.status_code == 400
    assert said in words(page)
    assert changes["setting"] == "nonsense" or f'value="{changes["value"]}"' in page.text or "<select" in page.text
    assert emulator.call("GET", "settings") == before


def test_settings_can_be_found_by_what_they_do(console: httpx.Client) -> None:
    told = words(console.get("settings?of=basswallet&find=signature"))
    assert "signature_text" in told
    assert "future_tolerance_ms" not in told
    assert "No setting has that" in words(console.get("settings?of=basswallet&find=qqqq"))


# -- scenarios


@pytest.mark.parametrize("provider", NAMES)
def test_every_scenario_is_shown_with_its_story(console: httpx.Client, emulator: Emulator, provider: str) -> None:
    known = emulator.call("GET", "scenarios")["scenarios"][provider]
    told = words(console.get(f"scenarios?of={provider}"))
    for each in known:
        assert " ".join(each["about"].split()) in told
        page = console.get(f"scenarios?of={provider}&scenario={each['name']}")
        assert page.status_code == 200
        assert f'<h2 id="chosen-scenario">{each["name"]}' in page.text


def test_a_scenario_can_be_chosen_tried_and_left(console: httpx.Client, emulator: Emulator) -> None:
    page = console.post("scenarios", data={"of": "koywe", "scenario": "manual"})
    assert "manual new orders follow it" in words(page)
    assert emulator.make_order("koywe")["scenario"] == "manual"
    form = console.get("new?maker=koywe&scenario=happy").text
    assert '<option value="happy" selected>' in form
    console.post("scenarios", data={"of": "koywe", "scenario": "manual", "none": "1"})
    assert not any(each["default"] for each in emulator.call("GET", "scenarios")["scenarios"]["koywe"])
    assert console.post("scenarios", data={"of": "koywe", "scenario": "nope"}).status_code == 404


@pytest.mark.parametrize("provider", NAMES)
def test_a_scenario_can_be_saved_as_the_form_shows_it(console: httpx.Client, emulator: Emulator, provider: str) -> None:
    for each in emulator.call("GET", "scenarios")["scenarios"][provider][:4]:
        page = console.get(f"scenarios?of={provider}&scenario={each['name']}").text
        text = unescape(re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', page, re.S)[1])  # type: ignore[index]
        kept = console.post("scenarios/edit", data={"of": provider, "name": each["name"], "text": text})
        assert kept.status_code == 200, words(kept)[:400]
        assert "of this sandbox" in words(kept)


def test_an_invalid_scenario_is_refused_with_its_lines_and_stays_in_the_form(
    console: httpx.Client, emulator: Emulator
) -> None:
    text = "version: 1\nprovider: koywe\nabout: Broken.\ntimeline:\n  - {after: 1s, to: NOWHERE}\n"
    page = console.post("scenarios/edit", data={"of": "koywe", "name": "mine", "text": text})
    assert page.status_code == 422
    assert "line 5: " in words(page)
    assert "to: NOWHERE}" in unescape(page.text)
    assert console.post("scenarios/edit", data={"of": "koywe", "name": "No Name", "text": text}).status_code == 400
