"""What is measured, and against which targets. Each function gives rows of one table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.cases import CASES, Case
from bench.load import Job
from bench.processes import (
    Running,
    collect,
    collect_with_plugin,
    control,
    generate_load,
    run_json,
    serve_bare,
    serve_emulator,
    serve_starlette,
)
from bench.webhooks import CONCURRENCY, DELIVERIES, deliver, prepare_orders

_BARE_REQUESTS = 3
"""As many times those of the emulator, so that both rounds take about as long."""
_WARM_UP = 500
_START_RATIO = 2.0
_WEBHOOK_RATIO = 0.5
_IDLE_MIB = 60.0
_ORDER_KB = 2.5
_PLUGIN_MS = 20.0


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    measured: str
    target: str
    reached: bool
    details: str = ""


def throughput(rounds: int, requests: int) -> Iterator[Row]:
    """Requests per second as a ratio to the bare application: rounds of both in turn, median of the ratios."""
    for case in CASES:
        with serve_emulator(*case.arguments) as emulator:
            yield _compare(case, emulator, rounds, requests)


def _compare(case: Case, emulator: Running, rounds: int, requests: int) -> Row:
    target = "" if case.target is None else f">= {case.target:.2f}"
    sandbox = control(emulator, "GET", "sandboxes/default")
    port = int(sandbox["urls"][case.provider].rpartition(":")[2])
    try:
        prepared = case.prepare(port, sandbox["credentials"][case.provider], _WARM_UP)
        warm_up = generate_load(Job(port, prepared, _WARM_UP))
    except (KeyError, ValueError) as error:
        return Row(case.name, "skipped", target, False, f"its requests can not be made: {error!r}")
    if warm_up.first_bad:
        return Row(case.name, "skipped", target, False, f"answers {warm_up.first_bad[:400]!r}")
    ratios, rates, bare_rates, tails_ms, bare_tails_ms = [], [], [], [], []
    with serve_bare(warm_up.answer_bytes) as bare:
        for _ in range(rounds):
            prepared = case.prepare(port, sandbox["credentials"][case.provider], requests)
            bare_outcome = generate_load(Job(bare.port, prepared, requests * _BARE_REQUESTS))
            outcome = generate_load(Job(port, prepared, requests))
            if outcome.first_bad:
                return Row(case.name, "skipped", target, False, f"answers {outcome.first_bad[:400]!r}")
            rates.append(outcome.requests_per_second)
            bare_rates.append(bare_outcome.requests_per_second)
            ratios.append(outcome.requests_per_second / bare_outcome.requests_per_second)
            tails_ms.append(outcome.p99_ms)
            bare_tails_ms.append(bare_outcome.p99_ms)
    ratio = median(ratios)
    details = (
        f"{median(rates):.0f}/s, p99 {median(tails_ms):.1f} ms; bare {median(bare_rates):.0f}/s, "
        f"p99 {median(bare_tails_ms):.1f} ms; ratios {min(ratios):.2f} to {max(ratios):.2f}"
    )
    return Row(case.name, f"{ratio:.2f}", target, case.target is None or ratio >= case.target, details)


def webhooks(rounds: int) -> Iterator[Row]:
    """How quickly webhooks are delivered, as a ratio to the same POSTs from bare httpx."""
    ratios, rates = [], []
    with serve_bare(0) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        for _ in range(rounds):
            with serve_emulator() as emulator:
                prepare_orders(emulator, DELIVERIES, url)
                took_s, bodies = deliver(emulator)
            job = {"url": url, "bodies": bodies, "concurrency": CONCURRENCY}
            bare = run_json("bench.webhooks", given=json.dumps(job))
            ratios.append(bare["took_s"] / took_s)
            rates.append(DELIVERIES / took_s)
    ratio = median(ratios)
    yield Row("webhook deliveries", f"{ratio:.2f}", f">= {_WEBHOOK_RATIO:.1f}", ratio >= _WEBHOOK_RATIO,
              f"{median(rates):.0f}/s; ratios to bare httpx {min(ratios):.2f} to {max(ratios):.2f}")  # fmt: skip


def start(rounds: int) -> Iterator[Row]:
    """Time from process start to the first good answer, and memory when idle."""
    ours, bare, resident = [], [], []
    for _ in range(rounds):
        with serve_starlette() as running:
            bare.append(running.start_s)
        with serve_emulator() as running:
            ours.append(running.start_s)
            resident.append(running.resident_mib)
    ratio = median(each / other for each, other in zip(ours, bare, strict=True))
    yield Row("start to first answer", f"{ratio:.2f}", f"<= {_START_RATIO:.1f}", ratio <= _START_RATIO,
              f"{1000 * median(ours):.0f} ms; bare Starlette {1000 * median(bare):.0f} ms")  # fmt: skip
    idle = median(resident)
    yield Row("idle memory", f"{idle:.1f} MiB", f"< {_IDLE_MIB:.0f} MiB", idle < _IDLE_MIB, "resident, after start")


def plugin(rounds: int) -> Iterator[Row]:
    """What the plugin costs a run of pytest that does not use it: the same run with and without, in turn."""
    with_it, without = [], []
    collect_with_plugin()  # compiles what is not yet compiled
    for _ in range(rounds):
        without.append(collect())
        with_it.append(collect_with_plugin())
    cost_ms = 1000 * median(more - less for more, less in zip(with_it, without, strict=True))
    yield Row("plugin in a pytest run", f"{cost_ms:+.0f} ms", f"<= {_PLUGIN_MS:.0f} ms", cost_ms <= _PLUGIN_MS,
              f"pytest --co of nothing: {1000 * median(without):.0f} ms without it")  # fmt: skip


def memory(orders: int) -> Iterator[Row]:
    """Memory per order, and whether the journal stays within its bounds, after so many orders."""
    found: dict[str, Any] = run_json("bench.orders", str(orders))
    order_kb = found["order_bytes"] / 1000
    yield Row("memory per order", f"{order_kb:.2f} KB", f"<= {_ORDER_KB} KB", order_kb <= _ORDER_KB,
              f"{found['orders']} Baanx orders through World.answer in process, two timers each; "
              f"resident {found['resident_mib']:.0f} MiB at the end")  # fmt: skip
    bounded = (
        found["journal_entries"] <= found["max_entries"]
        and found["journal_bytes"] <= found["max_bytes"]
        and found["evicted"] > 0
    )
    yield Row("journal", f"{found['journal_entries']} entries, {found['journal_bytes'] / 2**20:.1f} MiB",
              f"<= {found['max_entries']} entries, {found['max_bytes'] / 2**20:.0f} MiB", bounded,
              f"{found['evicted']} evicted and counted")  # fmt: skip
