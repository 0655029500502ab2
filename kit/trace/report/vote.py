"""The vote: who has how many ballots, how that grew, and each ballot in the order of counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from kit.dataclass import dataclass
from kit.events import VoteCast
from kit.trace.amounts import plural, share
from kit.trace.report.markup import Html, el
from kit.trace.report.pieces import Section, cut, own, section, wide
from kit.trace.story import Story

COLOURS = 5
"""Answers with a colour of their own; all others share one."""
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 640, 240, 34, 14, 26
_ACROSS = 50  # ballots in a line

_STOPPED = {
    "risk": "stopped early: the rest of the plan is proven unlikely to change the winner",
    "decided": "stopped early: the rest of the plan could not change the winner",
    "all": "every ballot of the plan was counted",
    "futile": "stopped: what was asked for could not be reached any more",
    "budget": "stopped by a limit",
}


@dataclass(frozen=True, slots=True)
class Count:
    """``ballots`` in the order of counting; ``ranks`` gives each answer its place, 0 the winner's;
    ``totals`` its votes by weight."""

    ballots: Sequence[VoteCast]
    ranks: Mapping[str, int]
    totals: Mapping[str, float]
    winner: str | None


def vote(told: Story) -> Section | None:
    """None for a run in which nobody voted."""
    if not told.votes:
        return None
    counted = _counted(told)
    return section(
        "vote",
        "The vote",
        el("p", _sentence(told, counted), class_="soft"),
        el("div", _table(counted), _plot(counted), class_="two"),
        el("h3", "Each ballot, in the order of counting"),
        _ballots(counted),
    )


def _counted(told: Story) -> Count:
    totals: dict[str, float] = dict(Counter(each.vote for each in told.votes if each.vote))
    winner = None
    if told.closed:
        totals, winner = {**told.closed.votes} or totals, told.closed.winner
    ordered = sorted(totals, key=lambda each: (each != winner, -totals[each]))
    return Count(told.votes, {each: at for at, each in enumerate(ordered)}, totals, winner)


def _sentence(told: Story, counted: Count) -> str:
    without = sum(each.vote is None for each in counted.ballots)
    words = [f"{plural(len(counted.ballots), 'ballot')} counted"]
    words += [f"{without} without a vote"] if without else []
    if told.closed and (why := _STOPPED.get(told.closed.stopped, told.closed.stopped)):
        words.append(why)
    return "; ".join(words) + "."


def _table(counted: Count) -> Html:
    whole = sum(counted.totals.values())
    named = list(counted.ranks)[:COLOURS]
    rows = [
        _row(answer, counted.totals[answer], whole, at, won=answer == counted.winner)
        for at, answer in enumerate(named)
    ]
    if others := len(counted.ranks) - len(named):
        rest = whole - sum(counted.totals[answer] for answer in named)
        rows.append(_row(plural(others, "other answer"), rest, whole, COLOURS))
    heads = [el("th", head, scope="col", class_=size) for head, size in
             (("answer", None), ("votes", "n"), ("share", "n"))]  # fmt: skip
    return el("table", el("thead", el("tr", heads)), el("tbody", rows))


def _row(answer: str, votes: float, whole: float, rank: int, *, won: bool = False) -> Html:
    swatch = el("svg", el("rect", width=10, height=10, rx=2, class_=f"f{rank}"), width=11,
                height=10, viewBox="0 0 10 10", aria_hidden="true")  # fmt: skip
    name = [
        swatch,
        " ",
        own(cut(answer, 60)),
        " ",
        el("span", "won", class_="pill") if won else None,
    ]
    return el(
        "tr",
        el("th", name, scope="row", title=answer),
        el("td", f"{votes:g}", class_="n"),
        el("td", share(votes, whole), class_="n"),
        class_="won" if won else None,
    )


# --- how it grew --------------------------------------------------------------------------------
def _plot(counted: Count) -> Html:
    lines = _growth(counted)
    top = max((line[-1] for line in lines.values()), default=0) or 1
    return el(
        "svg",
        _axes(len(counted.ballots), top),
        [_line(rank, line, top) for rank, line in reversed(lines.items())],
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        class_="plot",
        role="img",
        aria_label="How the votes of each answer grew; the table has the end of it",
    )


def _growth(counted: Count) -> dict[int, list[int]]:
    """For each answer with a colour, its ballots after 0, 1, 2 … were counted."""
    lines: dict[int, list[int]] = {rank: [0] for rank in range(min(len(counted.ranks), COLOURS))}
    for ballot in counted.ballots:
        voted = counted.ranks.get(ballot.vote or "")
        for rank, line in lines.items():
            line.append(line[-1] + (rank == voted))
    return lines


def _x(at: float, ballots: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - 12) * at / max(ballots, 1)


def _y(votes: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * votes / top


def _line(rank: int, line: Sequence[int], top: int) -> Html:
    """Steps: only where something changes, so that a thousand ballots stay a short line."""
    last = len(line) - 1
    points = [(0, 0), *_corners(line), (last, line[-1])]
    path = " ".join(f"{_x(at, last):.1f},{_y(votes, top):.1f}" for at, votes in points)
    end = el("circle", cx=_x(last, last), cy=_y(line[-1], top), r=4, class_=f"f{rank}")
    return el("g", el("polyline", points=path, class_=f"c{rank}"), end)


def _corners(line: Sequence[int]) -> Iterator[tuple[int, int]]:
    for at in range(1, len(line)):
        if line[at] != line[at - 1]:
            yield from ((at, line[at - 1]), (at, line[at]))


def _axes(ballots: int, top: int) -> Iterator[Html]:
    for votes in sorted({0, top // 2, top}):
        y = _y(votes, top)
        yield el("line", x1=_LEFT, x2=_WIDTH - 12, y1=y, y2=y, class_="axis")
        yield el("text", f"{votes}", x=_LEFT - 8, y=y + 4, text_anchor="end")
    below = _HEIGHT - 6
    yield el("text", "0", x=_LEFT, y=below, text_anchor="middle")
    yield el("text", f"{ballots // 2}", x=_x(ballots // 2, ballots), y=below, text_anchor="middle")
    yield el("text", plural(ballots, "ballot"), x=_WIDTH - 8, y=below, text_anchor="end")
    yield el("text", "votes", x=_LEFT + 6, y=_TOP + 16)


# --- each ballot --------------------------------------------------------------------------------
def _ballots(counted: Count) -> Html:
    """A square each; a ring for a ballot without a vote. Larger where they are few."""
    side = 22 if len(counted.ballots) <= _ACROSS // 2 else 14
    rows = -(-len(counted.ballots) // _ACROSS)
    wide_, high = min(len(counted.ballots), _ACROSS) * side, rows * side
    squares = [_square(at, each, counted, side) for at, each in enumerate(counted.ballots)]
    picture = el("svg", squares, viewBox=f"0 0 {wide_} {high}", width=wide_, height=high,
                 role="img", aria_label="The ballots; each is told under its call")  # fmt: skip
    return wide("Ballots", picture)


def _square(at: int, ballot: VoteCast, counted: Count, side: int) -> Html:
    rank = min(counted.ranks.get(ballot.vote or "", COLOURS), COLOURS)
    said = f"= {cut(ballot.vote, 40)}" if ballot.vote is not None else cut(ballot.reason, 80)
    return el(
        "rect",
        el("title", f"#{ballot.call} {said}"),
        x=at % _ACROSS * side + 1.5,
        y=at // _ACROSS * side + 1.5,
        width=side - 3,
        height=side - 3,
        rx=3 if ballot.vote is not None else side / 2 - 1.5,
        class_=f"f{rank}" if ballot.vote is not None else "none",
    )
