"""The flags of a loop with tools, in groups, in the order of its help."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from kit.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """What the model may use."""

    tool: Annotated[
        list[str] | None,
        Option(
            "-t",
            "--tool",
            metavar="TOOL",
            help="calc clock read:DIR list:DIR search:DIR http:HOST shell FILE.py[:FUNCTION] mcp:…",
        ),
    ] = None
    tools: Annotated[
        list[str] | None, Option("--tools", metavar="FILE.toml", help="a named set of tools")
    ] = None
    allow: Annotated[
        list[str] | None,
        Option(
            "--allow", metavar="WHAT", help="never ask for: write, exec, network, a tool, a pattern"
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the loop goes."""

    max_rounds: Annotated[
        int, Option("--max-rounds", min=1, metavar="N", help="replies of the model at most")
    ] = 12
    max_tool_calls: Annotated[
        int, Option("--max-tool-calls", min=0, metavar="N", help="uses of tools at most")
    ] = 40
    tool_timeout: Annotated[
        float, Option("--tool-timeout", min=0.1, metavar="S", help="time of one use of a tool")
    ] = 30.0
    max_observation: Annotated[
        int,
        Option("--max-observation", min=200, metavar="N", help="characters shown of an output"),
    ] = 16_000
    text_protocol: Annotated[
        bool, Option("--text-protocol", help="calls in plain text: for models without native ones")
    ] = False


@dataclass(frozen=True, slots=True)
class Demands:
    """What the final answer must satisfy."""

    schema: Annotated[
        str | None,
        Option("--schema", metavar="FILE|JSON", help="a final answer that satisfies this schema"),
    ] = None
    check: Annotated[
        str | None,
        Option("--check", metavar="COMMAND", help="the final answer passes when this exits with 0"),
    ] = None
    check_timeout: Annotated[
        float, Option("--check-timeout", min=0.1, metavar="S", help="time of one check")
    ] = 60.0
    repairs: Annotated[
        int, Option("--repairs", min=0, metavar="N", help="times to ask for a better final answer")
    ] = 2
