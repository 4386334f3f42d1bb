"""The bench measures what it says: its load is counted, its requests are good. How long it takes is not judged."""

import json
import subprocess
import sys

import pytest

from bench.__main__ import PARTS, show
from bench.cases import CASES, Case
from bench.load import CONNECTIONS, Job
from bench.measure import Row
from bench.processes import free_ports, generate_load, run_json, serve, serve_bare, serve_emulator
from emulator.testing import BackgroundServer

GET = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_load_is_exactly_as_much_as_was_asked_for() -> None:
    with serve_bare(321) as bare:
        outcome = generate_load(Job(bare.port, [GET], 200))
    assert outcome.statuses == {"200": 200}
    assert outcome.answer_bytes == 321
    assert 0 < outcome.p50_ms <= outcome.p99_ms
    assert outcome.first_bad == ""


def test_fewer_requests_than_connections_end_too() -> None:
    with serve_bare(0) as bare:
        assert generate_load(Job(bare.port, [GET], CONNECTIONS // 2)).statuses == {"200": CONNECTIONS // 2}


def test_an_answer_that_is_not_good_is_shown_whole(emulator_server: BackgroundServer) -> None:
    request = "GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    outcome = generate_load(Job(emulator_server.server.addresses.provider_ports["baanx"], [request], 3))
    assert outcome.statuses == {"404": 3}
    assert outcome.first_bad.startswith("HTTP/1.1 404") and outcome.first_bad.endswith("}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_prepared_request_is_answered_well(case: Case, emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox() as sandbox:
        access = sandbox[case.provider]
        port = int(access.url.rpartition(":")[2])
        outcome = generate_load(Job(port, case.prepare(port, access.credentials, 20), 20, connections=4))
    assert outcome.first_bad == ""
    assert sum(outcome.statuses.values()) == 20


def test_a_server_that_does_not_start_is_told_with_its_reason() -> None:
    with pytest.raises(RuntimeError, match="nonsense"), serve("bench.bare", "nonsense", "0", port=free_ports(1)):
        pass


def test_the_emulator_is_started_without_the_variables_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMULATOR_HOST", "nonsense")
    with serve_emulator() as running:
        assert running.resident_mib > 1
        assert running.start_s > 0


def test_orders_are_counted_in_memory_and_the_journal_stays_bounded() -> None:
    found = run_json("bench.orders", "50")
    assert found["orders"] == 50
    assert found["journal_entries"] <= found["max_entries"]
    assert found["journal_bytes"] <= found["max_bytes"]
    assert found["evicted"] > 0


@pytest.mark.parametrize(("reached", "mark"), [(True, "yes"), (False, "NO")])
def test_a_row_shows_what_was_measured_and_whether_that_is_enough(reached: bool, mark: str) -> None:
    line = show(Row("idle memory", "44.0 MiB", "< 60 MiB", reached, "resident"))
    assert line.split() == ["idle", "memory", "44.0", "MiB", "<", "60", "MiB", mark, "resident"]


def test_an_unknown_part_is_refused_with_the_known_ones() -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "speed"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert all(part in done.stderr for part in PARTS)


def test_the_table_is_also_there_as_json() -> None:
    command = [sys.executable, "-m", "bench", "start", "--rounds", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [row["name"] for row in json.loads(done.stdout)] == ["start to first answer", "idle memory"]
