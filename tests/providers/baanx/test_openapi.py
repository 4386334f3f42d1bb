"""What the OpenAPI document says of Baanx besides what it says of every provider."""

from typing import Any

import httpx
import pytest

from emulator import providers
from emulator.testing import Emulator

CARD = providers.load("baanx")
INITIATE = "/v1/auth/oauth/authorize/initiate"


@pytest.fixture
def paths(emulator: Emulator) -> Any:
    return httpx.get(f"{emulator.control_url}/openapi/baanx.json").json()["paths"]


def test_every_call_accepts_the_region(paths: Any) -> None:
    operations = [operation for operations in paths.values() for operation in operations.values()]
    assert len(operations) == len(CARD.endpoints)
    for operation in operations:
        places = {(each["name"], each["in"], each["required"]) for each in operation["parameters"]}
        assert {("region", "query", False), ("x-us-env", "header", False)} <= places


def test_the_start_of_an_authorization_may_lead_to_the_page(paths: Any) -> None:
    responses = paths[INITIATE]["get"]["responses"]
    assert "Location" in responses["302"]["description"]
    assert responses["302"]["content"] == responses["200"]["content"]
    assert "302" not in paths["/v1/user"]["get"]["responses"]
