"""Runs as they stand on disk, made from events: what views and the report are shown with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kit import events as ev
from kit.trace.journal import Journal

RUN = "01KAMC4V6R0123456789ABCDEF"  # made 2025-11-22
Moment = tuple[float, ev.Event]  # seconds since the run began
BEGIN = 1_763_800_000.0

EVIL = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</script></style></title></textarea>--><!-- ]]> <svg/onload=document.title='owned'>"
    "<a href='javascript:document.title=1'>x</a> &lt; &amp; \" ' ` "
    "\x1b[2J\x1b]52;c;ZXZpbA==\x07\x9b31m\r over \u202etxet\u2066 \u200f \x00 \ud83d \ufffe end"
)


def recorded(folder: Path, moments: Iterable[Moment], run: str = RUN) -> Path:
    """The file of a run in which these things happened."""
    now = [BEGIN]
    due: list[Callable[[], None]] = []
    journal = Journal.open(folder, run, later=lambda _, act: due.append(act), clock=lambda: now[0])
    for at, event in sorted(moments, key=lambda each: each[0]):
        now[0] = BEGIN + at
        journal(event)
    journal.close()
    assert journal.path
    return journal.path


def asked(*texts: str, profile: str = "groq", model: str = "llama-3.3-70b") -> ev.Request:
    """User and assistant in turn."""
    roles: tuple[ev.Role, ev.Role] = ("user", "assistant")
    messages = (ev.Message(roles[at % 2], (ev.Text(each),)) for at, each in enumerate(texts))
    return ev.Request(tuple(messages), profile=profile, model=model)


def call(
    name: str,
    request: ev.Request,
    reply: str | ev.Message,
    times: tuple[float, float, float, float],
    *,
    cost: float | None = 0.0001,
) -> Iterator[Moment]:
    """A call that begins, leaves, says the first word and ends at these times."""
    message = reply if isinstance(reply, ev.Message) else said(reply)
    began, sent, first, ended = times
    half = len(message.text) // 2
    yield began, ev.CallStarted(name, request)
    yield sent, ev.CallSent(name, model=request.model or "")
    if message.text:
        yield first, ev.TextDelta(name, message.text[:half])
        yield ended, ev.TextDelta(name, message.text[half:])
    usage = ev.Usage(40, len(message.text) // 4 + 1, cost_usd=cost)
    yield ended, ev.Replied(name, message, usage=usage, model=request.model or "")


def said(text: str, *more: ev.Part) -> ev.Message:
    return ev.Message("assistant", (*([ev.Text(text)] if text else []), *more))


def begun(pattern: str, **settings: object) -> Moment:
    return 0.0, ev.RunStarted(kit="0.1.0", run=RUN, pattern=pattern, settings=settings)


def ended(at: float, pattern: str, answer: str, *, status: str = "ok", code: int = 0,
          detail: object = None, **error: str) -> Moment:  # fmt: skip
    usage = {"calls": 9, "input_tokens": 1240, "output_tokens": 2567, "cost_usd": 0.00123}
    result = {"run": RUN, "pattern": pattern, "status": status, "exit": code, "answer": answer,
              "usage": usage, "elapsed_s": at, "error": error or None,
              "detail": detail or {}}  # fmt: skip
    return at, ev.RunFinished(result=result)


PROMPT = "A bat and a ball cost $1.10 in total. The bat costs $1.00 more than the ball. What does the ball cost?"  # noqa: E501


def a_vote(members: int = 9, prompt: str = PROMPT) -> Iterator[Moment]:
    """A consensus: most say 5 cents, some 10, the third fails, the last two are not needed."""
    yield begun("consensus", samples=members, plan_seed=7, stop="risk", risk=0.05)
    models = [("groq", "llama-3.3-70b"), ("openai", "gpt-5.2"), ("local", "qwen3-1.7b")]
    counted, now = members - 2 if members < 100 else members, 0.0
    for at in range(members):
        profile, model = models[at % 3]
        start = 0.02 + 0.05 * (at // 4) + at * 0.002
        request, name = asked(prompt, profile=profile, model=model), str(at + 1)
        vote = "0.10" if at % 5 == 1 else "0.25" if at % 17 == 16 else "0.05"
        words = (start, start + 0.04 * (at % 4), start + 0.35 + 0.11 * (at % 7),
                 start + 0.9 + 0.17 * (at % 5))  # fmt: skip
        if at == 2:
            yield from _failed(name, request, start)
            now = 1.9
            yield now, ev.VoteCast(name, at, None, "local answered 503 three times")
        elif at >= counted:
            yield start, ev.CallStarted(name, request)
            yield start + 0.4, ev.CallSent(name, model=model)
            yield start + 1.2, ev.TextDelta(name, "Let the ball cost")
            yield 2.05, ev.CallCancelled(name, "no longer needed", "Let the ball cost")
        else:
            reply = f"Let the ball cost x. Then x + (x + 1.00) = 1.10.\n\nANSWER: {vote}"
            yield from call(name, request, reply, words)
            now = max(words[3], now + 0.0001)  # counted in the plan's order
            yield now, ev.VoteCast(name, at, vote)
    votes = {"0.05": 4.0, "0.10": 2.0} if members < 100 else _many(members)
    yield 2.06, ev.VoteClosed(winner="0.05", votes=votes, stopped="risk")
    yield ended(2.07, "consensus", "0.05", detail={"agreement": 0.67, "stopped": "risk"})


def _many(members: int) -> dict[str, float]:
    votes: dict[str, float] = {}
    for at in range(members):
        vote = "0.10" if at % 5 == 1 else "0.25" if at % 17 == 16 else "0.05"
        if at != 2:
            votes[vote] = votes.get(vote, 0) + 1
    return votes


def _failed(name: str, request: ev.Request, start: float) -> Iterator[Moment]:
    yield start, ev.CallStarted(name, request)
    for attempt in (1, 2):
        at = start + 0.5 * (attempt - 1) + 0.03
        yield at, ev.CallSent(name, attempt, request.model or "")
        yield at + 0.12, ev.CallRetried(name, "HTTP 503 from local", 0.4)
    yield start + 1.2, ev.CallSent(name, 3, request.model or "")
    yield 1.8, ev.CallFailed(name, "UnavailableError", "local answered 503 three times",
                             "unavailable")  # fmt: skip


DRAFTS = (
    "# Release notes\n\nVersion 2 is here, and it is really very fast.\nIt has many new features.\n"
    "\nThanks to all contributors.\n",
    "# Release notes\n\nVersion 2 starts in 40 ms instead of 900.\nIt has many new features.\n"
    "\nThanks to all contributors.\n",
    "# Release notes\n\nVersion 2 starts in 40 ms instead of 900.\nNew: resume, replay, diff.\n"
    "Removed: the old configuration format.\n\nThanks to all contributors.\n",
)


def a_refinement() -> Iterator[Moment]:
    """Three drafts, each checked and judged; the third is the best."""
    task = "Write release notes for version 2."
    critique = "Says nothing that a reader can use: name the figures.\nNames no feature."
    yield begun("refine", target=0.9, rounds=3)
    for at, text in enumerate(DRAFTS):
        write, judge, t, n = f"{2 * at + 1}", f"{2 * at + 2}", at * 2.0, at + 1
        yield from call(write, asked(task), text, (t, t + 0.03, t + 0.4, t + 1.1))
        yield t + 1.11, ev.Drafted(write, n, at, at, text)
        passes = at > 0
        output = "" if passes else "line 3: 'very' is forbidden\n"
        yield t + 1.3, ev.Checked(write, "vale --minAlertLevel error {}", passes,
                                  0 if passes else 1, output)  # fmt: skip
        score = (0.35, 0.62, 0.93)[at]
        judgement = f'{{"score": {score}}}'
        question = asked("Judge: " + text, model="gpt-5.2", profile="openai")
        yield from call(judge, question, judgement,
                        (t + 1.3, t + 1.33, t + 1.6, t + 1.8))  # fmt: skip
        yield t + 1.81, ev.Judged(judge, n, score, critique if at < 2 else "Good.")
        yield t + 1.82, ev.Scored(write, n, at, score, passes, True, critique if at < 2 else "")
    yield from call("7", asked("Compare"), "B", (5.85, 5.86, 6.0, 6.1))
    yield 6.1, ev.Compared("7", 1, 3, 3)
    yield ended(6.2, "refine", DRAFTS[2], detail={"score": 0.93, "best_round": 2})


def with_tools() -> Iterator[Moment]:
    """Two rounds of tools, one of them refused, then the answer."""
    task = "How many days until the release in docs/plan.txt? Mail it to the team."
    wants = said(
        "I look at the plan and the clock first.",
        ev.ToolCall("a", "read", '{"path": "docs/plan.txt"}'),
        ev.ToolCall("b", "clock", "{}"),
    )
    yield begun("react", tools=["read:docs", "clock", "shell"], max_rounds=12)
    yield from call("1", asked(task), wants, (0.0, 0.02, 0.3, 0.9))
    for use, name, arguments, took, output in (
        ("a", "read", {"path": "docs/plan.txt"}, 0.02, "Release: 2026-12-01\nOwner: Ada\n"),
        ("b", "clock", {}, 0.01, "2026-11-22T05:00:00Z"),
    ):
        yield 0.91, ev.ToolStarted("1", use, name, arguments, "readonly")
        yield 0.91 + took * 10, ev.ToolUsed("1", use, name, arguments, output)
    results = ev.Message("tool", (ev.ToolResult("a", "Release: 2026-12-01\nOwner: Ada\n"),
                                  ev.ToolResult("b", "2026-11-22T05:00:00Z")))  # fmt: skip
    second = asked(task)
    second = ev.Request((*second.messages, wants, results), "groq", "llama-3.3-70b")
    mail = said("", ev.ToolCall("c", "shell", '{"argv": ["mail", "team@example.org"]}'))
    yield from call("2", second, mail, (1.2, 1.22, 1.5, 1.9))
    argv = {"argv": ["mail", "-s", "9 days left", "team@example.org"]}
    yield 1.91, ev.ToolUsed("2", "c", "shell", argv, "refused: nobody allowed it",
                            "nobody is here to allow it; --allow shell does")  # fmt: skip
    refused = ev.Message("tool", (ev.ToolResult("c", "refused: nobody allowed it", True),))
    third = ev.Request((*second.messages, mail, refused), "groq", "llama-3.3-70b")
    answer = "Nine days are left. I was not allowed to mail it."
    yield from call("3", third, answer, (2.0, 2.02, 2.3, 2.8))
    yield ended(2.9, "react", answer, detail={"rounds": 3, "stopped": "answer"})


def hostile() -> Iterator[Moment]:
    """A run of every kind of event in which each text tries to get out of where it stands."""
    request = ev.Request(
        (ev.Message("system", (ev.Text(EVIL),)),
         ev.Message("user", (ev.Text(EVIL), ev.Attachment("image/png" + EVIL, "", EVIL, EVIL)))),
        profile=EVIL, model=EVIL)  # fmt: skip
    parts = (ev.Reasoning(EVIL), ev.Text(EVIL), ev.ToolCall(EVIL, EVIL, EVIL))
    yield begun(EVIL, samples=EVIL, **{"<b>": EVIL})
    yield from call("1", request, ev.Message("assistant", parts), (0.1, 0.2, 0.3, 0.4))
    yield 0.4, ev.VoteCast("1", 0, EVIL)
    yield 0.4, ev.VoteCast("'><script>", 1, None, EVIL)
    yield 0.5, ev.CallStarted(EVIL, request)
    yield 0.5, ev.CallRetried(EVIL, EVIL, 1.0)
    yield 0.6, ev.CallFailed(EVIL, EVIL, EVIL, EVIL, EVIL)
    yield 0.6, ev.ToolStarted(EVIL, EVIL, EVIL, {EVIL: EVIL}, EVIL)
    yield 0.7, ev.ToolUsed(EVIL, EVIL, EVIL, {EVIL: EVIL}, EVIL, EVIL)
    yield 0.7, ev.Checked(EVIL, EVIL, False, 1, EVIL)
    yield 0.7, ev.Drafted(EVIL, 1, 0, 0, EVIL)
    yield 0.7, ev.Drafted("1", 2, 1, 1, EVIL + "\nmore")
    yield 0.7, ev.Judged("1", 2, None, EVIL, EVIL)
    yield 0.7, ev.Scored("1", 2, 1, 0.5, False, True, EVIL)
    yield 0.7, ev.Compared("1", 1, 2, 2)
    yield 0.8, ev.Noted("", EVIL)
    yield 0.8, ev.VoteClosed(winner=EVIL, votes={EVIL: 1.0, "<i>": 1.0}, stopped=EVIL)
    yield ended(0.9, EVIL, EVIL, status=EVIL, code=7, detail={EVIL: EVIL}, message=EVIL)
