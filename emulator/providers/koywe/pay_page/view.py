"""What the pay page of an order shows: amount, method, what there is to do, and what went wrong, in three languages.

Source: https://docs.koywe.com/en/getting-started/testing (seen 2026-11): that the provider has such a page, and the
three card numbers. Assumed: everything else.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.pages.formats import write_number
from emulator.pages.page import Button, Language, Page, Strip, make_message
from emulator.pages.steering import make_strip
from emulator.pages.words import LANGUAGE_NAMES, preferred_language
from emulator.providers.koywe.access import MERCHANTS
from emulator.providers.koywe.catalogue import (
    CATALOGUE,
    PaymentMethod,
    find_country_of_currency,
    find_currency,
    find_payment_method,
    takes_cards,
)
from emulator.providers.koywe.ordering.actions import BANK_DETAILS, QR, write_pay_link
from emulator.providers.koywe.ordering.kinds import ONRAMP_BY_METHOD, PAYMENT_LINK
from emulator.providers.koywe.ordering.methods import is_within_limits, list_methods_of
from emulator.providers.koywe.pay_page.words import (
    CARDS,
    ENGLISH,
    METHODS,
    PORTUGUESE,
    PROBLEMS,
    SPANISH,
    STATUSES,
    WORDS,
)

OPEN = frozenset({"PENDING", "PROCESSING"})
"""Statuses in which an order can be paid."""
STEERED: Mapping[str, str] = {
    "start": "Start processing", "settle": "Settle", "expire": "Expire", "cancel": "Cancel", "hold": "Hold for review",
    "release": "Release", "reject": "Reject", "submit": "Submit", "request_refund": "Ask for a refund",
    "refund": "Refund", "reject_refund": "Refuse the refund",
}  # fmt: skip
"""Events that testers have a button for -> the button's text."""

Row = tuple[str, str, str, str]
"""A fact: label, text, id and class of the element."""

_NAME = "Koywe"
_HUE = "teal"
_COUNTED_MS = 48 * 3_600_000
"""A deadline that is further off is not counted down."""
_CURRENCY_LANGUAGES = {"BRL": PORTUGUESE, "USD": ENGLISH}
_OVER = frozenset({"PAID", "COMPLETED", "FAILED", "CANCELLED", "EXPIRED", "REFUND_REQUESTED", "REFUNDED"})
_OVER_BEFORE = (
    "This order was over before anybody opened its page. Three ways to a page that waits for its payer: start the "
    "emulator with make demo, write #emu:interactive in the order's description, or send the header "
    "X-Emulator-Scenario: interactive with it."
)
_BACK_URLS = {"PAID": "successUrl", "COMPLETED": "successUrl", "FAILED": "failedUrl"}
_CHANGING = frozenset({"PENDING", "PROCESSING", "PAID", "ON_HOLD", "REFUND_REQUESTED"})


def read_language(call: Call, order: Order | None) -> str:
    """The language that the query or the setting asks for, else that of the currency, or of the browser."""
    wanted = _read_query(call).get("lang", "")
    if wanted in WORDS:
        return wanted
    if order is None:
        return preferred_language(call.header("accept-language"), tuple(WORDS), SPANISH)
    setting: str = call.settings["pay_page_language"]
    if setting != "auto":
        return setting
    return _CURRENCY_LANGUAGES.get(order.fields["originCurrencySymbol"], SPANISH)


def make_pay_page(
    call: Call, order: Order, *, problem: str = "", field: str = "", sent: Mapping[str, Any] | None = None
) -> Page:
    """An order's page. `problem`: what was wrong with what the payer `sent`, shown beside a `field`: card, method or
    form."""
    language = read_language(call, order)
    words = WORDS[language]
    kind, status_words = STATUSES[order.status]
    symbol = order.fields["originCurrencySymbol"]
    choice = _write_method_values(call, order, language, sent or {})
    values = {
        "words": words,
        "number": _write_plain(order.fields["amountIn"]),
        "symbol": symbol,
        "decimals": _find_decimals(call, symbol),
        "locale": _find_locale(symbol),
        "about": order.fields.get("description", ""),
        "state_kind": kind,
        "state": status_words[language],
        "rows": _list_rows(order, words),
        "due_ms": order.fields.get("due_ms") if order.kind == PAYMENT_LINK else None,
        "open": order.status in OPEN,
        "deadline_ms": _find_deadline_ms(order, call.tx.now_ms),
        "now_ms": call.tx.now_ms,
        "problem": problem,
        "problem_field": "method" if field == "card" and not choice["cards"] else field,
        "back_url": order.fields.get(_BACK_URLS.get(order.status, ""), ""),
        "action": _write_path(call, lang=_read_query(call).get("lang")),
        **choice,
    }
    return Page(
        template="koywe/pay_page/pay.html",
        title=f"{words['title']} · {status_words[language]} · {_find_shop(call, order)}",
        language=language,
        provider=_NAME,
        hue=_HUE,
        shop=_find_shop(call, order),
        languages=_list_languages(call),
        changes=order.status in _CHANGING and not problem,
        look_again_at=_write_path(call, lang=_read_query(call).get("lang"), method=_read_query(call).get("method")),
        refreshes_without_script=False,
        strip=_make_strip(call, order, can_be_paid=not choice["refusing"]),
        values=values,
    )


