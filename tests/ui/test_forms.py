"""The parts of forms: what is typed is understood, refusals stand at their field, and nothing is lost or sent twice."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.ui import setups
from tokentray.money import NumberStyle, plain
from tokentray.requests import AccountRequest, AddPlan, AddReference, Answer, Request, SetSetting
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui.forms.amounts import AmountEdit, plain_amount, shown_amount
from tokentray.ui.forms.controls import Combo, CurrencyCombo, Number
from tokentray.ui.forms.dayedit import DayEdit, OptionalDay
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.eliding import NameCheck
from tokentray.ui.forms.fields import Field
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.ground import Ground, Scroll
from tokentray.ui.forms.payers import NEW_PLAN, PayerCombo, proposed_payer
from tokentray.ui.forms.plan import PlanForm
from tokentray.ui.forms.reference import ReferenceForm
from tokentray.ui.forms.unfold import Unfold

ENGLISH = NumberStyle()
GERMAN = NumberStyle(decimal_point=",", group_separator=".", symbol_first=False)
SWISS = NumberStyle(decimal_point=".", group_separator="’", symbol_first=True)
FRENCH = NumberStyle(decimal_point=",", group_separator="\N{NARROW NO-BREAK SPACE}", symbol_first=False)
STYLES = [ENGLISH, GERMAN, SWISS, FRENCH]

Show = Callable[[QWidget], None]


@pytest.fixture(name="show")
def show_fixture(qtbot: QtBot) -> Show:
    """Shows a widget in a window that has the keyboard."""
    kept: list[QWidget] = []

    def show(widget: QWidget) -> None:
        window = Ground()
        kept.append(window)
        QVBoxLayout(window).addWidget(widget)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)

    return show


class Asked:
    """Takes requests, and answers them by hand."""

    def __init__(self) -> None:
        self.requests: list[Request | AccountRequest] = []
        self.desk = Desk(self._submit)

    def _submit(self, request: Request | AccountRequest) -> int:
        self.requests.append(request)
        return len(self.requests)

    def refuse(self, field: str, title: str = "That cannot be") -> None:
        self.desk.take(Answer(len(self.requests), "", Problem(title, "not 0", "Type another"), field))

    def accept(self) -> None:
        self.desk.take(Answer(len(self.requests), "Done"))


def focused() -> QWidget:
    """What has the keyboard."""
    holder: QWidget | None = QApplication.focusWidget()
    assert holder is not None
    return holder


def keys(text: str) -> None:
    """Type into what has the keyboard."""
    QTest.keyClicks(focused(), text)


def press(key: Qt.Key) -> None:
    QTest.keyClick(focused(), key)


@pytest.mark.parametrize(
    ("typed", "style", "amount"),
    [
        ("100", ENGLISH, "100"),
        (" 4.50 ", ENGLISH, "4.50"),
        ("4,50", ENGLISH, "4.50"),
        ("4,50", GERMAN, "4.50"),
        ("4.50", GERMAN, "4.50"),
        ("1,234.50", ENGLISH, "1234.50"),
        ("1.234,50", GERMAN, "1234.50"),
        ("1.234,50", ENGLISH, "1234.50"),
        ("1,234,567", ENGLISH, "1234567"),
        ("1.234.567", ENGLISH, "1234567"),
        ("1,234", ENGLISH, "1234"),
        ("₹12,34,567.50", ENGLISH, "1234567.50"),
        ("1,234", GERMAN, "1.234"),
        ("1.234", GERMAN, "1234"),
        ("1.234", ENGLISH, "1.234"),
        ("0,125", ENGLISH, "0.125"),
        ("1’234.50", SWISS, "1234.50"),
        ("1'234.50", SWISS, "1234.50"),
        ("1\N{NARROW NO-BREAK SPACE}234,5 €", FRENCH, "1234.5"),
        ("$200", ENGLISH, "200"),
        ("-5", ENGLISH, "-5"),
        ("−5,5", ENGLISH, "-5.5"),
        (".5", ENGLISH, "0.5"),
        ("5.", ENGLISH, "5"),
        ("١٢٫٥", ENGLISH, "12.5"),
        ("", ENGLISH, ""),
    ],
)
def test_amounts_are_understood_as_people_type_them(typed: str, style: NumberStyle, amount: str) -> None:
    assert plain_amount(typed, style) == amount


@pytest.mark.parametrize("typed", ["abc", "1,2,3", "12.34.56", "1,234,56", "1e3", "0x10", "--5", ".", ",", "½", "²"])
def test_what_is_no_amount_is_handed_on_as_typed(typed: str) -> None:
    """The engine refuses it, in words that name what was typed."""
    assert plain_amount(typed, ENGLISH) == typed


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12))
def test_an_amount_shown_reads_back_exactly(amount: Decimal) -> None:
    """Whatever the locale, what a form fills in is what it hands on; to three places it could be read as grouped."""
    text = plain(amount)
    for style in STYLES:
        shown = shown_amount(text, style)
        assert Decimal(plain_amount(shown, style)) == Decimal(text)


@given(st.text(max_size=30), st.sampled_from(STYLES))
def test_any_text_is_an_amount_or_itself(typed: str, style: NumberStyle) -> None:
    got = plain_amount(typed, style)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", got) or got == typed.strip()


def test_an_amount_shows_what_was_understood_when_it_is_left(show: Show) -> None:
    first, second, holder = AmountEdit(style=GERMAN), QLineEdit(), QWidget()
    box = QVBoxLayout(holder)
    box.addWidget(first)
    box.addWidget(second)
    show(holder)
    first.setFocus()
    keys("1.234,5")
    second.setFocus()
    assert first.text() == "1234,5"
    assert first.amount() == "1234.5"
    first.setFocus()
    first.selectAll()
    keys("twelve")
    second.setFocus()
    assert first.text() == "twelve"
    first.show_amount(Decimal("4.50"))
    assert (first.text(), first.isModified()) == ("4,5", False)
    assert first.alignment() & Qt.AlignmentFlag.AlignRight


def test_keys_open_a_list_and_do_not_walk_through_it(show: Show) -> None:
    """What is chosen holds at once, so that passing by must not choose."""
    combo = Combo()
    combo.show_choices([("a", "Anna"), ("b", "Bert"), ("c", "Carl")])
    combo.show_value("a")
    chosen: list[str] = []
    combo.chosen.connect(chosen.append)
    show(combo)
    combo.setFocus()
    press(Qt.Key.Key_Down)
    assert combo.view().isVisible()
    assert chosen == []
    QTest.keyClick(combo.view(), Qt.Key.Key_Down)
    QTest.keyClick(combo.view(), Qt.Key.Key_Return)
    assert chosen == ["b"]
    assert combo.value() == "b"
    combo.setFocus()
    keys("c")
    assert combo.view().isVisible()
    assert combo.view().currentIndex().data() == "Carl"
    QTest.keyClick(combo.view(), Qt.Key.Key_Return)
    assert chosen == ["b", "c"]
    combo.setFocus()
    press(Qt.Key.Key_Up)
    QTest.keyClick(combo.view(), Qt.Key.Key_Escape)
    assert chosen == ["b", "c"]
    assert combo.value() == "c"


@pytest.mark.parametrize("kind", [CurrencyCombo, lambda: Number(0, 28), DayEdit])
def test_the_wheel_scrolls_the_page_and_changes_nothing(show: Show, kind: Callable[[], QWidget]) -> None:
    control = kind()
    if isinstance(control, CurrencyCombo):
        control.show_value("EUR")
    show(control)
    focused().clearFocus()
    before = control.grab().toImage()
    place = QPointF(control.rect().center())
    event = QWheelEvent(
        place,
        control.mapToGlobal(place),
        QPoint(0, 0),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(control, event)
    assert not event.isAccepted()
    assert control.grab().toImage() == before


def test_a_choice_stays_when_others_are_offered(qtbot: QtBot) -> None:
    combo = Combo()
    qtbot.addWidget(combo)
    combo.show_choices([("a", "Anna"), ("b", "Bert")])
    combo.show_value("b")
    combo.show_choices([("c", "Carl"), ("b", "Bert")])
    assert combo.value() == "b"
    combo.show_choices([("c", "Carl")])
    assert combo.value() == ""
    typed = Combo(editable=True)
    qtbot.addWidget(typed)
    typed.setEditText("half a na")
    line = typed.lineEdit()
    assert line is not None
    line.setSelection(2, 4)
    typed.show_choices([("x", "x"), ("y", "y")])
    assert typed.value() == "half a na"
    assert line.selectedText() == "lf a", "what is typed next replaces what it would have"


def test_a_long_choice_is_cut_and_told_whole(show: Show) -> None:
    combo = Combo()
    combo.show_choices([("a", "x" * 300)])
    combo.show_value("a")
    combo.setFixedWidth(160)
    show(combo)
    assert combo.toolTip() == "x" * 300
    assert combo.minimumSizeHint().width() < 200
    combo.show_choices([("a", "short")])
    assert combo.toolTip() == ""


def test_all_currencies_can_be_chosen_the_own_one_first(qtbot: QtBot) -> None:
    combo = CurrencyCombo(nothing="As they came in")
    qtbot.addWidget(combo)
    combo.put_first("SEK")
    texts = [combo.itemText(place) for place in range(combo.count())]
    assert texts[:3] == ["As they came in", "SEK", "USD"]
    assert len(texts) == len(set(texts)) > 150


def test_a_number_tells_once_when_it_is_left(show: Show) -> None:
    number = Number(1, 1440)
    told: list[int] = []
    number.chosen.connect(told.append)
    show(number)
    number.show_number(15)
    number.setFocus()
    number.selectAll()
    keys("45")
    assert told == []
    press(Qt.Key.Key_Return)
    assert told == [45]
    press(Qt.Key.Key_Up)
    assert told == [45, 46]
    number.show_number(15)
    assert told == [45, 46]


def test_dates_show_their_year_and_no_red(qtbot: QtBot) -> None:
    """Qt paints weekends red; here red says that something failed."""
    edit = DayEdit()
    qtbot.addWidget(edit)
    edit.show_day(date(2026, 11, 1))
    assert edit.text() == "1 Nov 2026"
    assert edit.day() == date(2026, 11, 1)
    for day in Qt.DayOfWeek:
        color = edit.calendarWidget().weekdayTextFormat(day).foreground().color()
        assert color != QColor(Qt.GlobalColor.red)
    assert not edit.touched
    edit.setDate(edit.date().addDays(1))
    assert edit.touched


def test_a_date_that_need_not_be(show: Show) -> None:
    optional = OptionalDay("It ends on", "Last day")
    optional.show_day(None, date(2026, 11, 22))
    show(optional)
    assert optional.day() is None
    assert not optional.edit.isEnabled()
    optional.check.setFocus()
    press(Qt.Key.Key_Space)
    assert optional.day() == date(2026, 11, 22)
    optional.show_day(None, date(2026, 11, 23))
    assert optional.day() is None


def test_a_name_is_cut_where_it_does_not_fit(show: Show) -> None:
    check = NameCheck()
    check.set_name("R&D " + setups.LONG_NAME)
    check.setFixedWidth(160)
    show(check)
    assert check.text().startswith("R&&D")
    assert check.text().endswith("…")
    assert check.toolTip() == "R&D " + setups.LONG_NAME


def a_plan_form(asked: Asked) -> PlanForm:
    form = PlanForm(asked.desk, cancels=True)
    form.show_setup(setups.fresh())
    return form


def test_a_form_is_sent_by_enter_and_keeps_what_was_refused(show: Show) -> None:
    """The refusal stands under the field it names, is heard with it, and the keyboard goes there."""
    asked = Asked()
    form = a_plan_form(asked)
    show(form)
    form.focus_first()
    keys("Claude Max 20x")
    form.fee.setFocus()
    form.fee.selectAll()
    keys("0")
    press(Qt.Key.Key_Return)
    assert asked.requests == [
        AddPlan("Claude Max 20x", ("claude-code",), "0", "USD", date(2026, 11, 1), provider="anthropic")
    ]
    asked.refuse("fee")
    assert form.field("fee").refused()
    assert form.field("fee").refusal.words() == "That cannot be: not 0. Type another"
    assert form.field("fee").refusal.sign.isVisible()
    assert "That cannot be" in form.fee.accessibleDescription()
    assert form.fee.hasFocus()
    assert form.fee.text() == "0"
    keys("200")
    press(Qt.Key.Key_Return)
    assert not form.field("fee").refused()
    assert isinstance(asked.requests[-1], AddPlan)
    assert asked.requests[-1].fee == "200"


def test_the_same_form_is_not_sent_twice_while_the_answer_is_awaited(show: Show, qtbot: QtBot) -> None:
    asked = Asked()
    form = a_plan_form(asked)
    show(form)
    form.submit()
    form.submit()
    assert len(asked.requests) == 1
    form.fee.setText("20")
    form.submit()
    assert len(asked.requests) == 2
    with qtbot.waitSignal(form.done):
        asked.accept()
    form.submit()
    assert len(asked.requests) == 3


@pytest.mark.parametrize("field", ["", "id", "cycle_day"])
def test_a_refusal_without_a_field_that_is_shown_stands_under_all(show: Show, field: str) -> None:
    asked = Asked()
    form = PlanForm(asked.desk, brief=True)
    form.show_setup(setups.fresh())
    show(form)
    form.submit()
    asked.refuse(field)
    assert form.refusal.isVisible()
    assert form.refusal.words() == "That cannot be: not 0. Type another"


def test_escape_leaves_a_form(show: Show, qtbot: QtBot) -> None:
    form = a_plan_form(Asked())
    show(form)
    form.focus_first()
    with qtbot.waitSignal(form.cancelled):
        press(Qt.Key.Key_Escape)


def test_enter_on_a_button_presses_that_button(show: Show, qtbot: QtBot) -> None:
    asked = Asked()
    form = a_plan_form(asked)
    show(form)
    form.cancel_button.setFocus()
    with qtbot.waitSignal(form.cancelled):
        press(Qt.Key.Key_Return)
    assert asked.requests == []


def test_a_known_plan_fills_in_what_nobody_has_typed(show: Show) -> None:
    form = a_plan_form(Asked())
    show(form)
    form.focus_first()
    keys("chatgpt plus")
    assert form.fee.amount() == "20"
    assert form.agents.ticked() == ("codex",)
    form.fee.setFocus()
    form.fee.selectAll()
    keys("17.5")
    form.agents.box("claude-code").click()
    form.name.setEditText("ChatGPT Pro")
    assert form.fee.amount() == "17.5"
    assert set(form.agents.ticked()) == {"codex", "claude-code"}


def test_a_form_that_is_being_filled_in_survives_a_new_setup(show: Show) -> None:
    form = a_plan_form(Asked())
    show(form)
    form.focus_first()
    keys("My pl")
    form.fee.setText("12,5")
    form.agents.box("codex").click()
    form.first_day.setDate(form.first_day.date().addDays(3))
    form.last_day.check.setChecked(True)
    form.currency.setCurrentIndex(form.currency.findData("EUR"))
    form.currency.activated.emit(form.currency.currentIndex())
    before = form.request()
    later = replace(setups.many(), today=date(2026, 12, 24), currency="GBP", known_plans=())
    form.show_setup(later)
    assert form.request() == before
    assert form.name.hasFocus()
    assert not form.agents.box("goose").isHidden()


def test_an_untouched_form_follows_the_setup(qtbot: QtBot) -> None:
    form = ReferenceForm()
    qtbot.addWidget(form)
    form.show_setup(setups.fresh())
    form.show_setup(replace(setups.fresh(), today=date(2026, 12, 1), currency="EUR"))
    assert form.request() == AddReference("hourly", "", "EUR", date(2026, 12, 1))


def test_a_reference_asks_for_a_name_only_of_a_thing(show: Show) -> None:
    form = ReferenceForm(Asked().desk)
    form.show_setup(setups.fresh())
    show(form)
    form.name.setText("coffee")
    assert not form.name.isVisible()
    assert form.request().name == ""
    form.kind.show_value("thing")
    form.kind.currentIndexChanged.emit(form.kind.currentIndex())
    assert form.name.isVisible()
    assert form.amount.accessibleName() == "Price apiece"
    assert form.request().name == "coffee"


def test_what_most_likely_pays(qtbot: QtBot) -> None:
    fresh, ordinary = setups.fresh(), setups.ordinary()
    assert proposed_payer(fresh, fresh.agents[0]) == NEW_PLAN
    assert proposed_payer(fresh, fresh.agents[1]) == "payg"
    assert proposed_payer(ordinary, ordinary.agents[0]) == "plan:1"
    combo = PayerCombo()
    qtbot.addWidget(combo)
    combo.show_agent(fresh, fresh.agents[0])
    texts = [combo.itemText(place) for place in range(combo.count())]
    assert texts == ["Not said", "A plan of mine…", "As I go, at list price", "Nobody here (an employer’s key)"]
    combo.show_agent(ordinary, replace(ordinary.agents[0], payer="account:3", payer_text="OpenAI, my key"))
    assert (combo.value(), combo.currentText()) == ("account:3", "OpenAI, my key")


def test_answers_find_who_asked_and_no_other(qtbot: QtBot) -> None:
    asked, told = Asked(), list[str]()
    one, other = QObject(), QObject()
    asked.desk.send(SetSetting("a", "1"), one, lambda answer: told.append(f"one {answer.text}"))
    asked.desk.send(SetSetting("b", "2"), other, lambda answer: told.append(f"other {answer.text}"))
    assert not asked.desk.take(Answer(77, "of another window"))
    assert asked.desk.take(Answer(2, "second"))
    assert asked.desk.take(Answer(1, "first"))
    assert not asked.desk.take(Answer(1, "again"))
    assert told == ["other second", "one first"]
    assert not asked.desk.waits()


def test_an_answer_to_what_is_gone_is_dropped(qtbot: QtBot) -> None:
    asked, told = Asked(), list[Answer]()
    gone = QWidget()
    asked.desk.send(SetSetting("a", "1"), gone, told.append)
    delete(gone)
    assert asked.desk.take(Answer(1, "done"))
    assert told == []


def test_a_change_that_takes_long_says_so_and_then_what_was_done(qtbot: QtBot) -> None:
    asked, said = Asked(), list[str]()
    asked.desk.said.connect(said.append)
    asked.desk.send(SetSetting("a", "1"), asked.desk, lambda _: None)
    assert said == []
    qtbot.waitUntil(lambda: said == ["Saving…"], timeout=2000)
    asked.accept()
    assert said == ["Saving…", "Done"]


class _Text(Form):
    """The smallest form."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.desk, action="Add", cancels=True)
        self.line = QLineEdit()
        self.add("key", "Key", self.line)

    def request(self) -> SetSetting:
        return SetSetting(self.line.text(), None)

    def show_setup(self, setup: Setup) -> None:
        self.line.setPlaceholderText(setup.currency)

    def clear(self) -> None:
        super().clear()
        self.line.clear()


