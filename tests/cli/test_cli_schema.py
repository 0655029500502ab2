"""``--schema`` from the outside: asked for natively where that is kept, in words everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import KEY, Kit
from loopback import RESET, Server, chat_stream, refusal

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
ASKED = ("ask", "--schema", json.dumps(SCHEMA), "The biggest city?")
GOOD = '{"city": "Tōkyō", "people": 37}'


def turns(server: Server, at: int = -1) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = server.requests[at].json["messages"]
    return messages


def test_the_answer_is_the_json_alone_and_stands_parsed_in_the_object(
    kit: Kit, server: Server
) -> None:
    server.default = chat_stream("Here it is:\n```json\n", '{"city":"Tōkyō",\n"people":37}\n```')
    kit.serve(server.url)
    ran = kit(*ASKED)
    assert (ran.code, ran.out, ran.err) == (0, f"{GOOD}\n", "")
    result = kit(*ASKED, "--json").object
    assert (result["status"], result["answer"]) == ("ok", GOOD)
    assert result["detail"] == {
        "finish": "stop", "profile": "m", "fallbacks": [],
        "parsed": {"city": "Tōkyō", "people": 37},
    }  # fmt: skip
    assert kit(*ASKED, "--field", "detail.parsed.people").out == "37\n"


def test_words_ask_for_it_everywhere_and_the_host_only_where_it_keeps_to_it(
    kit: Kit, server: Server
) -> None:
    server.default = chat_stream(GOOD)
    plain = f'base_url = "{server.url}"\nmodel = "m"\n'
    kit.configure(f'[profiles.native]\nprovider = "vllm"\n{plain}'
                  f'[profiles.other]\napi = "openai-chat"\n{plain}key = "none"\n')  # fmt: skip
    assert kit(*ASKED, "-p", "native").code == kit(*ASKED, "-p", "other").code == 0
    native, other = (seen.json for seen in server.requests)
    form = {"name": "answer", "schema": SCHEMA, "strict": True}
    assert native["response_format"] == {"type": "json_schema", "json_schema": form}
    assert "response_format" not in other
    for body in (native, other):
        content = body["messages"][-1]["content"]
        assert content.startswith("The biggest city?\n\n")
        assert json.dumps(SCHEMA, separators=(",", ":")) in content


def test_a_schema_that_a_host_refuses_natively_is_asked_for_in_words(
    kit: Kit, server: Server
) -> None:
    """The user asked for the answer's shape, and that is checked; by which field is ours."""
    server.default = lambda seen: (
        refusal(400, "response_format is not supported")
        if "response_format" in seen.json
        else chat_stream(GOOD)
    )
    kit.configure(f'[profiles.v]\nprovider = "vllm"\nbase_url = "{server.url}"\nmodel = "m"\n')
    ran = kit(*ASKED)
    assert (ran.code, ran.out, len(server.requests)) == (0, f"{GOOD}\n", 2)
    assert "response_format" in ran.err


def test_a_reply_that_misses_is_sent_back_with_what_is_wrong(kit: Kit, server: Server) -> None:
    server.script(chat_stream('{"city": 3}'), chat_stream("no idea"), chat_stream(GOOD))
    ran = kit.serve(server.url)(*ASKED, "--json")
    assert (ran.code, ran.object["answer"], ran.object["usage"]["calls"]) == (0, GOOD, 3)
    second, third = turns(server, 1), turns(server, 2)
    assert [turn["role"] for turn in third] == ["user", "assistant", "user", "assistant", "user"]
    assert second[1]["content"] == '{"city": 3}'
    assert "$.city: 3 is not of type 'string'" in second[2]["content"]
    assert "'people' is a required property" in second[2]["content"]
    assert "holds no JSON" in third[4]["content"]


def test_a_schema_that_is_never_satisfied_is_7_with_the_last_reply(
    kit: Kit, server: Server
) -> None:
    server.default = chat_stream('{"city": 3}')
    kit.serve(server.url)
    ran = kit(*ASKED, "--repairs", "1")
    assert (ran.code, ran.out, len(server.requests)) == (7, '{"city": 3}\n', 2)
    assert "does not satisfy the schema: $.city: 3 is not of type 'string'" in ran.err or (
        "'people' is a required property" in ran.err
    )
    result = kit(*ASKED, "--repairs", "0", "--json").object
    assert (result["exit"], result["status"], len(server.requests)) == (7, "unmet", 3)
    assert result["detail"]["parsed"] is None


def test_what_fails_while_it_is_repaired_is_what_is_told(kit: Kit, server: Server) -> None:
    server.script(chat_stream('{"city": 3}'), refusal(500, "oops"))
    ran = kit.serve(server.url, retries=0)(*ASKED, "--json")
    assert (ran.code, ran.object["status"]) == (5, "unavailable")
    assert (ran.object["detail"]["parsed"], ran.object["usage"]["calls"]) == (None, 2)


