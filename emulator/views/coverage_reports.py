"""Coverage for people and for CI: as tables for the terminal, as JUnit XML, and whether it is enough."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from emulator.views.coverage import PARTS
from emulator.views.tables import table

NOTHING = (
    "nothing was exercised: no client has called a provider, and no order has moved. Use the emulator's sandboxes in "
    "the tests, or name the file of a run that did"
)
_MOST_GAPS = 5
"""How many gaps of a part are listed in the terminal."""

Document = Mapping[str, Any]


def find_problem(document: Document, fail_under: float | None) -> str | None:
    """Why a run fails by its coverage; None: it does not."""
    if not document["covered"]:
        return NOTHING
    if fail_under is not None and float(document["percent"]) < fail_under:
        return f"the coverage of providers' behaviour is {document['percent']} %, which is less than {fail_under:g} %"
    return None


def write_tables(document: Document, *, color: bool, gaps: bool = True) -> str:
    """The figures of each provider that counts, the first gaps of each part, and how to fill them."""
    counting = [each for each in document["providers"] if each["counts"]]
    columns = ("provider", *PARTS, "all")
    rows = [
        (
            each["name"],
            *(_figure(part) for part in each["parts"]),
            f"{each['covered']}/{each['total']} {each['percent']} %",
        )
        for each in counting
    ]
    lines = [table(columns, rows, color=color)]
    for each in counting if gaps else ():
        lines += _gaps(each)
    others = [each["name"] for each in document["providers"] if not each["counts"]]
    lines += [f"Not used, and not counted: {', '.join(others)}."] if others else []
    lines += [f"Incomplete: {document['why_not']}."] if document["why_not"] else []
    return "\n".join([*lines, f"Covered: {document['covered']} of {document['total']}, {document['percent']} %."])


def _figure(part: Document) -> str:
    return f"{part['covered']}/{part['total']}" if part["total"] else "-"


def _gaps(provider: Document) -> Iterator[str]:
    for part in provider["parts"]:
        missing = [item for item in part["items"] if not item["covered"]]
        if not missing:
            continue
        yield f"\n{provider['name']}, {part['name']} not met: {len(missing)}"
        for item in missing[:_MOST_GAPS]:
            yield f"  {item['name']}: {_short(item['hint'])}"
        if len(missing) > _MOST_GAPS:
            yield f"  and {len(missing) - _MOST_GAPS} more: see --json, --html"


def _short(hint: Document | None) -> str:
    """The shortest way, on one line."""
    if hint is None:
        return "nothing shipped leads there"
    return str(hint["header"] or hint["test"].replace("\n    ", " ").replace("\n", "; "))


def write_junit(document: Document) -> str:
    """A test suite for each provider that counts, a test case for each thing; those not met have failed."""
    root = ElementTree.Element("testsuites", name="coverage of providers' behaviour")
    for provider in document["providers"]:
        if not provider["counts"]:
            continue
        total, missing = provider["total"], provider["total"] - provider["covered"]
        suite = ElementTree.SubElement(
            root, "testsuite", name=provider["name"], tests=str(total), failures=str(missing), errors="0", skipped="0"
        )
        for part in provider["parts"]:
            for item in part["items"]:
                name = f"{provider['name']}.{part['name']}"
                case = ElementTree.SubElement(suite, "testcase", classname=name, name=item["name"])
                if not item["covered"]:
                    failure = ElementTree.SubElement(case, "failure", message=f"not met: {item['about']}")
                    failure.text = item["hint"]["test"] if item["hint"] else "nothing shipped leads there"
    ElementTree.indent(root)
    return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"
