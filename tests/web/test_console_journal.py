"""The console's journal, as it comes without scripts."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from emulator.testing import BackgroundServer, Emulator
from tests.clients.basswallet import Client
from tests.receivers import Receiver
from tests.refused import refuse


def entries(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a id="entry-(\d+)"', page)]


@pytest.fixture
def console(emulator_server: BackgroundServer) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with httpx.Client(base_url=emulator_server.server.addresses.front, trust_env=False) as client:
        yield client


@pytest.fixture
def path(emulator: Emulator) -> str:
    return f"/console/{emulator.name}/journal"


def test_the_journal_can_be_filtered_and_searched_newest_first(
    console: httpx.Client, emulator: Emulator, path: str
) -> None:
    order = emulator.make_order("koywe", "PAYIN", "manual")
    emulator.fire(order["id"], "confirm")
    refuse(emulator, "basswallet")
    everything = emulator.journal(order="desc")
    assert entries(console.get(path).text) == [each["number"] for each in everything]
    for query, expected in {
        "kind=transition": [each["number"] for each in everything if each["kind"] == "transition"],
        "of=basswallet": [each["number"] for each in everything if each["provider"] == "basswallet"],
        f"about={order['id']}": [each["number"] for each in everything if order["id"] in each["orders"]],
        "outcome=refused": [each["number"] for each in everything if each.get("error")],
        "find=names+SORTED": [each["number"] for each in everything if "names sorted" in str(each.get("reason"))],
        "kind=request&of=koywe&outcome=refused": [],
    }.items():
        assert entries(console.get(f"{path}?{query}").text) == expected, query
    assert "No entry matches" in console.get(f"{path}?find=nobody-wrote-this").text


def test_paging_works_both_ways_and_keeps_the_filters(console: httpx.Client, emulator: Emulator, path: str) -> None:
    with Client(emulator) as client:
        for _ in range(120):
            client.request("GET", "/v1/common/tokens")
    seen, page = [], console.get(f"{path}?of=basswallet").text
    while True:
        seen += entries(page)
        older = re.search(r'<a href="([^"]+)">Older</a>', page)
        if older is None:
            break
        page = console.get(unescape(older[1])).text
    assert seen == list(range(120, 0, -1))
    newer = re.search(r'<a href="([^"]+)">Newer</a>', page)
    assert newer is not None
    assert entries(console.get(unescape(newer[1])).text) == list(range(70, 20, -1))


def test_an_entry_has_its_own_page_with_all_details(console: httpx.Client, emulator: Emulator, path: str) -> None:
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.make_order("basswallet")
        emulator.advance("20s")
    for entry in emulator.journal():
        place = path.replace("journal", "requests") if entry["kind"] == "request" else path
        page = console.get(f"{place}/{entry['number']}")
        assert page.status_code == 200
        assert f"{place}/{entry['number']}" in console.get(path).text
        shown = unescape(page.text)
        for value in (entry["at"], *entry["orders"], entry.get("event"), entry.get("url")):
            assert value is None or value in shown, (entry["kind"], value)
    assert console.get(f"{path}/999999").status_code == 404
    assert console.get(f"{path}/x").status_code == 404


def test_a_request_is_shown_with_its_bytes(console: httpx.Client, emulator: Emulator) -> None:
    body = b'{"note" :  "two  spaces", "n": 1.50}'
    headers = {"API-Access-Key": f"access-{emulator.name}", "Content-Type": "application/json"}
    httpx.post(f"{emulator.basswallet.url}/v1/account/payment", content=body, headers=headers)
    page = unescape(console.get(f"/console/{emulator.name}/requests/1").text)
    assert body.decode() in page
    assert "0000  7b 22 6e 6f 74 65 22" in page


def test_the_journal_says_what_is_missing(console: httpx.Client, emulator: Emulator, path: str) -> None:
    taken: Any = emulator.call("GET", "snapshot")
    emulator.call("PUT", "snapshot", taken)
    assert "what was before a restart or a restored snapshot is missing" in console.get(path).text
