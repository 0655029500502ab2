"""OTLP's JSON in the binary form of the same messages, for who takes no JSON (Arize Phoenix).

Only what ``otlp`` writes is known here. The numbers are those of opentelemetry-proto 1.x, which
never change; https://protobuf.dev/programming-guides/encoding/ says how they are written.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from kit.events import Json

Form: TypeAlias = "str | Callable[[Json], bytes]"
"""The name of a message, or what writes a value with the length or width that its type has."""

_VARINT, _FIXED64, _LENGTH = 0, 1, 2


def encode(request: Mapping[str, Json]) -> bytes:
    """An ExportTraceServiceRequest."""
    return _message("Request", request)


def _message(name: str, told: Mapping[str, Json]) -> bytes:
    return b"".join(
        piece
        for key, (number, wire, form) in _MESSAGES[name].items()
        if key in told
        for piece in _field(number, wire, form, told[key])
    )


def _field(number: int, wire: int, form: Form, value: Json) -> Iterator[bytes]:
    for each in value if isinstance(value, list) else [value]:
        data = _message(form, each) if isinstance(form, str) else form(each)
        length = _varint(len(data)) if wire == _LENGTH else b""
        yield _varint(number << 3 | wire) + length + data


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as 64 bits."""
    rest, written = number & 2**64 - 1, bytearray()
    while rest > 127:
        written.append(rest & 127 | 128)
        rest >>= 7
    return bytes([*written, rest])


def _integer(value: Json) -> bytes:
    return _varint(int(value))


def _time(value: Json) -> bytes:
    return struct.pack("<Q", int(value))


def _double(value: Json) -> bytes:
    return struct.pack("<d", float(value))


_TEXT = (_LENGTH, str.encode)
_ID = (_LENGTH, bytes.fromhex)
_MESSAGES: Mapping[str, Mapping[str, tuple[int, int, Form]]] = {
    "Request": {"resourceSpans": (1, _LENGTH, "ResourceSpans")},
    "ResourceSpans": {
        "resource": (1, _LENGTH, "Resource"),
        "scopeSpans": (2, _LENGTH, "ScopeSpans"),
        "schemaUrl": (3, *_TEXT),
    },
    "Resource": {"attributes": (1, _LENGTH, "KeyValue")},
    "ScopeSpans": {
        "scope": (1, _LENGTH, "Scope"),
        "spans": (2, _LENGTH, "Span"),
        "schemaUrl": (3, *_TEXT),
    },
    "Scope": {"name": (1, *_TEXT), "version": (2, *_TEXT)},
    "Span": {
        "traceId": (1, *_ID),
        "spanId": (2, *_ID),
        "parentSpanId": (4, *_ID),
        "name": (5, *_TEXT),
        "kind": (6, _VARINT, _integer),
        "startTimeUnixNano": (7, _FIXED64, _time),
        "endTimeUnixNano": (8, _FIXED64, _time),
        "attributes": (9, _LENGTH, "KeyValue"),
        "events": (11, _LENGTH, "Event"),
        "status": (15, _LENGTH, "Status"),
    },
    "Event": {
        "timeUnixNano": (1, _FIXED64, _time),
        "name": (2, *_TEXT),
        "attributes": (3, _LENGTH, "KeyValue"),
    },
    "Status": {"message": (2, *_TEXT), "code": (3, _VARINT, _integer)},
    "KeyValue": {"key": (1, *_TEXT), "value": (2, _LENGTH, "AnyValue")},
    "AnyValue": {
        "stringValue": (1, *_TEXT),
        "boolValue": (2, _VARINT, _integer),
        "intValue": (3, _VARINT, _integer),
        "doubleValue": (4, _FIXED64, _double),
        "arrayValue": (5, _LENGTH, "ArrayValue"),
    },
    "ArrayValue": {"values": (1, _LENGTH, "AnyValue")},
}
