"""The call that withdraws.

Sources: the page withdraw of the Chinese documentation, revision of 2024, and its price page for the rates, seen
2026-11. Assumed: which of several refusals comes first, that fees come on top of the amount, and how fees are rounded.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.scenario import Outcome, Scenario, Step
from emulator.contract.setting import Settings
from emulator.core.urls import url_problem
from emulator.providers.basswallet.accounts.balances import find_free
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain import blocks
from emulator.providers.basswallet.chain.amounts import write_decimal, write_fee
from emulator.providers.basswallet.chain.legality import is_address
from emulator.providers.basswallet.chain.tokens import TokenPair
from emulator.providers.basswallet.lifecycle import LIFECYCLE
from emulator.providers.basswallet.ordering.ids import instant_key, make_free_id
from emulator.providers.basswallet.ordering.rules import (
    find_broken_names,
    is_given_out,
    require_amount,
    require_free,
    require_good,
    require_pair,
)
from emulator.providers.basswallet.settings import PLATFORM_FEE_RATES
from emulator.providers.basswallet.wire import AWAITING_REVIEW, PROCESSING, WITHDRAWAL, write_answer
from emulator.providers.basswallet.withdrawals.course import find_total_amount, freeze, start_processing

_SCHEMA = "create-withdrawal.request"
_KEPT = (("businessId", "business_id"), ("tag", "tag"), ("callbackUrl", "webhook_url"))
"""Parameters that a withdrawal keeps as they were sent, and the fields that keep them."""
_ROWS = tuple(row for row in LIFECYCLE.transitions if not row.kinds or WITHDRAWAL in row.kinds)
_EVENTS = frozenset(row.event for row in _ROWS)
_STATUSES = frozenset(row.target for row in _ROWS)


def create_withdrawal(call: Call) -> Reply:
    """`POST /v1/account/withdraw`: 200 with the id of the withdrawal. Refuses with `PARAM_ERROR`, `NON_WITHDRAWAL`,
    `INSIDE_ADDRESS`, `AMOUNT_PRECISION_TOO_SMALL`, `CALLBACK_URL_ERROR`, `BUSINESS_ID_EXISTENCE`,
    `NOT_SUFFICIENT_FUNDS`."""
    call.refuse_as_scripted("early")
    parameters = {name: value for name, value in call.body.items() if value}
    pair = _require_rules(call, parameters)
    keys = (require_free(call, parameters["businessId"]),) if "businessId" in parameters else ()
    fields = _make_fields(call, parameters, pair)
    free, total = find_free(call.tx, call.caller.account, fields["token_name"]), find_total_amount(fields)
    if total > free:
        raise Refusal("NOT_SUFFICIENT_FUNDS", f"{write_decimal(total)} with fees is more than {write_decimal(free)}")
    call.refuse_as_scripted()
    order = _make_order(call, fields, keys)
    freeze(call.tx, order)
    scenario, is_moved = _choose_scenario(call.scenario())
    if order.status == PROCESSING and not is_moved:
        start_processing(call.tx, order, {})
    call.create(order, scenario=scenario)
    return write_answer(call, {"id": order.id})


def _require_rules(call: Call, parameters: Mapping[str, str]) -> TokenPair:
    """The pair to be withdrawn, by parameters that are not empty. Refuses for the first rule that they break."""
    settings, broken = call.settings, find_broken_names(call, _SCHEMA, parameters)
    for name in ("tokenName", "chainName"):
        require_good(name, broken)
    token, chain = parameters["tokenName"], parameters["chainName"]
    pair = require_pair(settings, token, chain)
    if not pair.withdraw_enable:
        raise Refusal("NON_WITHDRAWAL", f"withdrawals of {token} on {chain} are suspended")
    require_good("toAddress", broken)
    form = read_catalogue(settings).find_chain(chain).address_form
    if not is_address(form, parameters["toAddress"]):
        raise Refusal("PARAM_ERROR", f"toAddress: it is not an address of {chain}")
    if is_given_out(call.tx, parameters["toAddress"]):
        raise Refusal("INSIDE_ADDRESS", "toAddress: the sandbox has given it out")
    require_good("amount", broken)
    require_amount(settings, parameters["amount"], pair, pair.min_withdraw_amount)
    for name in ("businessId", "tag"):
        require_good(name, broken)
    problem = broken.get("callbackUrl") or url_problem(parameters.get("callbackUrl"))
    if problem:
        raise Refusal("CALLBACK_URL_ERROR", f"callbackUrl: {problem}")
    for name in ("confirmFirst", "confirmNeeded"):
        require_good(name, broken)
    first = int(parameters.get("confirmFirst", blocks.read_first_confirmations(call.tx)))
    if int(parameters.get("confirmNeeded", first + 1)) <= first:
        raise Refusal("PARAM_ERROR", f"confirmNeeded: it is not above confirmFirst, {first}")
    return pair


def _make_fields(call: Call, parameters: Mapping[str, str], pair: TokenPair) -> dict[str, Any]:
    token, chain, tx = parameters["tokenName"], parameters["chainName"], call.tx
    first = int(parameters.get("confirmFirst", blocks.read_first_confirmations(tx)))
    usual = max(first, blocks.find_final_confirmations(tx, token, chain))
    fields: dict[str, Any] = {
        "token_name": token,
        "chain": chain,
        "address": parameters["toAddress"],
        "amount": parameters["amount"],
        "network_fee": write_decimal(Decimal(pair.fee)),
        "platform_fee": write_fee(Decimal(parameters["amount"]), _find_rate(call.settings, token)),
        "confirm_first": first,
        "confirm_needed": int(parameters.get("confirmNeeded", usual)),
        "frozen": True,
    }
    return fields | {member: parameters[name] for name, member in _KEPT if name in parameters}


def _find_rate(settings: Settings, token: str) -> Decimal:
    """The share of an amount that the platform takes."""
    rates = {**PLATFORM_FEE_RATES, **settings["platform_fee_rates"]}
    return Decimal(rates.get(token, rates["*"]))


def _make_order(call: Call, fields: dict[str, Any], keys: tuple[str, ...]) -> Order:
    tx = call.tx
    usual = AWAITING_REVIEW if call.settings["withdraw_review"] else PROCESSING
    return Order(
        id=make_free_id(tx),
        provider=call.provider.name,
        owner=str(call.caller.account),
        kind=WITHDRAWAL,
        status=call.initial_status(WITHDRAWAL) or usual,
        created_ms=tx.now_ms,
        updated_ms=tx.now_ms,
        fields=fields,
        keys=(instant_key(tx), *keys),
    )


def _choose_scenario(scenario: Scenario | None) -> tuple[str, bool]:
    """The scenario that a withdrawal follows in place of the chosen one (empty: the chosen one), and whether that moves
    it out of its first status.

    A scenario that pays is not for withdrawals: they follow `happy` then. One without steps leaves everything to be
    done by hand.
    """
    if scenario is None or scenario.answer is not None:
        return "", False
    steps = scenario.timeline(WITHDRAWAL)
    if not any(scenario.timeline(kind) for kind in LIFECYCLE.initial):
        return "", True
    is_for_withdrawals = bool(steps) and all(map(_is_possible, steps))
    return ("", True) if is_for_withdrawals else ("happy", False)


def _is_possible(step: Step) -> bool:
    awaits = step.on is None or step.on in _EVENTS or step.on not in LIFECYCLE.events
    return awaits and all(map(_can_come_about, step.outcomes))


def _can_come_about(outcome: Outcome) -> bool:
    return (outcome.do is None or outcome.do in _EVENTS) and (outcome.to is None or outcome.to in _STATUSES)
