"""`emulator explain`: why a request was refused."""

from collections.abc import Iterator
from typing import Any

import click

from emulator.cli.output import EXIT_REFUSED, Failed
from emulator.cli.target import Target, with_target

_LAST = "last"
_MARKS = {"passed": "ok ", "refused": "NO ", "not reached": "-  "}


@click.command(
    epilog="""\b
Examples:
  emulator explain
  emulator explain 48
  emulator explain --how python
  emulator explain --resend
  emulator explain --json | jq -r '.good[0].text'"""
)
@click.argument("number", default=_LAST, metavar="[NUMBER]")
@click.option("--how", metavar="LANGUAGE", help="Print a program that sends it correctly: shell, python, node, java.")
@click.option("--resend", is_flag=True, help="Send the request again, correctly signed.")
@with_target
def explain(target: Target, number: str, how: str | None, resend: bool) -> None:
    """Explain why a request was refused, or send it again, corrected.

    Without NUMBER the last refused request; otherwise the one with this number in the journal.
    """
    from emulator.core.suggestion import use_one_of

    if resend:
        again = target.ask("POST", f"journal/{number}/resend")
        target.show(again, lambda: "\n".join(_tell_again(again)))
        return
    found = target.ask("GET", f"journal/{number}/diagnosis")
    if how is None:
        target.show(found, lambda: "\n".join(_tell(found)))
        return
    programs = found["how"]["programs"]
    if how not in programs:
        told = found["how"]["why_not"] or f"no program in {how!r}: {use_one_of(how, list(programs))}"
        raise Failed(told, EXIT_REFUSED)
    target.show({"program": programs[how]}, lambda: programs[how].rstrip("\n"))


def _tell(found: dict[str, Any]) -> Iterator[str]:
    request = found["request"]
    what = f"{request['provider']} {request['method']} {request['path']}"
    status = request["status"] if request["sent"] else "no answer"
    yield f"{found['sentence']}"
    yield ""
    yield f"request {request['number']}, {request['at']}: {what} -> {status} {request['error']}"
    if found["came"] is not None:
        yield f"  came      {found['came']}"
    for place, each in enumerate(found["good"]):
        yield f"  {'should be' if not place else 'or       '} {each['text']}  ({each['name']})"
    if found["signature"] is not None:
        for name in ("received", "expected"):
            if found["signature"][name]:
                yield f"  {name:<9} {found['signature'][name]}"
        yield f"  made by   {found['signature']['made_by']}"
    if found["checks"]:
        yield "checks, in the provider's order:"
        yield from (f"  {_MARKS[each['outcome']]} {each['name']}" for each in found["checks"])
    if found["how"]["programs"]:
        yield f"`emulator explain {request['number']} --how python` prints a program that sends it correctly,"
        yield f"`emulator explain {request['number']} --resend` sends it like that"


def _tell_again(again: dict[str, Any]) -> Iterator[str]:
    sent = again["sent"]
    order = f", order {again['order']}" if again["order"] else ""
    yield f"request {again['number']}: {sent['method']} {sent['url']} -> {sent['status']}{order}"
    if again["reason"]:
        yield f"refused again, as {again['error']}: {again['reason']}"
