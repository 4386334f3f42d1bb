"""Languages of payers: which one a browser wants, and the words that every page has."""

import re
from collections.abc import Mapping, Sequence

LANGUAGE_NAMES = {"en": "English", "es": "Español", "pt": "Português", "zh": "中文"}

COMMON_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "languages": "Language",
        "to_copy": "Copy",
        "copied": "Copied",
        "time_left": "Time left",
        "until": "until",
        "lost": "No connection. Trying again.",
        "progress": "Confirmations",
    },
    "es": {
        "languages": "Idioma",
        "to_copy": "Copiar",
        "copied": "Copiado",
        "time_left": "Tiempo restante",
        "until": "hasta el",
        "lost": "Sin conexión. Intentando de nuevo.",
        "progress": "Confirmaciones",
    },
    "pt": {
        "languages": "Idioma",
        "to_copy": "Copiar",
        "copied": "Copiado",
        "time_left": "Tempo restante",
        "until": "até",
        "lost": "Sem conexão. Tentando de novo.",
        "progress": "Confirmações",
    },
    "zh": {
        "languages": "语言",
        "to_copy": "复制",
        "copied": "已复制",
        "time_left": "剩余时间",
        "until": "截止",
        "lost": "连接已断开，正在重试。",
        "progress": "确认数",
    },
}
"""The words of all providers' pages, by language and by name."""

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,40})?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")
_MOST_RANGES = 20


def language_of(tag: str, offered: Sequence[str], default: str) -> str:
    """The first part of a language tag if it is among `offered`, else `default`."""
    first = tag.partition("-")[0].lower()
    return first if first in offered else default


def preferred_language(accepted: str | None, offered: Sequence[str], default: str) -> str:
    """Which of `offered` an Accept-Language header likes best; `default` if it likes none of them."""
    liked: list[tuple[float, str]] = []
    for text in (accepted or "").split(",")[:_MOST_RANGES]:
        match = _RANGE.fullmatch(text)
        if match and match[1].lower() in offered:
            liked.append((float(match[2] or 1), match[1].lower()))
    best = max(liked, key=lambda each: each[0], default=(0.0, default))
    return best[1] if best[0] > 0 else default
