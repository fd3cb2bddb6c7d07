"""The settings window: what the person says is asked for at once, refusals stand where they belong, and whatever
changes outside is followed without taking anything out of the person's hands.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QUrl, Slot
from PySide6.QtGui import QColor, QDesktopServices, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QDateEdit, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.ui import setups
from tests.ui.hands import Put, Run, choose, click, focused, keys, press, show, titles, to_the_stop
from tests.ui.settings_scenes import SETTINGS_SCENES, Stage
from tokentray.requests import (
    AccountRequest,
    AddCharge,
    AddPlan,
    AddReference,
    ChangePlan,
    EndPlan,
    LeadReference,
    PutRuleBack,
    RemoveCharge,
    RemovePlan,
    RemoveRate,
    RemoveReference,
    RemoveRule,
    Request,
    SetPayer,
    SetRate,
    SetSetting,
)
from tokentray.settings import SETTINGS
from tokentray.setup import Proposal, Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms.controls import Combo
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import without_commands
from tokentray.ui.forms.form import Form
from tokentray.ui.forms.found import found_text
from tokentray.ui.forms.tabs import stops
from tokentray.ui.forms.unfold import Unfold
from tokentray.ui.settings.agents import AgentsPage
from tokentray.ui.settings.charges import ChargesPage
from tokentray.ui.settings.declared import SettingField
from tokentray.ui.settings.money import MoneyPage
from tokentray.ui.settings.page import Page
from tokentray.ui.settings.plans import PlansPage
from tokentray.ui.settings.references import ReferencesPage
from tokentray.ui.settings.setting_controls import ChoiceControl, SwitchControl, WholeControl, ZoneControl
from tokentray.ui.settings.window import (
    ACCOUNTS,
    AGENTS,
    APPEARANCE,
    CHARGES,
    MONEY,
    PLANS,
    PRIVACY,
    REFERENCES,
    REFRESHING,
    SettingsWindow,
)
from tokentray.ui.widgets import SECONDARY, TextLabel

BUSY = Problem("The history is in use", "another program holds it", "Try again in a moment")

PageKind = TypeVar("PageKind", bound=Page)


def page_of(window: SettingsWindow, kind: type[PageKind]) -> PageKind:
    """The page that is shown, which is of that kind."""
    page = window.page
    assert isinstance(page, kind)
    return page


def form_of(form: Form | None) -> Form:
    assert form is not None
    return form


# What holds in every state.


@pytest.mark.parametrize("name", SETTINGS_SCENES)
def test_tab_walks_as_read_and_every_stop_has_a_name(name: str, put: Put) -> None:
    window = put(SETTINGS_SCENES[name]()).window
    window.nav.setFocus()
    window.resize(window.width(), 4000)  # so that nothing scrolls while it is measured
    QTest.qWait(1)
    walked: list[QWidget] = []
    while True:
        press(Qt.Key.Key_Tab)
        if focused() is window.nav:
            break
        if not walked or focused() is not walked[-1]:  # a date has three parts
            walked.append(focused())
        assert len(walked) < 200
    radios = [one for one in stops(window.page) if one.metaObject().className() == "QRadioButton"]
    assert [one for one in stops(window.page) if one.isEnabled() and one not in radios] == [
        one for one in walked if window.page.isAncestorOf(one) and one not in radios
    ]
    for widget in walked:
        assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()), widget
        assert widget.isVisible()
    for one, other in pairwise(walked):
        above, below = one.mapTo(window, one.rect().center()), other.mapTo(window, other.rect().center())
        beside = abs(above.y() - below.y()) < 12
        assert below.x() > above.x() if beside else below.y() > above.y(), (one, other)


@pytest.mark.parametrize("name", SETTINGS_SCENES)
def test_nothing_is_cut_off(name: str, put: Put) -> None:
    """Every text stands in the window whole, but for what is cut on purpose and told by a tooltip; all of it plain."""
    window = put(SETTINGS_SCENES[name]()).window
    for _ in range(5):  # what came while it was open takes its place
        QApplication.processEvents()
    for label in window.findChildren(QLabel):
        if not label.isVisible():
            continue
        left = label.mapTo(window, QPoint(0, 0)).x()
        assert left >= 0
        assert left + label.width() <= window.width(), label.text()
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        else:
            assert label.width() >= label.sizeHint().width() or label.toolTip(), label.text()
        assert label.textFormat() == Qt.TextFormat.PlainText
    for stop in stops(window.page):
        left = stop.mapTo(window, QPoint(0, 0)).x()
        assert left >= 0
        assert left + stop.width() <= window.width(), stop


@pytest.mark.parametrize("width", [640, 760, 800, 940])
def test_nothing_is_cut_off_when_words_come_while_it_is_open(width: int, put: Put, qtbot: QtBot) -> None:
    window = put(Stage(setups.ordinary(), REFRESHING)).window
    window.resize(width, 640)
    qtbot.wait(10)
    notice = (
        "settings.toml line 21: refreshing.interval_min is 0, not a whole number of minutes from 1 to 1440; 15 is used"
    )
    setup = held(setups.ordinary(), "refreshing.interval_min", "15", notice=notice)
    window.show_setup(replace(setup, problems=(Problem("A setting is not used", notice, "Mend it", grave=False),)))
    labels = [label for label in window.findChildren(QLabel) if label.isVisible() and label.wordWrap()]
    assert sum(notice in label.text() for label in labels) == 2
    qtbot.waitUntil(lambda: all(label.height() >= label.heightForWidth(label.width()) for label in labels), timeout=500)


@pytest.mark.parametrize("name", SETTINGS_SCENES)
def test_it_fits_a_small_screen(name: str, put: Put) -> None:
    """At twice the size on a screen of 1366 pixels, 683 are left."""
    window = put(SETTINGS_SCENES[name]()).window
    assert window.minimumSizeHint().width() <= 640
    assert window.minimumSizeHint().height() <= 340


@pytest.mark.parametrize("name", SETTINGS_SCENES)
def test_right_to_left_turns_the_window(name: str, put: Put, right_to_left: None) -> None:
    window = put(SETTINGS_SCENES[name]()).window
    page = window.page
    assert window.nav.mapTo(window, QPoint(0, 0)).x() > page.mapTo(window, QPoint(0, 0)).x()
    for label in page.findChildren(TextLabel):
        if label.isVisible() and label.words().isascii():
            assert label.layoutDirection() == Qt.LayoutDirection.LeftToRight


def _gaps(widget: QWidget, row: QRect) -> tuple[int, int]:
    """Pixels without ink before and after what is written in a row of a widget."""
    image = widget.grab(row).toImage()
    ground = image.pixelColor(image.width() // 2, 1)
    inked = [
        x
        for x in range(image.width())
        for y in range(image.height())
        if theme.contrast(image.pixelColor(x, y), ground) > 3
    ]
    return min(inked), image.width() - 1 - max(inked)


@pytest.mark.usefixtures("right_to_left")
def test_turned_words_begin_at_the_right(put: Put) -> None:
    """The names of the pages and labels above a field; a date is told in its own order."""
    window = put(Stage(setups.ordinary(), CHARGES)).window
    left, right = _gaps(window.nav, window.nav.visualItemRect(window.nav.item(1)))
    assert right < left
    page = page_of(window, ChargesPage)
    page.add_charge.button.click()
    form = form_of(page.add_charge.form)
    edit = form.field("day").control
    assert isinstance(edit, QDateEdit)
    assert edit.lineEdit().text() == "22 Nov 2026"
    assert edit.lineEdit().layoutDirection() == Qt.LayoutDirection.LeftToRight
    form.fields.stack()
    QApplication.processEvents()
    label = form.fields.label_of(form.field("day"))
    left, right = _gaps(label, label.rect())
    assert right < left


@pytest.fixture(name="right_to_left")
def right_to_left_fixture() -> Iterator[None]:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_a_dark_desktop_is_followed_while_open(put: Put, qtbot: QtBot) -> None:
    window = put(Stage(setups.fresh(), AGENTS)).window
    old = QApplication.palette()
    dark = QPalette(old)
    dark.setColor(QPalette.ColorRole.Window, QColor("#202020"))
    dark.setColor(QPalette.ColorRole.WindowText, QColor("#eeeeee"))
    try:
        QApplication.setPalette(dark)
        block = page_of(window, AgentsPage).agents["claude-code"]
        qtbot.waitUntil(lambda: theme.luminance(block.reason.palette().color(SECONDARY)) > 0.2, timeout=1000)
        for label in (block.reason, block.found, window.said):
            told = label.palette().color(SECONDARY)
            assert theme.contrast(told, QColor("#202020")) >= theme.TEXT_CONTRAST
        assert window.grab().toImage().pixelColor(window.width() - 40, window.height() - 80).lightnessF() < 0.3
    finally:
        QApplication.setPalette(old)


class Shown(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: set[QWidget] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.add(watched)
        return False


@pytest.mark.parametrize("name", SETTINGS_SCENES)
def test_nothing_flashes_as_a_window_of_its_own(name: str, put: Put) -> None:
    """A part shown before it has a parent is a window for a moment, and takes the keyboard with it."""
    shown = Shown()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(shown)
    try:
        stage = put(SETTINGS_SCENES[name]())
        for title in titles(stage.window):
            stage.window.show_page(title)
    finally:
        application.removeEventFilter(shown)
    assert shown.windows == {stage.window}


# The window.


def test_pages_are_turned_by_keys(put: Put) -> None:
    window = put(Stage(setups.ordinary(), AGENTS)).window
    offered = titles(window)
    assert offered[:2] == [ACCOUNTS, AGENTS]
    assert offered[-1] == PRIVACY
    window.show_page(ACCOUNTS)
    window.nav.setFocus()
    walked = [ACCOUNTS]
    for _ in offered[1:]:
        press(Qt.Key.Key_Down)
        walked.append(window.nav.currentItem().text())
    assert walked == offered
    press(Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    assert window.nav.currentItem().text() == ACCOUNTS
    press(Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.nav.currentItem().text() == PRIVACY
    assert window.page.isVisible()


def test_keys_of_the_window(put: Put, qtbot: QtBot) -> None:
    window = put(Stage(setups.ordinary(), AGENTS)).window
    with qtbot.waitSignal(window.refresh_asked):
        press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(window.closed):
        press(Qt.Key.Key_Escape)
    assert not window.isVisible()
    show(window, qtbot)
    with qtbot.waitSignal(window.closed):
        press(Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)


def test_it_opens_on_a_page_and_stays_on_it(put: Put, qtbot: QtBot) -> None:
    window = put(Stage(setups.ordinary(), AGENTS)).window
    window.open(REFERENCES)
    assert window.nav.currentItem().text() == REFERENCES
    window.close()
    window.open()
    assert window.nav.currentItem().text() == REFERENCES


def test_a_page_is_made_when_it_is_looked_at(put: Put) -> None:
    window = put(Stage(setups.ordinary(), PLANS)).window
    assert list(window.pages) == [PLANS]
    window.show_page(AGENTS)
    assert list(window.pages) == [PLANS, AGENTS]


def test_it_opens_before_anything_is_known(qtbot: QtBot) -> None:
    """The setup comes when the engine has made it; until then every page is there and quiet."""
    asked: list[Request | AccountRequest] = []

    def submit(request: Request | AccountRequest) -> int:
        asked.append(request)
        return len(asked)

    window = SettingsWindow(submit)
    qtbot.addWidget(window)
    show(window, qtbot)
    for title in titles(window):
        window.show_page(title)
        assert window.page.isVisible()
    window.show_setup(setups.ordinary())
    assert asked == []


def test_what_is_wrong_is_said_on_every_page(put: Put) -> None:
    window = put(Stage(setups.failing_engine(), AGENTS)).window
    assert window.problems.isVisible()
    words = [label.words() for label in window.problems.findChildren(TextLabel) if label.isVisible()]
    assert words == ["The history cannot be written", "the disk is full", "Make room, then try again"]
    window.show_page(CHARGES)
    assert window.problems.isVisible()
    window.show_setup(setups.ordinary())
    assert not window.problems.isVisible()


# Agents and who pays.


def test_what_was_found_of_an_agent() -> None:
    base = setups.agent()
    text = found_text(base, setups.TODAY, setups.ENGLISH)
    assert text == "117 sessions, 2,653 calls, since 3 Aug 2026"
    one = replace(base, sessions=1, requests=1, last_day=date(2026, 8, 3))
    assert found_text(one, setups.TODAY, setups.ENGLISH) == "1 session, 1 call, since 3 Aug 2026, last on 3 Aug 2026"
    assert found_text(setups.GEMINI, setups.TODAY, setups.ENGLISH) == "no logs on this machine"
    gone = replace(base, found=False)
    assert found_text(gone, setups.TODAY, setups.ENGLISH).endswith("its logs are no longer on this machine")


def test_a_proposal_with_a_long_name_or_an_ampersand(put: Put) -> None:
    """Its name may come out of a log."""
    base = setups.fresh()
    odd = replace(base.agents[0], proposal=Proposal("plan", "Its logs name a plan.", "R&D " + setups.LONG_NAME))
    stage = put(Stage(replace(base, agents=(odd,)), AGENTS))
    block = stage.agents.agents["claude-code"]
    assert block.take.text() == "Add R&&D Claude Code on the machine under the…"
    assert stage.window.minimumSizeHint().width() <= 640
    endless = replace(odd, proposal=Proposal("plan", "Its logs name a plan.", "x" * 300))
    stage.window.show_setup(replace(base, agents=(endless,)))
    assert block.take.text() == f"Add {'x' * 40}…"
    assert stage.window.minimumSizeHint().width() <= 640
    click(block.take)
    assert block.plan_form is not None
    assert block.plan_form.request().name == "x" * 300


def test_who_pays_is_said_by_mouse(put: Put) -> None:
    """Said for the first time, it holds from the first day on."""
    stage = put(Stage(setups.fresh(), AGENTS))
    block = stage.agents.agents["codex"]
    assert block.payer.currentText() == "Not said"
    assert block.reason.words() == setups.CODEX.proposal.reason
    click(block.take)
    assert stage.requests == [SetPayer("codex", "payg", keep_narrower=True)]
    assert block.payer.value() == "payg", "what was chosen shows until it is answered"


def test_who_pays_is_said_by_keyboard(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.fresh(), AGENTS)
    page = page_of(window, AgentsPage)
    to_the_stop("Who pays for Codex")
    choose(page.agents["codex"].payer, "nobody")
    qtbot.waitUntil(lambda: window.said.words() != "")
    assert engine.requests == [SetPayer("codex", "nobody", keep_narrower=True)]
    qtbot.waitUntil(lambda: bool(page.rules))
    assert page.agents["codex"].payer.value() == "nobody"
    assert not page.agents["codex"].take.isVisible(), "somebody has said, so nothing is proposed"


def test_a_refused_payer_goes_back_and_says_why(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), AGENTS))
    block = stage.agents.agents["codex"]
    choose(block.payer, "plan:1")
    click(block.since.always)
    stage.refuse(BUSY, "")
    assert block.payer.value() == "payg"
    assert block.field.refused()
    assert block.field.refusal.words() == "The history is in use: another program holds it. Try again in a moment"
    assert "The history is in use" in block.payer.accessibleDescription()
    choose(block.payer, "nobody")
    assert not block.field.refused()


def test_another_payer_asks_since_when(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), AGENTS))
    block = stage.agents.agents["codex"]
    choose(block.payer, "nobody")
    assert stage.requests == []
    assert block.since_panel.isVisible()
    assert block.since.since.hasFocus()
    press(Qt.Key.Key_Return)
    assert stage.requests == [SetPayer("codex", "nobody", from_day=setups.TODAY, keep_narrower=True)]
    assert not block.since_panel.isVisible()
    assert block.payer.hasFocus()


def test_another_payer_for_all_days_takes_the_rules_with_dates_back(run: Run, qtbot: QtBot) -> None:
    """They would win over what holds for all days; narrower ones stay."""
    engine, window = run(setups.ordinary(), AGENTS)
    page = page_of(window, AgentsPage)
    block = page.agents["claude-code"]
    assert block.payer.value() == "plan:1"
    choose(block.payer, "payg")
    click(block.since.always)
    qtbot.waitUntil(lambda: 1 not in page.rules)
    assert engine.requests == [SetPayer("claude-code", "payg", keep_narrower=True)]
    assert block.payer.value() == "payg"
    assert len(page.rules) == 3


def test_where_a_plan_has_ended_it_is_asked_since_when(put: Put) -> None:
    """Nobody pays today, but somebody has said who paid before: that must not be said away by the way."""
    setup = setups.fresh()
    for request in (
        AddPlan("Claude Pro", ("claude-code",), "20", "USD", date(2026, 8, 1), date(2026, 9, 30)),
        SetPayer("codex", "payg"),
    ):
        setup = setups.carry_out(setup, request).setup
    unpaid = replace(setup, agents=tuple(replace(one, payer="", payer_text="") for one in setup.agents))
    stage = put(Stage(unpaid, AGENTS))
    block = stage.agents.agents["claude-code"]
    choose(block.payer, "payg")
    assert stage.requests == []
    assert block.since_panel.isVisible()


def test_a_question_can_be_left(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), AGENTS))
    block = stage.agents.agents["codex"]
    choose(block.payer, "nobody")
    click(block.since.cancel)
    assert stage.requests == []
    assert block.payer.value() == "payg"


def test_what_was_said_can_be_unsaid(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), AGENTS)
    page = page_of(window, AgentsPage)
    choose(page.agents["codex"].payer, "")
    qtbot.waitUntil(lambda: len(page.rules) == 2)
    assert engine.requests == [RemoveRule(2)]
    assert page.agents["codex"].payer.value() == ""
    assert page.agents["codex"].take.isVisible()


def test_a_plan_of_mine_opens_in_place_filled_in(run: Run, qtbot: QtBot) -> None:
    """From "Not said" to a plan by keyboard alone; it is the agent's proposal with the agent ticked."""
    engine, window = run(setups.fresh(), AGENTS)
    page = page_of(window, AgentsPage)
    block = page.agents["claude-code"]
    to_the_stop("Add Claude Max 20x…: take this for Claude Code")
    press(Qt.Key.Key_Return)
    form = block.plan_form
    assert form is not None
    assert form.isVisible()
    assert not block.proposal.isVisible()
    assert form.name.hasFocus()
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: block.payer.value() == "plan:1")
    asked = AddPlan("Claude Max 20x", ("claude-code",), "200", "USD", date(2026, 11, 1), provider="anthropic")
    assert engine.requests == [asked]
    assert not form.isVisible()
    assert block.payer.currentText() == "Claude Max 20x"
    assert block.payer.hasFocus()


