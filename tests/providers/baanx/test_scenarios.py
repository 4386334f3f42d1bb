"""The shipped scenarios: what a polling client sees of each, and that there is one for every status and error."""

from collections.abc import Mapping
from typing import Any

import pytest

from emulator import providers
from emulator.files import shipped, yaml_text
from emulator.testing import Emulator
from tests.clients.baanx import Client

CARD = providers.load("baanx")
FOLDER = shipped.folder("scenarios") / "baanx"
DOCUMENTS: Mapping[str, Any] = {
    path.stem: yaml_text.read_yaml(path.read_text("utf-8")) for path in FOLDER.glob("*.yaml")
}
REFUSED = "payment_refunded"

# Seconds after the creation, the status then, and the note.
COURSES: dict[str, list[tuple[float, str, str | None]]] = {
    "happy": [(4.999, "STARTED", None), (5, "COMPLETED", None)],
    "manual": [(3599.999, "STARTED", None), (3600, "EXPIRED", None)],
    "expires": [(9.999, "STARTED", None), (10, "EXPIRED", None)],
    "payment-fails": [(4.999, "STARTED", None), (5, "FAILED", "payment_failed")],
    "payment-pending": [(5, "PENDING", None), (34.999, "PENDING", None), (35, "COMPLETED", None)],
    "payment-pending-fails": [(5, "PENDING", None), (35, "FAILED", "payment_failed")],
    "payment-stuck": [(5, "PENDING", None), (1e6, "PENDING", None)],
    "payment-seen": [(5, "STARTED", None), (7204.999, "STARTED", None), (7205, "COMPLETED", None)],
    "payment-too-small": [(5, "FAILED", REFUSED)],
    "payment-too-large": [(5, "COMPLETED", None)],
    "payment-late": [(10, "EXPIRED", None), (20, "EXPIRED", None)],
    "refunded-before-completion": [(5, "FAILED", REFUSED)],
    "refunded-after-completion": [(5, "COMPLETED", None), (35, "COMPLETED", REFUSED)],
    "refunded": [(5, "COMPLETED", None), (35, "REFUNDED", REFUSED)],
    "priced-in-usdc": [(4.999, "STARTED", None), (5, "COMPLETED", None)],
    "sandbox-complete": [(10, "COMPLETED", None)],
    "sandbox-fail": [(10, "FAILED", "payment_failed")],
    "sandbox-pending": [(5, "PENDING", None), (10, "COMPLETED", None)],
    "sandbox-expire": [(10, "EXPIRED", None)],
}


def test_every_scenario_that_does_not_refuse_is_tried_here() -> None:
    refusing = {name for name, document in DOCUMENTS.items() if "answer" in document}
    assert DOCUMENTS.keys() == COURSES.keys() | refusing | {"completed-on-third-poll"}


def test_every_error_of_the_create_call_has_its_scenario() -> None:
    found = {name: document["answer"]["error"] for name, document in DOCUMENTS.items() if "answer" in document}
    assert found == {f"refused-{error.replace('_', '-')}": error for error in CARD.answers}


def test_every_status_can_be_reached() -> None:
    met = {status for course in COURSES.values() for _, status, _ in course}
    assert met == CARD.lifecycle.statuses.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_scenario_file_points_to_its_schema(name: str) -> None:
    first, *_ = (FOLDER / f"{name}.yaml").read_text("utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=../../schemas/scenario.schema.json"


@pytest.mark.parametrize("name", COURSES)
def test_a_scenario_takes_its_course(emulator: Emulator, client: Client, name: str) -> None:
    order_id = client.start(scenario=name)
    now_s = 0.0
    for at_s, status, note in COURSES[name]:
        emulator.advance(f"{(at_s - now_s) * 1000:.0f}ms")
        now_s = at_s
        body = client.read(order_id).json()
        assert (body["status"], (body.get("metadata") or {}).get("note")) == (status, note)


def test_the_third_poll_sees_the_order_completed(client: Client) -> None:
    order_id = client.start(scenario="completed-on-third-poll")
    assert [client.status(order_id) for _ in range(4)] == ["STARTED", "STARTED", "COMPLETED", "COMPLETED"]


def test_a_sandbox_follows_its_default_scenario(emulator: Emulator, client: Client) -> None:
    emulator.choose(baanx="expires")
    order_id = client.order_id(client.create())
    emulator.advance("10s")
    assert client.status(order_id) == "EXPIRED"


def test_a_product_s_script_takes_precedence_over_the_default_scenario(emulator: Emulator, client: Client) -> None:
    emulator.choose(baanx="manual")
    order_id = client.order_id(client.create(productId="SANDBOX_FAIL"))
    assert emulator.order(order_id)["scenario"] == "sandbox-fail"


def test_settings_decide_what_a_refund_is_called(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", refund_style="refunded", underpaid="keep_open", late_payment="complete")
    refunded, kept, late = (
        client.start(scenario=name) for name in ("refunded-before-completion", "payment-too-small", "payment-late")
    )
    emulator.advance("20s")
    assert [client.status(order_id) for order_id in (refunded, kept, late)] == ["REFUNDED", "STARTED", "COMPLETED"]
