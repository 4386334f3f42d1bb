"""`make bench`: one table of what is measured, the target, and whether it is reached."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from bench.measure import Row, memory, plugin, start, throughput, webhooks

PARTS = ("throughput", "webhooks", "start", "plugin", "memory")


def measure(options: argparse.Namespace) -> Iterator[Row]:
    """The rows of the parts that were asked for."""
    parts = options.parts or PARTS
    if "throughput" in parts:
        yield from throughput(options.rounds, options.requests)
    if "webhooks" in parts:
        yield from webhooks(options.rounds)
    if "start" in parts:
        yield from start(options.rounds)
    if "plugin" in parts:
        yield from plugin(options.rounds)
    if "memory" in parts:
        yield from memory(options.orders)


def show(row: Row) -> str:
    """A line of the table."""
    mark = "yes" if row.reached else "NO"
    return f"{row.name:<26} {row.measured:>22} {row.target:>22}  {mark:<7}  {row.details}"


def main() -> int:
    """Prints the table; 0, or with --strict 1 if a target was missed or skipped."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; none: all")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed or skipped")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair is measured (default 5)")
    parser.add_argument("--requests", type=int, default=6000, help="requests a round to the emulator (default 6000)")
    parser.add_argument("--orders", type=int, default=200_000, help="orders for the memory row (default 200000)")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {min(unknown)!r}: use some of {', '.join(PARTS)}")
    rows = []
    if not options.json:
        print(f"{'':<26} {'measured':>22} {'target':>22}  reached  details")
    for row in measure(options):
        rows.append(row)
        if not options.json:
            print(show(row), flush=True)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    return 1 if options.strict and not all(row.reached for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