def test_a_plan_of_mine_can_be_left(put: Put) -> None:
    stage = put(Stage(setups.fresh(), AGENTS))
    block = stage.agents.agents["claude-code"]
    click(block.take)
    assert block.payer.currentText() == "A plan of mine…"
    press(Qt.Key.Key_Escape)
    assert stage.window.isVisible(), "Esc leaves the form, not the window"
    assert block.payer.currentText() == "Not said"
    assert block.proposal.isVisible()
    assert block.payer.hasFocus()
    assert stage.requests == []


def test_a_refused_plan_keeps_what_was_typed(put: Put) -> None:
    stage = put(Stage(setups.fresh(), AGENTS))
    block = stage.agents.agents["claude-code"]
    click(block.take)
    form = block.plan_form
    assert form is not None
    form.fee.setFocus()
    form.fee.selectAll()
    keys("0")
    press(Qt.Key.Key_Return)
    stage.refuse(Problem("The fee must be above zero", "not 0", ""), "fee")
    stage.window.show_setup(setups.reading())
    assert form.isVisible()
    assert form.fee.text() == "0"
    assert form.field("fee").refused()
    assert form.fee.hasFocus()


def test_a_rule_for_one_project_from_a_day_on(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.fresh(), AGENTS)
    page = page_of(window, AgentsPage)
    to_the_stop("Add a rule…")
    press(Qt.Key.Key_Return)
    to_the_stop("Project")
    keys("shop")
    to_the_stop("Only from")
    press(Qt.Key.Key_Space)
    to_the_stop("Add rule")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.rules) == 1)
    assert engine.requests == [
        SetPayer("claude-code", "nobody", project="shop", from_day=setups.TODAY, keep_narrower=True)
    ]
    assert not page.add_rule.is_open()
    assert page.add_rule.button.hasFocus()
    line = page.rules[1]
    assert line.text.words() == "Claude Code in project shop, from 22 Nov 2026: nobody here pays"


