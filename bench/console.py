"""How long the console takes over a crowded sandbox: its first page, and a search through all orders."""

import http.client
import time
from statistics import median

from bench.cases import baanx_create
from bench.load import Job
from bench.processes import control, generate_load, serve_emulator
from bench.row import Amounts, Found, Skipped

_LOOKS = 15


def console(amounts: Amounts) -> tuple[Found, ...]:
    """Milliseconds for the page with its list, and for a search that finds nothing and so looks at every order."""
    with serve_emulator("--clock", "manual") as emulator:
        sandbox = control(emulator, "GET", "sandboxes/default")
        port = int(sandbox["urls"]["baanx"].rpartition(":")[2])
        prepared = baanx_create(port, sandbox["credentials"]["baanx"], amounts.listed)
        created = generate_load(Job(port, prepared, amounts.listed))
        if created.first_bad:
            raise Skipped(f"answers {created.first_bad[:400]!r}")
        pages = [_look_ms(emulator.port, "/console/default") for _ in range(_LOOKS)]
        nothing = "/console/default?show=orders&search=nothing-has-this"
        searches = [_look_ms(emulator.port, nothing) for _ in range(_LOOKS)]
    details = f"{amounts.listed} orders; {min(pages):.0f} to {max(pages):.0f} ms"
    return Found(median(pages), details), Found(median(searches), f"{min(searches):.0f} to {max(searches):.0f} ms")


def _look_ms(port: int, path: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    page = answer.read()
    took_ms = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != http.client.OK or b'id="rows"' not in page:
        raise Skipped(f"{path} answers {answer.status}")
    return took_ms