def test_a_reply_that_is_cut_is_6_and_not_repaired(kit: Kit, server: Server) -> None:
    server.script(chat_stream('{"city": "Tō', finish="length"))
    ran = kit.serve(server.url)(*ASKED)
    assert (ran.code, ran.out, len(server.requests)) == (6, '{"city": "Tō\n', 1)
    server.script(chat_stream('{"city": "Tō', finish="length"))
    assert kit(*ASKED, "--json").object["detail"]["parsed"] is None


def test_a_limit_of_calls_holds_for_repairs(kit: Kit, server: Server) -> None:
    server.default = chat_stream("no")
    ran = kit.serve(server.url)(*ASKED, "--max-calls", "2", "--json")
    assert (ran.code, ran.object["usage"]["calls"], len(server.requests)) == (8, 2, 2)


def test_a_fallback_is_asked_for_the_same_shape(kit: Kit, server: Server) -> None:
    kit.serve(server.url, "one", retries=0).serve(server.url, "two")
    server.script([RESET], chat_stream("{}"), chat_stream(GOOD))
    ran = kit(*ASKED, "-p", "one", "--fallback", "two", "--json")
    assert (ran.code, ran.object["answer"]) == (0, GOOD)
    assert (ran.object["detail"]["profile"], ran.object["detail"]["fallbacks"]) == ("two", ["two"])
    assert [seen.headers["authorization"] for seen in server.requests] == [f"Bearer {KEY}"] * 3


def test_a_file_holds_the_schema_too(kit: Kit, server: Server, tmp_path: Path) -> None:
    server.default = chat_stream("[1, 2]")
    path = tmp_path / "schema.json"
    path.write_text('{"type": "array", "items": {"type": "integer"}}')
    kit.serve(server.url)
    for given in (str(path), f"@{path}"):
        ran = kit("ask", "--schema", given, "Numbers?")
        assert (ran.code, ran.out) == (0, "[1, 2]\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{", "--schema is not JSON"),
        ("no-such-file.json", "cannot read no-such-file.json"),
        ('{"type": "objekt"}', "the schema is not a JSON Schema: 'objekt' is not valid"),
        ('{"type": "object", "properties": 3}', "the schema is not a JSON Schema"),
    ],
)
def test_what_is_no_schema_is_2_and_nothing_is_sent(
    kit: Kit, server: Server, given: str, said: str
) -> None:
    ran = kit.serve(server.url)("ask", "--schema", given, "hi")
    assert (ran.code, server.requests) == (2, [])
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_schema_that_refers_elsewhere_fetches_nothing(kit: Kit, server: Server) -> None:
    server.default = chat_stream("{}")
    there = f'{{"$ref": "{server.url}/schema.json"}}'
    ran = kit.serve(server.url)("ask", "--schema", there, "hi")
    assert ran.code == 2
    assert "refers to what is not in it" in ran.err
    assert {seen.method for seen in server.requests} <= {"POST"}


def test_members_vote_on_one_field_of_their_json(kit: Kit, server: Server) -> None:
    replies = ['{"city": "Rome", "n": 1}', '{"n": 2, "city": "Rome"}', '{"city": "Rome", "n": 3}']
    server.script(*map(chat_stream, replies))
    ran = kit.serve(server.url)(
        "consensus", "-n", "3", "--stop", "none", "--answer", "json", "--vote-field", "city",
        "--json", "The city?",
    )  # fmt: skip
    detail = ran.object["detail"]
    assert (ran.code, detail["kind"], detail["agreement"]) == (0, "json", 1.0)
    assert [(vote["answer"], vote["count"]) for vote in detail["votes"]] == [("Rome", 3)]
    assert json.loads(ran.object["answer"])["city"] == "Rome"


def test_a_dry_run_shows_the_question_and_the_worst_of_all_repairs(
    kit: Kit, server: Server
) -> None:
    kit.serve(server.url)
    kit.toml = kit.toml.rstrip() + "\nprice = { input = 1.0, output = 1.0 }\n"
    kit.configure(kit.toml)
    costs = [
        kit(*ASKED, "--dry-run", "--repairs", repairs).object["cost"] for repairs in ("0", "2")
    ]
    assert [cost["worst_calls"] for cost in costs] == [1, 3]
    assert costs[1]["worst_usd"] > 3 * costs[0]["worst_usd"]
    assert server.requests == []


def test_python_warns_nobody_of_a_pattern_in_a_schema(kit: Kit, server: Server) -> None:
    server.default = chat_stream('"a"')
    ran = kit.serve(server.url)("ask", "--schema", '{"type": "string", "pattern": "[[a]"}', "q")
    assert (ran.code, ran.out, ran.err) == (0, '"a"\n', "")