def test_a_removed_rule_can_be_put_back(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), AGENTS)
    page = page_of(window, AgentsPage)
    before = [line.text.words() for line in page.rules.values()]
    page.rules[3].remove.setFocus()
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: 3 not in page.rules)
    assert page.rules[2].remove.hasFocus(), "the keyboard goes to the row that takes its place"
    qtbot.waitUntil(window.undo.isVisible)
    click(window.undo)
    qtbot.waitUntil(lambda: len(page.rules) == 3)
    assert [line.text.words() for line in page.rules.values()] == before
    assert engine.requests == [RemoveRule(3), PutRuleBack(3, "codex", "nobody", "", "shop", date(2026, 11, 1))]
    qtbot.waitUntil(lambda: not window.undo.isVisible())


def test_the_first_start_is_reached_again(put: Put, qtbot: QtBot) -> None:
    stage = put(Stage(setups.ordinary(), AGENTS))
    with qtbot.waitSignal(stage.window.first_run_asked):
        click(stage.agents.first_run)


# Plans.


def test_a_plan_is_told_and_mended_where_it_is_refused(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.fresh(), PLANS)
    to_the_stop("Add a plan…")
    press(Qt.Key.Key_Return)
    keys("ChatGPT Plus")
    to_the_stop("Fee a month")
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    keys("0")
    press(Qt.Key.Key_Return)
    page = page_of(window, PlansPage)
    form = form_of(page.add_plan.form)
    qtbot.waitUntil(form.field("fee").refused)
    keys("20")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.plans) == 1)
    asked = AddPlan("ChatGPT Plus", ("codex",), "20", "USD", date(2026, 11, 1), provider="openai")
    assert engine.requests == [replace(asked, fee="0"), asked]
    block = page.plans[1]
    assert block.name.words() == "ChatGPT Plus"
    assert block.fee.words() == "$20.00 a month"
    assert block.agents.words() == "Pays for Codex"