def make_left_page(call: Call, order: Order) -> Page:
    """The page for a payer who leaves without paying."""
    language = read_language(call, order)
    words, shop = WORDS[language], _find_shop(call, order)
    link = {"url": _write_path(call, lang=_read_query(call).get("lang")), "name": words["back"]}
    heading = words["left_title"]
    return make_message(
        _NAME, _HUE, heading, words["left"], language=language, title=f"{heading} · {shop}", shop=shop, link=link
    )


def make_unknown_page(call: Call) -> Page:
    """The page for an order that does not exist."""
    words = WORDS[language := read_language(call, None)]
    return make_message(_NAME, _HUE, words["unknown_title"], words["unknown"], language=language, id="not-found")


def write_problem(call: Call, language: str, problem: str, details: Mapping[str, Any]) -> str:
    """The sentence for what was wrong, with a limit as people of the currency's country write it."""
    values = {}
    if "limit" in details:
        symbol = details["currency"]
        number = write_number(details["limit"], _find_locale(symbol), _find_decimals(call, symbol))
        values = {"limit": f"{number} {symbol}", "method": name_method(details["method"], symbol, language)}
    return PROBLEMS[problem][language].format_map(values)


def name_method(code: str, currency: str, language: str) -> str:
    """What a payer calls a method."""
    method = find_payment_method(currency, code)
    return METHODS.get(code, {}).get(language) or (method.name if method is not None else code)


def _write_method_values(call: Call, order: Order, language: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The choice of methods, and what the chosen one asks of the payer."""
    methods = list_methods_of(order)
    fitting = [method for method in methods if is_within_limits(order, method)]
    wanted = sent.get("method") or _read_query(call).get("method")
    chosen = next((each for each in fitting if each.method == wanted), fitting[0] if fitting else None)
    symbol = order.fields["originCurrencySymbol"]
    handed = chosen.response_type if chosen is not None else ""
    return {
        "choices": _list_choices(call, fitting, symbol, language) if len(methods) > 1 else (),
        "chosen": chosen.method if chosen is not None else "",
        "method_name": name_method(chosen.method, symbol, language) if chosen is not None else "",
        "known": len(methods) == 1,
        "refusing": () if fitting or not methods else _list_choices(call, methods, symbol, language),
        "cards": [(number, words[language]) for number, words in CARDS.items()]
        if chosen is not None and takes_cards(chosen)
        else (),
        "card_number": str(sent.get("cardNumber", "")),
        "qr_content": write_pay_link(order) if handed == QR else "",
        "clabe": CATALOGUE.spei_clabe if handed == BANK_DETAILS else "",
    }


def _list_choices(call: Call, methods: Sequence[PaymentMethod], symbol: str, language: str) -> list[dict[str, Any]]:
    return [
        {
            "code": each.method,
            "name": name_method(each.method, symbol, language),
            "least": _write_plain(each.min_amount),
            "most": _write_plain(each.max_amount),
            "url": _write_path(call, lang=_read_query(call).get("lang"), method=each.method),
        }
        for each in methods
    ]


def _list_rows(order: Order, words: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = [(words["order"], order.id, "order", "code")]
    if order.kind == ONRAMP_BY_METHOD:
        amount = f"{_write_plain(order.fields['amountOut'])} {order.fields['destinationCurrencySymbol']}"
        rows.insert(0, (words["gets"], amount, "", ""))
    return rows


def _make_strip(call: Call, order: Order, *, can_be_paid: bool) -> Strip | None:
    buttons: tuple[Button, ...] = ()
    if order.status in OPEN:
        success = (Button("outcome", "succeed", "Succeed"),) if can_be_paid else ()
        buttons = (*success, Button("outcome", "fail", "Fail"))
    note = _OVER_BEFORE if order.status in _OVER and not order.opened else ""
    return make_strip(call, order, _write_path(call, lang=_read_query(call).get("lang")), STEERED, buttons, note=note)


def _find_shop(call: Call, order: Order) -> str:
    merchant = MERCHANTS.find(call.tx, order.owner)
    return merchant.name if merchant is not None else _NAME


def _list_languages(call: Call) -> tuple[Language, ...]:
    method = _read_query(call).get("method")
    return tuple(Language(tag, LANGUAGE_NAMES[tag], _write_path(call, lang=tag, method=method)) for tag in WORDS)


def _write_path(call: Call, **query: str | None) -> str:
    """The page's path as the browser sees it, with what the payer chose."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{call.request.root}{call.request.path}{'?' if asked else ''}{asked}"


def _read_query(call: Call) -> Mapping[str, str]:
    return dict(parse_qsl(call.request.query)) if call.request.query else {}


def _find_deadline_ms(order: Order, now_ms: int) -> int | None:
    timer = order.timers.get("expire")
    if timer is None or order.status != "PENDING" or timer.due_ms - now_ms > _COUNTED_MS:
        return None
    return timer.due_ms


def _find_decimals(call: Call, symbol: str) -> int:
    currency = find_currency(symbol, call.settings["currency_decimals"])
    return currency.decimals if currency is not None else 2


def _find_locale(symbol: str) -> str:
    country = find_country_of_currency(symbol)
    return f"und_{country.symbol}" if country is not None else "en"


def _write_plain(amount: int | Decimal) -> str:
    return format(Decimal(amount), "f")
