"""OpenTelemetry spans: one for each request to a provider, and one for each attempt to send a webhook.

Only with `--otel`. OpenTelemetry's own variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`, say where the spans go. A
request with a `traceparent` continues its sender's trace. Webhooks are sent exactly as the provider sends them, so
they have none.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from opentelemetry import propagate
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from emulator import __version__
from emulator.contract.card import Provider
from emulator.contract.delivery import Message, Response
from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.core.redaction import hide_in_text
from emulator.engine.engine import Engine, Waiting
from emulator.engine.sender import Sender

_SERVER_ERROR = 500


def exporting() -> TracerProvider:
    """A provider of tracers that sends spans by OTLP over HTTP."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "payment-provider-emulator"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class TracedEngine(Engine):
    """An engine that makes a span for each request."""

    def __init__(self, *arguments: Any, traces: TracerProvider, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tracer = _tracer(traces)

    def ask(self, provider: Provider, request: Request) -> Reply | Waiting:
        """As the engine, within a span."""
        context = propagate.extract(request.headers)
        span = self._tracer.start_span(f"{provider.name} {request.method}", context=context, kind=SpanKind.SERVER)
        try:
            reply = super().ask(provider, request)
        except BaseException:
            span.end()
            raise
        if isinstance(reply, Waiting):
            return Waiting(_finish(span, provider, request, reply.reply))
        _end(span, provider, request, reply)
        return reply


class TracedSender(Sender):
    """A sender that makes a span for each attempt."""

    def __init__(self, *arguments: Any, traces: TracerProvider, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._tracer = _tracer(traces)

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None] = lambda: None) -> Response:
        """As the sender, within a span."""
        with self._tracer.start_as_current_span("webhook POST", kind=SpanKind.CLIENT) as span:
            response = await super().send(message, timeout_ms, begins)
            span.set_attribute("url.full", hide_in_text(message.url))
            if response.status is not None:
                span.set_attribute("http.response.status_code", response.status)
            if response.error:
                span.set_status(Status(StatusCode.ERROR, hide_in_text(response.error)))
            return response


async def _finish(span: Span, provider: Provider, request: Request, answering: Coroutine[Any, Any, Reply]) -> Reply:
    try:
        reply = await answering
    except BaseException:
        span.end()
        raise
    _end(span, provider, request, reply)
    return reply


def _end(span: Span, provider: Provider, request: Request, reply: Reply) -> None:
    entry = request.entry
    endpoint = entry.endpoint if entry is not None else ""
    span.update_name(f"{provider.name} {endpoint or request.method}")
    span.set_attributes(
        {
            "http.request.method": request.method,
            "url.path": request.path,
            "http.response.status_code": reply.status,
            "emulator.provider": provider.name,
            "emulator.endpoint": endpoint,
            "emulator.outcome": (entry.error or "ok") if entry is not None else "ok",
            "emulator.orders": list(entry.orders) if entry is not None else [],
        }
    )
    if reply.status >= _SERVER_ERROR:
        span.set_status(Status(StatusCode.ERROR))
    span.end()


def _tracer(traces: TracerProvider) -> Tracer:
    return traces.get_tracer("emulator", __version__)