def test_another_fee_from_a_day_on(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), PLANS)
    to_the_stop("Another fee of Claude Max 20x")
    press(Qt.Key.Key_Return)
    keys("100,50")
    press(Qt.Key.Key_Return)
    block = page_of(window, PlansPage).plans[1]
    qtbot.waitUntil(lambda: block.form is None)
    assert engine.requests == [ChangePlan(1, "100.50", setups.TODAY)]
    assert block.change.hasFocus()
    assert block.fee.words() == "$100.50 a month"
    assert block.terms.isVisible(), "the fee until then stays"


def test_an_end_before_the_start_is_refused_at_the_date(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), PLANS)
    block = page_of(window, PlansPage).plans[1]
    click(block.end)
    form = form_of(block.form)
    edit = form.field("last_day").control
    assert isinstance(edit, DayEdit)
    edit.show_day(date(2026, 7, 1))
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(form.field("last_day").refused)
    assert form.field("last_day").refusal.words() == "The plan ends before it begins. Choose a later day"
    assert block.state.words().startswith("Since 1 Aug 2026"), "the old state stands"
    edit.show_day(date(2026, 10, 31))
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: block.state.words().startswith("Ended on 31 Oct 2026"))
    assert engine.requests[-1] == EndPlan(1, date(2026, 10, 31))
    assert block.restart.isVisible()
    assert not block.change.isVisible()


