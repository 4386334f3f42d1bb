"""Snapshots: what is impossible is refused with its place, and nothing that was accepted makes a call fail."""

import atexit
import copy
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from emulator import providers
from emulator.testing import BackgroundServer, Emulator
from emulator.testing.clients import order_path
from tests.clients import baanx, basswallet, changelly, koywe
from tests.providers.koywe.samples import WALLET_USDC
from tests.thorough import tries

ANYTHING: list[Any] = [
    None, True, -1, 0, 10**15, 10**30, 1.5, "", "x", "COMPLETED", "koywe", "held", [], [1], {}, {"x": 1}, "1e9",
]  # fmt: skip
READS = ("", "orders", "journal", "settings", "scenarios", "snapshot", "clock", "faults", "webhooks")


HTTP = httpx.Client(timeout=30, verify=False)
atexit.register(HTTP.close)  # not with a fixture: a worker may come back to this module after other tests


def put(emulator: Emulator, snapshot: Any) -> httpx.Response:
    return HTTP.put(f"{emulator.control_url}/sandboxes/{emulator.name}/snapshot", json=snapshot)


def fill(emulator: Emulator) -> None:
    """Gives the sandbox one of everything."""
    emulator.set("basswallet", webhook_url="http://127.0.0.1:9/hook")
    emulator.inject("latency", fixed=0, times=3)
    emulator.scenario("baanx", "mine", {"version": 1, "provider": "baanx", "about": "x", "timeline": [{"on": "pay"}]})
    emulator.choose(changelly="happy")
    with baanx.Client(emulator) as app:
        access = emulator.baanx.credentials
        app.request("POST", "/v1/auth/login", {"email": access["email"], "password": access["password"]})
        for scenario in ("manual", "happy", "refunded-after-completion"):
            app.create({"X-Emulator-Scenario": scenario})
    with basswallet.Client(emulator) as merchant:
        merchant.start(
            "happy", businessId="b1", returnUrl="https://shop.example/x", amount="25.50", displayInfo="hello"
        )
        merchant.start("underpaid", amount="25.50")
        merchant.start("manual")
    with changelly.Client(emulator) as partner:
        partner.start("happy", externalUserId="u", callbackUrl="http://127.0.0.1:9/hook")
        partner.start("manual")
        partner.sell(amountFrom="0.5")
    with koywe.Client(emulator) as client:
        client.request("POST", f"{client.organization}/webhooks", {"url": "http://127.0.0.1:9/h", "secret": "s" * 20})
        for scenario in ("happy", "manual"):
            client.create({"X-Emulator-Scenario": scenario}, externalId=scenario)
        body = {"type": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC",
                "amountIn": 100_000}  # fmt: skip
        quote = client.post("/quotes", body)["id"]
        client.post("/deals", {"quoteId": quote, "destinationAccountId": WALLET_USDC})
        credentials = f"/api/v1/auth/organizations/{client.organization_id}/credentials"
        client.request("POST", credentials, {"name": "CI", "roles": ["k3r_viewer"]})
        client.post("/onboarding/kyb", {})
        draft = client.request("POST", "/api/v1/pre-onboarding/registration-draft", {"company": {"name": "A"}}).json()
        client.request("POST", f"/api/v1/pre-onboarding/registration-form/{draft['id']}")
        client.post("/contacts", {"firstName": "A", "countrySymbol": "CL", "businessType": "PERSON", "type": "PERSON"})
    for name in providers.NAMES:
        emulator.make_order(cast(Any, name), scenario="manual")
    emulator.advance("3m")


def known_ids(snapshot: Any) -> dict[str, list[str]]:
    """Ids for the parameters of the providers' paths."""
    tables = snapshot["tables"]
    orders = list(tables["orders"])
    return {
        "order_id": orders,
        "id": orders,
        "external_id": ["happy"],
        "uuid": [key.partition("payin:")[2] for o in tables["orders"].values() for key in o["keys"] if "payin:" in key],
        "request_id": [o["fields"]["request_id"] for o in tables["orders"].values() if o["provider"] == "baanx"],
        "provider_code": ["moonpay"],
        "account_id": list(tables["koywe.accounts"]),
        "ledger_entry_id": [
            entry for table, rows in tables.items() if table.startswith("koywe.movements/") for entry in rows
        ],
        "contact_id": list(tables["koywe.contacts"]),
        "quote_id": list(tables["koywe.quotes"]),
        "event_id": list(tables["koywe.webhook-events"])[:3],
        "webhook_id": list(tables["koywe.webhooks"]),
        "deal_id": list(tables["koywe.deals"]),
        "approval_id": list(tables.get("koywe.approvals", ["apr_x"])),
        "kyb_id": list(tables["koywe.kybs"]),
        "draft_id": list(tables["koywe.registration-drafts"]),
        "registration_id": list(tables["koywe.registrations"]),
        "country_symbol": ["CL"],
    }


