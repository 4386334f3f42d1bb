"""The tools for coding agents: `emulator mcp` as a process, over its input and output, and all tools in this one."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from emulator.cli.mcp import Tools, make_server
from emulator.cli.target import CONTROL_PREFIX, Target
from emulator.testing import Emulator
from tests.clients import baanx
from tests.command import emulator as run_command
from tests.command import environment
from tests.refused import refuse

if TYPE_CHECKING:
    from mcp import Client

DOCS = (Path(__file__).parent.parent / "docs" / "command.md").read_text("utf-8")


class Agent:
    """An agent that is connected to the tools of a sandbox."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    async def use(self, tool: str, **arguments: Any) -> Any:
        """What a tool answers."""
        result: Any = await self._client.call_tool(tool, arguments)
        assert not result.is_error, result.content[0].text
        return json.loads(result.content[0].text)

    async def refused(self, tool: str, **arguments: Any) -> str:
        """What a tool says that cannot do it."""
        result: Any = await self._client.call_tool(tool, arguments)
        assert result.is_error
        return str(result.content[0].text)

    async def tools(self) -> dict[str, str]:
        """All tools with what they say of themselves."""
        return {tool.name: tool.description or "" for tool in (await self._client.list_tools()).tools}


def with_agent(emulator: Emulator, work: Callable[[Agent], Awaitable[None]]) -> None:
    """Lets an agent work with a sandbox, whose tools are in this process."""
    from mcp import Client

    async def connect() -> None:
        front = emulator.control_url.removesuffix(CONTROL_PREFIX)
        async with Client(make_server(Target(front, emulator.name, None, as_json=True))) as client:
            await work(Agent(client))

    asyncio.run(connect())


def with_command(variables: dict[str, str], work: Callable[[Agent], Awaitable[None]], *flags: str) -> None:
    """Lets an agent work with `emulator mcp`, a process of its own, as agents start it."""
    from mcp import Client, StdioServerParameters, stdio_client

    async def connect() -> None:
        arguments = ["-m", "emulator", "mcp", *flags]
        command = StdioServerParameters(command=sys.executable, args=arguments, env=environment(variables))
        async with Client(stdio_client(command)) as client:
            await work(Agent(client))

    asyncio.run(connect())


