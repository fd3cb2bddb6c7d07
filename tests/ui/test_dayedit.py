"""Dates as people type them: what is meant is taken, and what cannot be read is never another date."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import setups
from tests.ui.hands import Put, focused, keys, press
from tests.ui.settings_scenes import Stage
from tokentray.requests import SetPayer
from tokentray.ui.firstrun.planfields import PlanFields
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.daytext import read_day
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.plan import PlanForm
from tokentray.ui.settings.agent import SinceWhen
from tokentray.ui.settings.agents import RuleForm
from tokentray.ui.settings.window import CHARGES

Show = Callable[[QWidget], None]

_FIFTH = date(2026, 10, 5)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_LOCALES = ["C", "en_US", "en_GB", "de_DE", "fr_FR", "ja_JP", "ko_KR", "vi_VN", "ar_EG", "fa_IR", "lt_LT", "ru_RU"]


@pytest.fixture(name="show")
def show_fixture(qtbot: QtBot) -> Show:
    """Shows a widget before another that the keyboard can go on to."""
    kept: list[QWidget] = []

    def show(widget: QWidget) -> None:
        window = QWidget()
        kept.append(window)
        box = QVBoxLayout(window)
        box.addWidget(widget)
        box.addWidget(QLineEdit())
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)

    return show


@pytest.fixture(name="edit")
def edit_fixture(show: Show) -> DayEdit:
    """A date that the keyboard has come to."""
    edit = DayEdit()
    edit.show_day(date(2026, 11, 22))
    show(edit)
    edit.setFocus(Qt.FocusReason.TabFocusReason)
    return edit


@pytest.fixture(name="in_locale")
def in_locale_fixture() -> Iterator[Callable[[str], None]]:
    before = QLocale()
    yield lambda name: QLocale.setDefault(QLocale(name))
    QLocale.setDefault(before)


@pytest.mark.parametrize("locale", ["C", "en_US", "en_GB", "de_DE"])
@pytest.mark.parametrize(
    "text",
    [
        *("5 Oct 2026", "05 oct 2026", "5 OCTOBER 2026", "Oct 5, 2026", "5th of October 2026", "2026 Oct 5"),
        *("2026-10-05", "2026/10/5", "2026.10.05.", "5.10.2026", "05.10.26", "5. 10. 2026", " 5-oct-2026 "),
    ],
)
def test_a_date_is_read_however_it_is_written(text: str, locale: str) -> None:
    assert read_day(text, QLocale(locale)) == _FIFTH


@pytest.mark.parametrize("text", ["5 Oktober 2026", "5. Okt. 2026", "5 okt 26", "5 Oct 2026"])
def test_months_are_read_in_the_words_of_the_locale_and_in_english(text: str) -> None:
    assert read_day(text, QLocale("de_DE")) == _FIFTH


def test_figures_alone_go_by_the_order_of_the_locale() -> None:
    """But those with dots begin with the day everywhere, and what can only be one date is not turned round for it."""
    assert read_day("5/10/2026", QLocale("en_GB")) == _FIFTH
    assert read_day("10/5/2026", QLocale("en_US")) == _FIFTH
    assert read_day("10-5-2026", QLocale("en_US")) == _FIFTH
    assert read_day("5.10.2026", QLocale("en_US")) == _FIFTH
    assert read_day("22/10/2026", QLocale("en_US")) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "5 Oct", "Oct 2026", "32 Oct 2026", "29 Feb 2026", "5 Oct 20266", "5 Oct 202", "0 Oct 2026"),
        *("5 Ju 2026", "5 Oct Nov 2026", "5 xyz 2026", "5 10 20 26", "5+10+2026", "<b>5 Oct 2026", "2026-13-01"),
        *("5 Oct 2026 " * 30, "٥", "²2 Oct 2026", "5 Oct 2026\N{PILE OF POO}"),
    ],
)
def test_what_is_no_date_is_read_as_none(text: str) -> None:
    assert read_day(text, QLocale("C")) is None


@given(st.text(max_size=20), st.sampled_from(_LOCALES))
def test_no_text_is_too_much(text: str, locale: str) -> None:
    """Whatever is pasted is a date or none; it must hold a year and a day to be one."""
    read = read_day(text, QLocale(locale))
    assert read is None or sum(char.isdecimal() for char in text) >= 3


@pytest.mark.parametrize("locale", _LOCALES)
def test_a_date_is_read_as_it_is_shown(locale: str, in_locale: Callable[[str], None], qtbot: QtBot) -> None:
    """In every locale: a cursor that went through it and a letter put back must not make it another date."""
    in_locale(locale)
    edit = DayEdit()
    qtbot.addWidget(edit)
    for month in range(1, 13):
        edit.show_day(date(2026, month, 22))
        line = edit.lineEdit()
        line.setFocus()
        line.end(False)
        line.backspace()
        line.insert(str(QLocale(locale).toString(2026))[-1])
        line.textEdited.emit(line.text())
        assert not edit.is_unread(), line.text()
        assert edit.day() == date(2026, month, 22), line.text()


@pytest.mark.parametrize("text", ["5 Oct 2026", "05 oct 2026", "2026-10-05", "5.10.2026"])
def test_a_date_typed_over_another_is_taken_whole(edit: DayEdit, text: str) -> None:
    """Its day, too. What was typed is shown as dates are when the keyboard goes on, at one press of Tab."""
    press(Qt.Key.Key_A, _CONTROL)
    keys(text)
    assert (edit.day(), edit.text(), edit.touched) == (_FIFTH, text, True)
    press(Qt.Key.Key_Tab)
    assert not edit.hasFocus()
    assert (edit.day(), edit.text(), edit.date()) == (_FIFTH, "5 Oct 2026", QDate(2026, 10, 5))


def test_typing_replaces_all_of_it_once_the_keyboard_has_come(edit: DayEdit) -> None:
    keys("05 Oct 2026")
    assert edit.day() == _FIFTH


def test_a_date_is_pasted(edit: DayEdit) -> None:
    QApplication.clipboard().setText(" 2026-10-05\n")
    press(Qt.Key.Key_V, _CONTROL)
    QApplication.clipboard().clear()
    assert edit.day() == _FIFTH


def test_a_part_of_it_is_typed(edit: DayEdit) -> None:
    """A zero before the day, as much as another month."""
    line = edit.lineEdit()
    line.setSelection(0, 2)
    keys("05")
    assert edit.day() == date(2026, 11, 5)
    line.setSelection(3, 3)
    keys("feb")
    assert edit.day() == date(2026, 2, 5)


def test_what_is_no_date_stays_until_it_is_corrected(edit: DayEdit) -> None:
    """It is not mended into another date, by no way of leaving it; a new date, or one of the calendar, takes its
    place."""
    keys("31 Feb 2026")
    assert edit.is_unread()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Tab):
        press(key)
        assert (edit.is_unread(), edit.text()) == (True, "31 Feb 2026")
    edit.setFocus(Qt.FocusReason.TabFocusReason)
    edit.hide()
    edit.show()
    assert (edit.is_unread(), edit.text()) == (True, "31 Feb 2026")
    edit.calendarWidget().clicked.emit(QDate(2026, 11, 22))
    assert (edit.is_unread(), edit.text(), edit.day()) == (False, "22 Nov 2026", date(2026, 11, 22))
    edit.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Delete)
    assert edit.is_unread(), "nothing is no date"
    edit.show_day(_FIFTH)
    assert (edit.is_unread(), edit.text(), edit.touched) == (False, "5 Oct 2026", False)


@pytest.mark.parametrize("text", ["5 Oct 1826", "5 Oct 2226"])
def test_a_date_centuries_away_is_none(edit: DayEdit, text: str) -> None:
    keys(text)
    assert edit.is_unread()


def test_what_is_left_untouched_keeps_its_date(edit: DayEdit) -> None:
    press(Qt.Key.Key_Left)
    press(Qt.Key.Key_Tab)
    assert (edit.day(), edit.touched) == (date(2026, 11, 22), False)


def test_the_arrows_step_the_part_that_the_cursor_is_in(edit: DayEdit) -> None:
    """The day at first; days and months lead on into the next month and year. What is stepped is selected."""
    press(Qt.Key.Key_Down)
    assert (edit.day(), edit.lineEdit().selectedText()) == (date(2026, 11, 21), "21")
    press(Qt.Key.Key_PageUp)
    assert edit.day() == date(2026, 12, 1)
    edit.lineEdit().setCursorPosition(3)
    press(Qt.Key.Key_Up)
    assert (edit.day(), edit.lineEdit().selectedText()) == (date(2027, 1, 1), "Jan")
    press(Qt.Key.Key_End)
    press(Qt.Key.Key_Down)
    assert (edit.day(), edit.lineEdit().selectedText()) == (date(2026, 1, 1), "2026")
    assert edit.touched
    press(Qt.Key.Key_A, _CONTROL)
    keys("2026-10-05")
    press(Qt.Key.Key_Up)
    assert (edit.day(), edit.text()) == (date(2026, 10, 6), "6 Oct 2026")


def test_it_is_heard_as_before(edit: DayEdit) -> None:
    edit.setAccessibleName("First day")
    heard = QAccessible.queryAccessibleInterface(edit)
    assert heard is not None
    assert (heard.role(), heard.text(QAccessible.Text.Name)) == (QAccessible.Role.SpinBox, "First day")


def test_a_form_is_not_sent_with_what_is_no_date(put: Put) -> None:
    """It is said at its field, which has the keyboard, and the text stays; corrected, it is sent."""
    stage = put(Stage(setups.ordinary(), CHARGES))
    page = stage.charges
    page.add_charge.button.click()
    form = page.add_charge.form
    assert form is not None
    edit = form.findChildren(DayEdit)[0]
    form.findChildren(QLineEdit)[0].setText("5")
    edit.setFocus(Qt.FocusReason.TabFocusReason)
    keys("31 Feb 2026")
    press(Qt.Key.Key_Return)
    assert stage.requests == []
    assert form.field("day").refusal.words().startswith("This is no date. Write it like 5 Oct 2026")
    assert focused() is edit
    assert edit.text() == "31 Feb 2026"
    keys("5 oct 2026")
    press(Qt.Key.Key_Return)
    assert [getattr(request, "day", None) for request in stage.requests] == [_FIFTH]


def test_a_date_that_is_not_asked_for_refuses_nothing(show: Show) -> None:
    """One that the check box beside it leaves out, and one that a brief form hides."""
    sent: list[object] = []

    def take(request: object) -> int:
        sent.append(request)
        return len(sent)

    rule = RuleForm(Desk(take))
    show(rule)
    rule.show_setup(setups.ordinary())
    rule.from_day.check.setChecked(True)
    rule.from_day.edit.setFocus(Qt.FocusReason.TabFocusReason)
    keys("soon")
    rule.submit()
    assert sent == []
    assert rule.field("from_day").refused()
    rule.from_day.check.setChecked(False)
    rule.submit()
    assert isinstance(sent[0], SetPayer)
    assert sent[0].from_day is None
    plan = PlanForm(Desk(take), brief=True)
    show(plan)
    plan.last_day.check.setChecked(True)
    plan.last_day.edit.lineEdit().setText("soon")
    plan.last_day.edit.lineEdit().textEdited.emit("soon")
    plan.submit()
    assert len(sent) == 2


def test_the_first_start_says_it_under_the_fee_of_the_plan(show: Show) -> None:
    sent: list[object] = []

    def take(request: object) -> int:
        sent.append(request)
        return len(sent)

    fields = PlanFields(Desk(take))
    show(fields)
    fields.first_day.setFocus(Qt.FocusReason.TabFocusReason)
    keys("soon")
    fields.submit()
    assert sent == []
    assert fields.field("first_day").refusal.words().startswith("This is no date")
    assert focused() is fields.first_day


def test_another_payer_holds_from_no_day_that_was_not_read(show: Show) -> None:
    since = SinceWhen()
    told: list[object] = []
    since.chosen.connect(told.append)
    show(since)
    since.ask(setups.ordinary().agents[0], "Claude Max", date(2026, 11, 22))
    since.day.setFocus(Qt.FocusReason.TabFocusReason)
    keys("soon")
    since.since.click()
    assert told == []
    assert since.refusal.isVisible()
    assert focused() is since.day
    keys("5.10.2026")
    assert since.refusal.isHidden()
    since.since.click()
    assert told == [_FIFTH]