def paths_of(provider: str, ids: dict[str, list[str]], emulator: Emulator) -> list[str]:
    """Every path of the provider that can be read, with every id that there is for it."""
    card, found = providers.load(provider), []
    read, _, _ = order_path(provider, emulator[provider], "{order_id}").partition("?")
    ids = {name: ids.get(value[1:-1], [value]) for name, value in card.routes.find(read)[1].items()} | ids
    for endpoint in card.endpoints:
        if endpoint.method == "GET":
            paths = [endpoint.path]
            for segment in endpoint.path.split("/"):
                if segment.startswith("{"):
                    assert segment[1:-1] in ids, f"say in known_ids what {segment} of {endpoint.path} can be"
                    paths = [path.replace(segment, each) for path in paths for each in ids[segment[1:-1]]]
            found += paths
    return found


class Reader:
    """Asks for everything that can be read, and for what an order is."""

    def __init__(self, emulator: Emulator, snapshot: Any) -> None:
        self.emulator = emulator
        ids = known_ids(snapshot)
        self.paths = {name: paths_of(name, ids, emulator) for name in providers.NAMES}
        self.orders = ids["order_id"]
        self.clients = {name: import_module(f"tests.clients.{name}").Client(emulator) for name in providers.NAMES}

    def answers(self) -> Iterator[tuple[str, httpx.Response]]:
        """Every answer, with what was asked."""
        control = f"{self.emulator.control_url}/sandboxes/{self.emulator.name}"
        for path in (*READS, *(f"orders/{order}" for order in self.orders)):
            yield path, HTTP.get(f"{control}/{path}".rstrip("/"))
        for name, paths in self.paths.items():
            for path in paths:
                yield f"{name} {path}", self.ask(name, path)

    def close(self) -> None:
        """Hangs up."""
        for client in self.clients.values():
            client.close()

    def ask(self, name: str, path: str) -> httpx.Response:
        """An answer of a provider."""
        client = self.clients[name]
        if name == "basswallet":
            if "payin" in path:
                return HTTP.get(self.emulator.basswallet.url + path)
            query = {"type": "Payment"} if "history" in path else {}
            if "query" in path:
                query = {"id": next(iter(self.orders))}
            answer: httpx.Response = client.request("GET", path, query)
            return answer
        if path.startswith(("/checkout", "/pay/")):
            return HTTP.get(self.emulator[name].url + path)
        answer = client.request("GET", path)
        return answer


@pytest.fixture(scope="module")
def filled(emulator_server: BackgroundServer) -> Iterator[tuple[Emulator, Any, Reader]]:
    """A sandbox with one of everything, its snapshot, and who reads it."""
    with emulator_server.sandbox(name="filled") as sandbox:
        fill(sandbox)
        snapshot = sandbox.call("GET", "snapshot")
        reader = Reader(sandbox, snapshot)
        yield sandbox, HTTP.get(f"{sandbox.control_url}/sandboxes/filled/snapshot").json(), reader
        reader.close()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document below the top."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _replace(holder: Any, key: Any, found: list[Any], chosen: float) -> None:
    holder[key] = copy.deepcopy(pick(ANYTHING, chosen))


def _remove(holder: Any, key: Any, found: list[Any], chosen: float) -> None:
    del holder[key]


def _copy(holder: Any, key: Any, found: list[Any], chosen: float) -> None:
    holder[key] = copy.deepcopy(pick(found, chosen))


def _rename(holder: Any, key: Any, found: list[Any], chosen: float) -> None:
    if isinstance(holder, dict):
        holder[pick(["x", "", "koywe.x", "mrc_filled/XXX"], chosen)] = holder.pop(key)


def pick(found: list[Any], chosen: float) -> Any:
    """One of a list, by a number from 0 to less than 1."""
    return found[int(chosen * len(found))]


CHOSEN = st.floats(0, 1, exclude_max=True)
MUTATIONS = st.lists(
    st.tuples(st.sampled_from([_replace, _replace, _remove, _copy, _rename]), CHOSEN, CHOSEN, CHOSEN),
    min_size=1,
    max_size=3,
)
"""What is done, in which table, where in it, and with what. They are drawn apart from the document."""


