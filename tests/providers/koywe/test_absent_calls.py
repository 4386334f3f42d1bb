"""Calls that the provider documents and the emulator does not have: refused, and reported as such."""

from pathlib import Path

import pytest

from emulator.providers.koywe.absent import ABSENT
from tests.clients.koywe import Client

PAGE = Path(__file__).parents[3] / "docs" / "koywe.md"


@pytest.mark.parametrize("path", ABSENT)
def test_02_a_documented_call_that_is_not_implemented_is_reported_as_such(client: Client, path: str) -> None:
    asked = path.replace("{organizationId}", client.organization_id).replace("{merchantId}", client.merchant_id)
    asked = asked.replace("{rest}", "orders/7")
    for method in ("GET", "POST"):
        refused = client.request(method, asked, {} if method == "POST" else None)
        assert (refused.status_code, refused.json()["errorCode"]) == (404, "COM90001")
        assert refused.json()["message"] == f"Cannot {method} {asked}"
        assert refused.headers["x-emulator-reason"] == (
            f"the provider documents {ABSENT[path]}, which the emulator does not have"
        )


def test_02_an_undocumented_call_is_reported_as_unknown(client: Client) -> None:
    for path in ("/api/v1/user", "/api/v1/users", "/rest", "/api/v1/auth/invitation/x"):
        refused = client.request("GET", path)
        assert (refused.status_code, refused.headers["x-emulator-reason"]) == (404, f"{path} takes nothing")


@pytest.mark.parametrize("path", ABSENT)
def test_02_the_page_of_calls_that_are_not_implemented_is_complete(path: str) -> None:
    assert f"`{path}`" in PAGE.read_text("utf-8")