def test_a_plan_is_removed_after_one_question(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), PLANS)
    to_the_stop("Remove Claude Max 20x")
    press(Qt.Key.Key_Return)
    assert focused().property("text") == "Keep it", "Enter twice must not remove it"
    words = " ".join(label.words() for label in window.page.findChildren(TextLabel) if label.isVisible())
    assert "Its fees leave every month’s total" in words
    press(Qt.Key.Key_Return)
    assert engine.requests == []
    assert focused().accessibleName() == "Remove Claude Max 20x"
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert focused().property("text") == "Remove plan"
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: engine.requests == [RemovePlan(1)])
    qtbot.waitUntil(lambda: focused().property("text") == "Add a plan…")


def test_a_plan_without_a_term_can_only_be_removed(put: Put) -> None:
    setup = setups.ordinary()
    bare = replace(setup.plans[0], terms=(), runs=False, fee_text="", state_text="", worth_text="", agents_text="")
    stage = put(Stage(replace(setup, plans=(bare,)), PLANS))
    assert [one for one in stops(stage.plan) if one.isVisible()] == [stage.plan.remove]
    assert stage.plan.agents.words() == "Pays for no agent"


def test_an_ended_plan_is_started_again(put: Put) -> None:
    stage = put(Stage(setups.many(), PLANS))
    block = next(one for one in stage.plans.plans.values() if one.name.words() == "Plan 1")
    click(block.restart)
    form_of(block.form).submit()
    assert stage.requests == [AddPlan("Plan 1", ("pi",), "20", "USD", setups.TODAY)]


# Charges.


def test_a_charge_is_added_removed_and_put_back(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.fresh(), CHARGES)
    page = page_of(window, ChargesPage)
    to_the_stop("Add a charge…")
    press(Qt.Key.Key_Return)
    to_the_stop("Amount")
    keys("$12,50")
    press(Qt.Key.Key_Return)
    form = form_of(page.add_charge.form)
    qtbot.waitUntil(form.field("provider").refused)
    assert focused() is form.field("provider").control
    keys("openai")
    press(Qt.Key.Key_Tab)
    keys("credits")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.charges) == 1)
    asked = AddCharge(setups.TODAY, "12.50", "openai", "USD", "credits")
    assert engine.requests[-1] == asked
    line = page.charges[1]
    assert [line.day.words(), line.amount.words(), line.text.words()] == ["22 Nov 2026", "$12.50", "openai · credits"]
    click(line.remove)
    qtbot.waitUntil(lambda: not page.charges)
    qtbot.waitUntil(window.undo.isVisible)
    to_the_stop("Undo")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.charges) == 1)
    assert engine.requests[-2:] == [RemoveCharge(1), replace(asked, amount="12.5")]


@pytest.mark.parametrize("page", [AGENTS, PLANS, CHARGES, REFERENCES, MONEY])
def test_a_form_that_is_opened_again_begins_anew(page: str, put: Put) -> None:
    """Nothing of what was left in it comes back, not even a date."""
    stage = put(Stage(setups.ordinary(), page))
    unfold = stage.window.page.findChildren(Unfold)[0]
    unfold.open()
    form = form_of(unfold.form)
    fresh = form.request()
    for edit in form.findChildren(DayEdit):
        edit.setDate(edit.date().addDays(-3))
    for line in form.findChildren(QLineEdit):
        if line.isVisible() and not isinstance(line.parent(), DayEdit):
            line.setText("7")
    for check in form.findChildren(QCheckBox):
        check.setChecked(not check.isChecked())
    assert form.request() != fresh
    form.cancel_button.click()
    unfold.open()
    assert form.request() == fresh


def test_it_is_put_back_once_however_often_undo_is_pressed(put: Put) -> None:
    stage = put(SETTINGS_SCENES["charges-undo"]())
    asked = len(stage.requests)
    stage.window.undo.click()
    stage.window.undo.click()
    assert len(stage.requests) == asked + 1
    stage.refuse(BUSY, "")
    assert stage.window.said.words() == "Not done. The history is in use: another program holds it"


def test_a_row_is_removed_once_however_often_that_is_pressed(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), CHARGES))
    line = next(iter(stage.charges.charges.values()))
    line.remove.click()
    line.remove.click()
    assert stage.requests == [RemoveCharge(1)]
    stage.refuse(BUSY, "")
    assert line.refusal.isVisible()
    line.remove.click()
    assert stage.requests == [RemoveCharge(1), RemoveCharge(1)]


