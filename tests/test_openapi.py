"""The OpenAPI documents: valid, and true of the running server, as schemathesis finds."""

import json
from importlib import import_module
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import checks
from schemathesis.core.result import Ok

from emulator import providers
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.thorough import tries

EXAMPLES = tries(8)
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)


class Signed(AuthBase):
    """What a real client adds to each request, so that more than refusals is seen."""

    def __init__(self, emulator: Emulator, provider: str) -> None:
        self._headers_of = import_module(f"tests.clients.{provider}").authorize(emulator)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body: Any = request.body or b""
        sent: bytes = body.encode() if isinstance(body, str) else body
        request.headers.update(self._headers_of(request.method, request.url or "", sent))
        return request


def document_of(emulator: Emulator, name: str) -> Any:
    answer = httpx.get(f"{emulator.control_url}/openapi/{name}.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("provider", providers.NAMES)
def test_a_document_names_every_endpoint_error_and_webhook(emulator: Emulator, provider: str) -> None:
    card, document = providers.load(provider), document_of(emulator, provider)
    assert document["openapi"] == "3.1.0"
    for endpoint in card.endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        told = " ".join(answer["description"] for answer in operation["responses"].values())
        assert endpoint.page or all(case.name in told for case in card.errors.values()), endpoint.name
    events = {event.name for event in card.webhooks.events} if card.webhooks else set()
    assert document.get("webhooks", {}).keys() == events
    assert "https://json-schema.org" not in str(document["components"])


@pytest.mark.parametrize("provider", providers.NAMES)
def test_every_call_except_pages_declares_its_authentication(emulator: Emulator, provider: str) -> None:
    document = document_of(emulator, provider)
    schemes = document["components"]["securitySchemes"].keys()
    used: set[str] = set()
    for endpoint in providers.load(provider).endpoints:
        needed = document["paths"][endpoint.path][endpoint.method.lower()].get("security")
        assert (needed is None) == endpoint.page, endpoint.name
        used |= {name for requirement in needed or () for name in requirement}
    assert used == schemes != set()


@pytest.mark.parametrize("name", ["openapi", *(f"openapi/{provider}" for provider in providers.NAMES)])
def test_a_validator_accepts_every_document(emulator: Emulator, name: str) -> None:
    document = httpx.get(f"{emulator.control_url}/{name}.json").json()
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(operations)) == len(operations) > 0


def test_a_call_with_two_paths_has_a_name_for_each(emulator: Emulator) -> None:
    paths = document_of(emulator, "koywe")["paths"]
    merchant = "/api/v1/organizations/{organization_id}/merchants/{merchant_id}"
    assert paths[f"{merchant}/accounts"]["get"]["operationId"] == "list-accounts"
    assert paths[f"{merchant}/bank-accounts"]["get"]["operationId"] == "list-accounts-bank-accounts"
    assert document_of(emulator, "basswallet")["paths"]["/api/v1/common/tokens"]["get"]["operationId"] == (
        "list-tokens-api"
    )


@pytest.mark.parametrize("provider", providers.NAMES)
def test_schemathesis_finds_nothing(emulator: Emulator, provider: str) -> None:
    schema = schemathesis.openapi.from_dict(document_of(emulator, provider))
    signed, url = Signed(emulator, provider), emulator[provider].url
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            response = case.call(base_url=url, auth=signed, timeout=20)
            case.validate_response(response, checks=CHECKS)

        ask()
        asked += 1
    assert asked == sum(map(len, document_of(emulator, provider)["paths"].values()))
    assert len(emulator.journal(kind="request", provider=provider, limit=100_000)) >= asked


def test_the_control_api_describes_itself(emulator: Emulator) -> None:
    document = httpx.get(f"{emulator.control_url}/openapi.json").json()
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == len(set(operations)) > 30
    assert "security" not in document
    page = httpx.get(f"{emulator.control_url}/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert all(path.replace("{", "&#123;") in page.text or path in page.text for path in document["paths"])


def test_the_openapi_document_has_the_control_api_s_refusals_of_callers_and_sizes(emulator: Emulator) -> None:
    document = httpx.get(f"{emulator.control_url}/openapi.json").json()
    bodies = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            assert "another site" in answers["403"]["description"]
            assert ("413" in answers) == ("requestBody" in operation), path
            if "413" in answers:
                bodies += 1
                assert str((64 if path.endswith("/snapshot") else 1) * 1024 * 1024) in answers["413"]["description"]
    assert bodies > 10


def refusal_of(emulator: Emulator, method: str, path: str, query: str = "", body: Any = None) -> str:
    path = path.format(sandbox=emulator.name, order="none", provider="baanx", name="x", fault="none", webhook="none",
                       document="baanx.json", number="1")  # fmt: skip
    with httpx.stream(method, f"{emulator.control_url}{path}{query}", json=body) as answer:  # one of them does not end
        return str(json.loads(answer.read()).get("message", "")) if answer.status_code >= 400 else ""


def test_the_control_api_accepts_exactly_the_parameters_and_members_it_describes(emulator: Emulator) -> None:
    document = httpx.get(f"{emulator.control_url}/openapi.json").json()
    closed = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            known = [each["name"] for each in operation["parameters"] if each["in"] == "query"]
            told = ", ".join(known)
            takes = f"known: {told}" if told else "this call takes no query"
            if operation.get("security") != []:
                assert refusal_of(emulator, method, path, "?nonsense=1") == f"unknown: nonsense; {takes}"
            assert all("unknown:" not in refusal_of(emulator, method, path, f"?{name}=") for name in known)
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            if schema.get("additionalProperties") is False:
                closed += 1
                members = ", ".join(sorted(schema["properties"]))
                said = refusal_of(emulator, method, path, body={"nonsense": 1})
                assert said == f"unknown: nonsense; known: {members}"
    assert closed == 9
    orders = document["paths"]["/sandboxes/{sandbox}/orders"]["get"]["parameters"]
    assert [(each["in"], each["name"]) for each in orders] == [
        ("path", "sandbox"), ("query", "provider"), ("query", "status"), ("query", "limit"),
    ]  # fmt: skip


def test_the_openapi_document_says_that_a_control_token_is_required() -> None:
    with BackgroundServer(Options(port=0, control_token="s3cret")) as server:
        url = f"{server.server.addresses.control}/openapi.json"
        document = httpx.get(url, headers={"Authorization": "Bearer s3cret"}).json()
    (scheme,) = document["security"][0]
    assert document["components"]["securitySchemes"][scheme] == {"type": "http", "scheme": "bearer"}
    free = [path for path, calls in document["paths"].items() if calls.get("get", {}).get("security") == []]
    assert free == ["/health", "/ready"]
