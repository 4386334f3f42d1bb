"""Deals: each executes a quote by one order, or by several as the money comes.

An ONRAMP deal waits for credits to its virtual account and turns each into an order; an OFFRAMP deal is one order from
the start. The policy governs these orders like any others. The status of a deal follows from its orders.

Source: https://docs.koywe.com/payments/guides/crypto-operations/onramp (seen 2026-11) for the required fields, and that
ONRAMP takes part payments and OFFRAMP does not. Assumed: the answer, and that a deal makes no more orders once one has
failed.
"""

from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Reply
from emulator.contract.scenario import Scenario
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.core.scenario import HAPPY
from emulator.providers.koywe.accounts.balances import add, find_balance, find_balance_of, negative
from emulator.providers.koywe.catalogue import Currency, find_currency
from emulator.providers.koywe.collection import OwnedCollection
from emulator.providers.koywe.formats.identifiers import make_id
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.lifecycle import LIFECYCLE
from emulator.providers.koywe.ordering.drafts import begin_order, make_order
from emulator.providers.koywe.ordering.kinds import OFFRAMP, ONRAMP, ONRAMP_FROM_BALANCE
from emulator.providers.koywe.ordering.rules import Destination, Price, require_destination
from emulator.providers.koywe.policy.approvals import answer_held
from emulator.providers.koywe.policy.rules import needs_approval
from emulator.providers.koywe.quotes.amounts import exchange_part
from emulator.providers.koywe.quotes.quotes import QUOTES, mark_used, require_usable_quote
from emulator.providers.koywe.quotes.rates import trim_amount
from emulator.providers.koywe.wire import read_body, write_answer, write_created

_FAILED = frozenset({"FAILED", "CANCELLED", "EXPIRED", "REFUNDED"})


class Deal(Struct):
    """A deal. `paid_in` and `paid_out`: what its orders have exchanged so far; `scenario`: the one that they follow."""

    merchant: str
    type: str
    quote: str
    account: str
    origin: str
    destination: str
    amount_in: Any
    amount_out: Any
    rate: Decimal
    scenario: str
    created_ms: int
    paid_in: Decimal = Decimal(0)
    paid_out: Decimal = Decimal(0)
    orders: list[str] = field(default_factory=list)


DEALS = OwnedCollection("koywe.deals", Deal, "deal")


def continue_deals(tx: Transaction, merchant_id: str) -> None:
    """Lets the merchant's ONRAMP deals, oldest first, take what their virtual accounts have."""
    for deal_id, deal in list(DEALS.scan_of(tx, merchant_id)):
        if deal.type == ONRAMP:
            _take_part(tx, deal_id, deal)


# -- calls


def create_deal(call: Call) -> Reply:
    """`POST M/deals`: the deal. Refuses as an order with a quote does."""
    body = read_body(call)
    quote_id = body["quoteId"]
    quote = require_usable_quote(call, quote_id, body.get("type"))
    require_destination(call, body["destinationAccountId"], quote.type, quote.destination)
    call.refuse_as_scripted()
    scenario = call.scenario()
    deal = Deal(
        merchant=call.caller.merchant_id,
        type=quote.type,
        quote=quote_id,
        account=body["destinationAccountId"],
        origin=quote.origin,
        destination=quote.destination,
        amount_in=quote.amount_in,
        amount_out=quote.amount_out,
        rate=quote.rate,
        scenario=scenario.name if scenario else HAPPY,
        created_ms=call.tx.now_ms,
    )
    deal_id = make_id(call.tx.chance, DEALS.id_kind)
    mark_used(call.tx, quote_id, quote, deal_id)
    DEALS.put(call.tx, deal_id, deal)
    if deal.type == OFFRAMP:
        _make_order(call.tx, deal_id, deal, deal.amount_in, deal.amount_out)
    else:
        _take_part(call.tx, deal_id, deal)
    for order in _find_orders(call.tx, deal):
        error = answer_held(call, order)
        if error is not None:
            return error
    return write_created(call, _write_deal(call.tx, deal_id, deal))


def list_deals(call: Call) -> Reply:
    """`GET M/deals`: all deals, oldest first."""
    found = DEALS.scan_of(call.tx, call.caller.merchant_id)
    return write_answer(call, [_write_deal(call.tx, deal_id, deal) for deal_id, deal in found])


