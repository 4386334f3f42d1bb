"""What must hold for every provider, seen through HTTP by a client of each."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib import import_module
from itertools import product
from typing import Any, Literal, cast
from zlib import crc32

import httpx
import pytest

from emulator import providers
from emulator.core.durations import format_instant, read_instant_ms
from emulator.core.redaction import REDACTED
from emulator.core.scenario import ScenarioSet
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.web.application import Options
from tests.redis_server import RedisServer

SCENARIO = "X-Emulator-Scenario"
PROVIDERS = providers.NAMES
Door = Literal["direct", "asgi"]
DOORS: tuple[Door, ...] = ("direct", "asgi")
STORES = ("memory", "sqlite", "redis")
Servers = Callable[[Door, str], BackgroundServer]


def client_of(provider: str, emulator: Emulator) -> Any:
    """A client that acts like a real one; see tests/clients."""
    return import_module(f"tests.clients.{provider}").Client(emulator)


def variants(provider: str) -> list[dict[str, Any]]:
    """Changes to the smallest create request that give an order of each kind."""
    found: list[dict[str, Any]] = getattr(import_module(f"tests.clients.{provider}"), "VARIANTS", [{}])
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test at each provider, with doors and stores in turn; with --all behind every door and over every store."""
    if "provider" not in metafunc.fixturenames:
        return
    ways = [*product(DOORS, STORES)]
    turn = crc32(metafunc.function.__name__.encode())
    cases = [(provider, ways[(turn + place) % len(ways)]) for place, provider in enumerate(PROVIDERS)]
    if metafunc.config.getoption("--all"):
        cases = [*product(PROVIDERS, ways)]
    names = ["-".join((provider, *way)) for provider, way in cases]
    metafunc.parametrize(("provider", "emulator_server"), cases, indirect=True, ids=names)


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Starts emulators, each when it is first asked for."""
    running: dict[tuple[Door, str], BackgroundServer] = {}

    def url_of(store: str) -> str:
        if store == "redis":
            server: RedisServer = request.getfixturevalue("running_redis")
            return f"{server.url[:-1]}{len(running)}"
        return store if store == "memory" else f"sqlite:///{tmp_path_factory.mktemp('kept') / 'kept.db'}"

    with ExitStack() as stack:

        def get(door: Door, store: str) -> BackgroundServer:
            if (door, store) not in running:
                options = Options(port=0, self_check=True, door=door, store=url_of(store))
                running[door, store] = stack.enter_context(BackgroundServer(options))
            return running[door, store]

        yield get


@pytest.fixture
def emulator_server(request: pytest.FixtureRequest, servers: Servers) -> BackgroundServer:
    """The emulator behind one of its doors, with one of its stores."""
    return servers(*request.param)


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> str:
    """One of the four."""
    return str(request.param)


@pytest.fixture
def client(provider: str, emulator: Emulator) -> Iterator[Any]:
    made = client_of(provider, emulator)
    yield made
    made.close()


def shipped(server: BackgroundServer, provider: str) -> ScenarioSet:
    return server.server.engine.library.shipped[provider]


def follow(emulator: Emulator, client: Any, order_id: str) -> list[str]:
    """The statuses seen by a client that reads the order after everything that happens to it."""
    met = [client.status(order_id)]
    for _ in range(20):
        coming = emulator.order(order_id)["next"]
        if coming is None or coming["what"] == "event":
            break
        if coming["at"] is not None:
            emulator.advance(to=coming["at"])
        met.append(client.status(order_id))
    return met


def test_every_scenario_can_be_chosen_by_header(
    emulator_server: BackgroundServer, emulator: Emulator, client: Any, provider: str
) -> None:
    for scenario in shipped(emulator_server, provider).by_name.values():
        answers = [client.create(headers={SCENARIO: scenario.name}, **changes) for changes in variants(provider)]
        newest = emulator.journal(kind="request", provider=provider, order="desc", limit=len(answers))
        for answer, entry in zip(answers, reversed(newest), strict=True):
            if scenario.answer is None:
                assert answer.is_success or entry["error"] != "unknown-scenario", (scenario.name, answer.text)
            else:
                assert answer.json() != {}, scenario.name


def test_a_shipped_scenario_reaches_every_status(
    emulator_server: BackgroundServer, emulator: Emulator, client: Any, provider: str
) -> None:
    card = emulator_server.server.engine.library.providers[provider]
    met: set[str] = set()
    for scenario in shipped(emulator_server, provider).by_name.values():
        if scenario.answer is not None:
            continue
        for changes in variants(provider):
            answer = client.create(headers={SCENARIO: scenario.name}, **changes)
            if answer.is_success:
                order_id = client.order_id(answer)
                met |= set(follow(emulator, client, order_id))
                # Some are passed on the way, too quickly to be read.
                story: list[Any] = emulator.order(order_id)["story"]
                met |= {item["status"] for item in story if item["kind"] == "transition"}
        if met >= card.lifecycle.statuses.keys():
            break
    assert card.lifecycle.statuses.keys() - met == set()


def test_a_shipped_scenario_reaches_every_error_of_the_create_call(
    emulator_server: BackgroundServer, emulator: Emulator, client: Any, provider: str
) -> None:
    card = emulator_server.server.engine.library.providers[provider]
    reached: set[str] = set()
    for scenario in shipped(emulator_server, provider).by_name.values():
        if scenario.answer is None:
            continue
        orders = len(emulator.orders())
        client.create(headers={SCENARIO: scenario.name})
        entry = emulator.journal(kind="request", provider=provider)[-1]
        assert entry["error"] == scenario.answer.error, scenario.name
        assert entry["status"] == card.errors[entry["error"]].status or scenario.answer.details, scenario.name
        assert scenario.name in str(entry["reason"])
        assert len(emulator.orders()) == orders
        reached.add(entry["error"])
    assert card.answers - reached == set()


def test_every_refusal_has_its_reason_in_the_journal_and_the_header(
    emulator: Emulator, client: Any, provider: Any
) -> None:
    error = min(providers.load(provider).answers)
    scenario = {"version": 1, "provider": provider, "about": "Refused.", "answer": {"error": error}}
    emulator.scenario(provider, "no", scenario)
    answer = client.create(headers={SCENARIO: "no", "X-Emulator-Explain": "1"})
    assert "the scenario no asks for it" in answer.headers["x-emulator-reason"]
    assert "x-emulator-reason" not in client.create(headers={SCENARIO: "no", "X-Emulator-Explain": "0"}).headers


def test_after_a_lost_answer_the_order_exists(emulator: Emulator, client: Any) -> None:
    with pytest.raises(httpx.TransportError):
        client.create(headers={"X-Emulator-Fault": "reset; when=after"})
    (order,) = emulator.orders()
    assert client.status(order["id"]) == order["status"]


def test_a_fault_before_the_call_leaves_no_order(emulator: Emulator, client: Any) -> None:
    with pytest.raises(httpx.TransportError):
        client.create(headers={"X-Emulator-Fault": "reset; when=before"})
    assert emulator.orders() == []
    assert client.create().is_success


def test_no_field_of_an_order_is_hidden_as_a_secret(emulator: Emulator, client: Any, provider: str) -> None:
    for changes in variants(provider):
        fields = emulator.order(client.order_id(client.create(**changes)))["fields"]
        assert [name for name, value in fields.items() if value == REDACTED] == []


def test_parallel_creates_make_distinct_orders(emulator: Emulator, provider: str) -> None:
    def create(_: int) -> str:
        client = client_of(provider, emulator)
        try:
            return str(client.order_id(client.create()))
        finally:
            client.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(16)))) == 16
    assert len(emulator.orders()) == 16


def transcript(emulator: Emulator, provider: str) -> list[bytes]:
    """What the client sees in a run of everything that the sandbox makes of one order of each kind."""
    client = client_of(provider, emulator)
    seen: list[bytes] = []
    for changes in variants(provider):
        created = client.create(**changes)
        seen.append(created.content)
        order_id = client.order_id(created)
        for _ in range(4):
            emulator.advance("20s")
            seen.append(client.read(order_id).content)
    client.close()
    return seen


def test_the_same_seed_clock_and_requests_give_the_same_bytes(emulator: Emulator, provider: str) -> None:
    first = transcript(emulator, provider)
    snapshot = emulator.call("GET", "snapshot")
    emulator.reset()
    assert transcript(emulator, provider) == first
    assert emulator.call("GET", "snapshot")["tables"].keys() == snapshot["tables"].keys()


def test_a_restored_snapshot_goes_on_as_the_original_would(emulator: Emulator, client: Any) -> None:
    order_id = client.order_id(client.create())
    snapshot = emulator.call("GET", "snapshot")
    emulator.advance("1h")
    first = client.read(order_id).content
    emulator.call("PUT", "snapshot", snapshot)
    assert emulator.call("GET", "snapshot") == snapshot
    emulator.advance("1h")
    assert client.read(order_id).content == first


def test_one_long_advance_equals_many_short_ones(emulator_server: BackgroundServer, provider: str) -> None:
    def run(steps: list[str]) -> tuple[list[Any], list[bytes]]:
        with emulator_server.sandbox(name="steps", seed="steps") as sandbox:
            client = client_of(provider, sandbox)
            ids = [client.order_id(client.create(**changes)) for changes in variants(provider)]
            happened = [item for step in steps for item in sandbox.advance(step)]
            answers = [client.read(order_id).content for order_id in ids]
            client.close()
            return happened, answers

    assert run(["120s"]) == run(["7s"] * 17 + ["1s"])


def test_sandboxes_do_not_see_each_other(emulator_server: BackgroundServer, provider: str) -> None:
    with emulator_server.sandbox() as one, emulator_server.sandbox() as other:
        client, stranger = client_of(provider, one), client_of(provider, other)
        order_id = client.order_id(client.create())
        assert stranger.read(order_id).content != client.read(order_id).content
        assert (len(one.orders()), len(other.orders())) == (1, 0)
        other.reset()
        other.advance("1d")
        assert client.read(order_id).is_success
        assert one.now != other.now
        client.close()
        stranger.close()


def test_an_illegal_event_changes_nothing(emulator: Emulator, client: Any, provider: str) -> None:
    order_id = client.order_id(client.create(headers={SCENARIO: "manual"}))
    card = providers.load(provider)
    before = emulator.call("GET", "snapshot")
    for event in card.lifecycle.events:
        if event not in emulator.order(order_id)["events"]:
            with pytest.raises(ControlRefused) as refused:
                emulator.fire(order_id, cast(Any, event))
            assert refused.value.error == "illegal-event"
            assert refused.value.body["legal"]
    assert emulator.call("GET", "snapshot") == before


def test_events_happen_at_their_own_instants(emulator: Emulator, client: Any) -> None:
    for _ in range(2):
        client.create()
        emulator.advance("250ms")
    at = [read_instant_ms(item["at"]) for item in emulator.advance("1h")]
    assert at == sorted(at)
    assert at
    assert all(format_instant(each) < emulator.now for each in at)
