"""``--think`` and ``--reasoning-effort``: what a model thinks, and how much of it."""

from __future__ import annotations

import sys

import pexpect
import pytest
from command import Kit
from loopback import EVENTS, Script, Server, delta, event, head, refusal


def thinking(*pieces: bytes) -> Script:
    body = b"".join([*pieces, delta(finish="stop"), event(b"[DONE]")])
    return [head(200, {**EVENTS, "Content-Length": str(len(body))}), body]


def thought(text: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"reasoning_content": text}}]})


THINKS = thinking(thought("Let me "), thought("see."), delta("Forty"), delta("-two"))


def test_reasoning_is_shown_only_when_asked_for_and_never_on_stdout(
    kit: Kit, server: Server
) -> None:
    server.default = THINKS
    kit.serve(server.url)
    ran = kit("ask", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "Forty-two\n", "")
    ran = kit("ask", "--think", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "Forty-two\n", "Let me see.\n")
    ran = kit("ask", "--think", "--json", "hi")
    assert (ran.object["answer"], ran.err) == ("Forty-two", "Let me see.\n")


def test_reasoning_is_tamed_even_when_it_is_cut_over_pieces(kit: Kit, server: Server) -> None:
    server.default = thinking(
        thought("a\x1b"), thought("[31mred\x1b]0;title"), thought("\x07b\r\x08c \ud83d"),
        thought("\ude00\n"), delta("ok"),
    )  # fmt: skip
    ran = kit.serve(server.url)("ask", "--think", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "ok\n", "aredb\nc 😀\n")


def test_a_note_does_not_stand_in_the_middle_of_a_thought(kit: Kit, server: Server) -> None:
    server.script(thinking(thought("hmm"), event({"error": {"message": "lost", "code": 502}})))
    ran = kit.serve(server.url, retries=0)("ask", "--think", "hi")
    assert (ran.code, ran.out) == (6, "")
    first, second = ran.err.splitlines()
    assert first == "hmm"
    assert second.startswith("kit: the answer was cut: ")


def test_nobody_need_read_the_thoughts(kit: Kit, server: Server) -> None:
    server.default = THINKS
    kit.serve(server.url)
    with open("/dev/full", "wb") as full:
        process = kit.start("ask", "--think", "hi", stderr=full)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"Forty-two\n")


def test_on_a_terminal_thoughts_are_dim_and_end_before_the_answer(kit: Kit, server: Server) -> None:
    server.default = THINKS
    kit.serve(server.url)
    child = pexpect.spawn(
        sys.executable, ["-m", "kit", "ask", "--think", "hi"], timeout=30, encoding="utf-8",
        env={**kit.env(), "TERM": "xterm"},
    )  # type: ignore[arg-type]  # env takes str  # fmt: skip
    shown = str(child.read())
    child.close()
    thoughts, _, answer = shown.partition("\r\n")
    assert thoughts.replace("\x1b[22m\x1b[2m", "") == "\x1b[2mLet me see.\x1b[22m"
    assert "Forty-two" in answer


@pytest.mark.parametrize(
    ("api", "sent"),
    [
        ("openai-chat", {"reasoning_effort": "low"}),
        ("openai-responses", {"reasoning": {"effort": "low", "summary": "auto"}}),
        (
            "anthropic",
            {"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}},
        ),
    ],
)
def test_the_effort_goes_as_each_dialect_wants_it(
    kit: Kit, server: Server, api: str, sent: dict[str, object]
) -> None:
    server.default = refusal(400, "reasoning effort: not for this model")
    flags = ("ask", "--base-url", server.url, "--api", api, "-m", "claude-opus-5-5")
    ran = kit(*flags, "--reasoning-effort", "low", "hi")
    assert {name: server.requests[0].json.get(name) for name in sent} == sent
    assert (ran.code, len(server.requests)) == (4, 1)  # asked for, so it is never dropped
    assert "not for this model" in ran.err
    kit(*flags, "hi")
    assert not {*sent} & {*server.requests[-1].json}
