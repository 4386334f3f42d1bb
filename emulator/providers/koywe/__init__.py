"""Koywe: a payments API for Latin America. A merchant makes orders of six types that move fiat and crypto money.

Sources: the pages under https://docs.koywe.com named in each module, seen 2026-11.
"""

from emulator.core.call import befall
from emulator.core.provider import Provider
from emulator.providers.koywe import (
    access,
    commands,
    lifecycle,
    orders,
    reactions,
    refusals,
    seeds,
    settings,
    tables,
    webhooks,
)
from emulator.providers.koywe.bodies import BODY_LIMIT
from emulator.providers.koywe.endpoints import ENDPOINTS

provider = Provider(
    name="koywe",
    title="Koywe",
    public_hosts=("api.koywe.com", "api-sandbox.koywe.com"),
    endpoints=ENDPOINTS,
    lifecycle=lifecycle.LIFECYCLE,
    errors=refusals.CASES,
    settings=settings.SETTINGS,
    checks=(befall, refusals.require_route),
    render=refusals.render,
    tables=tables.TABLES,
    orders=tables.ORDERS,
    deliveries=tables.DELIVERIES,
    find_sandbox=access.find_sandbox,
    open_keys=("pay:",),
    credentials=access.credentials,
    seed=seeds.seed,
    body_limit=BODY_LIMIT,
    security={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    webhooks=webhooks.WEBHOOKS,
    announce=reactions.react,
    commands=commands.COMMANDS,
    named_ids=("org_", "mrc_"),
    usual_scenario=orders.usual_scenario,
)