def test_many_charges_come_when_asked_for(put: Put) -> None:
    stage = put(Stage(setups.many(), CHARGES))
    assert len(stage.charges.charges) == 30
    assert stage.charges.more.text() == "Show 170 earlier"
    stage.charges.more.setFocus()
    press(Qt.Key.Key_Return)
    assert len(stage.charges.charges) == 200
    assert not stage.charges.more.isVisible()
    assert list(stage.charges.charges.values())[30].remove.hasFocus()
    days = [line.day.width() for line in stage.charges.charges.values()]
    assert len(set(days)) == 1, "dates and amounts stand in columns"


# Reference points, money and days.


def test_the_leading_reference_point_is_chosen_by_keys(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), REFERENCES)
    page = page_of(window, ReferencesPage)
    hourly, coffee = page.series["hourly", ""], page.series["thing", "coffee"]
    assert hourly.radio.isChecked()
    hourly.radio.setFocus()
    press(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: engine.requests == [LeadReference(2)])
    qtbot.waitUntil(lambda: window.said.words() != "")
    assert coffee.radio.isChecked()
    assert not hourly.radio.isChecked()


def test_a_refused_lead_goes_back(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), REFERENCES))
    coffee = stage.references.series["thing", "coffee"]
    click(coffee.radio)
    assert stage.requests == [LeadReference(2)]
    stage.refuse(BUSY, "id")
    assert not coffee.radio.isChecked()
    assert stage.references.series["hourly", ""].radio.isChecked()
    assert coffee.refusal.isVisible()


def test_one_reference_point_over_time_is_one(put: Put) -> None:
    """Two rates of different dates are one series: one button, the newest first."""
    setup = setups.carry_out(setups.ordinary(), AddReference("hourly", "120", "USD", date(2026, 11, 1))).setup
    stage = put(Stage(setup, REFERENCES))
    assert len(stage.references.series) == 2
    lines = [line.text.words() for line in stage.references.series["hourly", ""].terms.values()]
    assert lines == ["$120.00 an hour, from 1 Nov 2026", "$100.00 an hour, from 1 Aug 2026"]


def test_a_reference_point_is_added_refused_and_removed(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.fresh(), REFERENCES)
    page = page_of(window, ReferencesPage)
    to_the_stop("Add a reference point…")
    press(Qt.Key.Key_Return)
    form = form_of(page.add_reference.form)
    kind = form.field("kind").control
    assert isinstance(kind, Combo)
    choose(kind, "thing")
    to_the_stop("Price apiece")
    keys("4,50")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(form.field("name").refused)
    keys("coffee")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.series) == 1)
    click(page.series["thing", "coffee"].terms[1].remove)
    qtbot.waitUntil(lambda: not page.series)
    asked = AddReference("thing", "4.50", "USD", setups.TODAY, "coffee")
    assert engine.requests == [replace(asked, name=""), asked, RemoveReference(1)]


def test_a_missing_rate_leads_to_where_it_is_set(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.missing_rate(), REFERENCES)
    to_the_stop("Set a rate for EUR…")
    press(Qt.Key.Key_Return)
    assert window.nav.currentItem().text() == MONEY
    assert focused().accessibleName() == "is"
    keys("0")
    press(Qt.Key.Key_Return)
    money = page_of(window, MoneyPage)
    form = form_of(money.add_rate.form)
    qtbot.waitUntil(form.field("rate").refused)
    keys("1,0850")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(money.rates) == 1)
    assert not money.missing
    click(money.rates[1].remove)
    qtbot.waitUntil(lambda: not money.rates)
    assert engine.requests[1:] == [SetRate("EUR", "USD", "1.0850", setups.TODAY), RemoveRate(1)]


# Declared settings.


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_declared_setting_has_a_control_with_its_words(setting: object, put: Put) -> None:
    """A new setting shows up by its declaration alone, on the page it names."""
    declared = next(one for one in SETTINGS if one is setting)
    window = put(Stage(setups.ordinary(), declared.page)).window
    field = window.page.findChildren(SettingField)
    mine = next(one for one in field if one.setting.key == declared.key)
    assert mine.value.control.accessibleName() == declared.label
    told = without_commands(declared.help)
    assert mine.help.words() == told
    assert told in mine.value.control.accessibleDescription()
    assert mine.isVisible()


def field_of(stage: Stage, key: str) -> SettingField:
    return next(one for one in stage.window.page.findChildren(SettingField) if one.setting.key == key)


def held(setup: Setup, key: str, text: str, *, notice: str = "") -> Setup:
    """A setup in which a setting has another value."""
    settings = tuple(
        replace(one, text=text, is_default=False, notice=notice) if one.key == key else one for one in setup.settings
    )
    return replace(setup, settings=settings)


def test_a_switch_is_asked_for_at_once_and_can_be_reset(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), REFRESHING))
    field = field_of(stage, "refreshing.paused")
    assert isinstance(field.value, SwitchControl)
    assert not field.reset.isVisible()
    to_the_stop("Pause")
    press(Qt.Key.Key_Space)
    assert stage.requests == [SetSetting("refreshing.paused", "true")]
    stage.window.show_setup(held(setups.ordinary(), "refreshing.paused", "true"))
    stage.accept("Saved")
    assert field.value.check.isChecked()
    to_the_stop("Reset Pause")
    press(Qt.Key.Key_Return)
    assert stage.requests[-1] == SetSetting("refreshing.paused", None)
    assert field.value.check.hasFocus()
    stage.window.show_setup(setups.ordinary())
    stage.accept("Saved")
    assert not field.value.check.isChecked()
    assert not field.reset.isVisible()


