"""The language of the filter box, and the ways from one question to the next."""

from datetime import date

import pytest

from tokentray.insight.deeper import deeper, next_key, without_steps, without_zoom, zoomed
from tokentray.insight.filters import ANYWHERE, Filter, FilterError, Matcher, Term, parse
from tokentray.question import Period, Question, Span
from tokentray.report import Row

NAMES = {"plan:1": "Claude Max", "codex": "Codex"}


def passes(text: str, **values: str) -> bool:
    """Whether a row of these values gets through."""
    return Matcher(parse(text), lambda _, value: NAMES.get(value, value)).passes(values)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("opus", (Term(ANYWHERE, "opus"),)),
        ("model:opus project:api*", (Term(("model",), "opus"), Term(("project",), "api*"))),
        ("-agent:codex", (Term(("agent",), "codex", excluded=True),)),
        ('project:"night ferry" x', (Term(("project",), "night ferry"), Term(ANYWHERE, "x"))),
        ('"night ferry"', (Term(ANYWHERE, "night ferry"),)),
        ('project:""', (Term(("project",), "", whole=True),)),
        ("MODEL:x Plan:y", (Term(("model",), "x"), Term(("payer",), "y"))),
        ("model:", ()),
        ("-", ()),
        ('project:"night f', (Term(("project",), "night f"),)),
        ('""', ()),
        ("model:anthropic:x", (Term(("model",), "anthropic:x"),)),
    ],
)
def test_what_is_understood(text: str, terms: tuple[Term, ...]) -> None:
    """Words, keys, quotes and minus; what is only half typed yet asks for nothing."""
    assert parse(text) == Filter(terms)


@pytest.mark.parametrize(
    ("text", "hint", "at"),
    [
        ("model:a mdoel:opus", "Did you mean “model:”?", (8, 5)),
        ("-projcet:x", "Did you mean “project:”?", (1, 7)),
        ("zzzzzz:x", "The keys are day, week,", (0, 6)),
    ],
)
def test_what_is_not_understood(text: str, hint: str, at: tuple[int, int]) -> None:
    """Says which part it is, and what was probably meant."""
    with pytest.raises(FilterError, match="There is no key “") as caught:
        parse(text)
    assert caught.value.hint.startswith(hint)
    assert caught.value.at == at
    assert text[at[0] :][: at[1]] in str(caught.value)


def test_what_passes() -> None:
    """Anywhere in a value or its name, whatever the case; wildcards are the whole of it."""
    assert passes("model:OPUS", model="claude-opus-4-5")
    assert not passes("model:opus*", model="claude-opus-4-5")
    assert passes("model:claude-?pus-*", model="claude-opus-4-5")
    assert passes("source:max", source="plan:1")
    assert passes("max", source="x", payer="plan:1")
    assert not passes("max", source="x")
    assert passes("model:opus model:haiku", model="haiku"), "of one key any will do"
    assert not passes("model:opus project:api", model="opus", project="web"), "of several all"
    assert not passes("opus api", model="opus", project="web"), "words must all be met"
    assert passes("opus api", model="opus", project="api-gateway")
    assert not passes("-source:max", source="plan:1")
    assert passes("-source:max", source="codex")
    assert not passes("model:claude -model:haiku", model="claude-haiku")
    assert passes('project:""', model="x")
    assert not passes('project:""', project="x")
    assert passes("-project:x"), "what has no project is not of that one"
    assert passes("project:STRASSE", project="straße")
    assert passes("project:a.b", project="a.b")
    assert not passes("project:a.b*", project="axb")
    assert passes("project:a*b", project="a\nb")


