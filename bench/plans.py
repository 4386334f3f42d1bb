"""The table: for each row its part, its name, what is aimed at, and how it is measured."""

from functools import partial

from bench.cases import CASES
from bench.console import console
from bench.measure import lives, memory, plugin, start, timers, webhooks, whole_tests
from bench.row import Aim, Plan
from bench.stores import creates, start_and_memory
from bench.throughput import throughput
from emulator.core import journal

PLANS = (
    *(Plan("throughput", (Aim(case.name, case.target),), partial(throughput, case, "direct")) for case in CASES),
    *(
        Plan("asgi", (Aim(f"{case.name}, ASGI", case.asgi_target),), partial(throughput, case, "asgi"))
        for case in CASES
    ),
    Plan(
        "test",
        (Aim("whole test over HTTP", None, shown="{:.2f} ms"), Aim("whole test in process", None, shown="{:.2f} ms")),
        whole_tests,
    ),
    Plan("lives", (Aim("200 lives in process", 10.0, "<", "{:.1f} s"),), lives),
    Plan("timers", (Aim("due timers in one advance", None, shown="{:.0f}/s"),), timers),
    Plan("webhooks", (Aim("webhook deliveries", 0.5),), webhooks),
    Plan(
        "console",
        (
            Aim("console's page over 10,000 orders", 100.0, "<=", "{:.0f} ms"),
            Aim("its search through all of them", 150.0, "<=", "{:.0f} ms"),
            Aim("its list at 500 events a second", 150.0, "<=", "{:.0f} ms"),
        ),
        console,
    ),
    Plan("start", (Aim("start to first answer", 1.5, "<="), Aim("idle memory", 60.0, "<", "{:.1f} MiB")), start),
    Plan(
        "stores",
        (
            Aim("create, SQLite to memory", 0.6),
            Aim("create, Redis to memory", None),
            Aim("create, two emulators to one", None),
            Aim("the same in one sandbox", None),
            Aim("read at the other emulator", None, shown="{:.1f} ms"),
        ),
        creates,
    ),
    Plan(
        "stores",
        (
            Aim("start with 100,000 orders", None, "<=", "{:.1f} s"),
            Aim("10,000 sandboxes, 100 in use", 1.2, "<="),
        ),
        start_and_memory,
    ),
    Plan("plugin", (Aim("plugin in a pytest run", 20.0, "<=", "{:+.0f} ms"),), plugin),
    Plan(
        "memory",
        (
            Aim("memory per order", 2.5, "<=", "{:.2f} KB"),
            Aim("journal entries", journal.MAX_ENTRIES, "<=", "{:.0f}"),
            Aim("journal size", journal.MAX_BYTES / 2**20, "<=", "{:.1f} MiB"),
        ),
        memory,
    ),
)
PARTS = tuple(dict.fromkeys(plan.part for plan in PLANS))
