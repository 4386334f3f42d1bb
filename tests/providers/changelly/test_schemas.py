"""The schemas: valid, matching every body on the pages, and neither stricter nor laxer than the tables."""

import ipaddress
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from emulator.core import json_text
from emulator.core.schema import SchemaFolder
from emulator.providers.changelly.catalogue import load_catalogue
from emulator.providers.changelly.directory import lists
from emulator.providers.changelly.errors import ERRORS, OFFER_ITEM_ERRORS, write_error

FOLDER = Path(__file__).resolve().parents[3] / "schemas" / "changelly"
DOCUMENTS: dict[str, Any] = {
    path.name.removesuffix(".json"): json_text.decode(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))
}
SCHEMAS = SchemaFolder(lambda: DOCUMENTS)
CASES: dict[str, Any] = json_text.decode((Path(__file__).parent / "schema_cases.json").read_bytes())
REQUESTS = sorted(name for name in DOCUMENTS if name.endswith((".request", ".query")))
CLOSED = sorted(DOCUMENTS.keys() - set(REQUESTS))


def members(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every described member in a schema, at any depth, with where it is."""
    for name, member in schema.get("properties", {}).items():
        yield f"{path}/{name}", member
        yield from members(member, f"{path}/{name}")
    if isinstance(schema.get("items"), dict):
        yield from members(schema["items"], f"{path}[]")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_valid_and_has_a_title(name: str) -> None:
    document = DOCUMENTS[name]
    Draft202012Validator.check_schema(json.loads(json_text.encode(document)))
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["title"]
    assert document["description"].endswith(".")
    assert document["x-page"].startswith("https://fiat-api.changelly.com/docs/")
    assert document["examples"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_member_is_described_with_examples_and_source(name: str) -> None:
    for path, member in members(DOCUMENTS[name]):
        assert member["description"].endswith("."), path
        assert member["examples"], path
        assert member["x-source"] in {"documented", "observed", "assumed"}, path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_pass(name: str) -> None:
    for example in DOCUMENTS[name]["examples"]:
        assert SCHEMAS[name].violations(example) == []
        assert SCHEMAS[name].accepts(example)
    for path, member in members(DOCUMENTS[name]):
        if "[]" in path:
            continue
        changed = {**DOCUMENTS, "member": {**member, "$schema": DOCUMENTS[name]["$schema"]}}
        single = SchemaFolder(partial(dict, changed))["member"]
        for example in member["examples"]:
            assert single.accepts(example), (path, example)


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: case["schema"])
def test_bodies_of_the_pages_pass(case: dict[str, Any]) -> None:
    assert SCHEMAS[case["schema"]].violations(case["body"]) == []


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: f"{case['schema']} {case['bad']}")
def test_bad_fields_are_named_in_table_order(case: dict[str, Any]) -> None:
    body = {**CASES["bases"][case["schema"]], **case["change"]}
    for name in case.get("without", ()):
        del body[name]
    violations = SCHEMAS[case["schema"]].violations(body)
    assert list(dict.fromkeys(violation.path[0] for violation in violations)) == case["bad"]


@pytest.mark.parametrize("case", CASES["tolerated"], ids=lambda case: f"{case['schema']} {list(case['change'])}")
def test_unusual_but_valid_requests_pass(case: dict[str, Any]) -> None:
    assert SCHEMAS[case["schema"]].violations({**CASES["bases"][case["schema"]], **case["change"]}) == []


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_may_have_unknown_members(name: str) -> None:
    example = {**DOCUMENTS[name]["examples"][0], "surprise": 1}
    assert SCHEMAS[name].accepts(example)


@pytest.mark.parametrize("name", CLOSED)
def test_answers_and_callbacks_are_closed_and_complete(name: str) -> None:
    example = DOCUMENTS[name]["examples"][0]
    body = example[0] if isinstance(example, list) else example
    wrap = (lambda item: [item]) if isinstance(example, list) else (lambda item: item)
    assert not SCHEMAS[name].accepts(wrap({**body, "surprise": 1}))
    optional = {"returnSuccessUrl", "returnFailedUrl", "paymentMethodOffer", "states", "limits", "supportedFlows"}
    for missing in body.keys() - (optional if "order.response" in name or "offer" in name else {"states"}):
        assert not SCHEMAS[name].accepts(wrap({key: value for key, value in body.items() if key != missing})), missing


def test_the_first_edition_needs_no_order_id_and_the_newest_does() -> None:
    first, newest = DOCUMENTS["create-order.request"], DOCUMENTS["create-order.edition-c.request"]
    assert list(first["properties"]) == list(newest["properties"])
    assert set(newest["required"]) - set(first["required"]) == {"externalOrderId"}


@pytest.mark.parametrize("kind, keys", [("buy", 23), ("sell", 22)])
def test_a_callback_has_the_documented_number_of_keys(kind: str, keys: int) -> None:
    assert len(DOCUMENTS[f"webhook-{kind}-order"]["required"]) == keys


def test_every_error_passes() -> None:
    for error in ERRORS:
        assert SCHEMAS["error"].accepts(write_error(error, [{"cause": "id", "value": "Incorrect order ID"}]))
        assert SCHEMAS["error"].accepts(write_error(error))
        item = {"providerCode": "banxa", **write_error(error)}
        assert SCHEMAS["offer-error"].accepts(item) == (error in OFFER_ITEM_ERRORS)


def test_the_lists_of_the_catalogue_pass() -> None:
    catalogue = load_catalogue()
    assert SCHEMAS["list-providers.response"].accepts(lists.write_providers(catalogue))
    assert SCHEMAS["list-currencies.response"].accepts(lists.write_currencies(catalogue))
    assert SCHEMAS["list-countries.response"].accepts(lists.write_countries(catalogue))
    assert SCHEMAS["list-countries.response"].accepts(lists.write_countries(catalogue, emit_aliases=False))


def is_address(text: str) -> bool:
    try:
        return "%" not in text and bool(ipaddress.ip_address(text))
    except ValueError:
        return False


GROUPS = st.lists(st.sampled_from(["", "0", "1", "ff", "ABCD", "12345", "g", "1.2.3.4", "256.1.1.1"]), max_size=9)


@given(
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded)
    | GROUPS.map(":".join)
    | st.lists(
        st.sampled_from(["0", "1", "9", "10", "99", "127", "200", "249", "255", "256", "01", "x", ""]), max_size=5
    ).map(".".join)
)
def test_the_schema_accepts_ipv4_and_ipv6_addresses_only(text: str) -> None:
    query = {"currencyFrom": "USD", "currencyTo": "ETH", "amountFrom": "150", "country": "EE", "ip": text}
    assert SCHEMAS["list-offers.query"].accepts(query) == (text == "" or is_address(text))


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=3),
    st.sampled_from(REQUESTS),
)
def test_the_fast_and_the_reference_validator_agree(value: Any, name: str) -> None:
    reference = Draft202012Validator(json.loads(json_text.encode(DOCUMENTS[name])))
    example = DOCUMENTS[name]["examples"][0]
    for field in DOCUMENTS[name]["properties"]:
        body = {**example, field: value}
        if not (isinstance(value, str) and value.endswith("\n")):
            assert SCHEMAS[name].accepts(body) == reference.is_valid(json.loads(json_text.encode(body)))