def test_a_form_unfolds_and_goes_when_done(show: Show) -> None:
    asked = Asked()
    unfold = Unfold("Add…", lambda: _Text(asked))
    unfold.show_setup(setups.fresh())
    show(unfold)
    unfold.button.setFocus()
    press(Qt.Key.Key_Return)
    form = unfold.form
    assert isinstance(form, _Text)
    assert unfold.is_open()
    assert not unfold.button.isVisible()
    assert form.line.hasFocus()
    assert form.line.placeholderText() == "USD"
    keys("x")
    press(Qt.Key.Key_Escape)
    assert not unfold.is_open()
    assert unfold.button.hasFocus()
    press(Qt.Key.Key_Return)
    assert form.line.text() == ""
    keys("y")
    press(Qt.Key.Key_Return)
    assert asked.requests == [SetSetting("y", None)]
    asked.accept()
    assert not unfold.is_open()
    assert unfold.button.hasFocus()


def test_a_window_leaves_commands_out(show: Show) -> None:
    """The way out that a terminal is told in parentheses is one that a window has a button for."""
    asked = Asked()
    form = _Text(asked)
    show(form)
    said: list[str] = []
    asked.desk.said.connect(said.append)
    form.submit()
    hint = "End that one first (`tokentray plans end 1 --on 'the (last) day'`), or begin later (in May)"
    asked.desk.take(Answer(1, "", Problem("Two plans", "they overlap", hint), "key"))
    assert form.field("key").refusal.hint.words() == "End that one first, or begin later (in May)"
    form.submit()
    asked.desk.take(Answer(2, "Still by your time (`tokentray reference lead 2` changes that)."))
    assert said == ["Still by your time."]


