"""The log of `serve`: a line for each request, transition and attempt to send a webhook, as it happens."""

import asyncio
import json
import logging

from emulator.core.journal import Journal, Journals
from emulator.core.origin import DEFAULT
from emulator.views.lines import brief, line_of

log = logging.getLogger("emulator.life")


class LifeLog:
    """Writes down what comes into the journals: all of one turn of the event loop in one go."""

    def __init__(self, journals: Journals, *, color: bool, as_json: bool) -> None:
        self._journals = journals
        self._color = color
        self._as_json = as_json
        self._written: dict[str, tuple[Journal, int]] = {}
        self._news: set[str] = set()
        self._loop = asyncio.get_running_loop()
        for name, journal in journals.items():
            self._written[name] = (journal, journal.newest)
        journals.watch(self._tell)

    def _tell(self, name: str) -> None:
        if not self._news:
            self._loop.call_soon(self._write)
        self._news.add(name)

    def _write(self) -> None:
        news, self._news = self._news, set()
        lines = [line for name in sorted(news) for line in self._lines(name)]
        if lines:
            log.info("\n".join(lines))

    def _lines(self, name: str) -> list[str]:
        journal = self._journals.get(name)
        if journal is None:
            self._written.pop(name, None)
            return []
        before, number = self._written.get(name, (journal, 0))
        entries = journal.entries(after=number if before is journal else 0)
        self._written[name] = (journal, journal.newest)
        if self._as_json:
            return [json.dumps({"level": "info", "sandbox": name, **brief(entry)}) for entry in entries]
        shown = "" if name == DEFAULT else name
        return [line_of(brief(entry), color=self._color, sandbox=shown) for entry in entries]
