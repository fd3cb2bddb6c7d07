"""The parts of the bar on top of the history window, by mouse and by keyboard alone."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as Rich
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCompleter, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.hands import choose, click, focused, keys, press
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Cell, Choice, Column, ColumnKind, Report, Row, Step, Table
from tokentray.ui.history.filterbox import FilterBox
from tokentray.ui.history.grouping import Grouping
from tokentray.ui.history.periodbar import PeriodBar
from tokentray.ui.history.trail import Trail
from tokentray.ui.history.views import Views

_NOVEMBER = (date(2026, 11, 1), date(2026, 11, 22))
Show = Callable[..., QWidget]
_LONG = "<img src=x>" + "م" * 280 + "😀" * 5


@pytest.fixture(name="show")
def show_fixture(qtbot: QtBot) -> Iterator[Show]:
    """Shows a widget in a window of its own, with the keyboard."""
    kept: list[QWidget] = []

    def show(widget: QWidget, width: int = 860) -> QWidget:
        window = QWidget()
        box = QVBoxLayout(window)
        box.addWidget(widget)
        window.resize(width, 120)
        kept.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield show
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def _report(question: Question, **how: object) -> Report:
    return Report(question, question, title="November 2026", days=_NOVEMBER)._replace(**how)  # type: ignore[arg-type]


@pytest.fixture(name="period")
def period_fixture(show: Show) -> PeriodBar:
    bar = PeriodBar()
    bar.show_question(Question())
    bar.show_report(_report(Question(), earlier=Period(Span.MONTH, date(2026, 10, 1))))
    show(bar)
    return bar


def _told(bar: PeriodBar) -> list[Period]:
    told: list[Period] = []
    bar.chosen.connect(told.append)
    return told


def test_every_kind_of_period_by_mouse(period: PeriodBar) -> None:
    told = _told(period)
    for span in (Span.DAYS_7, Span.DAYS_30, Span.YEAR, Span.ALL):
        click(period.spans.segments[str(span)])
    assert told == [Period(Span.DAYS_7), Period(Span.DAYS_30), Period(Span.YEAR), Period(Span.ALL)]


@pytest.mark.parametrize("turned", [False, True])
def test_every_kind_of_period_by_keyboard(show: Show, turned: bool) -> None:
    """One stop of the Tab key; the arrow keys go as the words stand, and come to the days to type but open nothing."""
    if turned:
        QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    bar = PeriodBar()
    bar.show_question(Question())
    bar.show_report(_report(Question()))
    show(bar)
    told = _told(bar)
    bar.spans.segments[str(Span.MONTH)].setFocus()
    forth, back = (Qt.Key.Key_Left, Qt.Key.Key_Right) if turned else (Qt.Key.Key_Right, Qt.Key.Key_Left)
    for key in (back, back, forth, forth, forth, forth, forth):
        press(key)
    assert [one.span for one in told] == [Span.DAYS_30, Span.DAYS_7, Span.DAYS_30, Span.MONTH, Span.YEAR, Span.ALL]
    assert focused() is bar.spans.segments[str(Span.CUSTOM)]
    assert not bar.days.isVisible()
    press(Qt.Key.Key_Space)
    assert bar.days.isVisible()
    press(Qt.Key.Key_Escape)
    assert not bar.days.isVisible()
    assert bar.spans.value() == str(Span.MONTH), "leaving it leaves all as it was"


def test_a_month_pressed_again_leads_to_this_one(period: PeriodBar) -> None:
    """And a year to the month of its day, so that looking closer stays where one was."""
    told = _told(period)
    period.show_question(Question(period=Period(Span.MONTH, date(2026, 3, 1))))
    click(period.spans.segments[str(Span.YEAR)])
    click(period.spans.segments[str(Span.MONTH)])
    assert told == [Period(Span.YEAR, date(2026, 3, 1)), Period(Span.MONTH)]


def test_days_are_typed(period: PeriodBar) -> None:
    """The popup begins with the days shown; days the wrong way round are refused in words."""
    told = _told(period)
    click(period.spans.segments[str(Span.CUSTOM)])
    days = period.days
    assert (days.first.day(), days.last.day()) == _NOVEMBER
    days.first.setDate(days.last.date().addDays(1))
    press(Qt.Key.Key_Return)
    assert told == []
    assert "after the last" in days.refusal.words()
    for label in (days.refusal.title, days.refusal.hint):
        assert label.heightForWidth(label.width()) <= label.height(), "all of it is seen"
    assert days.rect().contains(days.show_button.geometry())
    days.first.setDate(days.last.date().addDays(-3))
    assert days.refusal.isHidden()
    click(days.show_button)
    assert told == [Period(Span.CUSTOM, date(2026, 11, 19), date(2026, 11, 22))]
    assert not days.isVisible()


def test_days_that_are_no_dates_are_not_looked_at(period: PeriodBar) -> None:
    """It is said which of the two it is; what is typed next takes its place."""
    told = _told(period)
    click(period.spans.segments[str(Span.CUSTOM)])
    days = period.days
    days.last.setFocus(Qt.FocusReason.TabFocusReason)
    keys("31 Nov 2026")
    press(Qt.Key.Key_Return)
    assert told == []
    assert days.refusal.words().startswith("The last day is no date")
    assert focused() is days.last
    keys("2026-11-21")
    assert days.refusal.isHidden()
    press(Qt.Key.Key_Return)
    assert told == [Period(Span.CUSTOM, date(2026, 11, 1), date(2026, 11, 21))]


def test_earlier_and_later(period: PeriodBar) -> None:
    """What leads nowhere is greyed, and stays where it is."""
    steps: list[int] = []
    period.stepped.connect(steps.append)
    place = period.later.pos()
    assert not period.later.isEnabled()
    click(period.earlier)
    period.show_report(_report(Question(), later=Period(), title="October 2026"))
    assert not period.earlier.isEnabled()
    click(period.later)
    assert steps == [-1, 1]
    assert period.later.pos() == place
    assert period.title.words() == "October 2026"


def test_titles_of_any_length_move_nothing(period: PeriodBar) -> None:
    places = [segment.pos() for segment in period.spans.segments.values()]
    for title in ("2026", "28 December 2025 – 24 January 2026" * 3):
        period.show_report(_report(Question(), title=title))
        QApplication.processEvents()
        assert [segment.pos() for segment in period.spans.segments.values()] == places
    assert period.title.toolTip(), "what is cut is told on hover"


def test_only_months_have_a_why(period: PeriodBar) -> None:
    """The other kinds are greyed, and no key comes to them."""
    period.show_question(Question(View.WHY, Period(Span.DAYS_7)))
    month = period.spans.segments[str(Span.MONTH)]
    assert [segment for segment in period.spans.segments.values() if segment.isEnabled()] == [month]
    assert period.spans.value() == str(Span.MONTH)
    told = _told(period)
    month.setFocus()
    press(Qt.Key.Key_Right)
    assert focused() is month
    assert told == []
    click(month)
    assert told == [Period(Span.MONTH)], "to this month"
    period.show_question(Question(View.USAGE, Period(Span.DAYS_7)))
    assert all(segment.isEnabled() for segment in period.spans.segments.values())
    assert period.spans.value() == str(Span.DAYS_7)


def test_views_by_mouse_and_keyboard(show: Show) -> None:
    views = Views()
    show(views)
    told: list[View] = []
    views.chosen.connect(told.append)
    views.show_view(View.PRICES)
    assert told == []
    QTest.mouseClick(views, Qt.MouseButton.LeftButton, pos=views.tabRect(1).center())
    views.setFocus()
    press(Qt.Key.Key_Right)
    assert told == [View.WHY, View.PRICES]
    assert all(views.tabToolTip(place).endswith(f"(Ctrl+{place + 1})") for place in range(6))


def test_choices_are_those_of_the_report(show: Show) -> None:
    """What makes no sense is not there; a grouping by several keys is shown though nobody could choose it."""
    grouping = Grouping()
    show(grouping)
    told: list[object] = []
    for signal in (grouping.measured, grouping.grouped, grouping.split):
        signal.connect(told.append)
    question = Question(by=("day", "model"), split="day", measure=Measure.SPEND)
    grouping.show_report(
        _report(
            question,
            groupings=(Choice("source", "Source"), Choice("", "None")),
            splits=(Choice("day", "Day"), Choice("week", "Week")),
            measures=(Choice("spend", "Spend"), Choice("tokens", "Tokens")),
        )
    )
    assert grouping.by.combo.currentText() == "day, model"
    tall = grouping.height()
    choose(grouping.by.combo, "")
    choose(grouping.by.combo, "source")
    choose(grouping.step.combo, "week")
    choose(grouping.measure.combo, "tokens")
    assert told == [(), ("source",), "week", Measure.TOKENS]
    grouping.show_report(_report(question))
    assert not grouping.by.isVisible()
    assert not grouping.measure.isVisible()
    QApplication.processEvents()
    assert grouping.height() == tall


def _steps(count: int) -> list[Step]:
    return [Step(f"step {number} of a way", Question(where=(("model", str(number)),))) for number in range(count)]


def test_the_trail_leads_back(show: Show) -> None:
    """By mouse and by keyboard; where one is, is no way back."""
    trail = Trail()
    show(trail)
    asked: list[Question] = []
    trail.asked.connect(asked.append)
    trail.show_trail(_steps(3))
    assert trail.present.words() == "step 2 of a way"
    assert [button.accessibleName() for button in trail.buttons] == [
        "Back to step 0 of a way",
        "Back to step 1 of a way",
    ]
    click(trail.buttons[0])
    trail.buttons[1].setFocus()
    press(Qt.Key.Key_Return)
    assert [question.where for question in asked] == [(("model", "0"),), (("model", "1"),)]
    trail.show_trail(_steps(1))
    assert trail.present.words() == "", "the title of the period says it already"
    assert trail.buttons == []


def test_a_trail_that_is_too_long_keeps_its_ends(show: Show) -> None:
    """What does not fit is in a menu, and comes back when there is room."""
    trail = Trail()
    window = show(trail, 420)
    asked: list[Question] = []
    trail.asked.connect(asked.append)
    trail.show_trail(_steps(9))
    QApplication.processEvents()
    assert trail.more.isVisible()
    shown = [button.text() for button in trail.buttons]
    assert shown[0] == "step 0 of a way"
    assert shown[-1] == "step 7 of a way"
    assert all(button.geometry().right() <= trail.width() for button in trail.buttons)
    click(trail.more)
    menu = trail.findChild(QMenu)
    assert menu is not None
    assert len(menu.actions()) == 8 - len(shown)
    menu.actions()[0].trigger()
    menu.close()
    assert [question.where for question in asked] == [(("model", "1"),)]
    window.resize(1600, 120)
    QApplication.processEvents()
    assert not trail.more.isVisible()
    assert len(trail.buttons) == 8


def test_names_of_any_kind_in_the_trail(show: Show) -> None:
    """They are cut, told whole on hover as plain text, and nothing grows by them."""
    trail = Trail()
    show(trail, 600)
    tall = trail.height()
    trail.show_trail([Step(_LONG, Question()), Step("a\nb\x1b[31m", Question()), Step(_LONG, Question())])
    QApplication.processEvents()
    assert trail.height() == tall
    assert trail.width() <= 600
    assert "\n" not in trail.buttons[1].text()
    assert "\x1b" not in trail.buttons[1].text()
    assert not Rich.mightBeRichText(trail.buttons[0].toolTip())


@pytest.fixture(name="box")
def box_fixture(show: Show) -> FilterBox:
    box = FilterBox()
    rows = tuple(Row(name, (Cell(name),), keys=(("project", name),)) for name in ("lanternfish", "night ferry"))
    table = Table((Column("name", "Project", ColumnKind.NAME),), rows)
    box.show_report(Report(Question(), Question(), table=table))
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.addWidget(box)
    column.addWidget(box.complaint)
    show(holder)
    box.setFocus()
    return box


def test_a_filter_is_told_once_the_person_pauses(box: FilterBox, qtbot: QtBot) -> None:
    told: list[str] = []
    box.typed.connect(told.append)
    keys("opus")
    assert told == []
    qtbot.waitUntil(lambda: bool(told), timeout=2000)
    assert told == ["opus"]
    keys(" api")
    press(Qt.Key.Key_Return)
    assert told == ["opus", "opus api"], "Enter does not wait"
    press(Qt.Key.Key_Escape)
    assert told == ["opus", "opus api", ""], "Esc empties it"


def test_what_is_not_understood_is_said_and_not_asked(box: FilterBox) -> None:
    """Under the box, calmly, also to who hears it; what is typed next takes it away."""
    told: list[str] = []
    box.typed.connect(told.append)
    keys("modle:opus")
    press(Qt.Key.Key_Return)
    assert told == []
    assert "modle" in box.complaint.words()
    assert box.accessibleDescription() == box.complaint.words()
    box.clear()
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.complaint.words() == ""
    assert box.complaint.isHidden(), "what stands beside it has its room"
    assert told == []


@pytest.mark.parametrize("key", ["zzzzzz", "w" * 300, "\N{ARABIC LETTER MEEM}" * 300])
def test_what_is_not_understood_is_readable_from_its_first_line(box: FilterBox, key: str) -> None:
    """No line is cut through, all keys are named where the one that is not known is short, and what has no room is in
    the tooltip.
    """
    box.setText(f"{key}:opus")
    press(Qt.Key.Key_Return)
    complaint = box.complaint
    assert complaint.heightForWidth(complaint.width()) <= complaint.height()
    assert complaint.text().startswith("There is no key")
    whole = complaint.text() == complaint.words()
    assert whole if len(key) < 10 else complaint.text().endswith("…")
    assert complaint.toolTip()


def test_names_are_offered_and_taken_by_keyboard(box: FilterBox, qtbot: QtBot) -> None:
    """A key first, then a name that was shown, in quotes where it has a blank."""
    told: list[str] = []
    box.typed.connect(told.append)
    completer = box.findChild(QCompleter)
    assert completer is not None
    keys("proj")
    popup = completer.popup()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible)
    for name in ("project:", 'project:"night ferry"'):
        for _ in range(4):
            if [index.data() for index in popup.selectionModel().selectedIndexes()] == [name]:
                break
            QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
        if name == "project:":
            qtbot.waitUntil(popup.isVisible)
    assert box.text() == 'project:"night ferry" '
    qtbot.waitUntil(lambda: told[-1:] == ['project:"night ferry"'], timeout=2000)


def test_enter_takes_what_was_typed(box: FilterBox, qtbot: QtBot) -> None:
    """A list that nobody has gone into puts no words into the person's mouth."""
    told: list[str] = []
    box.typed.connect(told.append)
    completer = box.findChild(QCompleter)
    assert completer is not None
    popup = completer.popup()
    assert popup is not None
    keys("lant")
    qtbot.waitUntil(popup.isVisible)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert not popup.isVisible()
    assert box.text() == "lant"
    assert told[-1:] == ["lant"]


def test_what_is_being_typed_stays(box: FilterBox) -> None:
    """An answer to what was asked before must not take it out of the person's hands."""
    keys("op")
    box.show_text("")
    assert box.text() == "op"
    press(Qt.Key.Key_Return)
    box.show_text("opus")
    assert box.text() == "opus"
