"""What a provider does by itself again and again, and what happens if it fails."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from emulator.contract.outline import Recurring
from emulator.contract.setting import Setting
from emulator.contract.transaction import Transaction
from emulator.core.library import Library
from emulator.core.origin import Origin
from emulator.core.sandbox import Sandbox
from emulator.core.scenario import ScenarioSet
from emulator.engine.engine import Engine
from emulator.stores.memory import MemoryStore
from tests.core import toy

EVERY = Setting("tick_s", 60, {"type": ["integer", "null"]}, "how often it ticks")
TICKS = "toy.ticks"


def tick(tx: Transaction) -> None:
    """Keeps when it happened; the third time it fails half way."""
    number = len(list(tx.scan(TICKS)))
    tx.put(TICKS, str(tx.now_ms), number)
    if tx.now_ms == toy.START_MS + 180_000:
        raise ValueError("it fails")


async def opened() -> Engine:
    settings: Mapping[str, Setting] = {**toy.provider.settings, EVERY.name: EVERY}
    card = replace(toy.provider, settings=settings, recurring=(Recurring("tick", EVERY.name, tick),))
    library = Library({"toy": card}, toy.scenario_schema())
    library.shipped["toy"] = ScenarioSet([])
    engine = Engine(library, MemoryStore(), Origin("seed", "manual", "1", toy.START_MS), real_ms=toy.Wall())
    await engine.open()
    return engine


def seconds(sandbox: Sandbox) -> list[int]:
    """When it has ticked, from the start."""
    return [(int(key) - toy.START_MS) // 1000 for key in sandbox.tables.get(TICKS, {})]


async def set_every(engine: Engine, sandbox: Sandbox, value: Any) -> None:
    await engine.command(sandbox, lambda tx: tx.change_settings("toy", {EVERY.name: value}))


def test_a_failed_recurring_task_changes_nothing_and_runs_again_next_time(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> list[int]:
        engine = await opened()
        (sandbox,) = engine.sandboxes.values()
        await engine.advance(sandbox, toy.START_MS + 300_000)
        return seconds(sandbox)

    assert asyncio.run(story()) == [60, 120, 240, 300]
    assert "toy/tick failed" in caplog.text


def test_a_changed_interval_counts_from_the_start_of_the_sandbox() -> None:
    async def story() -> list[int]:
        engine = await opened()
        (sandbox,) = engine.sandboxes.values()
        await engine.advance(sandbox, toy.START_MS + 70_000)
        await set_every(engine, sandbox, None)
        await engine.advance(sandbox, toy.START_MS + 1_000_000)
        await set_every(engine, sandbox, 300)
        await engine.advance(sandbox, toy.START_MS + 1_500_000)
        return seconds(sandbox)

    assert asyncio.run(story()) == [60, 1200, 1500]


def test_an_advance_until_idle_does_not_wait_for_recurring_tasks() -> None:
    async def story() -> list[int]:
        engine = await opened()
        (sandbox,) = engine.sandboxes.values()
        happened = await engine.advance(sandbox, None)
        assert happened.settled
        return seconds(sandbox)

    assert asyncio.run(story()) == []
