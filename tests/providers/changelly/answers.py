"""What tests of Changelly Fiat expect of refusals."""

from typing import Any

import httpx

from emulator.providers.changelly.errors import ERRORS

MESSAGES = {error: case.message for error, case in ERRORS.items()}


def refused(response: httpx.Response) -> tuple[int, str]:
    """HTTP status and errorType of a refusal."""
    body: dict[str, Any] = response.json()
    assert list(body) == ["errorType", "errorMessage", "errorDetails"], response.text
    assert body["errorMessage"] == MESSAGES[body["errorType"]]
    return response.status_code, body["errorType"]


def causes(response: httpx.Response) -> list[str]:
    """The causes of a `validation` refusal, each of which has its text."""
    assert refused(response) == (400, "validation")
    details: list[dict[str, str]] = response.json()["errorDetails"]
    for detail in details:
        expected = "order ID" if detail["cause"] == "id" else detail["cause"]
        assert detail == {"cause": detail["cause"], "value": f"Incorrect {expected}"}
    return [detail["cause"] for detail in details]


def bound(response: httpx.Response) -> tuple[str, str]:
    """Cause and value of a `limits` refusal."""
    assert refused(response) == (400, "limits")
    [detail] = response.json()["errorDetails"]
    return detail["cause"], detail["value"]
