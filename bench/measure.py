"""How everything but requests is measured. Each function gives what was found for the rows of one plan."""

import json
import time
from statistics import median
from typing import Any

from bench.cases import baanx_create
from bench.load import Job
from bench.processes import (
    collect,
    collect_with_plugin,
    control,
    generate_load,
    run_json,
    serve_bare,
    serve_emulator,
    serve_starlette,
)
from bench.row import Amounts, Found, Skipped
from bench.webhooks import CONCURRENCY, deliver, prepare_orders

_LIVES = 200
"""For so many lives it is told how long they take, however many are played."""


def whole_tests(amounts: Amounts) -> tuple[Found, ...]:
    """What a user's test takes: over HTTP to an emulator in a process of its own, and in the process of the test."""
    with serve_emulator() as emulator:
        over_http = run_json("bench.whole_test", str(amounts.tests), f"http://127.0.0.1:{emulator.port}/_emulator")
    in_process = run_json("bench.whole_test", str(amounts.tests))
    return tuple(
        Found(median(durations_ms), f"sandbox, create, advance, read, remove; {min(durations_ms):.2f} to "
              f"{max(durations_ms):.2f} ms in {len(durations_ms)} tests")
        for durations_ms in (over_http, in_process)
    )  # fmt: skip


def lives(amounts: Amounts) -> tuple[Found, ...]:
    """What it takes to draw 200 lives and to play them in process."""
    found = run_json("bench.lives", str(amounts.lives))
    durations_ms = found["durations_ms"]
    seconds = sum(durations_ms) / 1000 * _LIVES / len(durations_ms)
    each = f"{median(durations_ms):.1f} ms each, up to {max(durations_ms):.0f}"
    return (Found(seconds, f"{each}; processor {found['processor_s']:.1f} s"),)


def timers(amounts: Amounts) -> tuple[Found, ...]:
    """How many orders change by time in a second of one advance, in which each order has one change due."""
    rates = []
    with serve_emulator("--clock", "manual") as emulator:
        sandbox = control(emulator, "GET", "sandboxes/default")
        port = int(sandbox["urls"]["baanx"].rpartition(":")[2])
        prepared = baanx_create(port, sandbox["credentials"]["baanx"], amounts.timers)
        for _ in range(amounts.rounds):
            created = generate_load(Job(port, prepared, amounts.timers))
            if created.first_bad:
                raise Skipped(f"answers {created.first_bad[:400]!r}")
            began = time.perf_counter()
            answer = control(emulator, "POST", "sandboxes/default/clock/advance", {"by": "10s", "budget": "10m"})
            took_s = time.perf_counter() - began
            happened = len(answer["happened"]) + answer.get("omitted", 0)
            if happened != amounts.timers:
                raise Skipped(f"{happened} changes came of {amounts.timers} timers")
            rates.append(happened / took_s)
    details = f"{amounts.timers} Baanx orders, paid at one instant; {min(rates):.0f} to {max(rates):.0f}/s"
    return (Found(median(rates), details),)


def webhooks(amounts: Amounts) -> tuple[Found, ...]:
    """How quickly webhooks are delivered, as a ratio to the same POSTs from bare httpx."""
    ratios, rates = [], []
    with serve_bare(0) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        for _ in range(amounts.rounds):
            with serve_emulator() as emulator:
                prepare_orders(emulator, amounts.deliveries, url)
                took_s, bodies = deliver(emulator)
            job = {"url": url, "bodies": bodies, "concurrency": CONCURRENCY}
            bare = run_json("bench.webhooks", given=json.dumps(job))
            ratios.append(bare["took_s"] / took_s)
            rates.append(amounts.deliveries / took_s)
    details = f"{median(rates):.0f}/s; ratios to bare httpx {min(ratios):.2f} to {max(ratios):.2f}"
    return (Found(median(ratios), details),)


def start(amounts: Amounts) -> tuple[Found, ...]:
    """Time from process start to the first good answer, as a ratio to bare Starlette's, and memory when idle."""
    ours, bare, resident = [], [], []
    for _ in range(amounts.rounds):
        with serve_starlette() as running:
            bare.append(running.start_s)
        with serve_emulator() as running:
            ours.append(running.start_s)
            resident.append(running.resident_mib)
    ratio = median(each / other for each, other in zip(ours, bare, strict=True))
    details = f"{1000 * median(ours):.0f} ms; bare Starlette {1000 * median(bare):.0f} ms"
    return Found(ratio, details), Found(median(resident), "resident, after start")


def plugin(amounts: Amounts) -> tuple[Found, ...]:
    """What the plugin costs a run of pytest that does not use it: the same run with and without, in turn."""
    with_it, without = [], []
    collect_with_plugin()  # compiles what is not yet compiled
    for _ in range(amounts.rounds):
        without.append(collect())
        with_it.append(collect_with_plugin())
    cost_ms = 1000 * median(more - less for more, less in zip(with_it, without, strict=True))
    return (Found(cost_ms, f"pytest --co of nothing: {1000 * median(without):.0f} ms without it"),)


def memory(amounts: Amounts) -> tuple[Found, ...]:
    """Memory per order, and whether the journal stays within its bounds, after so many orders."""
    found: dict[str, Any] = run_json("bench.orders", str(amounts.orders))
    if not found["evicted"]:
        raise Skipped("the journal counts no evicted entries, though more were written than it keeps")
    details = (
        f"{found['orders']} Baanx orders through Engine.answer in process, two timers each; "
        f"resident {found['resident_mib']:.0f} MiB at the end"
    )
    return (
        Found(found["order_bytes"] / 1000, details),
        Found(found["journal_entries"], f"{found['evicted']} evicted and counted"),
        Found(found["journal_bytes"] / 2**20),
    )
