"""`emulator check`: what it reads, what it prints, and how it ends."""

import base64
import gzip
import json
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result

from emulator.providers import load
from emulator.testing import Emulator
from emulator.traffic import courses
from tests.command import environment, in_process

ORDER = load("koywe").schemas.documents["get-order.response"]["examples"][0]
PATH = "/api/v1/organizations/org_1/merchants/mrc_1/orders/ord_1"
JSON_TYPE = [{"name": "Content-Type", "value": "application/json"}]


def har(content: dict[str, Any], url: str = f"https://api.koywe.com{PATH}", **response: Any) -> dict[str, Any]:
    """HAR with one answer."""
    answer = {"status": 200, "headers": JSON_TYPE, "content": {"size": 1, "mimeType": "application/json", **content}}
    request = {"method": "GET", "url": url, "headers": []}
    return {"log": {"entries": [{"request": request, "response": {**answer, **response}}]}}


def plain(order: Any = ORDER, **members: Any) -> dict[str, Any]:
    """One call, written plainly."""
    request = {"method": "GET", "url": f"https://api.koywe.com{PATH}"}
    return {"request": request, "response": {"status": 200, "body": order}, **members}


def write(path: Path, *documents: Any) -> Path:
    """The file, with a document on each line."""
    path.write_text("".join(json.dumps(each) + "\n" for each in documents), "utf-8")
    return path


def check(path: Path, *documents: Any, flags: tuple[str, ...] = ()) -> Result:
    """The command's result for a file with these documents."""
    return in_process("check", str(write(path / "recorded", *documents)), *flags)


WHOLE = json.dumps(ORDER)
DRIFTING = {**ORDER, "settledBy": "x"}


def packed(octets: bytes) -> dict[str, str]:
    """The content of a HAR entry with any bytes."""
    return {"text": base64.b64encode(octets).decode(), "encoding": "base64"}


def encoded(encoding: str) -> list[dict[str, str]]:
    """Headers of an answer that is compressed."""
    return [*JSON_TYPE, {"name": "Content-Encoding", "value": encoding}]


@pytest.mark.parametrize(
    "written",
    [
        lambda text: har({"text": text}),
        lambda text: har(packed(text.encode())),
        lambda text: har(packed(gzip.compress(text.encode()))),
        lambda text: har(packed(zlib.compress(text.encode())), headers=encoded("deflate")),
        lambda text: har({"text": text}, headers=encoded("br")),
        lambda text: plain(json.loads(text)),
        lambda text: plain(text),
        lambda text: [plain(text), plain(text)],
    ],
)
def test_a_record_is_read_in_every_format(tmp_path: Path, written: Callable[[str], Any]) -> None:
    honest, drifting = check(tmp_path, written(WHOLE)), check(tmp_path, written(json.dumps(DRIFTING)))
    assert (honest.exit_code, honest.stderr) == (0, ""), honest.output
    assert "not judged" not in honest.stdout
    assert drifting.exit_code == 1
    assert "new-member  /settledBy" in drifting.stdout


