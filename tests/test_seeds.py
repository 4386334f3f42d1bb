"""Seed files: by command and over HTTP, and the messages about invalid ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.cli.init import NAME
from emulator.core import json_text
from emulator.files.seed_file import read_seed_file
from emulator.files.yaml_file import BrokenFiles
from emulator.testing import BackgroundServer
from emulator.web.application import Options
from emulator.web.seed_trial import problems_of
from tests.command import Serving, emulator, in_process
from tests.receivers import Receiver
from tests.test_reproductions import require_same, same_end

HEAD = "version: 1\nsandboxes:\n"
FULL = """\
version: 1
sandboxes:
  default:
    settings: {changelly: {edition: D}}
  shop:
    seed: spring
    clock: {mode: manual, now: "2026-01-05T12:00:00Z"}
    webhook_url: receiver
    webhooks: [HOOK]
    settings: {koywe: {token_ttl_s: 60}}
    scenarios:
      koywe:
        slow-payer: {about: The payer takes an hour., timeline: [{after: 1h, do: start}]}
    default_scenario: {koywe: slow-payer, baanx: manual}
    requests:
      - koywe:
          path: /api/v1/organizations/org_shop/merchants/mrc_shop/contacts
          body: {countrySymbol: CL, businessType: PERSON, fullName: Ana Soto}
    commands:
      - basswallet: {set_balance: {tokenName: USDC, free: "512.5"}}
    orders:
      - baanx:
      - basswallet: {scenario: manual, body: {amount: "25.50"}, then: [{do: pay}, {wait: 30s}]}
      - koywe: {kind: PAYIN, times: 2}
      - koywe: {kind: PAYIN, scenario: manual, then: [{to: PAID}]}
    faults:
      - {fault: latency, provider: koywe, fixed: 1ms}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a seed file is."""
    return tmp_path / "seeds.yaml"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with Receiver(200) as receiving:
        yield receiving


def ask(url: str, path: str) -> Any:
    """The answer of the control API."""
    answer = httpx.get(f"{url}/{path}", timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def check_all(url: str, receiver: Receiver) -> None:
    """Everything of the full example is there."""
    assert ask(url, "sandboxes/default/settings")["changelly"]["edition"] == "D"
    shop = ask(url, "sandboxes/shop")
    assert (shop["seed"], shop["clock"]["now"]) == ("spring", "2026-01-05T12:00:30.000Z")
    assert ask(url, "sandboxes/shop/settings")["koywe"]["token_ttl_s"] == 60
    scenarios = ask(url, "sandboxes/shop/scenarios")["scenarios"]
    assert [each["name"] for each in scenarios["koywe"] if each["own"] and each["default"]] == ["slow-payer"]
    orders = ask(url, "sandboxes/shop/orders")["orders"]
    assert sorted((each["provider"], each["status"], each["scenario"]) for each in orders) == [
        ("baanx", "STARTED", "manual"),
        ("basswallet", "AwaitingConfirmation", "manual"),
        ("koywe", "PAID", "manual"),
        ("koywe", "PENDING", "slow-payer"),
        ("koywe", "PENDING", "slow-payer"),
    ]
    assert [each["fault"] for each in ask(url, "sandboxes/shop/faults")["faults"]] == ["latency"]
    tables = ask(url, "sandboxes/shop/snapshot")["tables"]
    assert '"Soto"' in json.dumps(tables)
    assert "512.5" in json.dumps(tables)
    received = ask(url, "sandboxes/shop/receiver")["received"]
    assert {each["provider"] for each in received if each["verified"]} == {"koywe"}
    signatures = {name for each in receiver.received for name in each.headers if "signature" in name}
    assert signatures == {"signature", "koywe-signature"}  # BassWallet has only one URL, the last


def test_serve_is_ready_once_the_whole_seed_file_is_applied(file: Path, tmp_path: Path, receiver: Receiver) -> None:
    file.write_text(FULL.replace("HOOK", receiver.url))
    serving = Serving(tmp_path / "ready.json", "--port", "0", "--seed-file", str(file), "--self-check")
    try:
        check_all(serving.ready()["control"], receiver)
    finally:
        _, _, errors = serving.end()
    assert f"INFO {file}: sandbox shop has 5 orders" in errors


def test_a_seed_file_works_without_a_socket(file: Path) -> None:
    file.write_text(
        HEAD + "  shop: {webhook_url: receiver, orders: [{koywe: {scenario: manual, then: [{to: PAID}]}}]}\n"
    )
    with BackgroundServer(Options(port=0, seed_file=file, self_check=True), sockets=False) as server:
        assert list(server.server.engine.sandboxes) == ["default", "shop"]
        with httpx.Client(transport=server.sandbox().transport(), base_url="http://localhost/_emulator") as client:
            received = client.get("sandboxes/shop/receiver").json()["received"]
    assert [each["verified"] for each in received] == [True] * len(received)
    assert len(received) > 0


def test_what_a_seed_file_did_is_part_of_the_recording(file: Path, receiver: Receiver) -> None:
    file.write_text(FULL.replace("HOOK", receiver.url))
    with BackgroundServer(Options(port=0, seed_file=file)) as server:
        url = f"{server.control_url}/sandboxes/shop"
        assert httpx.post(f"{url}/clock/advance", json={"by": 0}).json()["settled"], "all webhooks are answered"
        document, end = [json_text.decode(httpx.get(f"{url}/{each}").content) for each in ("reproduction", "snapshot")]
    assert len(document["steps"]) > 20
    same_end(require_same(document), end)


def test_a_reset_restores_the_seeded_state(file: Path) -> None:
    file.write_text(HEAD + "  shop: {seed: a, settings: {koywe: {token_ttl_s: 9}}, orders: [{baanx: {}}]}\n")
    with BackgroundServer(Options(port=0, seed_file=file)) as server:
        reset = httpx.post(f"{server.control_url}/sandboxes/shop/reset").json()
        assert (reset["seed"], reset["orders"]) == ("a", 0)
        assert ask(server.control_url, "sandboxes/shop/settings")["koywe"]["token_ttl_s"] == 9


def test_a_seed_file_works_with_a_control_token_and_server_options(file: Path) -> None:
    file.write_text(HEAD + "  default: {orders: [{baanx: {}}]}\n")
    options = Options(port=0, seed_file=file, control_token="t", seed="mine", settings={"koywe": {"token_ttl_s": 7}})
    with BackgroundServer(options) as server:
        sandbox = server.server.engine.sandboxes["default"]
        assert sandbox.seed == "mine"
        headers = {"Authorization": "Bearer t"}
        told = httpx.get(f"{server.control_url}/sandboxes/default/settings", headers=headers).json()
        assert told["koywe"]["token_ttl_s"] == 7


def test_a_stored_sandbox_is_not_seeded_again(file: Path, tmp_path: Path) -> None:
    file.write_text(HEAD + "  default: {orders: [{baanx: {}}]}\n  shop: {orders: [{baanx: {}}]}\n")
    options = Options(port=0, seed_file=file, store=f"sqlite:///{tmp_path / 'kept.db'}")
    orders = []
    for _ in range(2):
        with BackgroundServer(options) as server:
            kept = [ask(server.control_url, f"sandboxes/{name}/orders")["orders"] for name in ("default", "shop")]
            orders.append([[each["id"] for each in of_one] for of_one in kept])
    assert orders[0] == orders[1]
    assert [len(each) for each in orders[1]] == [1, 1]


BROKEN = {
    "sandboxes: {}\n": ":1:1: `version`: missing",
    "version: 1\n": ":1:1: `sandboxes`: missing",
    HEAD + "  shop: {ordes: []}\n": ":3:10: unknown name 'ordes': did you mean 'orders'? use one of seed, clock",
    HEAD + "  Shop: {}\n": ":3:3: 'Shop' cannot be a name: use lower-case letters",
    HEAD + "  a: {settings: {koywe: {nope: 1}}}\n": ":3:26: unknown name 'nope': use one of",
    HEAD + "  a: {settings: {changelly: {edition: Z}}}\n": ":3:30: `edition`: not one of A, C, D",
    HEAD + "  a: {orders: [{stripe: {}}]}\n": ":3:17: unknown name 'stripe': use one of baanx",
    HEAD + "  a: {orders: [{koywe: {then: [{}]}}]}\n": ":3:32: write one of `do`",
    HEAD + "  a: {orders: [{koywe: {then: [{to: NOPE}]}}]}\n": ":3:33: `to`: not one of DRAFT",
    HEAD + "  a: {commands: [{koywe: {nope: {}}}]}\n": ":3:27: unknown name 'nope': use one of",
    HEAD + "  a: {}\n" + 70_000 * "#": "longer than 65536 bytes: `times` makes many orders of one",
    HEAD + "  a: [\n": ":4:1: not YAML: a bracket is not closed",
    HEAD + "  a: {orders: [{koywe: {then: [{do: nope}]}}]}\n": ":3:32: nope cannot happen to an order that is",
    HEAD + "  a: {orders: [{koywe: {scenario: nope}}]}\n": ":3:17: koywe has refused it",
    HEAD + "  a: {orders: [{koywe: {kind: NOPE}}]}\n": ":3:17: koywe has no kind of order 'NOPE'",
    HEAD + "  a: {default_scenario: {koywe: nope}}\n": "no scenario 'nope'",
    HEAD + "  a: {clock: {mode: manual, rate: 2}}\n": ":3:7: rate is for the mode rate",
    HEAD + "  a: {webhook_url: ftp://a}\n": ":3:7: webhook_url: only http and https",
    HEAD + "  a: {webhooks: [nowhere]}\n": "url: ",
    HEAD + "  a: {requests: [{koywe: {path: /nope}}]}\n": ":3:19: koywe has refused it with 404",
    HEAD + "  a: {commands: [{basswallet: {set_balance: {tokenName: NO, free: '1'}}}]}\n": ":3:32: tokenName: no token",
    HEAD + "  a: {faults: [{fault: latency, fixed: soon}]}\n": ":3:16: ",
    HEAD + "  a: {scenarios: {koywe: {x: {about: a, timeline: [{after: 1s, to: NOPE}]}}}}\n": ":3:64: ",
    HEAD + "  a: {wait: soon}\n": ":3:7: ",
}


@pytest.mark.parametrize(("text", "told"), BROKEN.items(), ids=range(len(BROKEN)))
def test_an_impossible_entry_is_refused_with_its_line(text: str, told: str, file: Path) -> None:
    file.write_text(text)
    [problem, *_] = problems_of(file)
    assert f"{file}{told}" in f"{problem}" if told.startswith(":") else told in f"{problem}", problem


def test_a_server_does_not_start_with_an_invalid_seed_file(file: Path, tmp_path: Path) -> None:
    file.write_text(HEAD + "  shop:\n    orders:\n      - koywe: {then: [{do: nope}]}\n")
    ended = emulator("serve", "--port", "0", "--seed-file", str(file), "--ready-file", str(tmp_path / "ready"))
    assert ended.returncode == 1
    assert f"cannot be carried out:\n{file}:5:24: nope cannot happen to an order" in ended.stderr
    file.write_text(HEAD + "  shop: {nope: 1}\n")
    ended = emulator("serve", "--port", "0", "--seed-file", str(file))
    assert (ended.returncode, f"{file}:3:10: unknown name 'nope'" in ended.stderr) == (1, True)


def test_a_seed_file_that_fails_halfway_leaves_nothing(file: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'kept.db'}"
    options = Options(port=0, seed_file=file, store=store)
    for name in ("shop", "default"):
        file.write_text(HEAD + f"  {name}:\n    orders: [{{baanx: {{}}}}, {{koywe: {{then: [{{do: nope}}]}}}}]\n")
        with pytest.raises(BrokenFiles), BackgroundServer(options):
            pass
    file.write_text(HEAD + "  default: {orders: [{koywe: {}}]}\n")
    with BackgroundServer(options) as server:
        assert list(server.server.engine.sandboxes.names) == ["default"]
        assert [each["provider"] for each in ask(server.control_url, "sandboxes/default/orders")["orders"]] == ["koywe"]


def test_too_many_sandboxes_are_refused_with_their_line(file: Path) -> None:
    file.write_text(HEAD + "  one: {}\n  two: {}\n")
    with pytest.raises(BrokenFiles, match=":4:3: there may be no more than 2 sandboxes"):
        BackgroundServer(Options(port=0, seed_file=file, max_sandboxes=2)).__enter__()


def test_checking_a_file_sends_nothing(file: Path, receiver: Receiver) -> None:
    file.write_text(FULL.replace("HOOK", receiver.url))
    assert in_process("validate", str(file)).stdout == "1 file checked, 0 problems\n"
    assert receiver.received == []


def test_the_example_is_valid_and_never_replaces_a_file(tmp_path: Path) -> None:
    shown = emulator("init", folder=tmp_path)
    written = tmp_path / NAME
    assert shown.stdout == f"{NAME} is written; use it with: emulator serve --seed-file {NAME}\n"
    assert in_process("validate", str(written)).stdout == "1 file checked, 0 problems\n"
    again = emulator("init", folder=tmp_path)
    assert (again.returncode, "already exists" in again.stderr) == (2, True)
    assert "cannot be written" in emulator("init", "none/seeds.yaml", folder=tmp_path).stderr


def test_the_example_shows_everything_that_a_sandbox_can_have(tmp_path: Path) -> None:
    in_process("init", str(tmp_path / "seeds.yaml"))
    text = (tmp_path / "seeds.yaml").read_text()
    seeds = read_seed_file(tmp_path / "seeds.yaml")
    path = Path(httpx.URL(text.split("$schema=")[1].split()[0]).path)
    schema = json.loads(path.read_text("utf-8"))
    known = schema["properties"]["sandboxes"]["additionalProperties"]["properties"]
    assert {*seeds.sandboxes["shop"]} | {"webhooks"} == set(known)
