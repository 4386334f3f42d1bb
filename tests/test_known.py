"""A file of facts about the providers: it confirms or corrects, and the emulator shows it everywhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from emulator.core.facts import KINDS, correct_all
from emulator.files.shipped import folder
from emulator.files.yaml_text import MAX_FILE_BYTES, read_yaml
from emulator.providers import NAMES, load
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.clients import koywe
from tests.command import Serving, in_process

KNOWN = """\
# yaml-language-server: $schema=schemas/known.schema.json
version: 1
koywe:
  settings:
    validation_status: {mark: observed, value: 400, source: "sandbox, 2026-11-20"}
    webhook_timeout_s: {mark: documented, source: "https://docs.koywe.example/webhooks, seen 2026-11"}
  statuses:
    ON_HOLD: {mark: observed, source: "our staging, 2026-11"}
  transitions:
    PENDING -> PAID: {mark: observed, source: "our staging, 2026-11"}
  errors:
    order-not-found: {mark: observed, status: 422, source: "our staging, 2026-11"}
  webhooks:
    merchant.updated: {mark: observed, source: "our staging, 2026-11"}
  fields:
    "order: /createdAt": {mark: observed, schema: {pattern: "^[0-9]{4}-"}, source: "our staging, 2026-11"}
    "order: /settledBy": {mark: observed, schema: {type: string}, source: "our staging, 2026-11"}
"""
CHECKED = ("settings", "statuses", "transitions", "errors", "webhooks", "fields")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file."""
    path = tmp_path_factory.mktemp("known") / "known.yaml"
    path.write_text(KNOWN, "utf-8")
    return path


@pytest.fixture(scope="module")
def server(known: Path) -> Iterator[BackgroundServer]:
    """An emulator that knows."""
    with BackgroundServer(Options(port=0, self_check=True, known=known)) as started:
        yield started


@pytest.fixture
def emulator(server: BackgroundServer) -> Iterator[Emulator]:
    """A sandbox of it."""
    with server.sandbox() as sandbox:
        yield sandbox


