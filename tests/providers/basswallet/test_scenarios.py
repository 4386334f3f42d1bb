"""The shipped scenarios: where they lead, and which requests choose them."""

import pytest

from emulator import providers
from emulator.contract.errors import ErrorCase
from emulator.testing import ControlRefused, Emulator
from tests.clients.basswallet import Client, refused

ERRORS = providers.load("basswallet").errors
SCRIPTED = [case for case in ERRORS.values() if case.scripted]

ENDS = [
    ("happy", "99.99", "Success", "99.99"),
    ("manual", "99.99", "Expired", None),
    ("confirming", "99.99", "AwaitingConfirmation", "99.99"),
    ("failed", "99.99", "Failed", "99.99"),
    ("underpaid", "99.99", "Underpaid", "49.99"),
    ("overpaid", "99.99", "Success", "199.98"),
    ("expired", "99.99", "Expired", None),
    ("paid-late", "99.99", "Expired", None),
    ("cancelled", "99.99", "Cancelled", None),
    ("happy", None, "Success", "1"),
    ("failed", None, "Failed", "1"),
    ("underpaid", None, "Expired", None),
    ("overpaid", None, "Success", "2"),
]
PAYING = ("underpaid", "overpaid", "confirming", "expired", "paid-late")
WITHDRAWN = [
    ("happy", "Success"),
    ("manual", "Processing"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
    ("withdrawal-in-review", "AwaitingReview"),
    ("withdrawal-approved", "Success"),
    ("withdrawal-declined", "ReviewDeclined"),
    *((scenario, "Success") for scenario in PAYING),
]
MAGIC = [
    ("sandbox:pay:5", "99.99", "65s", "Success", "99.99"),
    ("sandbox:pay:0", "99.99", "60s", "Success", "99.99"),
    ("sandbox:pay:4000", "99.99", "2h", "Expired", None),
    ("sandbox:underpay:5", "99.99", "65s", "Underpaid", "49.99"),
    ("sandbox:overpay:5", "99.99", "65s", "Success", "199.98"),
    ("sandbox:fail:5", "99.99", "65s", "Failed", "99.99"),
    ("sandbox:late:30", "99.99", "61m", "Expired", None),
    ("sandbox:overpay:5", None, "65s", "Success", "2"),
    ("sandbox:underpay:5", None, "65s", "Pending", None),
    ("sandbox:fail:5", None, "65s", "Failed", "1"),
]
ORDINARY = ["sandbox", "sandbox:", "sandbox:pay", "sandbox:pay:", "sandbox:pay:x", " sandbox:pay:1", "sandbox:pay:1 "]


@pytest.mark.parametrize(("scenario", "amount", "status", "paid"), ENDS)
def test_each_scenario_ends_as_it_says(
    emulator: Emulator, client: Client, scenario: str, amount: str | None, status: str, paid: str | None
) -> None:
    order_id = client.start(scenario, amount=amount)
    assert client.outcome(order_id) == ("Pending", None)
    emulator.advance(until="idle")
    assert client.outcome(order_id) == (status, paid)


def test_every_status_is_reached_by_a_scenario(emulator: Emulator, client: Client) -> None:
    seen = {status for _, _, status, _ in ENDS} | {"Pending"}
    for scenario, _ in WITHDRAWN:
        order_id = client.withdrawal(scenario)
        emulator.advance(until="idle")
        seen |= {str(item["status"]) for item in emulator.order(order_id)["story"] if "status" in item}
    assert set(providers.load("basswallet").lifecycle.statuses) <= seen


@pytest.mark.parametrize(("scenario", "status"), WITHDRAWN)
def test_39_each_scenario_ends_a_withdrawal_as_it_says(
    emulator: Emulator, client: Client, scenario: str, status: str
) -> None:
    order_id = client.withdrawal(scenario)
    emulator.advance(until="idle")
    assert client.status(order_id) == status
    followed = "happy" if scenario in PAYING else scenario
    story = emulator.order(order_id)
    assert (story["scenario"], "dropped" in [item["kind"] for item in story["story"]]) == (followed, False)


@pytest.mark.parametrize("case", SCRIPTED, ids=[case.name for case in SCRIPTED])
def test_04_every_documented_error_has_a_scenario_that_refuses_with_it(
    emulator: Emulator, client: Client, case: ErrorCase
) -> None:
    scenario = f"refused-{case.name.lower().replace('_', '-')}"
    assert refused(client.create({"X-Emulator-Scenario": scenario})) == (case.status, case.name)
    emulator.set("basswallet", error_msg="text", error_http_status="always_200")
    assert refused(client.create({"X-Emulator-Scenario": scenario})) == (200, case.message)
    assert emulator.orders() == []


@pytest.mark.parametrize("case", SCRIPTED, ids=[case.name for case in SCRIPTED])
def test_04_a_fault_refuses_with_any_error_before_the_key_is_looked_at(client: Client, case: ErrorCase) -> None:
    fault = {"X-Emulator-Fault": f"status; error={case.name}"}
    response = client.create(fault | {"Signature": None})
    assert refused(response) == (case.status, case.name)
    assert refused(client.send("GET", "/v2", None, fault)) == (404, "NOT_FOUND")


def test_04_a_fault_may_come_after_the_order_was_created(emulator: Emulator, client: Client) -> None:
    response = client.create({"X-Emulator-Fault": "status; error=SYSTEM_ERROR; when=after"}, businessId="Order0001")
    assert refused(response) == (500, "SYSTEM_ERROR")
    assert client.data(client.query(businessId="Order0001"))["status"] == "Pending"
    assert refused(client.create(businessId="Order0001")) == (403, "BUSINESS_ID_EXISTENCE")


def test_19_a_rate_limit_by_fault_says_when_to_retry(client: Client) -> None:
    response = client.create({"X-Emulator-Fault": "rate-limit; retry_after=7s"})
    assert refused(response) == (429, "FREQUENCY_LIMITED")
    assert response.headers["retry-after"] == "7"


def test_04_a_refusal_by_scenario_keeps_the_order_of_checks(client: Client) -> None:
    early, late = {"X-Emulator-Scenario": "refused-sign-error"}, {"X-Emulator-Scenario": "refused-trade-error"}
    assert refused(client.create(early, amount="x")) == (401, "SIGN_ERROR")
    assert refused(client.create(late, amount="x")) == (400, "PARAM_ERROR")
    assert refused(client.create(late | {"Signature": None})) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(("text", "amount", "by", "status", "paid"), MAGIC)
def test_12_the_display_info_can_script_what_happens_when(
    emulator: Emulator, client: Client, text: str, amount: str | None, by: str, status: str, paid: str | None
) -> None:
    emulator.choose(basswallet=None)
    created = client.data(client.create(amount=amount, displayInfo=text))
    assert created["displayInfo"] == text
    emulator.advance(by)
    assert client.outcome(created["id"]) == (status, paid)


def test_14_a_late_scripted_payment_is_credited_by_setting(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", late_policy="credit")
    emulator.choose(basswallet=None)
    order_id = client.order_id(client.create(amount="99.99", displayInfo="sandbox:late:30", expiryMinutes="1"))
    emulator.advance("92s")
    assert client.outcome(order_id) == ("Expired", None)
    emulator.advance("1s")
    assert client.outcome(order_id) == ("AwaitingConfirmation", "99.99")
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Success", "99.99")


@pytest.mark.parametrize("text", ORDINARY)
def test_any_other_display_info_is_only_shown(emulator: Emulator, client: Client, text: str) -> None:
    emulator.choose(basswallet=None)
    order_id = client.order_id(client.create(displayInfo=text))
    assert emulator.order(order_id)["scenario"] == "happy"


def test_scripts_in_the_display_info_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    emulator.choose(basswallet=None)
    emulator.set("basswallet", magic_display_info=False)
    created = client.data(client.create(displayInfo="sandbox:fail:5"))
    assert created["displayInfo"] == "sandbox:fail:5"
    assert emulator.order(created["id"])["scenario"] == "happy"


def test_the_header_takes_precedence_over_the_display_info(emulator: Emulator, client: Client) -> None:
    order_id = client.start("cancelled", displayInfo="sandbox:pay:1")
    assert emulator.order(order_id)["scenario"] == "cancelled"


def test_a_custom_scenario_can_pay_in_any_way(emulator: Emulator, client: Client) -> None:
    document = {
        "version": 1,
        "provider": "basswallet",
        "about": "A whale pays a hundred times what it should.",
        "match": {"body.businessId": "Whale"},
        "timeline": [{"after": "1s", "do": "pay", "with": {"times": 100, "txHash": "ab" * 32}}],
    }
    emulator.scenario("basswallet", "whale", document)
    order_id = client.order_id(client.create(businessId="Whale", amount="1.01"))
    emulator.advance("4s")
    assert client.outcome(order_id) == ("AwaitingConfirmation", "101")
    assert client.data(client.read(order_id))["txHash"] == "ab" * 32


@pytest.mark.parametrize(
    "arguments", [{"amount": [1]}, {"times": "x"}, {"times": 5000}, {"amount": "1e5"}, {"amount": -1}]
)
def test_an_impossible_payment_in_a_scenario_does_no_harm(
    emulator: Emulator, client: Client, arguments: dict[str, object]
) -> None:
    step = {"after": "1s", "do": "pay", "with": arguments}
    document = {"version": 1, "provider": "basswallet", "about": "x", "timeline": [step]}
    try:
        emulator.scenario("basswallet", "odd", document)
    except ControlRefused as refusal:
        assert refusal.error == "broken-scenario"
        return
    order_id = client.start("odd")
    emulator.advance("5s")
    assert client.outcome(order_id) == ("Pending", None)


def test_a_step_that_the_lifecycle_forbids_is_refused(emulator: Emulator) -> None:
    for steps in (
        [{"after": "5s", "to": "Success"}],
        [{"after": "5s", "to": "Cancelled"}, {"after": "5s", "do": "pay"}],
    ):
        document = {"version": 1, "provider": "basswallet", "about": "x", "timeline": steps}
        with pytest.raises(ControlRefused) as caught:
            emulator.scenario("basswallet", "wrong", document)
        assert caught.value.error == "broken-scenario"
