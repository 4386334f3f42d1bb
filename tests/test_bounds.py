"""Nothing grows without end: what a sandbox keeps of clients' requests, and what a scenario may contain."""

import time
from typing import Any

import httpx
import pytest

from emulator.core import deliveries, scenario_problems
from emulator.core.faults import injection
from emulator.core.sandbox import DELIVERIES, MAX_SCENARIOS
from emulator.core.transaction import Transaction
from emulator.files import yaml_text
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.baanx import Client
from tests.clients.koywe import Client as KoyweClient
from tests.command import in_process
from tests.core.toy import ABOUT as TOY
from tests.core.toy import START_MS, Bench, library, run

ABOUT: dict[str, Any] = {"version": 1, "provider": "baanx", "about": "A test."}
STEP = {"on": "pay"}


def table(emulator: Emulator, name: str) -> dict[str, Any]:
    rows: dict[str, Any] = emulator.call("GET", "snapshot")["tables"].get(name, {})
    return rows


# -- what is over is forgotten


def test_tokens_are_forgotten_when_they_have_expired(emulator: Emulator) -> None:
    access = emulator.baanx.credentials
    body = {"email": access["email"], "password": access["password"]}
    with Client(emulator) as client:
        for _ in range(40):
            assert client.request("POST", "/v1/auth/login", body).status_code == 200
            emulator.advance("1h")
    assert 6 <= len(table(emulator, "baanx.tokens")) <= 7


def test_quotes_are_forgotten_a_day_after_they_expire(emulator: Emulator) -> None:
    body = {"type": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC", "amountIn": 100_000}
    with KoyweClient(emulator) as client:
        first = client.post("/quotes", body)["id"]
        emulator.advance("23h")
        assert client.get(f"/quotes/{first}")["id"] == first
        for _ in range(30):
            client.post("/quotes", body)
            emulator.advance("4h")
        assert 6 <= len(table(emulator, "koywe.quotes")) <= 8
        assert client.request("GET", f"{client.merchant}/quotes/{first}").status_code == 404


def test_expired_rows_make_room_for_new_ones_within_the_limit() -> None:
    bench = Bench()

    def put(key: str, now_ms: int, lasts_ms: int, most: int) -> int:
        tx = Transaction(bench.sandbox, library(), now_ms, now_ms)
        tx.put_passing("passing", key, {"ends": now_ms + lasts_ms}, most, lambda each: now_ms >= each["ends"])
        run(bench.engine.commit(bench.sandbox, tx).wait())
        return len(bench.sandbox.tables["passing"])

    assert [put(f"a{place}", START_MS + place, 100, 50) for place in range(80)][-1] == 50
    assert max(put(f"b{place}", START_MS + 1000 + place, 5, 50) for place in range(500)) <= 50
    assert len(bench.sandbox.tables["passing"]) <= 6


def test_a_removed_rule_leaves_nothing_behind(emulator: Emulator, baanx: Client) -> None:
    for _ in range(3):
        emulator.inject("latency", uniform=[0, 0.001], times=2)
        baanx.create()
        emulator.clear_faults()
    assert (table(emulator, injection.USED), table(emulator, injection.DRAWN)) == ({}, {})


@pytest.fixture
def baanx(emulator: Emulator) -> Any:
    """An app that orders cards."""
    with Client(emulator) as client:
        yield client


# -- only so many


def test_the_number_of_fault_rules_in_a_sandbox_is_limited(emulator: Emulator, baanx: Client) -> None:
    for _ in range(injection.MAX_RULES):
        rule = emulator.inject("latency", fixed=0, provider="koywe")
    with pytest.raises(ControlRefused, match="at most 200 fault rules: DELETE") as caught:
        emulator.inject("reset")
    assert (caught.value.status, caught.value.error) == (409, "too-many-faults")
    assert baanx.create().status_code == 200
    emulator.call("DELETE", f"faults/{rule['id']}")
    emulator.inject("reset", provider="koywe")


def test_the_number_of_a_sandbox_s_own_scenarios_is_limited(emulator: Emulator) -> None:
    for place in range(MAX_SCENARIOS):
        emulator.scenario("baanx", f"s{place}", ABOUT)
    with pytest.raises(ControlRefused, match="at most 200 scenarios of its own") as caught:
        emulator.scenario("koywe", "s0", {**ABOUT, "provider": "koywe"})
    assert (caught.value.status, caught.value.error) == (409, "too-many-scenarios")
    emulator.scenario("baanx", "s0", {**ABOUT, "about": "Another."})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timeline": [STEP] * 501}, "timeline: more than 500 steps"),
        ({"timeline": {"*": [STEP] * 501}}, "timeline.*: more than 500 steps"),
        ({"timeline": [{"on": "pay", "one_of": [{"to": "paid"}] * 101}]}, "timeline.0.one_of: more than 100 outcomes"),
        ({"faults": [{"fault": "reset"}] * 51}, "faults: more than 50 fault rules"),
        ({"match": {f"body.a{place}": 1 for place in range(51)}}, "match: more than 50 conditions"),
        ({f"k{place}": place for place in range(10_001)}, "file: more than 10000 values"),
        ({"match": {"body.a": {"enum": [[1] * 100] * 101}}}, "file: more than 10000 values"),
    ],
)
def test_the_size_of_a_scenario_is_limited(changes: dict[str, Any], words: str) -> None:
    document = {**TOY, **changes}
    with pytest.raises(ValueError, match=".") as caught:
        library().read_scenario("toy", "x", document)
    assert words in str(caught.value)
    assert ": " in str(caught.value).removeprefix(words.partition(":")[0] + ": ")