def mutate(document: Any, act: Callable[..., None], table: float, place: float, chosen: float) -> None:
    """Changes one place of a snapshot, mostly in one of its tables, sometimes at its top."""
    tables = document.get("tables")
    if not isinstance(tables, dict):
        return
    name = pick([*tables, None], table)
    root = () if name is None else ("tables", name)
    under = [(key,) for key in document] if name is None else list(places(tables[name]))
    if under:
        path = (*root, *pick(under, place))
        act(at(document, path[:-1]), path[-1], [at(document, (*root, *each)) for each in under[:50]], chosen)


@settings(
    max_examples=tries(80), database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(mutations=MUTATIONS)
def test_a_changed_snapshot_is_refused_or_can_be_read_afterwards(
    filled: tuple[Emulator, Any, Reader], mutations: list[tuple[Callable[..., None], float, float, float]]
) -> None:
    emulator, snapshot, reader = filled
    changed = copy.deepcopy(snapshot)
    for mutation in mutations:
        mutate(changed, *mutation)
    answer = put(emulator, changed)
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        assert answer.json()["message"].startswith("send what GET snapshot answered: ")
        assert isinstance(answer.json()["pointer"], str)
        return
    failed = [(asked, each.text) for asked, each in reader.answers() if each.status_code >= 500]
    assert failed == []


def test_a_restored_snapshot_equals_the_one_taken(filled: tuple[Emulator, Any, Reader]) -> None:
    emulator, snapshot, reader = filled
    assert put(emulator, snapshot).status_code == 200
    assert HTTP.get(f"{emulator.control_url}/sandboxes/filled/snapshot").json() == snapshot
    answers = list(reader.answers())
    good = [asked for asked, answer in answers if answer.status_code == 200]
    assert len(good) > 70
    assert {asked.partition(" ")[0] for asked in good} >= set(providers.NAMES)
    assert [asked for asked, answer in answers if answer.status_code >= 500] == []


def test_every_stored_document_has_a_type(filled: tuple[Emulator, Any, Reader]) -> None:
    _, snapshot, _ = filled
    declared = {table.name for name in providers.NAMES for table in providers.load(name).tables}
    assert {table.partition("/")[0] for table in snapshot["tables"] if "." in table} <= declared
    assert {table.name for table in providers.load("koywe").tables} - snapshot["tables"].keys() <= {
        "koywe.approvals", "koywe.movements",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "pointer", "words"),
    [
        ("status", "PAID", "", "of basswallet has the status 'PAID'"),
        ("fields.amount", 5, "/fields/amount", "Expected `str`, got `int`"),
        ("fields.expiry_ms", 10**18, "/fields/expiry_ms", "an instant is milliseconds since 1970, from 0 to"),
        ("fields.chain", "No&where", "/fields/chain", "Expected `str` matching regex"),
        ("keys", ["koywe/owner:mrc_filled"], "/keys", "is not a key of basswallet"),
        ("owner", "me", "", "invalid literal"),
        ("kind", "other", "", "no 'other' order of basswallet has the status"),
        ("timers", {"expire": [10**18, 1]}, "/timers/expire", "an instant is milliseconds since 1970, from 0 to"),
    ],
)
def test_an_impossible_order_in_a_snapshot_is_refused_with_its_place(
    filled: tuple[Emulator, Any, Reader], place: str, value: Any, pointer: str, words: str
) -> None:
    emulator, snapshot, _ = filled
    changed = copy.deepcopy(snapshot)
    order_id, order = next(
        (key, order)
        for key, order in changed["tables"]["orders"].items()
        if order["provider"] == "basswallet" and "amount" in order["fields"]
    )
    *above, last = place.split(".")
    at(order, tuple(above))[last] = value
    answer = put(emulator, changed)
    assert answer.status_code == 400
    assert answer.json()["pointer"] == f"/tables/orders/{order_id}{pointer}"
    assert words in answer.json()["message"]


def test_a_waiting_webhook_that_could_not_be_sent_is_refused(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_url="http://127.0.0.1:9/hook", webhook_encoding="json")
    emulator.inject("late")
    with basswallet.Client(emulator) as client:
        emulator.fire(client.start(), "expire")
    emulator.advance("1s")
    snapshot = HTTP.get(f"{emulator.control_url}/sandboxes/{emulator.name}/snapshot").json()
    key, delivery = next(iter(snapshot["tables"]["deliveries"].items()))
    delivery["fields"]["members"]["blockHigh"] = "many"
    answer = put(emulator, snapshot)
    assert (answer.status_code, answer.json().get("pointer")) == (400, f"/tables/deliveries/{key}")
    delivery["state"] = "failed"
    assert put(emulator, snapshot).status_code == 200


