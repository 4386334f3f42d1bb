"""Spans of OpenTelemetry: one for each request and each attempt to send a webhook, and none unless asked for."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.clients import baanx, basswallet
from tests.command import emulator as run_command
from tests.receivers import Receiver

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def traced(store: str = "memory") -> Iterator[tuple[Emulator, InMemorySpanExporter]]:
    """A sandbox of an emulator whose spans are kept."""
    kept, traces = InMemorySpanExporter(), TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(kept))
    with BackgroundServer(Options(port=0, traces=traces, store=store)) as server, server.sandbox() as sandbox:
        yield sandbox, kept


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_request_is_a_span_in_its_sender_s_trace() -> None:
    with traced() as (emulator, kept), baanx.Client(emulator) as client:
        order = client.order_id(client.create({"traceparent": PARENT}))
        client.create(productId="none")
    good, refused = kept.get_finished_spans()
    assert (good.name, good.kind) == ("baanx create-order", SpanKind.SERVER)
    assert good.parent is not None and f"{good.parent.trace_id:032x}" == PARENT.split("-")[1]
    told = attributes(good)
    assert (told["http.response.status_code"], told["emulator.outcome"]) == (200, "ok")
    assert told["emulator.orders"] == (order,)
    assert attributes(refused)["http.response.status_code"] == 422
    assert attributes(refused)["emulator.outcome"] != "ok"


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_an_attempt_to_send_a_webhook_is_a_span(store: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("kept")
    url = store if store == "memory" else f"sqlite:///{folder / 'kept.db'}"
    with Receiver(500, 200) as receiver, traced(store=url) as (emulator, kept), basswallet.Client(emulator) as client:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.fire(client.start(), "expire")
        emulator.advance("1h")
        headers = receiver.received[0].headers
    spans = [span for span in kept.get_finished_spans() if span.kind is SpanKind.CLIENT]
    assert [attributes(span)["http.response.status_code"] for span in spans] == [500, 200]
    assert attributes(spans[0])["url.full"] == receiver.url
    assert "traceparent" not in headers


def test_without_the_flag_no_tracing_library_is_imported() -> None:
    code = (
        "import sys; from emulator.web.application import Application, Options; Application(Options()); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_flag_says_which_extra_is_missing(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("none")
    (folder / "opentelemetry.py").write_text("raise ModuleNotFoundError('no opentelemetry here')")
    refused = run_command("serve", "--port", "0", "--otel", PYTHONPATH=str(folder))
    assert refused.returncode == 2
    assert "--otel needs an extra: pip install 'payment-provider-emulator[otel]'" in refused.stderr
