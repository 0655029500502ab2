"""OTLP in JSON, as a collector takes it: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from kit.events import Json
from kit.trace.calls import Called
from kit.trace.export import genai, openinference
from kit.trace.export.spans import Span, Subject, Whole, span_id, spans, trace_id
from kit.trace.runs import Run
from kit.trace.story import Story


class Naming(Protocol):
    """What a convention says of the subject of a span."""

    def __call__(self, subject: Subject, *, content: bool) -> dict[str, Json]: ...


NAMINGS: Mapping[str, Naming] = {
    "genai": genai.attributes,
    "openinference": openinference.attributes,
}

_ERROR = 2  # a status code of OTLP; a span without trouble has none


def request(
    told: Iterable[tuple[Run, Story]], naming: Naming = genai.attributes, *, content: bool = False
) -> dict[str, Json]:
    """An ExportTraceServiceRequest for these runs, one group of spans a run: the releases of kit
    that made them may differ."""
    return {"resourceSpans": [_resource(*each, naming, content) for each in told]}


def _resource(run: Run, story: Story, naming: Naming, content: bool) -> dict[str, Json]:
    version = story.started.kit
    about = {"service.name": "kit", "service.version": version or None}
    return {
        "resource": {"attributes": attributes(about)},
        "scopeSpans": [
            {
                "scope": {"name": "kit", "version": version},
                "spans": [_span(run.id, each, naming, content) for each in spans(run, story)],
                "schemaUrl": genai.SCHEMA_URL,
            }
        ],
        "schemaUrl": genai.SCHEMA_URL,
    }


def _span(run: str, span: Span, naming: Naming, content: bool) -> dict[str, Json]:
    told = {**naming(span.subject, content=content), "error.type": span.error or None}
    above = {} if isinstance(span.subject, Whole) else {"parentSpanId": span_id(run)}
    failed = {"code": _ERROR, "message": _text(span.message)} if span.error else {}
    return {
        "traceId": trace_id(run),
        "spanId": span.id,
        **above,
        "name": _text(genai.name(span.subject)),
        "kind": genai.kind(span.subject),
        "startTimeUnixNano": _nano(span.begin),
        "endTimeUnixNano": _nano(span.end),
        "attributes": attributes(told),
        "events": list(_repeats(span)),
        "status": failed,
    }


def _repeats(span: Span) -> Iterator[dict[str, Json]]:
    """An attempt that failed, and what followed it, at the moment at which it failed."""
    if not isinstance(span.subject, Called):
        return
    for each in span.subject.tries:
        if each.failed is not None:
            told = {"kit.retry.reason": each.reason, "kit.retry.wait_s": each.wait_s}
            yield {
                "timeUnixNano": _nano(each.failed),
                "name": "kit.retry",
                "attributes": attributes(told),
            }


# --- values -------------------------------------------------------------------------------------
def attributes(told: Mapping[str, Json]) -> list[dict[str, Json]]:
    """A list of KeyValue; what is None is left out."""
    return [
        {"key": name, "value": _value(value)} for name, value in told.items() if value is not None
    ]


def _value(value: Json) -> dict[str, Json]:
    match value:
        case bool():
            return {"boolValue": value}
        case int() if abs(value) < 2**63:
            return {"intValue": str(value)}  # 64 bits are a string in JSON
        case int() | float():
            return {"doubleValue": _double(value)}
        case list() | tuple():
            return {"arrayValue": {"values": [_value(each) for each in value]}}
        case _:
            return {"stringValue": _text(str(value))}


def _double(value: float) -> Json:
    try:
        number = float(value)
    except OverflowError:
        return "Infinity"
    return number if math.isfinite(number) else str(number).title().replace("Inf", "Infinity")


def _text(text: str) -> str:
    """Half of a surrogate pair is no text to others."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _nano(t: float) -> str:
    """Records tell milliseconds: no more digits than that are true."""
    return str(max(round(t * 1000), 0) * 1_000_000)
