"""The drafts of a refinement: what each was worth, why, and what changed from one to the next."""

from __future__ import annotations

from collections.abc import Iterator

from kit.events import Checked
from kit.trace.amounts import plural
from kit.trace.report.compare import side_by_side
from kit.trace.report.markup import Content, Html, el
from kit.trace.report.pieces import Section, code, folded, own, pill, said, section, wide
from kit.trace.story import Draft, Story, worth


def drafts(told: Story) -> Section | None:
    """None for a run without drafts."""
    if not told.drafts:
        return None
    return section(
        "drafts",
        "Drafts",
        _scores(told),
        [_draft(draft, told) for draft in told.drafts.values()],
    )


def checks(told: Story) -> Section | None:
    """The checks of a run that has no drafts to show them with."""
    if told.drafts or not told.checks:
        return None
    return section("checks", "Checks", [_check(trial.checked) for trial in told.checks])


def _scores(told: Story) -> Html:
    heads = [el("th", head, scope="col") for head in ("draft", "made", "worth")]
    rows = [_score(draft, told) for draft in told.drafts.values()]
    return wide("Scores", el("table", el("thead", el("tr", heads)), el("tbody", rows)))


def _score(draft: Draft, told: Story) -> Html:
    best = draft.made.draft == told.best
    return el(
        "tr",
        el("th", el("a", _name(draft), href=f"#draft-{draft.made.draft}"), scope="row"),
        el("td", _origin(draft)),
        el("td", _worth(draft), " ", el("span", "the best", class_="pill good") if best else None),
    )


def _name(draft: Draft) -> str:
    return f"draft {draft.made.draft}"


def _origin(draft: Draft) -> str:
    if draft.made.revises:
        return f"round {draft.made.round}, from draft {draft.made.revises}"
    return "given by the user" if not draft.made.call else f"round {draft.made.round}"


def _worth(draft: Draft) -> Content:
    if (scored := draft.scored) is None:
        return "not scored"
    word = worth(scored.score)
    meter = None if scored.score is None else el(
        "meter", word, value=scored.score, min=0, max=1, aria_label="score")  # fmt: skip
    gate = None if scored.passed else el("span", " fails its check", class_="bad")
    return [meter, " ", word, gate]


def _draft(draft: Draft, told: Story) -> Html:
    return el(
        "article",
        el("h3", _name(draft).capitalize(), " ", el("span", _origin(draft), class_="soft")),
        _text(draft, told),
        _critique(draft),
        [_check(each.checked) for each in told.checks if each.checked.call == draft.made.call],
        [_comparison(told, draft)],
        id=f"draft-{draft.made.draft}",
    )


def _text(draft: Draft, told: Story) -> Content:
    """What changed, and the whole text folded; the first ones whole."""
    if (old := told.drafts.get(draft.made.revises)) is None:
        return folded("Text", said(draft.made.text), open_=True)
    names = (_name(old), _name(draft))
    return [
        wide("Changes", side_by_side(old.made.text, draft.made.text, names)),
        folded("The whole text", said(draft.made.text)),
    ]


def _critique(draft: Draft) -> Iterator[Html]:
    for each in draft.judged:
        link = el("p", "Call ", el("a", f"#{each.call}", href=f"#call-{each.call}"))
        words = said(each.critique or each.reason or "nothing was said")
        yield folded(f"A judge: {worth(each.score)}", words, link)
    told = {each.critique for each in draft.judged}
    if draft.scored and draft.scored.critique and draft.scored.critique not in told:
        yield folded("Critique", said(draft.scored.critique))


def _check(checked: Checked) -> Html:
    word = "ok" if checked.passed else "fails"
    ended = "" if checked.passed or checked.code is None else f" exit {checked.code}"
    title = [pill(word), " ", el("code", own(checked.command)), el("span", ended, class_="soft")]
    if not checked.output.strip():
        return el("p", title)
    return folded(title, code(checked.output), open_=not checked.passed)


def _comparison(told: Story, draft: Draft) -> Html | None:
    """The duels in which it was the second that the judge saw; each is told once."""
    number = draft.made.draft
    duels = [each for each in told.compared if max(each.first, each.second) == number]
    if not duels:
        return None
    other = min(duels[0].first, duels[0].second)
    won = sum(each.winner == number for each in duels)
    return el("p", f"Held against draft {other} in {plural(len(duels), 'order')}: it won {won}.")
