"""What the history window asks: one question out of another, the way back, and only the newest counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tokentray.insight.filters import parse
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Cell, Column, ColumnKind, Report, Row, Table
from tokentray.ui.history import turns
from tokentray.ui.history.asking import AGAIN_AFTER_MS, Asking
from tokentray.ui.history.back import Asked
from tokentray.ui.history.completing import Seen, offered, word_at

_OCTOBER = Period(Span.MONTH, date(2026, 10, 1))
_SEPTEMBER = Period(Span.MONTH, date(2026, 9, 1))


@dataclass
class Slow:
    """A desk that answers when told to."""

    asked: list[Question] = field(default_factory=list)
    rests: int = 0

    def ask(self, question: Question) -> None:
        self.asked.append(question)

    def listen(self, listener: Callable[[Report], None]) -> None:
        """The tests hand answers over themselves."""

    def rest(self) -> None:
        self.rests += 1


@pytest.fixture(name="desk")
def desk_fixture() -> Slow:
    return Slow()


@pytest.fixture(name="asking")
def asking_fixture(desk: Slow, qtbot: QtBot) -> Iterator[Asking]:
    del qtbot  # timers need an application
    parent = QObject()
    yield Asking(desk, parent)
    del parent


def _answer(question: Question, *, earlier: Period | None = None, later: Period | None = None) -> Report:
    return Report(question, question, earlier=earlier, later=later)


def test_back_and_forward_lead_over_what_was_asked() -> None:
    """A new question forgets what lay ahead."""
    one, two, three = Question(), Question(by=("model",)), Question(by=("project",))
    asked = Asked()
    for question in (one, two):
        asked.put(question)
    assert asked.go(-1) == one
    assert asked.go(-1) is None
    assert asked.go(1) == two
    assert asked.go(1) is None
    asked.go(-1)
    asked.put(three)
    assert not asked.can_go_forward
    assert asked.go(-1) == one


@pytest.mark.parametrize(
    "change",
    [
        Question(picked=("a",)),
        Question(hidden=("a",)),
        Question(selected=("2026-11-01", "2026-11-02")),
        Question(sort="cost", descending=False),
    ],
)
def test_what_only_shows_the_same_otherwise_is_no_step(change: Question) -> None:
    """Back leads to another place, with what was picked there."""
    asked = Asked()
    for question in (Question(by=("model",)), Question(), change, Question(view=View.WHY)):
        asked.put(question)
    assert asked.go(-1) == change
    assert asked.go(-1) == Question(by=("model",))


def test_a_filter_being_typed_is_one_step() -> None:
    asked = Asked()
    for text in ("", "op", "opus", "opus api"):
        asked.put(Question(text=text))
    assert asked.go(-1) == Question()
    assert not asked.can_go_back


def test_the_way_back_has_an_end() -> None:
    """A window that is open for months keeps no more than a hundred questions."""
    asked = Asked()
    for year in range(1000, 1200):
        asked.put(Question(period=Period(Span.YEAR, date(year, 1, 1))))
    count = 0
    while asked.go(-1) is not None:
        count += 1
    assert count == 99


def test_other_days_forget_what_was_picked_and_selected() -> None:
    """They may hold neither the rows nor the bars; what the legend switched off stays so."""
    held = Question(picked=("a",), hidden=("b",), selected=("x", "y"), outer=(Period(),), text="opus")
    asked = turns.with_period(held, _OCTOBER)
    assert asked == Question(period=_OCTOBER, hidden=("b",), text="opus")
    assert turns.beside(held, _OCTOBER).outer == (Period(),), "whoever zoomed in can still go back"


def test_other_groups_forget_what_was_said_of_the_old_ones() -> None:
    held = Question(picked=("a",), hidden=("b",), sort="source", descending=False, selected=("x", "y"))
    assert turns.grouped(held, ("model",)) == Question(by=("model",), selected=("x", "y"))
    assert turns.grouped(held._replace(sort="requests"), ("model",)).sort == "requests"


def test_another_view_keeps_days_and_filters() -> None:
    """And how it was left itself."""
    held = Question(period=_OCTOBER, where=(("model", "m"),), text="x", picked=("a",), by=("project",))
    left = {View.PRICES: Question(View.PRICES, measure=Measure.WORTH, period=_SEPTEMBER)}
    assert turns.turned(held, View.PRICES, left) == Question(
        View.PRICES, _OCTOBER, measure=Measure.WORTH, where=(("model", "m"),), text="x"
    )
    assert turns.turned(held, View.WHY, {}).view is View.WHY


def test_esc_takes_back_one_thing_after_the_other() -> None:
    held: Question | None = Question(picked=("a",), selected=("x", "y"))
    assert held is not None
    first = turns.eased(held)
    assert first == Question(picked=("a",))
    second = turns.eased(first)
    assert second == Question()
    assert turns.eased(second) is None


def test_the_legend_switches_off_and_on() -> None:
    off = turns.toggled(turns.toggled(Question(), "a"), "b")
    assert off.hidden == ("a", "b")
    assert turns.toggled(off, "a").hidden == ("b",)


def test_an_older_answer_is_let_go(asking: Asking, desk: Slow) -> None:
    """Whatever comes late belongs to what nobody looks at any more."""
    shown: list[Report] = []
    asking.answered.connect(shown.append)
    asking.ask(Question())
    asking.ask(Question(by=("model",)))
    asking.take(_answer(Question()))
    assert shown == []
    asking.take(_answer(Question(by=("model",))))
    assert [report.asked.by for report in shown] == [("model",)]
    assert desk.asked == [Question(), Question(by=("model",))]


def test_steps_pressed_fast_are_all_gone(asking: Asking, desk: Slow) -> None:
    """Three times earlier leads three months back, though only the answer says which month lies there."""
    asking.ask(Question())
    for _ in range(3):
        asking.step(-1)
    asking.take(_answer(Question(), earlier=_OCTOBER))
    asking.take(_answer(Question(period=_OCTOBER), earlier=_SEPTEMBER, later=Period()))
    august = Period(Span.MONTH, date(2026, 8, 1))
    asking.take(_answer(Question(period=_SEPTEMBER), earlier=august, later=_OCTOBER))
    assert [question.period for question in desk.asked] == [Period(), _OCTOBER, _SEPTEMBER, august]


def test_steps_end_where_nothing_lies(asking: Asking, desk: Slow) -> None:
    """And are not remembered for a period that is come to otherwise."""
    asking.ask(Question())
    asking.take(_answer(Question(), earlier=_OCTOBER))
    asking.step(1)
    assert asking.question == Question()
    asking.ask(Question(period=_OCTOBER))
    asking.take(_answer(Question(period=_OCTOBER), later=Period()))
    assert [question.period for question in desk.asked] == [Period(), _OCTOBER]


def test_what_takes_long_is_told_and_can_be_left(asking: Asking, qtbot: QtBot) -> None:
    """Esc leads back to what is shown; once the answer is there nothing is told any more."""
    told: list[bool] = []
    asking.busy_changed.connect(told.append)
    asking.ask(Question())
    asking.take(_answer(Question()))
    assert told == [], "a quick answer needs no word"
    assert not asking.give_up()
    asking.ask(Question(period=Period(Span.ALL)))
    assert not asking.give_up(), "nobody has been told yet that it takes long"
    qtbot.waitUntil(lambda: asking.busy, timeout=2000)
    assert asking.give_up()
    assert asking.question == Question()
    asking.take(_answer(Question()))
    assert told == [True, False]


def test_changes_are_looked_at_once_in_two_seconds(asking: Asking, desk: Slow, qtbot: QtBot) -> None:
    """However often something is written meanwhile; and not while an answer is still being made."""
    asking.ask(Question())
    asking.history_changed()
    asking.take(_answer(Question()))
    for _ in range(5):
        asking.history_changed()
    assert desk.asked == [Question()]
    qtbot.waitUntil(lambda: len(desk.asked) == 2, timeout=4000)
    assert desk.asked[1] == Question()


def test_a_change_while_an_answer_is_made_is_looked_at_after_it(asking: Asking, desk: Slow, qtbot: QtBot) -> None:
    """For the answer may be of the moment before, and nothing else may be written for hours."""
    asking.ask(Question())
    asking.history_changed()
    assert desk.asked == [Question()]
    asking.take(_answer(Question()))
    qtbot.waitUntil(lambda: len(desk.asked) == 2, timeout=4000)


def test_an_answer_that_takes_longer_than_changes_take_to_come_is_shown(
    asking: Asking, desk: Slow, qtbot: QtBot
) -> None:
    """It is not begun anew with each of them: else nothing were shown while a year of logs is read."""
    asking.ask(Question())
    asking.take(_answer(Question()))
    asking.again()
    for _ in range(3):
        asking.history_changed()
    qtbot.wait(AGAIN_AFTER_MS + 100)
    assert len(desk.asked) == 2
    asking.take(_answer(Question()))
    qtbot.waitUntil(lambda: len(desk.asked) == 3, timeout=AGAIN_AFTER_MS + 2000)
    asking.take(_answer(Question()))
    asking.history_changed()
    qtbot.waitUntil(lambda: len(desk.asked) == 4, timeout=AGAIN_AFTER_MS + 2000)


def test_nothing_is_asked_once_it_has_stopped(asking: Asking, desk: Slow) -> None:
    asking.ask(Question())
    asking.history_changed()
    asking.stop()
    assert desk.rests == 1
    assert not asking.waits


def _report(key: str, names: tuple[str, ...]) -> Report:
    rows = tuple(Row(name, (Cell(name),), keys=((key, name),)) for name in names)
    return Report(Question(), Question(), table=Table((Column("name", "Name", ColumnKind.NAME),), rows))


def test_a_word_is_completed_by_keys_and_by_names_seen() -> None:
    """What is offered means just the name, whatever stands in it."""
    seen = Seen()
    odd = 'a "b" \n c:d'
    seen.take(_report("project", ("night ferry", "lanternfish", odd)))
    assert offered("pro", seen) == ["project:", "provider:"]
    assert offered("project:", seen) == ['project:"a ?b? ? c:d"', "project:lanternfish", 'project:"night ferry"']
    assert offered("-project:lan", seen) == ["-project:lanternfish"]
    assert offered("ferry", seen) == ['project:"night ferry"']
    assert offered("project:lanternfish", seen) == []
    for word in offered("project:", seen):
        assert len(parse(word).terms) == 1


@pytest.mark.parametrize(
    ("text", "cursor", "word"),
    [("", 0, (0, "")), ("model:opus pro", 14, (11, "pro")), ("model:opus pro", 4, (0, "mode")),
     ('project:"night fe', 17, (0, 'project:"night fe')), ("a  ", 3, (3, ""))],
)  # fmt: skip
def test_the_word_at_the_cursor(text: str, cursor: int, word: tuple[int, str]) -> None:
    """Quotes keep blanks together."""
    assert word_at(text, cursor) == word


def test_names_that_are_kept_have_an_end() -> None:
    """Ten thousand sessions stay ten thousand sessions only in the history."""
    seen = Seen()
    for start in range(0, 2000, 100):
        seen.take(_report("session", tuple(f"s{number:05}" for number in range(start, start + 100))))
    names = seen.names("session")
    assert len(names) == 500
    assert names[-1] == "s01999"
