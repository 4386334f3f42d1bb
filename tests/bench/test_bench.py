"""The bench measures what it says: its load is counted, and its requests are good. How long it takes does not matter
here.
"""

import json
import os
import subprocess
import sys
from functools import partial
from math import isfinite

import pytest

from bench.__main__ import show
from bench.cases import CASES, Case
from bench.load import CONNECTIONS, Job
from bench.plans import PARTS, PLANS
from bench.processes import (
    Door,
    free_ports,
    generate_load,
    processor_time,
    run_json,
    serve,
    serve_bare,
    serve_door,
    serve_emulator,
)
from bench.row import Aim, Amounts, Found, Plan, Row, Skipped
from bench.throughput import Pair, Round, perform, summary
from emulator.testing import BackgroundServer

LITTLE = Amounts(
    rounds=1,
    requests=500,
    orders=50,
    tests=3,
    lives=8,
    timers=50,
    deliveries=20,
    listed=60,
    kept_orders=500,
    kept_sandboxes=120,
)
GET = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_the_load_has_exactly_as_many_requests_as_asked_for() -> None:
    with serve_bare(321) as bare:
        outcome = generate_load(Job(bare.port, [GET], 200))
    assert outcome.statuses == {"200": 200}
    assert outcome.answer_bytes == 321
    assert 0 < outcome.p50_ms <= outcome.p99_ms
    assert outcome.first_bad == ""


def test_a_load_with_fewer_requests_than_connections_ends() -> None:
    with serve_bare(0) as bare:
        assert generate_load(Job(bare.port, [GET], CONNECTIONS // 2)).statuses == {"200": CONNECTIONS // 2}


def test_an_unexpected_answer_is_shown_whole(emulator_server: BackgroundServer) -> None:
    request = "GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    outcome = generate_load(Job(emulator_server.server.addresses.provider_ports["baanx"], [request], 3))
    assert outcome.statuses == {"404": 3}
    assert outcome.first_bad.startswith("HTTP/1.1 404") and outcome.first_bad.endswith("}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_prepared_request_succeeds(case: Case, emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox() as sandbox:
        access = sandbox[case.provider]
        port = int(access.url.rpartition(":")[2])
        outcome = generate_load(Job(port, case.prepare(port, access.credentials, 20), 20, connections=4))
    assert outcome.first_bad == ""
    assert sum(outcome.statuses.values()) == 20


def test_a_server_that_does_not_start_is_reported_with_the_reason() -> None:
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


def test_the_table_is_available_as_json() -> None:
    command = [sys.executable, "-m", "bench", "start", "--rounds", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [row["name"] for row in json.loads(done.stdout)] == ["start to first answer", "idle memory"]


BY_DOOR = {door: [plan for plan in PLANS if plan.part == door] for door in ("throughput", "asgi")}
"""The rows that are measured by either door, of the same cases."""


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_each_row_of_requests_gives_numbers(number: int, thorough: bool) -> None:
    in_turn = list(BY_DOOR.values())
    for plans in in_turn if thorough else [in_turn[number % len(in_turn)]]:
        [row] = rows_of(plans[number])
        figures = dict(row.figures)
        assert figures.pop("user_us") + figures.pop("system_us") > 0
        assert figures.pop("bare_user_us") + figures.pop("bare_system_us") > 0
        assert all(figure > 0 for figure in figures.values())


@pytest.mark.parametrize(
    "plan", [plan for plan in PLANS if plan.part not in BY_DOOR], ids=lambda plan: plan.aims[0].name
)
def test_each_other_row_gives_a_number(plan: Plan) -> None:
    assert rows_of(plan)


def rows_of(plan: Plan) -> list[Row]:
    """The rows of a plan, each with a number."""
    rows = plan.rows(LITTLE)
    assert [row.name for row in rows] == [aim.name for aim in plan.aims]
    for row in rows:
        assert row.value is not None, row.details
        assert isfinite(row.value)
    return rows


def test_every_throughput_row_also_exists_through_asgi() -> None:
    measured = [plan.measure.args for plan in PLANS if isinstance(plan.measure, partial)]
    assert measured == [(case, door) for door in ("direct", "asgi") for case in CASES]


@pytest.mark.parametrize(
    ("door", "refusal"),
    [("direct", "Invalid HTTP request received: this port"), ("asgi", "Invalid HTTP request received.")],
)
def test_requests_use_the_named_door(door: Door, refusal: str) -> None:
    with serve_door(door, "--clock", "manual") as emulator:
        outcome = generate_load(Job(emulator.port + 1, ["no HTTP\r\n\r\n"], 1, connections=1))
    _, _, body = outcome.first_bad.partition("\r\n\r\n")
    assert body.startswith(refusal)


def test_processor_time_agrees_with_the_process_s_own_measurement() -> None:
    before, found, after = os.times(), processor_time(os.getpid()), os.times()
    assert before.user <= found.user_s <= after.user
    assert before.system <= found.system_s <= after.system


def test_a_server_s_processor_time_is_positive_and_at_most_the_elapsed_time() -> None:
    with serve_bare(0) as bare:
        job = Job(bare.port, [GET], 3000)
        before, outcome, after = bare.processor_time(), generate_load(job), bare.processor_time()
        taken_s = after.user_s + after.system_s - before.user_s - before.system_s
        assert 0 < taken_s <= outcome.seconds + 0.5
        assert perform(bare, job).cpu_us > 0


def test_the_ratio_of_processor_time_decides_and_higher_is_better_except_for_latency() -> None:
    bare = Round(user_us=20, system_us=10, per_s=8000, p99_ms=2, answer_bytes=1)
    first = Pair(Round(user_us=100, system_us=20, per_s=2000, p99_ms=5, answer_bytes=1), bare)
    second = Pair(Round(user_us=60, system_us=20, per_s=4000, p99_ms=3, answer_bytes=1), bare)
    found = summary([first, second])
    assert found.value == pytest.approx(60 / 200)
    assert (found.figures["user_us"], found.figures["system_us"]) == (80, 20)
    assert found.figures["throughput_ratio"] == pytest.approx(0.375)
    assert found.figures["p99_ratio"] == pytest.approx(2)
    assert "CPU 80+20 us, bare 20+10 us" in found.details
    assert "ratios 0.25 to 0.38" in found.details


def test_a_load_with_unexpected_answers_is_not_measured() -> None:
    request = "GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with serve_emulator() as emulator, pytest.raises(Skipped, match="HTTP/1.1 404"):
        perform(emulator, Job(emulator.port + 1, [request], 3))


def test_a_failed_measurement_is_shown_and_misses_its_target() -> None:
    def fail(amounts: Amounts) -> tuple[Found, ...]:
        raise Skipped("no luck")

    (row,) = Plan("some", (Aim("luck", None),), fail).rows(LITTLE)
    assert (row.measured, row.reached, row.value, row.details) == ("skipped", False, None, "no luck")


@pytest.mark.parametrize(
    ("sign", "limit", "value", "reached"),
    [
        (">=", 0.3, 0.3, True),
        (">=", 0.3, 0.29, False),
        ("<=", 2.0, 2.0, True),
        ("<=", 2.0, 2.1, False),
        ("<", 60.0, 60.0, False),
        (">=", None, 0.0, True),
    ],
)
def test_a_target_says_whether_it_is_reached(sign: str, limit: float | None, value: float, reached: bool) -> None:
    assert Aim("some", limit, sign).judge(Found(value)).reached is reached
