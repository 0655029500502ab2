"""What `kit trace export` makes of runs, judged by OpenTelemetry's and OpenInference's own code:
their messages, and the names of their conventions."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import needs
import pytest
import shelves
from command import KEY, Kit
from loopback import Seen, Server, error, response

from kit.events import (
    CallSent,
    CallStarted,
    Message,
    Replied,
    Request,
    RunFinished,
    RunStarted,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    ToolStarted,
    ToolUsed,
    Usage,
)
from kit.trace.export import otlp, protobuf
from kit.trace.ulid import ulid

SECRETS = ("What is 6", "It is 42", "Be brief", "prime", "the tool said")


@pytest.fixture
def runs(kit: Kit) -> list[str]:
    """Three runs: a vote with a failure, an agent with a tool, one that was killed."""
    folder = kit.home / "state" / "kit" / "runs"
    paths = [shelves.vote(folder), agent(folder), shelves.ask(folder, ended=False)]
    return [path.stem for path in paths]


def agent(folder: Path) -> Path:
    name = ulid()
    tool = Tool("calc", "Reckons.", {"type": "object"})
    asked = (Message("system", (Text("Be brief."),)), Message("user", (Text("Is 42 prime?"),)))
    wish = Message("assistant", (ToolCall("t-1", "calc", '{"x": 42}'),))
    result = Message("tool", (ToolResult("t-1", "the tool said no"),))
    request = Request(asked, profile="openai", model="m-1", temperature=0.5, seed=2**70,
                      max_tokens=99, stop=("END",), tools=(tool,))  # fmt: skip
    return shelves.write(folder, [
        RunStarted(kit="0.1.0", run=name, pattern="react"),
        CallStarted("1", request), CallSent("1", model="m-1"),
        Replied("1", wish, "tool_calls", Usage(7, 3, 1, 2, 4, 0.01), "m-1-2026", "r-1"),
        ToolStarted("1", "t-1", "calc", {"x": 42}),
        ToolUsed("1", "t-1", "calc", {"x": 42}, "the tool said no", ""),
        CallStarted("2", Request((*asked, wish, result), profile="openai", model="m-1")),
        CallSent("2", model="m-1"),
        Replied("2", Message("assistant", (Text("It is not prime \ud800."),))),
        RunFinished(result={"status": "ok", "exit": 0, "answer": "It is not prime."}),
    ], run=name)  # fmt: skip


def exported(kit: Kit, runs: list[str], *flags: str) -> list[dict[str, Any]]:
    ran = kit("trace", "export", *runs, "--format", "otlp", *flags)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def spans(request: Any) -> list[Any]:
    return [span for r in request.resource_spans for s in r.scope_spans for span in s.spans]


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: told(each.value) for each in span.attributes}


def told(value: Any) -> Any:
    kind = value.WhichOneof("value")
    found = getattr(value, kind)
    return [told(each) for each in found.values] if kind == "array_value" else found


def parsed(request: dict[str, Any]) -> Any:
    """Through protobuf's own reader of JSON. Ids are in hex in OTLP, bytes in base64 in protobuf:
    https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding"""
    service = needs.module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    reader = needs.module("google.protobuf.json_format")
    text = re.sub(
        r'"(traceId|spanId|parentSpanId)": "([0-9a-f]+)"',
        lambda m: f'"{m[1]}": "{base64.b64encode(bytes.fromhex(m[2])).decode()}"',
        json.dumps(request),
    )
    return reader.Parse(text, service.ExportTraceServiceRequest(), ignore_unknown_fields=False)


@pytest.mark.parametrize("flags", [(), ("--content",), ("--openinference", "--content")])
def test_opentelemetry_reads_every_field(flags: tuple[str, ...], kit: Kit, runs: list[str]) -> None:
    codec = needs.module("opentelemetry.proto_json.collector.trace.v1.trace_service")
    requests = exported(kit, runs, *flags)
    assert len(requests) == 3
    for request in requests:
        assert len(spans(parsed(request))) > 1
        read = codec.ExportTraceServiceRequest.from_dict(request)
        written = read.to_dict()
        assert len(spans(read)) == len(spans(parsed(request)))
        assert flat(written) == flat(request), "nothing lost, nothing in another shape"


@pytest.mark.parametrize("flags", [("--content",), ("--openinference", "--content")])
def test_protobuf_says_the_same_as_json(flags: tuple[str, ...], kit: Kit, runs: list[str]) -> None:
    service = needs.module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    for request in exported(kit, runs, *flags):
        read = service.ExportTraceServiceRequest.FromString(protobuf.encode(request))
        assert read == parsed(request)
        assert read.SerializeToString() == parsed(request).SerializeToString()


@pytest.mark.parametrize(
    "value", [0, 1, -1, 127, 128, 2**63 - 1, -(2**63), 2**64, 0.1, -1e300, True, "", "é", ["a", 1]]
)
def test_every_value_arrives(value: Any) -> None:
    message = needs.module("opentelemetry.proto.common.v1.common_pb2").AnyValue
    request = {"scope": {"name": "n"}, "spans": [{"attributes": otlp.attributes({"x": value})}]}
    scoped = needs.module("opentelemetry.proto.trace.v1.trace_pb2").ScopeSpans
    whole = protobuf.encode({"resourceSpans": [{"scopeSpans": [request]}]})
    service = needs.module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    [read] = service.ExportTraceServiceRequest.FromString(whole).resource_spans[0].scope_spans
    assert isinstance(read, scoped)
    [attribute] = read.spans[0].attributes
    assert isinstance(attribute.value, message)
    assert told(attribute.value) == value


def flat(node: Any) -> Any:
    """Without what protobuf leaves out because it is empty."""
    if isinstance(node, dict):
        kept = {key: flat(each) for key, each in node.items()}
        return {key: each for key, each in kept.items() if each not in ("", [], {}, None, 0)}
    return [flat(each) for each in node] if isinstance(node, list) else node


def test_a_trace_is_a_tree_below_its_run(kit: Kit, runs: list[str]) -> None:
    for run, request in zip(runs, exported(kit, runs), strict=True):
        root, *others = spans(parsed(request))
        assert root.parent_span_id == b""
        assert {span.parent_span_id for span in others} == {root.span_id}
        assert len({span.span_id for span in (root, *others)}) == len(others) + 1
        assert all(len(span.span_id) == 8 and any(span.span_id) for span in (root, *others))
        [trace] = {span.trace_id for span in (root, *others)}
        assert len(trace) == 16
        assert attributes(root)["kit.run"] == run
        for span in others:
            assert root.start_time_unix_nano <= span.start_time_unix_nano
            assert span.start_time_unix_nano <= span.end_time_unix_nano <= root.end_time_unix_nano


def test_ids_are_the_same_in_every_export(kit: Kit, runs: list[str]) -> None:
    assert exported(kit, runs) == exported(kit, runs)
    ids = [spans(parsed(each))[0].trace_id for each in exported(kit, runs)]
    assert len(set(ids)) == 3


def test_the_names_are_those_of_the_conventions(kit: Kit, runs: list[str]) -> None:
    names = vars(needs.module("opentelemetry.semconv._incubating.attributes.gen_ai_attributes"))
    known = {each for each in names.values() if isinstance(each, str)} | {"error.type"}
    used = {
        name
        for request in exported(kit, runs, "--content")
        for span in spans(parsed(request))
        for name in attributes(span)
        if not name.startswith("kit.")
    }
    assert used - known == set()
    assert len(used) > 20


def test_the_names_are_those_of_openinference(kit: Kit, runs: list[str]) -> None:
    trace = needs.module("openinference.semconv.trace")
    known = {
        each
        for group in vars(trace).values()
        if isinstance(group, type)
        for name, each in vars(group).items()
        if isinstance(each, str) and not name.startswith("_")
    } | {"error.type"}
    kinds = {each.value for each in trace.OpenInferenceSpanKindValues}
    for request in exported(kit, runs, "--openinference", "--content"):
        for span in spans(parsed(request)):
            named = attributes(span)
            assert named["openinference.span.kind"] in kinds
            for name in named:
                if not name.startswith("kit."):
                    assert all(part in known for part in re.split(r"\.\d+\.", name)), name


def test_a_call_says_what_is_known_and_no_more(kit: Kit, runs: list[str]) -> None:
    root, first, second, tool = spans(parsed(exported(kit, [runs[1]])[0]))
    assert [each.name for each in (root, first, second, tool)] == [
        "invoke_agent react", "chat m-1-2026", "chat m-1", "execute_tool calc",
    ]  # fmt: skip
    assert [each.kind for each in (root, first, second, tool)] == [1, 3, 3, 1]
    assert attributes(first) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-1",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.seed": float(2**70),
        "gen_ai.request.max_tokens": 99,
        "gen_ai.request.stop_sequences": ["END"],
        "gen_ai.response.id": "r-1",
        "gen_ai.response.model": "m-1-2026",
        "gen_ai.response.finish_reasons": ["tool_call"],
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.usage.cache_creation.input_tokens": 4,
        "gen_ai.usage.reasoning.output_tokens": 1,
        "kit.call": "1",
        "kit.profile": "openai",
        "kit.status": "ok",
        "kit.requests": 1,
        "kit.queue_s": 0.1,
        "kit.cost_usd": 0.01,
    }
    assert not [name for name in attributes(second) if "usage" in name or "cost" in name]
    assert attributes(tool)["gen_ai.tool.call.id"] == "t-1"


def test_failures_and_repeats_are_told(kit: Kit, runs: list[str]) -> None:
    root, first, _, failed = spans(parsed(exported(kit, [runs[0]])[0]))
    assert [(each.name, told(each.attributes[0].value)) for each in first.events] == [
        ("kit.retry", "HTTP 503")
    ]
    assert (failed.status.code, failed.status.message) == (2, "no server")
    assert attributes(failed)["error.type"] == "unavailable"
    assert (root.status.code, attributes(root)["kit.agreement"]) == (0, 0.5)
    killed, open_ = spans(parsed(exported(kit, [runs[2]])[0]))
    assert {attributes(each)["error.type"] for each in (killed, open_)} == {"interrupted"}


def test_texts_leave_only_when_asked(kit: Kit, runs: list[str]) -> None:
    for flags in ((), ("--openinference",)):
        bare = json.dumps(exported(kit, runs, *flags))
        assert [secret for secret in SECRETS if secret in bare] == []
        whole = json.dumps(exported(kit, runs, *flags, "--content"))
        assert [secret for secret in SECRETS if secret not in whole] == []


# --- over HTTP ----------------------------------------------------------------------------------
def test_a_collector_gets_it_over_http(kit: Kit, runs: list[str], server: Server) -> None:
    server.default = response({"partialSuccess": {}})
    kit.environ["OTLP_TOKEN"] = f"Bearer {KEY}"
    sent = kit(
        "trace", "export", *runs, "--endpoint", server.url,
        "--header-env", "Authorization=OTLP_TOKEN",
    )  # fmt: skip
    assert (sent.code, sent.out) == (0, "")
    assert sent.err == f"kit: sent 3 runs to {server.url}/v1/traces\n"
    [seen] = server.requests
    assert (seen.method, seen.path) == ("POST", "/v1/traces")
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    whole = [each for one in exported(kit, runs) for each in one["resourceSpans"]]
    assert seen.json == {"resourceSpans": whole}
    assert len(spans(parsed(seen.json))) == 10


def test_a_busy_collector_is_asked_again(kit: Kit, runs: list[str], server: Server) -> None:
    busy = error(503, {}, {"retry-after": "0.01"})
    server.script(busy, response({}))
    sent = kit("trace", "export", "--since", "30d", "--endpoint", f"{server.url}/v1/traces/")
    assert (sent.code, len(server.requests)) == (0, 2)
    assert "again in 0.0 s" in sent.err
    assert server.requests[0].body == server.requests[1].body


def test_who_takes_no_json_gets_protobuf(kit: Kit, runs: list[str], server: Server) -> None:
    def picky(seen: Seen) -> list[Any]:
        binary = seen.headers["content-type"] == "application/x-protobuf"
        return response(b"" if binary else b"no JSON", 200 if binary else 415)

    server.default = picky
    sent = kit("trace", "export", *runs, "--endpoint", server.url)
    assert (sent.code, sent.err) == (0, f"kit: sent 3 runs to {server.url}/v1/traces\n")
    refused, taken = server.requests
    service = needs.module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    assert service.ExportTraceServiceRequest.FromString(taken.body) == parsed(refused.json)


def told_back(seen: Seen) -> list[Any]:
    return error(401, {"error": {"message": f"bad token {seen.headers['x-key']}"}})


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (response({"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}}), 4,
         "took the traces but for 2 spans: too old"),
        (error(405, b"not here"), 4, "is it an OTLP endpoint?"),
        (told_back, 3, "--header-env"),
        (error(204, b""), 0, "sent 1 run"),
    ],
)  # fmt: skip
def test_what_a_collector_answers_is_heard(
    answer: Any, code: int, words: str, kit: Kit, runs: list[str], server: Server
) -> None:
    server.default = answer
    kit.environ["TOKEN"] = KEY
    sent = kit("trace", "export", "last", "--endpoint", server.url, "--header-env", "x-key=TOKEN")
    assert (sent.code, words in sent.err) == (code, True), sent.err
    assert KEY not in sent.err
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--endpoint", "http://collector.example:4318"), "plain http"),
        (("--endpoint", "collector:4318"), "not an http or https address"),
        (("--endpoint", "http://u:p@127.0.0.1/"), "password"),
        (("--endpoint", "http://127.0.0.1:1", "--header-env", "x=NOT_SET"), "NOT_SET is not set"),
        (("--endpoint", "http://127.0.0.1:1", "--header-env", "secret"), "HEADER=VARIABLE"),
        (("--header-env", "x=HOME", "--format", "otlp"), "needs --endpoint"),
        (("--endpoint", "http://127.0.0.1:1", "--format", "csv"), "goes with --format otlp"),
        (("--openinference",), "goes with --format otlp"),
        (("--since", "7d"), "leave out one"),
    ],
)
def test_what_cannot_be_sent_is_said_before(
    flags: tuple[str, ...], words: str, kit: Kit, runs: list[str]
) -> None:
    ran = kit("trace", "export", "last", *flags)
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert ":p@" not in ran.err