def test_deeper_into_a_row() -> None:
    """What was looked at is settled, and the next key that tells more of it is grouped by, until none is left."""
    question = Question(hidden=("x",), picked=("y",), selected=("2026-11-02", "2026-11-04"), sort="cost", split="day")
    asked: list[tuple[str, ...]] = []
    found: Question | None = question
    while found is not None:
        question, (key,) = found, found.by
        asked.append(question.by)
        found = deeper(question, Row("v", (), where=((key, "v"),)))
    assert asked == [("source",), ("model",), ("project",), ("session",), ("kind",)]
    assert question.where == (("source", "v"), ("model", "v"), ("project", "v"), ("session", "v"))
    assert (question.hidden, question.picked, question.sort) == ((), (), "")
    assert question.selected == ("2026-11-02", "2026-11-04"), "what the rows are of is still what is looked at"
    assert next_key((("agent", "codex"),)) == "model", "an agent is as good as its source"
    assert deeper(question, Row("all", ())) is None


def test_deeper_into_a_row_of_days() -> None:
    """It leads into those days, grouped as before but for the time."""
    question = Question(by=("month", "model"), period=Period(Span.YEAR), split="month")
    into = deeper(question, Row("r", (), where=(("month", "2026-10"), ("model", "opus"))))
    assert into is not None
    assert (into.period, into.outer) == (Period(Span.MONTH, date(2026, 10, 1)), (Period(Span.YEAR),))
    assert (into.where, into.by) == ((("model", "opus"),), ("source",))
    days = deeper(Question(by=("day",), split="day"), Row("r", (), where=(("day", "2026-11-14"),)))
    assert days is not None
    assert (days.by, days.where) == (("source",), ())
    assert days.period == Period(Span.CUSTOM, date(2026, 11, 14), date(2026, 11, 14))


def test_deeper_into_a_row_of_a_week_that_is_shown_in_part() -> None:
    """It leads into the days that its figures are of: of those shown, and of those selected."""
    question, shown = Question(by=("week",), split="day"), (date(2026, 11, 1), date(2026, 11, 22))
    row = Row("r", (), where=(("week", "2026-W44"),))
    into = deeper(question, row, shown)
    assert into is not None
    assert into.period == Period(Span.CUSTOM, date(2026, 11, 1), date(2026, 11, 1)), "the week began in October"
    row = Row("r", (), where=(("month", "2026-11"), ("week", "2026-W46")))
    into = deeper(question._replace(selected=("2026-11-14", "2026-11-10")), row, shown)
    assert into is not None
    assert (into.period, into.selected) == (Period(Span.CUSTOM, date(2026, 11, 10), date(2026, 11, 14)), None)


def test_deeper_into_one_of_several_values() -> None:
    """Of two models, a row is of one."""
    question = Question(by=("model",), where=(("project", "shop"), ("model", "a"), ("model", "b")))
    into = deeper(question, Row("a", (), where=(("model", "a"),)))
    assert into is not None
    assert into.where == (("project", "shop"), ("model", "a"))


def test_into_a_bar_and_back() -> None:
    """A bar leads into its days, as far as they are shown; the trail leads back to each step."""
    month = Question(split="week", where=(("source", "codex"), ("model", "gpt")), by=("project",))
    shown = (date(2026, 11, 1), date(2026, 11, 22))
    week = zoomed(month, "2026-W44", shown)
    assert week is not None
    assert week.period == Period(Span.CUSTOM, date(2026, 11, 1), date(2026, 11, 1)), "the week began in October"
    assert week.outer == (Period(),)
    assert zoomed(week._replace(split="hour"), "2026-11-01T14:00+01:00", (date(2026, 11, 1),) * 2) is None
    back = without_zoom(week, 0)
    assert (back.period, back.outer, back.where, back.by) == (Period(), (), (), ("source",))
    assert without_steps(week, 1) == week._replace(where=(("source", "codex"),), by=("model",))
    assert without_steps(week, 2) == week


def test_many_stars_are_answered_at_once() -> None:
    """A pattern of many stars is met by what it describes alone, and a long name does not take for ever."""
    assert passes("project:" + "*a" * 30, project="a" * 300)
    assert not passes("project:" + "*a" * 30 + "b", project="a" * 300)
    assert not passes("project:" + "*" * 30 + "b", project="a" * 300)
    assert passes("project:ab*?b*a", project="abxba")
    assert not passes("project:ab*?b*a", project="aba")