def test_a_refused_switch_goes_back_and_says_why(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), REFRESHING))
    field = field_of(stage, "refreshing.watch")
    assert isinstance(field.value, SwitchControl)
    click(field.value.check)
    assert stage.requests == [SetSetting("refreshing.watch", "false")]
    stage.refuse(Problem("The settings file cannot be written", "the disk is full", "Make room"), "refreshing.watch")
    assert field.value.check.isChecked()
    assert field.refused()
    assert "the disk is full" in field.value.control.accessibleDescription()
    stage.window.show_setup(replace(setups.ordinary(), today=date(2026, 11, 23)))
    assert field.refused(), "a setup that changes nothing here does not take the words away"


def test_a_choice_is_asked_for_at_once(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), APPEARANCE))
    field = field_of(stage, "appearance.icon_mode")
    assert isinstance(field.value, ChoiceControl)
    choose(field.value.combo, "mark")
    assert stage.requests == [SetSetting("appearance.icon_mode", "mark")]


def test_a_number_is_asked_for_once_the_person_pauses(put: Put, qtbot: QtBot) -> None:
    stage = put(Stage(setups.ordinary(), REFRESHING))
    field = field_of(stage, "refreshing.interval_min")
    assert isinstance(field.value, WholeControl)
    assert field.value.number.text() == "15 minutes"
    field.value.number.setFocus()
    for _ in range(5):
        press(Qt.Key.Key_Up)
    stage.window.show_setup(replace(setups.ordinary(), today=date(2026, 11, 23)))
    assert field.value.number.value() == 20, "a setup meanwhile does not take it back"
    assert stage.requests == []
    qtbot.waitUntil(lambda: stage.requests == [SetSetting("refreshing.interval_min", "20")], timeout=3000)


def test_a_number_just_typed_is_told_when_the_window_closes(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), REFRESHING))
    field = field_of(stage, "refreshing.interval_min")
    assert isinstance(field.value, WholeControl)
    field.value.number.setFocus()
    field.value.number.selectAll()
    keys("45")
    press(Qt.Key.Key_Escape)
    assert stage.requests == [SetSetting("refreshing.interval_min", "45")]


def test_a_zone_is_found_by_a_part_of_its_name(put: Put, qtbot: QtBot) -> None:
    stage = put(Stage(setups.ordinary(), MONEY))
    field = field_of(stage, "days.time_zone")
    assert isinstance(field.value, ZoneControl)
    combo = field.value.combo
    qtbot.waitUntil(lambda: combo.count() > 400, timeout=5000)
    assert combo.value() == "The system’s own"
    combo.setFocus()
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    keys("kathm")
    qtbot.waitUntil(field.value.names.isVisible)
    QTest.keyClick(field.value.names, Qt.Key.Key_Down)
    QTest.keyClick(field.value.names, Qt.Key.Key_Return)
    assert stage.requests == [SetSetting("days.time_zone", "Asia/Kathmandu")]


def test_a_zone_typed_before_the_names_are_known_is_found_then(qtbot: QtBot) -> None:
    """They come from hundreds of files, read apart: a busy disk may keep them for a while."""
    control = ZoneControl()
    qtbot.addWidget(control)
    control.show()
    control.activateWindow()
    qtbot.waitUntil(control.isActiveWindow)
    control.combo.setFocus()
    control.combo.show_choices([])
    line = control.combo.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(control.combo, "kathm")
    assert not control.names.isVisible()
    control.zones.found.emit(["Asia/Kathmandu", "Europe/Berlin"])
    qtbot.waitUntil(control.names.isVisible)
    assert control.names.model().rowCount() == 1


def test_a_window_may_go_while_zones_are_looked_up(qtbot: QtBot) -> None:
    """What looks them up must not come upon what is no longer there; another window finds them."""
    for _ in range(10):
        delete(ZoneControl())
        QApplication.processEvents()
    control = ZoneControl()
    qtbot.addWidget(control)
    with qtbot.waitSignal(control.zones.found) as found:
        pass
    assert found.args is not None
    assert "Asia/Kathmandu" in found.args[0]
    qtbot.waitUntil(lambda: not any(thread.name == "time-zones" for thread in threading.enumerate()))


def test_a_zone_that_is_none_keeps_what_was_typed(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), MONEY)
    field = next(one for one in window.page.findChildren(SettingField) if one.setting.key == "days.time_zone")
    assert isinstance(field.value, ZoneControl)
    field.value.combo.setFocus()
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    keys("Mars/Olympus")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(field.refused)
    assert field.value.combo.value() == "Mars/Olympus"
    assert "time zone" in field.refusal.words()
    engine.show_setup(replace(setups.ordinary(), today=date(2026, 11, 23)))
    qtbot.waitUntil(lambda: window.page.setup is not None and window.page.setup.today == date(2026, 11, 23))
    assert field.value.combo.value() == "Mars/Olympus"
    assert field.refused()
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_Delete)
    press(Qt.Key.Key_Return)
    assert engine.requests == [SetSetting("days.time_zone", "Mars/Olympus")], "nothing typed is what held already"
    assert not field.refused()


def test_a_file_edited_by_hand_is_followed(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), REFRESHING))
    field = field_of(stage, "refreshing.interval_min")
    assert isinstance(field.value, WholeControl)
    stage.window.nav.setFocus()
    stage.window.show_setup(held(setups.ordinary(), "refreshing.interval_min", "45"))
    assert field.value.number.value() == 45
    assert field.reset.isVisible()
    assert stage.window.nav.hasFocus()
    assert stage.requests == [], "showing is not asking"


def test_a_bad_value_in_the_file_is_named_and_can_be_mended(put: Put) -> None:
    stage = put(Stage(setups.bad_settings(), REFRESHING))
    field = field_of(stage, "refreshing.interval_min")
    assert field.refusal.isVisible()
    assert not field.refusal.sign.grave, "a remark, not a failure"
    assert "The file says 0" in field.refusal.words()
    assert isinstance(field.value, WholeControl)
    field.value.number.setFocus()
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    assert stage.requests == [SetSetting("refreshing.interval_min", "16")]
    stage.window.show_setup(held(setups.ordinary(), "refreshing.interval_min", "16"))
    stage.accept("Saved")
    assert not field.refusal.isVisible()


