"""Who lets a tool run, and what a toolbox does when nobody does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kit.errors import StoppedError, UsageError
from kit.events import Tool
from kit.patterns.steps import ToolUse
from kit.patterns.tools.ability import Ability, Access, ToolFault
from kit.patterns.tools.approval import Allowed, Answer, allowed, checked, let
from kit.patterns.tools.toolbox import Box, Question

NOBODY = Allowed()


@pytest.mark.parametrize("tainted", [False, True])
def test_what_only_looks_is_always_let(tainted: bool) -> None:
    assert let("read", "readonly", NOBODY, {}, tainted=tainted) == "readonly"


@pytest.mark.parametrize("access", ["write", "exec", "network"])
def test_everything_else_is_asked_for(access: Access) -> None:
    assert let("x", access, NOBODY, {}, tainted=False) == ""
    assert let("x", access, allowed(["readonly"]), {}, tainted=False) == ""


def test_a_class_lets_until_what_others_wrote_was_read_and_a_name_after_it_too() -> None:
    by_class, by_name, by_pattern = allowed(["exec"]), allowed(["shell"]), allowed(["sh*"])
    for allow in (by_class, by_name, by_pattern):
        assert let("shell", "exec", allow, {}, tainted=False) == "allowed"
    assert let("shell", "exec", by_class, {}, tainted=True) == ""
    assert let("shell", "exec", by_name, {}, tainted=True) == "allowed"
    assert let("shell", "exec", by_pattern, {}, tainted=True) == "allowed"


def test_a_yes_for_a_tool_is_stale_once_what_others_wrote_was_read() -> None:
    assert let("shell", "exec", NOBODY, {"shell": False}, tainted=False) == "asked"
    assert let("shell", "exec", NOBODY, {"shell": False}, tainted=True) == ""
    assert let("shell", "exec", NOBODY, {"shell": True}, tainted=True) == "asked"
    assert let("other", "exec", NOBODY, {"shell": True}, tainted=True) == ""


def test_a_name_that_no_tool_has_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as told:
        checked(allowed(["shel"]), ["shell"])
    assert told.value.hint == "did you mean 'shell'?"
    with pytest.raises(UsageError, match="names no tool"):
        checked(allowed(["git__*"]), ["shell"])
    assert checked(allowed(["exec", "s*"]), ["shell"]) == Allowed(frozenset({"exec"}), ("s*",))


# --- the toolbox ----------------------------------------------------------------------------------
def ability(
    run: Callable[..., Awaitable[str]] | None = None, access: Access = "exec", **more: object
) -> Ability:
    async def said(arguments: object) -> str:
        return "done"

    face = Tool("t", "", {"type": "object"})
    return Ability(face, access, run or said, lambda a: f"would do {a['x']}", **more)  # type: ignore[arg-type]


def asker(answers: list[Answer], asked: list[Question]):
    async def ask(question: Question) -> Answer:
        asked.append(question)
        return answers.pop(0)

    return ask


def use(tainted: bool = False) -> ToolUse:
    return ToolUse("1", "t", {"x": 1}, "1", tainted)


def boxed(each: Ability, **settings: object) -> Box:
    box = Box(**settings)  # type: ignore[arg-type]
    box.put([each])
    return box


def verdict(box: Box, wanted: ToolUse) -> str:
    try:
        return asyncio.run(box.approve(wanted))
    except ToolFault as fault:
        return str(fault)


def test_without_anybody_to_ask_it_is_refused_with_the_flag_that_lets_it() -> None:
    assert verdict(boxed(ability()), use()) == (
        "refused: t needs approval (exec) and nobody is there to ask; --allow t lets it run"
    )
    box = boxed(ability(), allow=allowed(["exec"]))
    assert verdict(box, use()) == "allowed"
    assert verdict(box, use(tainted=True)).startswith("refused: t needs approval (exec) after what")


def test_each_answer_means_what_it_says() -> None:
    asked: list[Question] = []
    box = boxed(ability(), ask=asker(["once", "no", "tool", "once"], asked))
    assert verdict(box, use()) == "asked"
    assert verdict(box, use()) == "refused: the user said no"
    assert verdict(box, use()) == "asked"
    assert verdict(box, use()) == "asked"  # the yes for the tool
    assert len(asked) == 3
    assert verdict(box, use(tainted=True)) == "asked"
    assert len(asked) == 4
    assert asked[0].shown == "would do 1"
    stops = boxed(ability(), ask=asker(["stop"], asked))
    with pytest.raises(StoppedError):
        asyncio.run(stops.approve(use()))


def test_a_tool_that_changed_is_asked_for_whatever_was_allowed() -> None:
    async def doubt() -> str:
        return "it is not what it was"

    vouched: list[int] = []
    changed = ability(access="readonly", doubt=doubt, vouch=lambda: vouched.append(1))
    assert verdict(boxed(changed, allow=allowed(["t"])), use()) == (
        "refused: it is not what it was, and nobody is there to let it"
    )
    asked: list[Question] = []
    assert verdict(boxed(changed, ask=asker(["no"], asked)), use()) == "refused: the user said no"
    assert vouched == []
    assert verdict(boxed(changed, ask=asker(["once"], asked)), use()) == "asked"
    assert (vouched, asked[1].doubt) == ([1], "it is not what it was")


def outcome(box: Box) -> str:
    try:
        return asyncio.run(box.use(use()))
    except ToolFault as fault:
        return f"fault: {fault}"


def test_what_a_tool_raises_is_told_without_its_insides() -> None:
    """Its message may hold anything: only a ToolFault's is meant for the model."""

    async def buggy(_: object) -> str:
        raise ValueError("password=hunter2")

    async def own(_: object) -> str:
        raise ToolFault("no such page")

    async def slow(_: object) -> str:
        await asyncio.sleep(60)
        return ""

    async def gives_up(_: object) -> str:
        raise TimeoutError("of its own")

    assert outcome(boxed(ability(buggy))) == "fault: it failed with ValueError"
    assert outcome(boxed(ability(own))) == "fault: no such page"
    assert outcome(boxed(ability(slow), seconds=0.02)) == "fault: too slow: ended after 0.02 s"
    assert outcome(boxed(ability(gives_up))) == "fault: it failed with TimeoutError"


def test_keys_are_taken_out_of_what_a_tool_says() -> None:
    async def leaks(_: object) -> str:
        return "the key is sk-1"

    def clean(text: str) -> str:
        return text.replace("sk-1", "***")

    assert outcome(boxed(ability(leaks), clean=clean)) == "the key is ***"


def test_two_tools_under_one_name_are_a_usage_error() -> None:
    with pytest.raises(UsageError, match="two tools are called 't'"):
        Box().put([ability(), ability()])