@pytest.mark.parametrize("provider", providers.NAMES)
def test_every_field_that_an_order_shows_is_required(filled: tuple[Emulator, Any, Reader], provider: str) -> None:
    emulator, snapshot, _ = filled
    order_id, order = next(
        (key, order) for key, order in snapshot["tables"]["orders"].items() if order["provider"] == provider
    )
    changed = copy.deepcopy(snapshot)
    changed["tables"]["orders"][order_id]["fields"] = {}
    answer = put(emulator, changed)
    assert answer.status_code == 400
    assert answer.json()["pointer"].startswith(f"/tables/orders/{order_id}/fields")
    assert order["fields"]


def test_a_row_that_always_exists_is_required(filled: tuple[Emulator, Any, Reader]) -> None:
    emulator, snapshot, _ = filled
    answer = put(emulator, {**snapshot, "tables": {**snapshot["tables"], "koywe.policies": {}}})
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/tables/koywe.policies/org_filled")
    assert "it is missing, and every sandbox has it" in answer.json()["message"]


def test_a_table_that_its_provider_does_not_know_is_refused(filled: tuple[Emulator, Any, Reader]) -> None:
    emulator, snapshot, _ = filled
    changed = {**snapshot, "tables": {**snapshot["tables"], "koywe.nonsense": {"x": 1}}}
    answer = put(emulator, changed)
    assert (answer.status_code, answer.json()["pointer"]) == (400, "/tables/koywe.nonsense")
    assert "koywe has no such table" in answer.json()["message"]


@pytest.mark.parametrize(("table", "most"), [("faults", 200), ("scenarios", 200)])
def test_the_number_of_rules_and_scenarios_in_a_snapshot_is_limited(
    filled: tuple[Emulator, Any, Reader], table: str, most: int
) -> None:
    emulator, snapshot, _ = filled
    (row,) = snapshot["tables"][table].values()
    rows = {f"baanx/r{place}": row for place in range(most + 1)}
    answer = put(emulator, {**snapshot, "tables": {**snapshot["tables"], table: rows}})
    assert (answer.status_code, answer.json()["pointer"]) == (400, f"/tables/{table}")


def test_a_provider_s_first_documents_are_added_to_a_snapshot_without_them(emulator: Emulator) -> None:
    kept = emulator.call("GET", "snapshot")
    seeded = {name: rows for name, rows in kept["tables"].items() if "." in name and rows}
    assert len(seeded) > 4
    older = {name: rows for name, rows in kept["tables"].items() if name not in seeded}
    emulator.call("PUT", "snapshot", {**kept, "tables": older})
    assert emulator.call("GET", "snapshot")["tables"] == kept["tables"]
    emptied = {**kept["tables"], "koywe.contacts": {}}
    emulator.call("PUT", "snapshot", {**kept, "tables": emptied})
    assert emulator.call("GET", "snapshot")["tables"]["koywe.contacts"] == {}


def test_settings_in_a_snapshot_may_have_either_spelling(emulator: Emulator) -> None:
    kept = emulator.call("GET", "snapshot")
    kept["tables"]["settings"] = {"changelly": {"public_base": "http://shop.test"}}
    emulator.call("PUT", "snapshot", kept)
    assert emulator.call("GET", "settings")["changelly"]["public_base"] == "http://shop.test"
    kept["tables"]["settings"] = {"changelly": {"publicBase": "http://other.test"}}
    kept["tables"]["origin"]["origin"]["settings"] = {"changelly": {"publicBase": "http://first.test"}}
    emulator.call("PUT", "snapshot", kept)
    assert emulator.call("GET", "settings")["changelly"]["public_base"] == "http://other.test"
    emulator.reset()
    assert emulator.call("GET", "settings")["changelly"]["public_base"] == "http://first.test"


def test_a_snapshot_of_the_previous_version_is_accepted_if_nothing_is_missing(emulator: Emulator) -> None:
    with koywe.Client(emulator) as merchant:
        order = merchant.order_id(merchant.create())
    snapshot = HTTP.get(f"{emulator.control_url}/sandboxes/{emulator.name}/snapshot").json()
    assert snapshot["version"] == 2
    older = {**copy.deepcopy(snapshot), "version": 1}
    assert put(emulator, older).status_code == 200
    assert emulator.call("GET", "snapshot")["version"] == 2
    [missing, *_] = older["tables"]["orders"][order]["fields"]
    del older["tables"]["orders"][order]["fields"][missing]
    refused = put(emulator, older)
    assert refused.status_code == 400
    told = "it has version 1, and this emulator writes 2, which requires more: take a new snapshot"
    assert told in refused.json()["message"] and missing in refused.json()["message"]
    assert refused.json()["pointer"].startswith("/tables/orders/")
    unknown = put(emulator, {**snapshot, "version": 3}).json()["message"]
    assert "version: it is 3, and this emulator reads 1 to 2" in unknown