@pytest.mark.parametrize("indent", [None, 2])
def test_a_har_may_have_one_line_or_many_and_a_byte_order_mark(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "recorded.har"
    path.write_text("\ufeff" + json.dumps(har({"text": json.dumps(DRIFTING)}), indent=indent), "utf-8")
    result = in_process("check", str(path))
    assert result.exit_code == 1
    assert "new-member  /settledBy" in result.stdout
    assert "once, entry 1" in result.stdout


@pytest.mark.parametrize(
    ("content", "headers", "why"),
    [
        ({"size": 900}, [], "it was not recorded"),
        ({"size": 900, "text": WHOLE[:40]}, [], "it was cut off: 40 of 900 bytes were recorded"),
        ({"text": "!", "encoding": "base64"}, [], "it is marked as base64, but is not"),
        (
            packed(b"\x0b\x02\x80hello\x03"),
            [{"name": "content-encoding", "value": "br"}],
            "it is compressed with br, which is not read here",
        ),
        (
            packed(gzip.compress(WHOLE.encode())[:60]),
            [],
            "it was cut off within the compressed part",
        ),
    ],
)
def test_a_body_that_cannot_be_checked_is_reported_as_such(
    tmp_path: Path, content: dict[str, Any], headers: list[Any], why: str
) -> None:
    result = check(tmp_path, har(content, headers=[*JSON_TYPE, *headers]))
    assert result.exit_code == 0
    assert f"not judged: get-order: {why} (1)" in result.stdout


def test_drift_is_reported_by_message_with_mark_count_and_places(tmp_path: Path) -> None:
    result = check(tmp_path, plain(), plain(DRIFTING), plain(DRIFTING), plain({**ORDER, "status": "SETTLING"}))
    assert result.exit_code == 1
    assert result.stdout == (
        "koywe get-order answer\n"
        "  new-member  /settledBy  is new: a string\n"
        "      no mark; field order: /settledBy; 2 times, line 2, line 3\n"
        '  unknown-status  /status  "SETTLING" is not a status of the life cycle\n'
        "      documented; field order: /status; once, line 4\n"
        "\n"
        "calls and webhooks judged: koywe 4\n"
        "drifts: 2\n"
    )


def test_json_and_junit_reports_say_the_same(tmp_path: Path) -> None:
    junit = tmp_path / "drift.xml"
    result = check(tmp_path, plain(DRIFTING), plain(), flags=("--json", "--junit", str(junit)))
    document = json.loads(result.stdout)
    assert (document["matched"], document["omitted"]) == (2, 0)
    [drift] = document["drifts"]
    assert (drift["kind"], drift["field"], drift["count"], drift["places"]) == (
        "new-member",
        "/settledBy",
        1,
        ["line 1"],
    )
    suite = ElementTree.parse(junit).getroot()[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("koywe", "2", "1")
    assert [each.get("type") for each in suite.iter("failure")] == ["new-member"]


def test_the_journal_of_an_emulator_is_read_as_lines_and_as_an_answer(emulator: Emulator, tmp_path: Path) -> None:
    emulator.call("POST", "orders", {"provider": "changelly"})
    entries = emulator.call("GET", "journal")
    lines = check(tmp_path, *entries["entries"])
    assert (lines.exit_code, lines.stdout) == (0, "calls and webhooks judged: changelly 1\ndrifts: none\n")
    assert check(tmp_path, entries).stdout == lines.stdout


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    card = load("koywe")
    signed_in = card.schemas.documents["sign-in.response"]["examples"][0]
    call = {
        "request": {"method": "POST", "url": "https://api.koywe.com/api/v1/auth/sign-in",
                    "headers": {"Authorization": "Bearer hunter2"}, "body": {"apiKey": "k", "secret": ["hunter2"]}},
        "response": {"status": 201, "body": {**signed_in, "token": ["hunter2"], "more": {"password": "hunter2"}}},
    }  # fmt: skip
    text, document = check(tmp_path, call), check(tmp_path, call, flags=("--json",))
    assert "/token" in text.stdout
    assert "hunter2" not in text.output + document.output


def test_a_record_without_calls_to_a_provider_is_a_failure(tmp_path: Path) -> None:
    result = check(tmp_path, har({"text": "{}"}, url="https://shop.example/orders"))
    assert result.exit_code == 1
    assert "of no provider: shop.example (1)" in result.stdout
    assert result.stderr == "emulator: no call here is known as a provider's: say whose they are with --provider\n"


@pytest.mark.parametrize(("host", "exit_code"), [((), 0), (("--host", "gate.example"), 0), (("--host", "other"), 1)])
def test_calls_to_another_host_count_for_the_named_provider(
    tmp_path: Path, host: tuple[str, ...], exit_code: int
) -> None:
    document = har({"text": WHOLE}, url=f"https://gate.example{PATH}")
    assert check(tmp_path, document, flags=("--provider", "koywe", *host)).exit_code == exit_code


def test_a_webhook_in_a_har_is_recognized_by_its_signature(tmp_path: Path) -> None:
    body = load("koywe").schemas.documents["webhook-order"]["examples"][0]
    entry = har({})["log"]["entries"][0]
    entry["request"] = {
        "method": "POST", "url": "https://shop.example/hooks",
        "headers": [*JSON_TYPE, {"name": "Koywe-Signature", "value": "00"}],
        "postData": {"mimeType": "application/json", "text": json.dumps({**body, "more": 1})},
    }  # fmt: skip
    result = check(tmp_path, {"log": {"entries": [entry]}})
    assert result.stdout.splitlines()[:2] == ["koywe order.paid webhook", "  new-member  /more  is new: a number"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty: give HAR"),
        ("not json", "the file is not JSON: wrong at byte 4; give HAR"),
        ("7", "line 1 is not an object"),
        ('{"a": 1}', "line 1 is not a record of a call: give HAR"),
        ('{"log": {"entries": [{"request": {}}]}}', "entry 1 cannot be read: it has no 'response'"),
        (json.dumps(plain()) + "\nnot json\n", "line 2 is not JSON: wrong at byte 4"),
    ],
)
def test_a_file_that_is_not_a_record_is_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "recorded"
    path.write_text(text)
    result = in_process("check", str(path))
    assert result.exit_code == 2
    assert f"emulator: {path}: {said}" in result.stderr


def test_a_wrong_flag_is_a_usage_error(tmp_path: Path) -> None:
    path = str(write(tmp_path / "recorded", plain()))
    for flags in (("--host", "x"), ("--provider", "kowye"), ("--junit", str(tmp_path / "none" / "x.xml"))):
        assert in_process("check", path, *flags).exit_code == 2
    assert in_process("check", str(tmp_path / "none")).exit_code == 2
    assert in_process("check").exit_code == 2


def test_a_change_in_every_call_gives_a_small_report(tmp_path: Path) -> None:
    result = check(tmp_path, *(plain({**ORDER, f"member_{number}": 1}) for number in range(1_100)))
    assert "drifts: 1000, and 100 more that are not listed" in result.stdout


@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [("OPTIONS", PATH, "application/json"), ("GET", "/static/app.js", "text/javascript")],
)
def test_requests_that_browsers_add_are_not_calls(tmp_path: Path, method: str, path: str, content_type: str) -> None:
    headers = [{"name": "content-type", "value": content_type}]
    aside = har({"text": "x"}, url=f"https://api.koywe.com{path}", headers=headers)
    aside["log"]["entries"][0]["request"]["method"] = method
    both = {"log": {"entries": [*aside["log"]["entries"], *har({"text": WHOLE})["log"]["entries"]]}}
    result = check(tmp_path, both)
    assert result.exit_code == 0
    assert "of no provider: api.koywe.com (1)" in result.stdout
    assert check(tmp_path, aside).exit_code == 1


