"""A person takes over: a timeline that nobody chose ends when somebody opens the pay page, or sets a status by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients import baanx, basswallet, changelly, koywe
from tests.clients.koywe import VARIANTS


@dataclass(frozen=True)
class Case:
    """A provider's case."""

    client: Any
    unpaid: str
    by_hand: str
    """A status on the way to the last one."""
    paid: str
    form: Mapping[str, str]
    """What the button of the page sends that pays."""
    form_path: str = ""
    expired: str = ""


CASES = {
    "baanx": Case(baanx.Client, "STARTED", "PENDING", "COMPLETED", {"outcome": "pay"}, expired="EXPIRED"),
    "basswallet": Case(
        basswallet.Client, "Pending", "AwaitingConfirmation", "Success", {"amount": ""}, "/pay", expired="Expired"
    ),
    "changelly": Case(changelly.Client, "created", "pending", "complete", {"status": "complete"}),
    "koywe": Case(koywe.Client, "PENDING", "PROCESSING", "COMPLETED", {"outcome": "succeed"}, expired="EXPIRED"),
}
PROVIDERS = pytest.mark.parametrize("provider", CASES)
LONG = "20m"
"""Longer than any default life, shorter than any time to pay."""


def create(emulator: Emulator, provider: str, headers: Mapping[str, str] | None = None, **changes: Any) -> str:
    """Id of a new order, as a client makes it."""
    with CASES[provider].client(emulator) as client:
        answer = client.create(headers, **changes).json()
        found = answer.get("data", answer)
        return str(found.get("orderId") or found["id"])


def page(emulator: Emulator, order_id: str) -> str:
    return str(emulator.order(order_id)["page"])


def status_after(emulator: Emulator, order_id: str, by: str = LONG) -> str:
    emulator.advance(by)
    return str(emulator.order(order_id)["status"])


def kinds(emulator: Emulator, order_id: str) -> list[str]:
    return [item["kind"] for item in emulator.order(order_id)["story"]]


@PROVIDERS
def test_an_order_whose_page_nobody_opens_is_paid_by_itself(emulator: Emulator, provider: str) -> None:
    assert status_after(emulator, create(emulator, provider)) == CASES[provider].paid


@PROVIDERS
def test_an_opened_page_waits_for_its_payer(emulator: Emulator, provider: str) -> None:
    order_id = create(emulator, provider)
    for _ in range(2):
        assert httpx.get(page(emulator, order_id)).status_code == 200
    assert status_after(emulator, order_id) == CASES[provider].unpaid
    assert (kinds(emulator, order_id).count("page-opened"), kinds(emulator, order_id).count("taken-over")) == (1, 1)
    assert (emulator.order(order_id)["next"] or {"what": "expire"})["what"] == "expire"


@PROVIDERS
def test_a_payer_who_opened_the_page_can_pay_and_the_rest_follows_by_itself(emulator: Emulator, provider: str) -> None:
    case, order_id = CASES[provider], create(emulator, provider)
    address = page(emulator, order_id)
    httpx.get(address)
    emulator.advance(LONG)
    answer = httpx.post(address.partition("?")[0] + case.form_path, data=dict(case.form))
    assert answer.status_code in (200, 303)
    assert status_after(emulator, order_id) == case.paid


@PROVIDERS
def test_a_button_on_the_page_takes_over_too(emulator: Emulator, provider: str) -> None:
    case, order_id = CASES[provider], create(emulator, provider)
    httpx.post(page(emulator, order_id).partition("?")[0] + case.form_path, data=dict(case.form))
    assert kinds(emulator, order_id).count("taken-over") == 1
    assert status_after(emulator, order_id) == case.paid


@pytest.mark.parametrize("provider", [name for name in CASES if name != "changelly"])
def test_a_head_request_does_not_open_the_page(emulator: Emulator, provider: str) -> None:
    order_id = create(emulator, provider)
    asked, got = httpx.head(page(emulator, order_id)), httpx.get(page(emulator, create(emulator, provider)))
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert status_after(emulator, order_id) == CASES[provider].paid
    assert "page-opened" not in kinds(emulator, order_id)


@PROVIDERS
def test_a_status_set_by_hand_stays(emulator: Emulator, provider: Any) -> None:
    order_id = create(emulator, provider)
    emulator.move(order_id, cast(Any, CASES[provider].by_hand))
    assert status_after(emulator, order_id) == CASES[provider].by_hand
    [told] = [item for item in emulator.order(order_id)["story"] if item["kind"] == "taken-over"]
    assert (told["status"], told["cause"]) == (CASES[provider].unpaid, "control")


@PROVIDERS
@pytest.mark.parametrize("chosen", ["header", "default"])
def test_a_chosen_scenario_goes_on(emulator: Emulator, provider: str, chosen: str) -> None:
    if chosen == "default":
        emulator.choose(**{provider: "happy"})
    order_id = create(emulator, provider, {"X-Emulator-Scenario": "happy"} if chosen == "header" else None)
    httpx.get(page(emulator, order_id))
    assert status_after(emulator, order_id) == CASES[provider].paid
    assert "page-opened" in kinds(emulator, order_id)
    assert "taken-over" not in kinds(emulator, order_id)