def test_a_scenario_at_the_limit_is_accepted() -> None:
    document = {**TOY, "timeline": [STEP] * scenario_problems.MAX_STEPS, "faults": [{"fault": "reset"}] * 50}
    assert len(library().read_scenario("toy", "x", document).timeline("buy")) == 500


LONG_YAML = "version: 1\nprovider: baanx\nabout: x\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LONG_YAML + "".join(f"k{place}: 1\n" for place in range(50_000)), "longer than 65536 bytes"),
        (LONG_YAML + "k: [" + "1," * 30_000 + "1]\n", "more than 10000 values"),
        (LONG_YAML + "".join(f"{place}:\n" for place in range(10_001)), "more than 10000 values"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n", "write out what *a stands for"),
        ("[" * 60_000, "nested more than 50 levels deep"),
        ("- " * 30_000, "nested more than 50 levels deep"),
    ],
    ids=["keys", "values", "lines", "aliases", "brackets", "dashes"],
)
def test_a_document_that_would_block_the_server_is_refused_at_once(emulator: Emulator, text: str, words: str) -> None:
    began_s = time.process_time()
    answer = httpx.put(f"{emulator.control_url}/sandboxes/{emulator.name}/scenarios/baanx/x", content=text, timeout=60)
    took_s = time.process_time() - began_s
    assert answer.status_code == 422
    assert words in answer.json()["message"]
    assert took_s < 2


def test_a_scenario_file_that_is_too_long_is_reported_by_name(tmp_path: Any) -> None:
    (tmp_path / "long.yaml").write_bytes(b"# \xc3\xa4" * 300_000)
    ended = in_process("validate", str(tmp_path))
    assert ended.exit_code == 1
    assert f"{tmp_path}/long.yaml:1:1: longer than {yaml_text.MAX_FILE_BYTES} bytes" in ended.stderr


# -- deliveries


@pytest.mark.parametrize("state", ["failed", "refused"])
def test_deliveries_that_are_never_sent_are_also_forgotten(
    emulator_server: BackgroundServer, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    from tests.clients.basswallet import Client as Merchant

    monkeypatch.setattr(deliveries, "KEPT_DELIVERIES", 5)
    monkeypatch.setattr(deliveries, "_ROOM", 3)
    if state == "failed":
        emulator.inject("drop")
    emulator.set("basswallet", webhook_url=f"http://{'127.0.0.1' if state == 'failed' else '203.0.113.1'}:9/hook")
    with Merchant(emulator) as client:
        for _ in range(20):
            emulator.fire(client.start(), "expire")
    emulator.advance("0s")
    assert {webhook["state"] for webhook in emulator.webhooks()} == {state}
    sandbox = emulator_server.server.engine.sandboxes[emulator.name]
    assert 5 <= len(sandbox.tables[DELIVERIES]) <= 8
