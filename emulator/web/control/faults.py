"""Calls about fault rules."""

from typing import Any

from starlette.requests import Request

from emulator.core.faults import injection, rules
from emulator.core.plan import FAULT_RULES
from emulator.core.transaction import Transaction
from emulator.web.control.context import Context
from emulator.web.control.reading import read_object
from emulator.web.control.refusals import ControlError

RULE = {"type": "object", "required": ["fault"], "properties": rules.MEMBERS}


async def get_faults(context: Context, request: Request) -> Any:
    """The fault rules."""
    tx = context.engine.transaction(context.sandbox(request))
    return {"faults": [{"id": rule_id, **rule} for rule_id, rule in injection.sandbox_rules(tx)]}


async def post_fault(context: Context, request: Request) -> Any:
    """Adds a fault rule: `{fault, when?, provider?, endpoint?, event?, order?, match?, times?, chance?, ...}`."""
    sandbox, rule = context.sandbox(request), await read_object(request)
    try:
        rules.check_rule(rule, context.providers)
    except rules.BadRule as error:
        raise ControlError("bad-request", str(error)) from error
    await context.engine.settle_in_turns(sandbox)  # what is due by now has nothing to do with it

    def decide(tx: Transaction) -> str:
        if tx.size(FAULT_RULES) >= injection.MAX_RULES:
            told = f"a sandbox has at most {injection.MAX_RULES} fault rules: DELETE .../faults/{{id}}, or all of them"
            raise ControlError("too-many-faults", told)
        rule_id = f"flt_{tx.chance.hexadecimal(12)}"
        tx.put(FAULT_RULES, rule_id, rule)
        return rule_id

    return {"id": await context.engine.command(sandbox, decide), **rule}


async def delete_faults(context: Context, request: Request) -> Any:
    """Removes one fault rule, or all."""
    sandbox, wanted = context.sandbox(request), request.path_params.get("fault")
    await context.engine.settle_in_turns(sandbox)  # what is due by now still has them

    def decide(tx: Transaction) -> None:
        known = [rule_id for rule_id, _ in injection.sandbox_rules(tx)]
        if wanted is not None and wanted not in known:
            raise ControlError("unknown-fault", f"no fault {wanted!r} in this sandbox: GET .../faults lists them")
        for rule_id in known if wanted is None else [wanted]:
            for table in (FAULT_RULES, injection.USED, injection.DRAWN):
                tx.forget(table, rule_id)

    await context.engine.command(sandbox, decide)
