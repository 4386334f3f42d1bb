"""How pages are written: late, in the payer's language, with numbers and times as people write them."""

import subprocess
import sys

import pytest

from emulator.pages.formats import write_day, write_duration, write_minute, write_number
from emulator.pages.page import Page, write_page
from emulator.pages.words import COMMON_WORDS, preferred_language
from emulator.providers.basswallet.pay_page.words import REASONS
from emulator.providers.basswallet.pay_page.words import STATUSES as PAYIN_STATUSES
from emulator.providers.basswallet.pay_page.words import WORDS as PAYIN_WORDS
from emulator.providers.koywe.pay_page.words import CARDS, METHODS, PROBLEMS, STATUSES, WORDS

LATE = ("babel", "jinja2", "markupsafe", "segno", "emulator.web.console.app")
START = """
import sys
from emulator.asgi import create_app
create_app()
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def test_nothing_for_pages_is_loaded_before_the_first_page() -> None:
    ran = subprocess.run([sys.executable, "-c", START, *LATE], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "es"), ("", "es"), ("pt", "pt"), ("pt-BR,pt;q=0.9", "pt"), ("de,en;q=0.3,pt;q=0.7", "pt"),
        ("EN-us", "en"), ("en;q=0,pt;q=0.1", "pt"), ("en;q=0", "es"), ("*", "es"), ("en;q=2", "es"),
        (";;;,=,pt;q=", "es"), ("x" * 10_000, "es"), (",".join(["de"] * 30) + ",en", "es"),
    ],
)  # fmt: skip
def test_the_languages_of_a_browser_are_read_in_order(accepted: str | None, language: str) -> None:
    assert preferred_language(accepted, ("es", "pt", "en"), "es") == language


@pytest.mark.parametrize(
    ("text", "locale", "decimals", "written"),
    [
        ("1234.50", "en-US", None, "1,234.50"), ("1234", "und_CL", 0, "1.234"),
        ("1234.5", "und_CL", 0, "1.234,5"), ("0.1", "und_BR", 2, "0,10"),
        ("9" * 40, "en", None, ",".join(["9", *["999"] * 13])), ("0." + "1" * 40, "en", None, "0." + "1" * 40),
        ("1234", "xx_XX", None, "1,234"), ("1234567", "zh-CN", None, "1,234,567"),
    ],
)  # fmt: skip
def test_numbers_are_formatted_for_the_language(text: str, locale: str, decimals: int | None, written: str) -> None:
    assert write_number(text, locale, decimals) == written


def test_times_are_formatted_for_the_language() -> None:
    at_ms = 1_767_614_400_000
    assert write_day(at_ms, "es") == "5 de enero de 2026"
    assert write_day(at_ms, "pt") == "5 de janeiro de 2026"
    assert write_minute(at_ms, "zh-CN") == "2026年1月5日 12:00 UTC"
    assert [write_duration(each) for each in (-1, 0, 59_999, 60_000, 3_599_999, 3_600_000, 90_061_000)] == [
        "0:00", "0:00", "0:59", "1:00", "59:59", "1:00:00", "25:01:01",
    ]  # fmt: skip


def test_every_text_exists_in_all_languages() -> None:
    for tables in (COMMON_WORDS, WORDS, PAYIN_WORDS):
        assert len({frozenset(words) for words in tables.values()}) == 1
    said = [*METHODS.values(), *CARDS.values(), *PROBLEMS.values(), *(words for _, words in STATUSES.values())]
    assert [each for each in said if set(each) != set(WORDS)] == []
    payin = [*REASONS.values(), *(words for _, words in PAYIN_STATUSES.values())]
    assert [each for each in payin if set(each) != set(PAYIN_WORDS)] == []


def test_a_missing_value_in_a_template_is_an_error() -> None:
    page = Page(template="message.html", title="x", language="en", provider="x", hue="teal", values={"kind": "over"})
    with pytest.raises(Exception, match="heading"):
        write_page(page)