def test_enter_on_a_check_box_sends_the_form_and_leaves_the_tick(show: Show) -> None:
    """Some desktops have Enter press a check box, which would take back the tick that was just made."""
    asked = Asked()
    form = PlanForm(asked.desk)
    form.show_setup(setups.fresh())
    show(form)
    agent, box = next((agent.id, form.agents.box(agent.id)) for agent in setups.fresh().agents)
    box.setFocus()
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return)
    assert box.isChecked()
    form.last_day.check.setFocus()
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Enter)
    assert form.last_day.check.isChecked()
    first, last = asked.requests
    assert isinstance(first, AddPlan)
    assert first.agents == (agent,)
    assert isinstance(last, AddPlan)
    assert last.last_day is not None


def test_the_scroll_bar_comes_without_a_jump(show: Show) -> None:
    """Texts must not wrap anew; where there is nothing to scroll no bar is seen."""
    content = QWidget()
    column = QVBoxLayout(content)
    column.addWidget(QLabel("row"))
    scroll = Scroll(content)
    scroll.setFixedSize(300, 200)
    show(scroll)
    bar, wide = scroll.verticalScrollBar(), content.width()
    ground = scroll.grab().toImage().pixelColor(4, 190)
    seen = [bar.grab().toImage().pixelColor(x, y) for x in range(0, bar.width(), 3) for y in range(0, 200, 5)]
    assert set(map(QColor.name, seen)) == {ground.name()}
    content.setMinimumHeight(700)
    QApplication.processEvents()
    assert bar.maximum() > 0
    assert content.width() == wide
    assert {bar.grab().toImage().pixelColor(bar.width() // 2, y).name() for y in range(0, 200, 5)} != {ground.name()}


def test_what_is_looked_at_stays_in_place_when_rows_come_above(qtbot: QtBot) -> None:
    content = QWidget()
    column = QVBoxLayout(content)
    labels = [QLabel(f"row {number}") for number in range(60)]
    for label in labels:
        column.addWidget(label)
    scroll = Scroll(content)
    qtbot.addWidget(scroll)
    scroll.resize(200, 300)
    with qtbot.waitExposed(scroll):
        scroll.show()
    scroll.verticalScrollBar().setValue(500)
    seen = content.childAt(content.width() // 3, 501)
    assert seen is not None
    before = seen.mapTo(scroll, QPoint(0, 0)).y()
    with scroll.steady():
        for number in range(5):
            new = QLabel(f"new {number}")
            column.insertWidget(0, new)
            new.show()
    qtbot.wait(20)
    assert seen.mapTo(scroll, QPoint(0, 0)).y() == before


def test_a_field_says_what_explains_it(qtbot: QtBot) -> None:
    field = Field("Fee", QLineEdit(), "Before tax.")
    qtbot.addWidget(field)
    assert field.control.accessibleName() == "Fee"
    assert field.control.accessibleDescription() == "Before tax."
    field.refuse(Problem("Too low", "", ""))
    assert field.control.accessibleDescription() == "Too low. Before tax."
    field.refuse(None)
    assert field.control.accessibleDescription() == "Before tax."
