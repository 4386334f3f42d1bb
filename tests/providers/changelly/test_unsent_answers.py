"""Answers that were never sent, as the journal shows them. Over HTTP."""

from typing import Any

import httpx
import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from emulator.testing.connection import tls
from tests.clients.changelly import BUY, sign

FAULTS = ["reset", "timeout"]


def lose(emulator: Emulator, fault: str, when: str, **changes: Any) -> Any:
    """Creates an order whose answer gets lost; gives the entry in the journal."""
    url, body = f"{emulator.changelly.url}/v1/orders", json_text.encode({**BUY, **changes})
    access = emulator.changelly.credentials
    headers = {
        "X-Api-Key": str(access["api_key"]),
        "X-Api-Signature": sign(url.encode() + body, str(access["private_key"])),
        "X-Emulator-Fault": f"{fault}; when={when}",
    }
    with pytest.raises(httpx.TransportError):
        httpx.post(url, content=body, headers=headers, verify=tls(), timeout=0.3)
    [entry] = emulator.journal(kind="request")
    assert (entry["sent"], entry["status"], entry["answer"]) == (False, None, None)
    return entry


def count(emulator: Emulator, **match: Any) -> int:
    answer = httpx.post(
        f"{emulator.control_url}/sandboxes/{emulator.name}/journal/count", json={"match": match}, verify=tls()
    )
    found: int = answer.json()["count"]
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_44_with_a_fault_after_the_call_the_journal_has_the_answer_that_was_lost(
    emulator: Emulator, fault: str
) -> None:
    unsent = lose(emulator, fault, "after")["unsent"]
    [order] = emulator.orders()
    assert (unsent["status"], unsent["body"]["orderId"]) == (201, order["id"])


@pytest.mark.parametrize("fault", FAULTS)
def test_44_the_journal_has_a_refusal_that_was_never_sent(emulator: Emulator, fault: str) -> None:
    unsent = lose(emulator, fault, "after", amountFrom="1")["unsent"]
    assert (unsent["status"], unsent["body"]["errorType"]) == (400, "limits")


@pytest.mark.parametrize("fault", FAULTS)
def test_44_with_a_fault_before_the_call_there_is_no_answer(emulator: Emulator, fault: str) -> None:
    assert lose(emulator, fault, "before")["unsent"] is None
    assert emulator.orders() == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_44_an_answer_that_was_never_sent_counts_under_no_status(emulator: Emulator, fault: str, when: str) -> None:
    lose(emulator, fault, when)
    assert [count(emulator, status=status) for status in (201, 500)] == [0, 0]
    assert count(emulator, sent=False) == 1
    assert count(emulator, sent=True) == 0


def test_44_every_other_entry_of_a_request_was_sent(emulator: Emulator) -> None:
    httpx.get(f"{emulator.changelly.url}/v1/providers", verify=tls(), headers={"X-Api-Key": f"key-{emulator.name}"})
    [entry] = emulator.journal(kind="request")
    assert (entry["sent"], entry["status"], "unsent" in entry) == (True, 401, False)
