"""`make bench`: one table of what is measured, the target, and whether it is reached."""

import argparse
import json
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict

from bench.plans import PARTS, PLANS
from bench.row import Amounts, Row

_AMOUNTS = {
    "rounds": "how often each pair is measured",
    "requests": "requests a round to the emulator",
    "orders": "orders for the memory rows",
    "tests": "whole tests over HTTP, and as many in process",
    "lives": "lives that are drawn and played in process",
    "timers": "timers that fall due in one advance",
    "deliveries": "webhooks a round",
}


def measure(parts: Collection[str], amounts: Amounts) -> Iterator[Row]:
    """The rows of the parts that were asked for."""
    for plan in PLANS:
        if plan.part in parts:
            yield from plan.rows(amounts)


def show(row: Row) -> str:
    """A line of the table."""
    mark = "yes" if row.reached else "NO"
    return f"{row.name:<30} {row.measured:>10} {row.target:>12}  {mark:<7}  {row.details}"


def main() -> int:
    """Prints the table; 0, or with --strict 1 if a target was missed or skipped."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; none: all")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target is missed or skipped")
    for name, meaning in _AMOUNTS.items():
        default = getattr(Amounts, name)
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{meaning} (default {default})")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {min(unknown)!r}: use some of {', '.join(PARTS)}")
    rows = []
    if not options.json:
        print(f"{'':<30} {'measured':>10} {'target':>12}  reached  details")
    amounts = Amounts(**{name: getattr(options, name) for name in _AMOUNTS})
    for row in measure(options.parts or PARTS, amounts):
        rows.append(row)
        if not options.json:
            print(show(row), flush=True)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    return 1 if options.strict and not all(row.reached for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