def named(listed: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The one with this name."""
    return next(each for each in listed if each["name"] == name)


def test_a_corrected_setting_has_another_default(emulator: Emulator) -> None:
    assert emulator.call("GET", "settings")["koywe"]["validation_status"] == 400
    with koywe.Client(emulator) as client:
        assert client.create(type="NONE").status_code == 400


def test_a_corrected_error_has_another_status_on_the_wire(emulator: Emulator) -> None:
    with koywe.Client(emulator) as client:
        answer = client.read("ord_none")
    assert (answer.status_code, answer.json()["statusCode"]) == (422, 422)


def test_the_control_api_says_how_each_fact_is_known(emulator: Emulator) -> None:
    described = httpx.get(f"{emulator.control_url}/providers").json()["providers"]["koywe"]
    setting = named(described["settings"], "validation_status")
    assert (setting["default"], setting["mark"], setting["known_from"]) == (400, "observed", "sandbox, 2026-11-20")
    assert named(described["settings"], "webhook_timeout_s")["mark"] == "documented"
    assert named(described["statuses"], "ON_HOLD")["known_from"] == "our staging, 2026-11"
    assert named(described["errors"], "order-not-found")["status"] == 422
    rows = [row for row in described["transitions"] if (row["from"], row["to"]) == ("PENDING", "PAID")]
    assert {(row["mark"], row["known_from"]) for row in rows} == {("observed", "our staging, 2026-11")}
    untouched = named(described["settings"], "validation_message")
    assert (untouched["mark"], untouched["known_from"]) == ("assumed", None)


def test_the_openapi_document_says_how_each_fact_is_known(emulator: Emulator) -> None:
    document = httpx.get(f"{emulator.control_url}/openapi/koywe.json").json()
    field = document["components"]["schemas"]["order"]["properties"]["createdAt"]
    assert (field["x-source"], field["x-known-from"], field["pattern"]) == (
        "observed", "our staging, 2026-11", "^[0-9]{4}-"
    )  # fmt: skip
    event = document["webhooks"]["merchant.updated"]["post"]
    assert (event["x-source"], event["x-known-from"]) == ("observed", "our staging, 2026-11")


def test_the_console_and_the_page_of_calls_say_how_each_fact_is_known(emulator: Emulator) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    console = httpx.get(f"{front}/console/{emulator.name}/settings?of=koywe", follow_redirects=True).text
    assert "observed: sandbox, 2026-11-20" in console
    page = httpx.get(f"{emulator.control_url}/docs").text
    assert "<td>koywe<td>error<td>order-not-found<td>observed<td>our staging, 2026-11" in page
    assert "<td>koywe<td>field<td>order: /settledBy<td>observed<td>our staging, 2026-11" in page


def test_the_command_no_longer_lists_a_known_fact_as_assumed(known: Path) -> None:
    text = in_process("providers", "koywe", "--known", str(known)).stdout
    assert "observed: sandbox, 2026-11-20" in text
    before, after = (
        {(each["kind"], each["name"]) for each in json.loads(in_process(*command).stdout)["koywe"]}
        for command in (
            ("providers", "koywe", "--assumed", "--json"),
            ("providers", "koywe", "--assumed", "--json", "--known", str(known)),
        )
    )
    gone = before - after
    assert ("setting", "validation_status") in gone
    assert ("transition", "PENDING -> PAID") in gone
    assert ("webhook", "merchant.updated") in gone
    assert after < before


def test_a_known_fact_is_not_drift(known: Path, tmp_path: Path) -> None:
    example = json.loads((folder("schemas") / "koywe" / "order.json").read_text())["examples"][0]
    call = {
        "request": {"url": "https://api.koywe.com/api/v1/organizations/o/merchants/m/orders/1"},
        "response": {"status": 200, "body": {**example, "settledBy": "x"}},
    }
    path = tmp_path / "call.json"
    path.write_text(json.dumps(call))
    found = in_process("check", str(path), "--json")
    assert found.exit_code == 1
    assert [each["fact"] for each in json.loads(found.stdout)["drifts"]] == ["order: /settledBy"]
    assert in_process("check", str(path), "--known", str(known)).exit_code == 0


def test_serve_accepts_the_file_by_flag_and_by_variable(known: Path, tmp_path: Path) -> None:
    for place, (arguments, variables) in enumerate(
        ((("--known", str(known)), {}), ((), {"EMULATOR_KNOWN": str(known)}))
    ):
        serving = Serving(tmp_path / f"ready-{place}.json", "--port", "0", *arguments, **variables)
        control = serving.ready()["control"]
        settings = httpx.get(f"{control}/sandboxes/default/settings").json()
        serving.end()
        assert settings["koywe"]["validation_status"] == 400


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("version: 2", 1, "/version: not 1, got 2"),
        ("koywe: {}", 1, "/version: missing"),
        ("version: 1\nkowye: {}", 2, "the file: unknown 'kowye': did you mean 'koywe'?"),
        ("version: 1\nkoywe:\n  setings: {}", 3, "/koywe: unknown 'setings': did you mean 'settings'?"),
        ("version: 1\nkoywe:\n  statuses:\n    PAID: {mark: observed}", 4, "/koywe/statuses/PAID/source: missing"),
        ("version: 1\nkoywe:\n  statuses:\n    PAID: {mark: assumed, source: x}", 4, "not one of documented, observed"),
        ("version: 1\nkoywe:\n  statuses:\n    PAYED: {mark: observed, source: x}", 4,
         "koywe.statuses: there is no 'PAYED': use one of DRAFT, PENDING"),
        ("version: 1\nkoywe:\n  settings:\n    validation_status: {mark: observed, source: x, value: 500}", 4,
         "koywe.settings: validation_status: use one of 422, 400"),
        ("version: 1\nkoywe:\n  errors:\n    validation-failed: {mark: observed, source: x, status: 400}", 4,
         "the setting validation_status decides its status: correct that one"),
        ('version: 1\nkoywe:\n  fields:\n    "order: /nowhere": {mark: observed, source: x}', 4,
         "there is no /nowhere"),
        ('version: 1\nkoywe:\n  fields:\n    "ordr: /id": {mark: observed, source: x}', 4, "did you mean 'order'?"),
        ('version: 1\nkoywe:\n  fields:\n    "order: /id": {mark: observed, source: x, schema: {type: text}}', 4,
         "this is not a JSON Schema"),
        ("version: 1\nkoywe: [", 3, "not YAML: a bracket is not closed"),
    ],
)  # fmt: skip
def test_an_invalid_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text)
    validated = in_process("validate", str(path))
    assert validated.exit_code == 1
    assert validated.stderr.startswith(f"{path}:{line}:"), validated.stderr
    assert said in validated.stderr
    used = in_process("providers", "--known", str(path))
    assert (used.exit_code, f"{path}:{line}:" in used.stderr) == (1, True)


def test_a_file_that_is_too_long_is_refused_with_what_to_leave_out(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(f"{KNOWN}# {'x' * MAX_FILE_BYTES}\n", "utf-8")
    validated = in_process("validate", str(path))
    assert f"{path}:1:1: longer than {MAX_FILE_BYTES} bytes: leave out the facts" in validated.stderr


def test_validate_accepts_a_file_of_facts_beside_scenarios(known: Path) -> None:
    validated = in_process("validate", str(known))
    assert (validated.exit_code, validated.stdout) == (0, "1 file checked, 0 problems\n")


def test_the_schema_for_editors_accepts_the_file_and_has_every_provider_and_kind() -> None:
    schema = json.loads((folder("schemas") / "known.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(read_yaml(KNOWN))) == []
    assert set(schema["properties"]) == {"version", *NAMES}
    assert set(schema["properties"]["koywe"]["properties"]) == set(KINDS) == set(CHECKED)
    bad = read_yaml(KNOWN.replace("ON_HOLD", "HELD").replace("value: 400", "value: 500"))
    assert len(list(Draft202012Validator(schema).iter_errors(bad))) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_fact_about_a_status_changes_nothing_else_in_the_life_cycle(name: str) -> None:
    card = load(name)
    fact = {next(iter(card.lifecycle.statuses)): {"mark": "observed", "source": "our staging"}}
    corrected = correct_all({name: card}, {"version": 1, name: {"statuses": fact}})[name].lifecycle
    for part in ("events", "transitions", "initial", "automatic", "follows", "passing"):
        assert getattr(corrected, part) == getattr(card.lifecycle, part), part


def test_a_corrected_setting_is_not_drift(tmp_path: Path) -> None:
    refused = {"code": 403, "msg": "SIGN_ERROR", "timestamp": "1735200000105", "data": None}
    call = tmp_path / "call.json"
    call.write_text(json.dumps({
        "request": {"method": "POST", "url": "https://api.basswallet.com/v1/account/payment",
                    "headers": {"content-type": "application/json"}, "body": {"tokenName": 7}},
        "response": {"status": 200, "body": refused},
    }))  # fmt: skip
    known = tmp_path / "known.yaml"
    known.write_text(
        "version: 1\nbasswallet:\n  settings:\n"
        "    error_http_status: {mark: observed, source: staging, value: always_200}\n"
    )
    found = in_process("check", str(call))
    assert (found.exit_code, "wrong-status-code" in found.stdout) == (1, True)
    assert "setting error_http_status" in found.stdout
    assert in_process("check", str(call), "--known", str(known)).exit_code == 0