def test_a_scenario_selected_by_its_match_counts_as_chosen(emulator: Emulator) -> None:
    order_id = create(emulator, "basswallet", displayInfo="sandbox:pay:5")
    httpx.get(page(emulator, order_id))
    assert status_after(emulator, order_id) == "Success"


@PROVIDERS
def test_with_the_setting_always_a_chosen_scenario_ends_too(emulator: Emulator, provider: Any) -> None:
    emulator.set(provider, person_takes_over="always")
    order_id = create(emulator, provider, {"X-Emulator-Scenario": "happy"})
    httpx.get(page(emulator, order_id))
    assert status_after(emulator, order_id) == CASES[provider].unpaid


@PROVIDERS
def test_with_the_setting_never_no_scenario_ends(emulator: Emulator, provider: Any) -> None:
    emulator.set(provider, person_takes_over="never")
    order_id = create(emulator, provider)
    httpx.get(page(emulator, order_id))
    assert status_after(emulator, order_id) == CASES[provider].paid


@PROVIDERS
@pytest.mark.parametrize("spelling", ["page_waits", "handEndsTimeline", "pay_page_takes_over"])
def test_the_setting_has_older_names_and_values(emulator: Emulator, provider: Any, spelling: Any) -> None:
    meant: dict[Any, str] = {"on": "unchosen", "off": "never", "always": "always"} | {True: "unchosen", False: "never"}
    for word, value in meant.items():
        emulator.set(provider, **{spelling: word})
        assert emulator.call("GET", "settings")[provider]["person_takes_over"] == value


@PROVIDERS
def test_a_default_life_waits_for_its_payer_as_long_as_the_setting_says(emulator: Emulator, provider: Any) -> None:
    emulator.set(provider, payer_wait_s=600)
    waiting, chosen = create(emulator, provider), create(emulator, provider, {"X-Emulator-Scenario": "happy"})
    assert status_after(emulator, waiting, "599s") == CASES[provider].unpaid
    assert emulator.order(chosen)["status"] == CASES[provider].paid
    assert status_after(emulator, waiting, "9m") == CASES[provider].paid


def test_an_order_without_a_payer_does_not_wait_for_one(emulator: Emulator) -> None:
    emulator.set("koywe", payer_wait_s=600)
    payout = create(emulator, "koywe", **VARIANTS[2])
    assert emulator.order(payout)["page"] is None
    assert status_after(emulator, payout, "61s") == "COMPLETED"


@pytest.mark.parametrize("provider", [name for name, case in CASES.items() if case.expired])
def test_an_order_whose_page_was_opened_still_expires(emulator: Emulator, provider: str) -> None:
    order_id = create(emulator, provider)
    httpx.get(page(emulator, order_id))
    assert status_after(emulator, order_id, "2d") == CASES[provider].expired


def test_a_patch_with_a_status_takes_over_and_one_without_does_not(emulator: Emulator) -> None:
    with changelly.Client(emulator) as client:
        named, same, other = (create(emulator, "changelly") for _ in range(3))
        assert client.patch(named, status="hold").status_code == 200
        assert client.patch(same, status="created").status_code == 200
        assert client.patch(other, country="DE").status_code == 200
    emulator.fire(other, "update", country="FR")
    emulator.advance(LONG)
    assert [emulator.order(each)["status"] for each in (named, same, other)] == ["hold", "created", "complete"]
    assert emulator.order(named)["next"] is None


def test_a_product_s_scenario_counts_as_chosen(emulator: Emulator) -> None:
    emulator.set("baanx", products=[{"id": "MINE", "amount": 5, "scenario": "happy"}, {"id": "OTHER", "amount": 5}])
    mine, other = (create(emulator, "baanx", productId=product) for product in ("MINE", "OTHER"))
    for each in (mine, other):
        httpx.get(page(emulator, each))
    assert [status_after(emulator, each) for each in (mine, other)] == ["COMPLETED", "STARTED"]


def test_an_event_that_the_timeline_waits_for_does_not_end_the_timeline(emulator: Emulator) -> None:
    emulator.set("koywe", profile="sandbox")
    order_id = create(emulator, "koywe")
    assert emulator.order(order_id)["scenario"] == "interactive"
    httpx.get(page(emulator, order_id))
    emulator.fire(order_id, "confirm")
    assert status_after(emulator, order_id) == "COMPLETED"


def test_a_settlement_follows_a_payment_set_by_hand(emulator: Emulator) -> None:
    order_id = create(emulator, "koywe")
    emulator.move(order_id, "PAID")
    due = emulator.order(order_id)["next"]
    assert due is not None
    assert (due["what"], due["does"]) == ("step", "settle")
    assert status_after(emulator, order_id, "1s") == "COMPLETED"


@PROVIDERS
def test_a_restored_snapshot_remembers_that_a_person_took_over(emulator: Emulator, provider: str) -> None:
    order_id = create(emulator, provider)
    httpx.get(page(emulator, order_id))
    kept = emulator.call("GET", "snapshot")
    emulator.reset()
    emulator.call("PUT", "snapshot", kept)
    assert status_after(emulator, order_id) == CASES[provider].unpaid
