"""The plan of a sandbox for a provider: what no request has to look up, and when it is made again."""

from emulator.core.plan import FAULT_RULES, Plan
from emulator.core.transaction import Transaction
from tests.core.toy import Bench, run


def plan_of(bench: Bench) -> Plan:
    return bench.engine.transaction(bench.sandbox).plan(bench.engine.library.providers["toy"])


def checks(plan: Plan) -> list[str]:
    endpoint = next(each for each in plan.provider.endpoints if each.name == "create-order")
    return [getattr(check, "__name__", "?") for check in plan.checks(endpoint)]


def limit(tx: Transaction) -> None:
    tx.change_settings("toy", {"limit": "1/60"})


def test_checks_that_can_refuse_nothing_are_not_in_the_plan() -> None:
    bench = Bench()
    assert "_require_path" not in checks(plan_of(bench))
    assert "_require_rate" not in checks(plan_of(bench))
    assert "_require_key" in checks(plan_of(bench))


def test_a_setting_that_changes_brings_its_check_back() -> None:
    bench = Bench()
    assert [bench.request("POST", "/orders", {"amount": 1})[0] for _ in range(2)] == [201, 201]
    run(bench.engine.command(bench.sandbox, limit))
    assert "_require_rate" in checks(plan_of(bench))
    assert [bench.request("POST", "/orders", {"amount": 1})[0] for _ in range(2)] == [201, 429]


def test_without_an_endpoint_all_checks_are_made() -> None:
    assert Bench().request("GET", "/nowhere")[0] == 404
    assert Bench().request("PUT", "/orders")[0] == 405


def test_the_plan_stays_until_one_of_its_sources_changes() -> None:
    bench = Bench()
    first = plan_of(bench)
    bench.create()
    assert plan_of(bench) is first
    run(bench.engine.command(bench.sandbox, lambda tx: tx.put(FAULT_RULES, "f", {"fault": "reset"})))
    assert plan_of(bench) is not first
    assert (first.has_fault_rules, plan_of(bench).has_fault_rules) == (False, True)


def test_edited_scenarios_are_in_the_next_plan() -> None:
    bench = Bench()
    first = plan_of(bench)
    library = bench.engine.library
    library.shipped["toy"] = type(first.scenarios)([])
    assert "kyc" in first.scenarios.by_name
    assert plan_of(bench).scenarios.by_name == {}


def test_after_a_restore_there_is_a_new_plan() -> None:
    bench = Bench()
    snapshot = bench.sandbox.snapshot()
    run(bench.engine.command(bench.sandbox, limit))
    assert plan_of(bench).settings["limit"] == "1/60"
    bench.sandbox.restore(snapshot)
    assert plan_of(bench).settings["limit"] is None
