"""Tools within a run: approved one by one, used at once, ended when the run is."""

import asyncio

import pytest

from kit.errors import StoppedError
from kit.events import Event, ToolStarted, ToolUsed
from kit.patterns.run import Brake, run
from kit.patterns.steps import Steps, ToolUse, Use
from kit.patterns.tools.ability import ToolFault


def use(name: str, id_: str = "", **arguments: object) -> ToolUse:
    return ToolUse(id_ or name, name, arguments, "1")


def using(*uses: ToolUse) -> Steps[tuple[ToolUsed, ...]]:
    return (yield Use(uses))


class Tools:
    """Tools named by what they do; ``inside`` are at work."""

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.together: list[set[str]] = []
        self.asked: list[str] = []
        self.begun = asyncio.Event()

    async def approve(self, use: ToolUse) -> str:
        self.asked.append(use.id)
        await asyncio.sleep(0)
        if use.name == "denied":
            raise ToolFault("refused")
        if use.name == "stop":
            raise StoppedError("the user has seen enough", signal=2)
        return "readonly"

    async def use(self, use: ToolUse) -> str:
        self.inside.add(use.id)
        self.together.append(set(self.inside))
        self.begun.set()
        try:
            if use.name == "hang":
                await asyncio.Event().wait()
            if use.name == "ends":
                raise StoppedError("it ends the run", signal=2)
            await asyncio.sleep(0.01)
            if use.name == "faulty":
                raise ToolFault("it broke")
            return f"of {use.id}"
        finally:
            self.inside.discard(use.id)


async def nothing(_: object):
    raise AssertionError("no call is made here")
    yield


def ran(tools: Tools, *uses: ToolUse, brake: Brake | None = None):
    events: list[Event] = []
    used = asyncio.run(run(using(*uses), nothing, tap=events.append, tools=tools, brake=brake))
    return used, events


def test_uses_are_made_at_once_and_come_back_in_their_order() -> None:
    tools = Tools()
    used, events = ran(tools, use("a"), use("denied"), use("faulty"), use("b"))
    assert [(each.id, each.output, each.error) for each in used] == [
        ("a", "of a", ""),
        ("denied", "", "refused"),
        ("faulty", "", "it broke"),
        ("b", "of b", ""),
    ]
    assert tools.together[-1] == {"a", "faulty", "b"}
    assert tools.asked == ["a", "denied", "faulty", "b"]
    started = [each for each in events if isinstance(each, ToolStarted)]
    assert [(each.id, each.approved) for each in started] == [
        ("a", "readonly"), ("faulty", "readonly"), ("b", "readonly"),
    ]  # fmt: skip
    assert {each.id for each in events if isinstance(each, ToolUsed)} == {
        "a",
        "denied",
        "faulty",
        "b",
    }


def test_a_stopped_run_ends_its_tools_and_answers_for_them() -> None:
    tools, brake, events = Tools(), Brake(), []

    async def stopped() -> tuple[ToolUsed, ...]:
        asyncio.get_running_loop().call_later(0.03, brake.pull, StoppedError("stop", signal=2))
        steps = using(use("a"), use("hang"))
        return await run(steps, nothing, tap=events.append, tools=tools, brake=brake)

    used = asyncio.run(stopped())
    assert [(each.output, each.error) for each in used] == [
        ("of a", ""),
        ("", "not run to its end: stop"),
    ]
    assert tools.inside == set()
    assert [each for each in events if isinstance(each, ToolUsed)] == list(used)


def test_who_stops_instead_of_approving_stops_the_run() -> None:
    brake = Brake()
    used, events = ran(Tools(), use("a"), use("stop"), brake=brake)
    assert [each.error for each in used] == ["not run to its end: the user has seen enough"] * 2
    assert not any(isinstance(each, ToolStarted) for each in events)
    assert isinstance(brake.error, StoppedError)


def test_a_tool_that_ends_the_run_leaves_no_other_at_work() -> None:
    tools = Tools()
    used, _ = ran(tools, use("ends"), use("a"))
    assert [(each.output, each.error) for each in used] == [
        ("", "not run to its end: it ends the run"),
        ("of a", ""),
    ]
    assert tools.inside == set()


def test_after_the_stop_nothing_is_used_and_nothing_called() -> None:
    tools, brake = Tools(), Brake()
    brake.pull(StoppedError("stop", signal=2))
    used, _ = ran(tools, use("a"), brake=brake)
    assert (used[0].error, tools.asked) == ("not run to its end: stop", [])


def test_a_tap_that_fails_ends_the_run() -> None:
    def broken(event: Event) -> None:
        if isinstance(event, ToolUsed):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        asyncio.run(run(using(use("a")), nothing, tap=broken, tools=Tools()))