def test_a_signature_header_alone_does_not_make_a_webhook(tmp_path: Path) -> None:
    headers = {"X-Signature": "00", "Content-Type": "application/json"}
    other = {"request": {"method": "POST", "url": "https://shop.example/hook", "headers": headers,
                         "body": {"object": "event"}}, "response": {"status": 200}}  # fmt: skip
    result = check(tmp_path, other, plain())
    assert result.exit_code == 0
    assert "of no provider: shop.example (1)" in result.stdout


def test_an_interrupted_check_still_prints_its_report(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "check", "-"],
        env=environment({}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    for number in range(2_000):  # more than waits between two processes, so that much of it was read
        process.stdin.write(json.dumps(plain({**ORDER, "externalId": f"{number}"})) + "\n")
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("drifts: none\n")


def test_the_least_recently_seen_orders_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backwards = [plain({**ORDER, "status": status}) for status in ("COMPLETED", "PENDING")]
    other = plain({**ORDER, "id": "ord_00000000-0000-4000-8000-000000000999"})
    assert "illegal-transition" in check(tmp_path, backwards[0], other, backwards[1]).stdout
    monkeypatch.setattr(courses, "MAX_ORDERS", 1)
    assert "illegal-transition" not in check(tmp_path, backwards[0], other, backwards[1]).stdout