def get_deal(call: Call) -> Reply:
    """`GET M/deals/{dealId}`: the deal. Refuses with `DL90001`."""
    return write_answer(call, _write_deal(call.tx, *DEALS.require_in_path(call)))


# -- inside


def _find_orders(tx: Transaction, deal: Deal) -> list[Order]:
    return [order for order in map(tx.order, deal.orders) if order is not None]


def _take_part(tx: Transaction, deal_id: str, deal: Deal) -> None:
    rest = add(deal.amount_in, negative(deal.paid_in))
    balance = find_balance(tx, deal.merchant, deal.origin)
    if rest <= 0 or balance is None or balance.available <= 0:
        return
    if any(order.status in _FAILED for order in _find_orders(tx, deal)):
        return
    part = min(rest, balance.available)
    if part == rest:
        amount_out = add(deal.amount_out, negative(deal.paid_out))
    else:
        amount_out = _find_part_out(tx, deal, part)
    if amount_out > 0:
        _make_order(tx, deal_id, deal, trim_amount(part), trim_amount(amount_out))


def _find_part_out(tx: Transaction, deal: Deal, part: Decimal) -> Decimal:
    return exchange_part(tx.settings("koywe"), part, deal.rate, *_find_currencies(tx, deal))


def _find_currencies(tx: Transaction, deal: Deal) -> tuple[Currency, Currency]:
    decimals = tx.settings("koywe")["currency_decimals"]
    origin, destination = find_currency(deal.origin, decimals), find_currency(deal.destination, decimals)
    if origin is None or destination is None:
        raise LookupError(f"a deal between {deal.origin} and {deal.destination}")
    return origin, destination


def _make_order(tx: Transaction, deal_id: str, deal: Deal, amount_in: Any, amount_out: Any) -> None:
    price = Price(*_find_currencies(tx, deal), amount_in, amount_out, QUOTES.find_of(tx, deal.quote, deal.merchant))
    is_own = find_balance_of(tx, deal.account, deal.merchant, deal.destination) is not None
    receiver = Destination(deal.account, is_outside=not is_own)
    kind = ONRAMP_FROM_BALANCE if deal.type == ONRAMP else OFFRAMP
    order = make_order(tx, deal.merchant, kind, price, receiver, {"quoteId": deal.quote}, "")
    deal.orders.append(order.id)
    deal.paid_in = add(deal.paid_in, amount_in)
    deal.paid_out = add(deal.paid_out, amount_out)
    # Kept before the order is announced, which looks at the deals again.
    DEALS.put(tx, deal_id, deal)
    balance = find_balance(tx, deal.merchant, deal.origin)
    scenario = tx.scenario("koywe", deal.scenario)
    waiting = begin_order(
        tx,
        order,
        balance.account if balance is not None else None,
        governed=needs_approval(tx, kind, price),
        wanted=_find_first_status(kind, scenario),
    )
    events.create(tx, order, scenario, waiting=waiting)


def _find_first_status(kind: str, scenario: Scenario | None) -> str | None:
    wanted = scenario.initial if scenario is not None else None
    return wanted if wanted in LIFECYCLE.initial[kind] else None


def _write_deal(tx: Transaction, deal_id: str, deal: Deal) -> dict[str, Any]:
    orders = _find_orders(tx, deal)
    return {
        "id": deal_id,
        "type": deal.type,
        "quoteId": deal.quote,
        "destinationAccountId": deal.account,
        "originCurrencySymbol": deal.origin,
        "destinationCurrencySymbol": deal.destination,
        "amountIn": deal.amount_in,
        "amountOut": deal.amount_out,
        "paidAmountIn": trim_amount(deal.paid_in),
        "exchangeRate": deal.rate,
        "orders": deal.orders,
        "status": _find_status(deal, orders),
        "createdAt": write_moment(deal.created_ms),
    }


def _find_status(deal: Deal, orders: list[Order]) -> str:
    if any(order.status in _FAILED for order in orders):
        return "FAILED"
    if deal.paid_in >= deal.amount_in:
        return "COMPLETED" if all(order.status == "COMPLETED" for order in orders) else "PAID"
    return "PARTIALLY_PAID" if deal.paid_in > 0 else "OPEN"