class Opener(QObject):
    """Takes what would be opened on the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


def test_the_folder_of_the_settings_file_is_opened(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), APPEARANCE))
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "take")  # type: ignore[arg-type] # its stub names bytes, it takes str
    try:
        assert stage.declared.file.path.words() == "/config/tokentray-desktop/settings.toml"
        click(stage.declared.file.open)
        assert opener.opened == ["/config/tokentray-desktop"]
    finally:
        QDesktopServices.unsetUrlHandler("file")


# Following, waiting, and leaving alone.


def test_a_change_from_outside_leaves_keyboard_scroll_and_drafts_alone(put: Put, qtbot: QtBot) -> None:
    stage = put(Stage(setups.many(), AGENTS))
    stage.agents.add_rule.open()
    QTest.qWait(1)
    form = form_of(stage.agents.add_rule.form)
    to_the_stop("Project")
    keys("half a na")
    qtbot.wait(20)
    line = focused()
    before = line.mapTo(stage.window, QPoint(0, 0)).y()
    more = setups.many()
    for number in range(4):
        more = setups.carry_out(more, SetPayer("pi", "payg", project=f"project {number}")).setup
    stage.window.show_setup(more)
    qtbot.wait(20)
    assert focused() is line
    assert form.field("project").control.property("currentText") == "half a na"
    assert len(stage.agents.rules) == len(more.rules)
    assert line.mapTo(stage.window, QPoint(0, 0)).y() == before


def test_rows_that_stay_are_the_same_widgets(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), PLANS))
    block = stage.plan
    click(block.change)
    form = form_of(block.form)
    keys("1")
    stage.window.show_setup(
        setups.carry_out(setups.ordinary(), AddPlan("New", ("codex",), "5", "USD", setups.TODAY)).setup
    )
    assert stage.plan is block
    assert block.form is form
    assert form.field("fee").control.property("text") == "1"


@pytest.mark.parametrize("name", SETTINGS_SCENES)
def test_the_same_setup_again_asks_for_nothing(name: str, put: Put) -> None:
    stage = put(SETTINGS_SCENES[name]())
    asked = list(stage.requests)
    before = focused()
    setup = stage.window.page.setup
    assert setup is not None
    stage.window.show_setup(replace(setup))
    assert stage.requests == asked
    assert focused() is before


def test_an_engine_that_never_answers_leaves_the_window_usable(run: Run, qtbot: QtBot) -> None:
    engine, window = run(setups.ordinary(), REFRESHING, silent=True)
    to_the_stop("Pause")
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Space)
    to_the_stop("Read a log as soon as it is written")
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.said.words() == "Saving…")
    window.show_page(CHARGES)
    page = page_of(window, ChargesPage)
    page.add_charge.open()
    to_the_stop("Amount")
    keys("5")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)
    assert [type(one) for one in engine.requests] == [SetSetting, SetSetting, SetSetting, AddCharge]
    assert form_of(page.add_charge.form).field("amount").control.property("text") == "5"
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_refusal_that_comes_when_another_page_is_shown_is_said_there(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), REFRESHING))
    field = field_of(stage, "refreshing.watch")
    assert isinstance(field.value, SwitchControl)
    click(field.value.check)
    stage.window.show_page(CHARGES)
    stage.refuse(BUSY, "refreshing.watch")
    assert stage.window.said.words() == "Not done. The history is in use: another program holds it"
    stage.window.show_page(REFRESHING)
    assert field.refused()
    assert field.value.check.isChecked()


def test_an_answer_to_a_form_that_was_left_does_not_close_the_next(put: Put) -> None:
    stage = put(Stage(setups.ordinary(), CHARGES))
    stage.charges.add_charge.open()
    form = form_of(stage.charges.add_charge.form)
    form.submit()
    press(Qt.Key.Key_Escape)
    stage.charges.add_charge.open()
    to_the_stop("Amount")
    keys("7")
    stage.accept("$5.00 added")
    assert stage.charges.add_charge.is_open()
    assert form.field("amount").control.property("text") == "7"
    assert stage.window.said.words() == "$5.00 added"


def test_a_slow_engine_does_not_flicker(run: Run, qtbot: QtBot) -> None:
    """While the answer is awaited, setups that know nothing of the change do not take it back on the screen."""
    engine, window = run(setups.ordinary(), AGENTS, delay_s=0.2)
    page = page_of(window, AgentsPage)
    shown: list[str] = []
    combo = page.agents["codex"].payer
    choose(combo, "nobody")
    combo.currentTextChanged.connect(shown.append)
    page.agents["codex"].since.since.click()
    for number in range(3):
        window.show_setup(replace(setups.ordinary(), today=date(2026, 11, 23 + number)))
    qtbot.waitUntil(lambda: window.said.words() not in ("", "Saving…"), timeout=3000)
    qtbot.wait(300)
    assert combo.value() == "nobody"
    assert shown == []
    assert engine.requests == [SetPayer("codex", "nobody", from_day=setups.TODAY, keep_narrower=True)]


def test_amounts_reach_the_engine_as_exact_text(put: Put) -> None:
    """Nothing between the keyboard and the request is a float."""
    stage = put(Stage(setups.fresh(), CHARGES))
    stage.charges.add_charge.open()
    to_the_stop("Amount")
    keys("0.100000000000000005")
    press(Qt.Key.Key_Return)
    request = stage.requests[-1]
    assert isinstance(request, AddCharge)
    assert request.amount == "0.100000000000000005"
    assert Decimal(request.amount) != Decimal("0.1")