def test_an_agent_can_look_at_an_order_pay_it_and_move_time(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        order, other = (client.order_id(client.create({"X-Emulator-Scenario": "manual"})) for _ in range(2))

    async def work(agent: Agent) -> None:
        assert {each["id"] for each in (await agent.use("list_orders", provider="baanx"))["orders"]} == {order, other}
        assert "pay" in (await agent.use("show_order", order=order))["events"]
        assert (await agent.use("fire_event", order=order, event="pay"))["status"] == "COMPLETED"
        assert (await agent.use("move_order", order=other, status="PENDING"))["status"] == "PENDING"
        before = (await agent.use("advance", by="2h"))["now"]
        assert (await agent.use("advance", by="idle"))["now"] >= before > "2026-01-05T14"

    with_agent(emulator, work)


def test_an_agent_can_create_an_order(emulator: Emulator) -> None:
    async def work(agent: Agent) -> None:
        made = await agent.use("create_order", provider="basswallet", scenario="manual", body={"amount": "12.50"})
        assert made["scenario"] == "manual"
        assert "below" in await agent.refused("create_order", provider="koywe", body={"amountIn": 1})

    with_command({"EMULATOR_URL": emulator.control_url, "EMULATOR_SANDBOX": emulator.name}, work)
    [order] = emulator.orders()
    assert order["provider"] == "basswallet"


def test_an_agent_is_told_why_a_request_was_refused(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        client.create(productId="none")
        client.create()

    async def work(agent: Agent) -> None:
        [refused] = await agent.use("explain_refusals")
        assert next(iter(refused)) == "sentence"
        assert "none" in refused["sentence"]
        assert refused["request"] == "POST /v1/order"
        assert await agent.use("explain_refusals", provider="koywe") == []
        whole = await agent.use("explain_refusals", number=refused["number"])
        assert "urllib" in whole["how"]["programs"]["python"]

    with_agent(emulator, work)


def test_an_agent_is_told_which_text_to_sign(emulator: Emulator) -> None:
    refuse(emulator, "basswallet")
    refuse(emulator, "koywe")

    async def work(agent: Agent) -> None:
        newest, first = await agent.use("explain_refusals")
        assert (newest["provider"], first["provider"]) == ("koywe", "basswallet")
        assert "the client signed the text with its names sorted" in first["sentence"]
        assert sorted(first["should_be"][0].split("&")) == sorted(first["came"].split("&"))
        assert first["should_be"][0] != first["came"]
        assert first["failed_check"] == "signature"
        assert "expired 1h ago" in newest["sentence"]

    with_agent(emulator, work)


def test_an_agent_can_write_a_scenario_that_is_checked(emulator: Emulator) -> None:
    document = {"version": 1, "provider": "baanx", "about": "Mine.", "timeline": [{"on": "pay", "to": "COMPLETED"}]}

    async def work(agent: Agent) -> None:
        wrong = {**document, "timeline": [{"on": "pay", "to": "COMPLETD"}]}
        assert "did you mean 'COMPLETED'" in await agent.refused(
            "write_scenario", provider="baanx", name="mine", scenario=wrong
        )
        await agent.use("write_scenario", provider="baanx", name="mine", scenario=document)
        await agent.use("choose_scenario", provider="baanx", name="mine")

    with_agent(emulator, work)
    with baanx.Client(emulator) as client:
        order = client.order_id(client.create())
    assert emulator.order(order)["scenario"] == "mine"


def test_an_agent_can_change_how_the_sandbox_behaves(emulator: Emulator) -> None:
    async def work(agent: Agent) -> None:
        assert (await agent.use("inject_fault", fault="reset", rule={"times": 1}))["fault"] == "reset"
        assert await agent.use("clear_faults") == {"faults": []}
        changed = await agent.use("change_settings", provider="baanx", settings={"use_pending": True})
        assert changed["baanx"]["use_pending"] is True
        assert "did you mean" in await agent.refused("change_settings", provider="baanx", settings={"usepending": 1})
        assert {each["name"] for each in (await agent.use("describe_provider", provider="baanx"))["statuses"]} > {
            "EXPIRED"
        }
        assert "use one of" in await agent.refused("describe_provider", provider="nobody")
        assert await agent.use("list_webhooks") == {"webhooks": []}
        assert await agent.refused("resend_webhook", webhook="none")
        assert (await agent.use("reset"))["orders"] == 0

    with_agent(emulator, work)


def test_an_agent_is_told_what_is_not_covered_and_how_to_cover_it(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        client.create()

    async def work(agent: Agent) -> None:
        whole = await agent.use("coverage")
        assert (whole["complete"], [each["name"] for each in whole["providers"]]) == (True, ["baanx"])
        calls = part(whole["providers"][0], "calls")
        assert "create-order" not in calls["not_met"]
        assert (calls["covered"], "get-order" in calls["not_met"]) == (calls["total"] - len(calls["not_met"]), True)
        [koywe] = (await agent.use("coverage", provider="koywe"))["providers"]
        assert koywe["covered"] == 0
        hows = [each["how"] for each in part(koywe, "calls")["not_met"]]
        assert any('emulator.client("koywe")' in (how or "") for how in hows)
        assert "use one of" in await agent.refused("coverage", provider="nobody")

    def part(provider: Any, name: str) -> Any:
        [found] = [each for each in provider["parts"] if each["name"] == name]
        return found

    with_agent(emulator, work)


def test_an_agent_can_save_and_replay_a_reproduction(emulator: Emulator, tmp_path: Path) -> None:
    course, test, kept = tmp_path / "course.json", tmp_path / "test_course.py", f"{emulator.name}-kept"
    with baanx.Client(emulator) as client:
        order = client.order_id(client.create({"X-Emulator-Scenario": "manual"}))
        client.read(order)

    async def work(agent: Agent) -> None:
        assert (await agent.use("save_reproduction", file=str(course), as_test=True)) == {
            "written": [str(course), str(test)]
        }
        assert await agent.use("reproduce", file=str(course), keep=kept) == {"requests": 2, "difference": None}
        course.write_text(course.read_text().replace("STARTED", "BEGUN"))
        difference = (await agent.use("reproduce", file=str(course)))["difference"]
        assert ("BEGUN" in difference["then"], "STARTED" in difference["now"]) == (True, True)
        course.write_text("{}")
        assert "this is not a reproduction" in await agent.refused("reproduce", file=str(course))
        assert "No such file" in await agent.refused("reproduce", file=str(tmp_path / "none.json"))
        assert "cannot be written" in await agent.refused("save_reproduction", file=str(tmp_path / "none" / "x.json"))

    with_agent(emulator, work)
    assert "def test_" in test.read_text()
    assert kept in {each["name"] for each in httpx.get(f"{emulator.control_url}/sandboxes").json()["sandboxes"]}
    httpx.delete(f"{emulator.control_url}/sandboxes/{kept}")


def test_an_agent_can_hold_and_release_a_webhook(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_url="http://127.0.0.1:1/")
    emulator.make_order("basswallet")
    emulator.advance("2m")

    async def work(agent: Agent) -> None:
        webhook = (await agent.use("list_webhooks"))["webhooks"][0]["id"]
        assert (await agent.use("hold_webhook", webhook=webhook))["state"] == "held"
        assert (await agent.use("release_webhook", webhook=webhook))["state"] == "pending"
        assert "only one that is held can be released" in await agent.refused("release_webhook", webhook=webhook)

    with_agent(emulator, work)


def test_every_tool_says_what_it_does(emulator: Emulator) -> None:
    async def work(agent: Agent) -> None:
        told = await agent.tools()
        assert list(told) == [tool.__name__ for tool in Tools(None).all()]  # type: ignore[arg-type]
        assert all(len(text) > 15 for text in told.values())
        assert [name for name in told if f"`{name}`" not in DOCS] == []

    with_agent(emulator, work)


def test_the_command_says_which_extra_is_missing(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('no mcp here')")
    refused = run_command("mcp", PYTHONPATH=str(tmp_path))
    assert (refused.returncode, "pip install 'payment-provider-emulator[mcp]'" in refused.stderr) == (2, True)


def test_an_agent_is_told_if_no_emulator_runs() -> None:
    async def work(agent: Agent) -> None:
        assert "Start one with `emulator serve`" in await agent.refused("list_orders")

    with_command({}, work, "--url", "http://127.0.0.1:1")
