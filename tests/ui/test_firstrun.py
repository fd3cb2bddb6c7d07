"""The window of the first start, over an engine that carries out what it is asked: by mouse, and by keyboard alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import accounts, scenes, setups
from tests.ui.fake_engine import FakeEngine
from tests.ui.first_scenes import FIRST_SCENES
from tokentray.requests import (
    AddAccount,
    AddPlan,
    AddReference,
    FinishFirstRun,
    RemovePlan,
    RemoveReference,
    SetPayer,
    TryKey,
)
from tokentray.secret import Secret
from tokentray.setup import Proposal, Setup
from tokentray.snapshot import Problem, ReadProgress
from tokentray.ui.bridge import Bridge
from tokentray.ui.firstrun.choices import KNOWN, SAME
from tokentray.ui.firstrun.row import AgentRow
from tokentray.ui.firstrun.window import FirstRun
from tokentray.ui.forms.payers import NEW_PLAN, NOBODY, NOT_SAID, PAYG
from tokentray.ui.widgets import TextLabel

SINCE = date(2026, 8, 3)
MAX = f"{KNOWN}Claude Max 20x"
ADD_MAX = AddPlan("Claude Max 20x", ("claude-code",), "200", "USD", SINCE, provider="anthropic")
HOURLY = AddReference("hourly", "100", "USD", setups.TODAY)


@dataclass
class Shown:
    """The window with the engine behind it."""

    window: FirstRun
    engine: FakeEngine

    def row(self, agent: str) -> AgentRow:
        return next(row for row in self.window.found.rows() if row.agent.id == agent)

    @property
    def asked(self) -> list[object]:
        return list(self.engine.requests)


Show = Callable[..., Shown]


@pytest.fixture(name="show")
def show_fixture(qtbot: QtBot) -> Iterator[Show]:
    """Opens the window on a setup; options are those of the engine."""
    engines: list[FakeEngine] = []

    def show(setup: Setup, **options: object) -> Shown:
        engine = FakeEngine([scenes.unassigned()], setup=setup, **options)  # type: ignore[arg-type] # as they come
        engines.append(engine)
        window = FirstRun(engine.submit)
        qtbot.addWidget(window)
        bridge = Bridge(window)
        bridge.setup_changed.connect(window.show_setup)
        bridge.answered.connect(window.take_answer)
        engine.listen_setup(bridge.receive_setup)
        engine.listen_answers(bridge.receive_answer)
        engine.start()
        window.open()
        engine.want_setup(True)
        qtbot.waitUntil(lambda: window.isVisible() and bridge.setup is not None, timeout=3000)
        qtbot.waitUntil(window.isActiveWindow, timeout=3000)
        return Shown(window, engine)

    yield show
    for engine in engines:
        engine.stop(1)


def choose(row: AgentRow, value: str) -> None:
    """As a person does it by keyboard: open the list, walk it, take the entry."""
    combo = row.payer
    combo.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(combo, Qt.Key.Key_Down)
    view = combo.view()
    goal = combo.findData(value)
    assert goal >= 0, f"{value} is not offered"
    step = Qt.Key.Key_Down if goal > view.currentIndex().row() else Qt.Key.Key_Up
    for _ in range(abs(goal - view.currentIndex().row())):
        QTest.keyClick(view, step)
    assert view.currentIndex().row() == goal
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert row.value() == value


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def texts(window: QWidget) -> list[str]:
    return [label.words() for label in window.findChildren(TextLabel) if label.isVisible() and label.words()]


def ended(shown: Shown) -> bool:
    return not shown.window.isVisible() and shown.asked[-1:] == [FinishFirstRun()]


def test_what_is_found_and_what_is_guessed(show: Show) -> None:
    """Counts, worth and a payer with its reason; nothing is called spend while nobody has said who pays."""
    shown = show(setups.fresh())
    claude, codex = shown.row("claude-code"), shown.row("codex")
    assert claude.found.words() == "117 sessions, 2,653 calls, since 3 Aug 2026"
    assert claude.worth.words() == "≈ $66.58 at list price"
    assert claude.value() == MAX
    assert claude.why.words() == "Signed in with a Claude account, not with a key"
    assert claude.plan.isVisible()
    assert not claude.plan.name.isVisible(), "it is chosen above"
    assert (claude.plan.fee.text(), claude.plan.first_day.day()) == ("200", SINCE)
    assert codex.found.words() == "1 session, 46 calls, since 3 Aug 2026"
    assert codex.value() == PAYG
    assert codex.why.words() == "An OpenAI key is set for it, and no account is signed in"
    assert not codex.plan.isVisible()
    said = " ".join(texts(shown.window)).lower()
    assert "spend" not in said
    assert "changed in the settings" in said
    assert not shown.asked, "a guess is not acted on by itself"


def test_done_takes_what_is_chosen(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [ADD_MAX, SetPayer("codex", PAYG, keep_narrower=True), FinishFirstRun()]


def test_what_is_told_of_a_pasted_key_is_scrolled_into_sight(show: Show) -> None:
    """What is wrong with it, and the page that makes the right one, must not lie below the edge."""
    shown = show(setups.fresh())
    window = shown.window
    window.resize(window.width(), 520)
    form = window.accounts.form
    form.key.edit.setFocus()
    _settle()
    form.key.edit.setText(accounts.WRONG_KEY)
    _settle()
    assert form.page.isVisible()
    assert form.about.visibleRegion().boundingRect().height() == form.about.height()
    assert not form.key.edit.visibleRegion().isEmpty()


def _settle() -> None:
    """Let what changed be laid out, and then be scrolled to."""
    for _ in range(5):
        QApplication.processEvents()


def test_by_keyboard_alone(show: Show, qtbot: QtBot) -> None:
    """The rate is where one begins; Enter sets it and shows what it does, the next Enter is Done."""
    shown = show(setups.fresh())
    window = shown.window
    assert QApplication.focusWidget() is window.reference.form.amount
    QTest.keyClicks(window.reference.form.amount, "100")
    QTest.keyClick(window.reference.form.amount, Qt.Key.Key_Return)
    qtbot.waitUntil(window.finish.hasFocus, timeout=3000)
    assert "$100.00 an hour" in texts(window)
    assert window.reference.example.words() == "This month: 2 h 08 min of your time"
    assert not window.reference.form.isVisible()
    QTest.keyClick(window.finish, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [HOURLY, ADD_MAX, SetPayer("codex", PAYG, keep_narrower=True), FinishFirstRun()]


def test_done_sets_a_rate_that_was_typed(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.empty())
    QTest.keyClicks(shown.window.reference.form.amount, "100")
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [HOURLY, FinishFirstRun()]


def test_a_stray_enter_settles_nothing(show: Show, qtbot: QtBot) -> None:
    """The window may come up while the person types elsewhere."""
    shown = show(setups.fresh())
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.wait(50)
    assert shown.window.isVisible()
    assert not shown.asked
    assert shown.window.finish.hasFocus()


def test_not_now_sets_nothing(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    QTest.keyClicks(shown.window.reference.form.amount, "100")
    QTest.mouseClick(shown.window.not_now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [FinishFirstRun()]


@pytest.mark.parametrize("how", ["frame", "escape"])
def test_closing_keeps_what_was_set(how: str, show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    choose(shown.row("codex"), NOBODY)
    qtbot.waitUntil(shown.row("codex").done.isVisible, timeout=3000)
    if how == "frame":
        shown.window.close()
    else:
        QTest.keyClick(shown.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [SetPayer("codex", NOBODY, keep_narrower=True), FinishFirstRun()]


def test_a_payer_that_is_chosen_is_told_at_once(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    codex = shown.row("codex")
    choose(codex, NOBODY)
    assert shown.asked == [SetPayer("codex", NOBODY, keep_narrower=True)]
    qtbot.waitUntil(codex.done.isVisible, timeout=3000)
    assert codex.why.words() == "What it uses is shown, and never counted."
    assert codex.payer.findData(NOT_SAID) < 0
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked[1:] == [ADD_MAX, FinishFirstRun()], "once is enough"


def test_another_payer_takes_the_place_of_the_one_that_was_said(show: Show, qtbot: QtBot) -> None:
    """From the same day on: a rule of an earlier day would be overruled by it."""
    shown = show(setups.ordinary())
    claude = shown.row("claude-code")
    assert claude.value() == "plan:1"
    assert claude.why.words() == "$200.00 a month, since 1 Aug 2026"
    choose(claude, NOBODY)
    assert SetPayer("claude-code", NOBODY, from_day=date(2026, 8, 1), keep_narrower=True) in shown.asked


def test_a_plan_is_added_in_place(show: Show, qtbot: QtBot) -> None:
    """With its button or Enter; then its row says what was said, and can take it back."""
    shown = show(setups.fresh())
    row = shown.row("claude-code")
    row.plan.fee.setFocus(Qt.FocusReason.TabFocusReason)
    row.plan.fee.selectAll()
    QTest.keyClicks(row.plan.fee, "100")
    QTest.keyClick(row.plan.fee, Qt.Key.Key_Return)
    qtbot.waitUntil(row.done.isVisible, timeout=3000)
    assert shown.asked == [replace(ADD_MAX, fee="100")]
    assert not row.plan.isVisible()
    assert row.payer.currentText() == "Claude Max 20x"
    assert row.why.words() == "$100.00 a month, since 3 Aug 2026"
    QTest.mouseClick(row.change, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.plan.isVisible, timeout=3000)
    assert shown.asked[1:] == [RemovePlan(1)]
    assert row.plan.fee.text() == "100", "as it was sent"
    assert not row.done.isVisible()


def test_a_plan_said_earlier_is_not_taken_back_here(show: Show) -> None:
    """Its past fees would go with it."""
    assert not show(setups.ordinary()).row("claude-code").change.isVisible()


def test_a_plan_of_ones_own(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    row = shown.row("codex")
    choose(row, NEW_PLAN)
    assert row.plan.name.isVisible()
    assert row.plan.fee.text() == ""
    QTest.keyClicks(row.plan.name, "A seat of a friend's team")
    QTest.keyClicks(row.plan.fee, "30.50")
    QTest.mouseClick(row.plan.send_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.done.isVisible, timeout=3000)
    assert shown.asked == [AddPlan("A seat of a friend's team", ("codex",), "30.50", "USD", SINCE, provider="openai")]


def test_two_agents_that_are_guessed_to_share_a_plan(show: Show, qtbot: QtBot) -> None:
    """One fee: one plan for both."""
    agents = (setups.agent(), setups.agent("opencode", "OpenCode"))
    shown = show(replace(setups.empty(), agents=agents))
    row = shown.row("opencode")
    assert row.value() == f"{SAME}claude-code"
    assert row.payer.currentText() == "The same plan as Claude Code"
    assert not row.plan.isVisible()
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [replace(ADD_MAX, agents=("claude-code", "opencode")), FinishFirstRun()]


def test_two_agents_that_are_said_to_share_a_plan(show: Show, qtbot: QtBot) -> None:
    """Chosen before the plan is added, or after it."""
    pi = setups.agent("pi", "pi", proposal=Proposal(PAYG, "Nothing here says who pays"))
    shown = show(replace(setups.fresh(), agents=(setups.agent(), setups.CODEX, pi)))
    choose(shown.row("codex"), f"{SAME}claude-code")
    assert not shown.asked
    assert shown.row("codex").why.words() == "One fee for both."
    QTest.mouseClick(shown.row("claude-code").plan.send_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.row("codex").done.isVisible, timeout=3000)
    assert shown.asked == [replace(ADD_MAX, agents=("claude-code", "codex"))]
    choose(shown.row("pi"), "plan:1")
    qtbot.waitUntil(shown.row("pi").done.isVisible, timeout=3000)
    assert SetPayer("pi", "plan:1", keep_narrower=True) in shown.asked


def test_a_shared_plan_that_is_given_up(show: Show) -> None:
    """Who shared it is back to the guess, and never left with a choice that is gone."""
    agents = (setups.agent(), setups.agent("opencode", "OpenCode"))
    shown = show(replace(setups.empty(), agents=agents))
    choose(shown.row("claude-code"), PAYG)
    row = shown.row("opencode")
    assert row.value() == NEW_PLAN, "the plan is not among those of this agent, so its name stands in the fields"
    assert row.plan.name.text() == "Claude Max 20x"


def test_which_plan_is_not_made_up(show: Show, qtbot: QtBot) -> None:
    """Known to be a plan but not which: the person says it, or Done passes over it."""
    agent = replace(setups.agent(), proposal=Proposal("plan", "Signed in with an account; which plan is not known"))
    shown = show(replace(setups.empty(), agents=(agent,)))
    assert shown.row("claude-code").value() == NOT_SAID
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [FinishFirstRun()]


def test_a_plan_without_a_known_fee_is_passed_over_unless_touched(show: Show, qtbot: QtBot) -> None:
    agent = replace(setups.CODEX, proposal=Proposal("plan", "Its logs name a plan: go.", "ChatGPT Go"))
    shown = show(replace(setups.empty(), agents=(agent,)))
    row = shown.row("codex")
    assert (row.plan.name.text(), row.plan.fee.text()) == ("ChatGPT Go", "")
    QTest.keyClicks(row.plan.name, "!")
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.plan.field("fee").refused, timeout=3000)
    assert shown.window.isVisible()
    row.plan.name.setText("ChatGPT Go")
    QTest.mouseClick(shown.window.not_now, Qt.MouseButton.LeftButton)
    other = show(replace(setups.empty(), agents=(agent,)))
    QTest.mouseClick(other.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(other), timeout=3000)
    assert other.asked == [FinishFirstRun()]


@pytest.mark.parametrize("setup", [setups.fresh(), replace(setups.fresh(), agents=setups.fresh().agents[:1])])
def test_a_plan_from_no_date_keeps_the_window_open(setup: Setup, show: Show, qtbot: QtBot) -> None:
    """Whether or not anything else was sent: the plan must not be lost with what was typed."""
    shown = show(setup)
    row = shown.row("claude-code")
    row.plan.first_day.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(row.plan.first_day, "31 Feb 2026")
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Not everything could be set" in shown.window.said.words(), timeout=3000)
    assert shown.window.isVisible()
    assert row.plan.field("first_day").refused()
    row.plan.first_day.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(row.plan.first_day, "2026-08-03")
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    added = [request for request in shown.asked if isinstance(request, AddPlan)]
    assert [plan.first_day for plan in added] == [date(2026, 8, 3)]


def test_a_refused_fee_is_mended_where_it_stands(show: Show, qtbot: QtBot) -> None:
    """What else was said stands; Done closes once nothing is refused."""
    shown = show(setups.fresh())
    row = shown.row("claude-code")
    row.plan.fee.selectAll()
    QTest.keyClicks(row.plan.fee, "0")
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(row.plan.field("fee").refused, timeout=3000)
    qtbot.waitUntil(shown.row("codex").done.isVisible, timeout=3000)
    qtbot.waitUntil(lambda: "Not everything could be set" in shown.window.said.words(), timeout=3000)
    assert "above zero" in row.plan.field("fee").refusal.words()
    assert shown.window.isVisible()
    row.plan.fee.selectAll()
    QTest.keyClicks(row.plan.fee, "90")
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [
        replace(ADD_MAX, fee="0"),
        SetPayer("codex", PAYG, keep_narrower=True),
        replace(ADD_MAX, fee="90"),
        FinishFirstRun(),
    ]


@pytest.mark.parametrize(
    ("field", "where"), [("fee", "fee"), ("first_day", "fee"), ("currency", "fee"), ("agents", ""), ("", "")]
)
def test_every_refusal_of_a_plan_is_seen(field: str, where: str, show: Show, qtbot: QtBot) -> None:
    """At its field, or under all of them."""
    problem = Problem("Claude Max 20x cannot begin then", "Claude Pro pays for Claude Code until 30 Nov 2026", "End it")
    shown = show(setups.fresh(), refuses=(problem, field))
    row = shown.row("claude-code")
    QTest.mouseClick(row.plan.send_button, Qt.MouseButton.LeftButton)
    refusal = row.plan.field(where).refusal if where else row.plan.refusal
    qtbot.waitUntil(refusal.isVisible, timeout=3000)
    assert "until 30 Nov 2026" in refusal.words()
    assert refusal.sign.grave, "told by a shape too"


def test_a_refused_payer_says_why(show: Show, qtbot: QtBot) -> None:
    problem = Problem("The history cannot be written", "the disk is full", "Make room, then try again")
    shown = show(setups.fresh(), refuses=(problem, ""))
    row = shown.row("codex")
    choose(row, NOBODY)
    qtbot.waitUntil(row.refusal.isVisible, timeout=3000)
    assert "the disk is full" in row.refusal.words()
    assert row.value() == NOBODY, "as the person chose"
    assert not row.done.isVisible()


def test_an_engine_that_never_answers_holds_nobody(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh(), silent=True)
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Saving" in shown.window.said.words(), timeout=3000)
    assert shown.window.isVisible()
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    QTest.keyClicks(shown.window.reference.form.amount, "100")
    assert shown.asked == [ADD_MAX, SetPayer("codex", PAYG, keep_narrower=True)], "nothing is sent twice"
    shown.window.close()
    assert ended(shown)


def test_it_follows_the_first_read(show: Show, qtbot: QtBot) -> None:
    """Counts tick up, agents appear in their order, and what is being typed stays."""
    shown = show(setups.reading())
    window = shown.window
    assert "214 of 1,190 files" in texts(window)
    assert window.found.progress.isVisible()
    row = shown.row("claude-code")
    assert row.found.words() == "40 sessions, 812 calls, since 3 Aug 2026"
    QTest.keyClicks(window.reference.form.amount, "10")
    row.plan.fee.selectAll()
    QTest.keyClicks(row.plan.fee, "100")
    row.plan.first_day.setFocus()
    more = replace(setups.reading(), agents=(setups.agent(), setups.CODEX), progress=ReadProgress(1000, 1190))
    shown.engine.show_setup(more)
    qtbot.waitUntil(lambda: len(window.found.rows()) == 2, timeout=3000)
    assert row.found.words() == "117 sessions, 2,653 calls, since 3 Aug 2026"
    assert "1,000 of 1,190 files" in texts(window)
    assert (row.plan.fee.text(), window.reference.form.amount.text()) == ("100", "10")
    assert QApplication.focusWidget() is row.plan.first_day
    shown.engine.show_setup(replace(more, progress=None))
    qtbot.waitUntil(lambda: not window.found.progress.isVisible(), timeout=3000)


def test_a_better_guess_replaces_the_first_one(show: Show, qtbot: QtBot) -> None:
    """As more is read; unless the person has chosen."""
    shown = show(setups.fresh())
    claude = replace(setups.agent(), proposal=Proposal("plan", "By use", "Claude Max 5x", Decimal(100)))
    shown.engine.show_setup(replace(setups.fresh(), agents=(claude, setups.CODEX)))
    qtbot.waitUntil(lambda: shown.row("claude-code").value() == f"{KNOWN}Claude Max 5x", timeout=3000)
    assert shown.row("claude-code").plan.fee.text() == "100"


def test_a_machine_without_agents(show: Show, qtbot: QtBot) -> None:
    """It says what is read and where, and the reference point can be set all the same."""
    shown = show(setups.empty())
    words = " ".join(texts(shown.window))
    assert "no session logs" in words
    assert "Claude Code: ~/.claude/projects" in words
    assert "Codex: ~/.codex/sessions" in words
    assert shown.window.reference.form.isVisible()
    shown.engine.show_setup(setups.fresh())
    qtbot.waitUntil(lambda: len(shown.window.found.rows()) == 2, timeout=3000)
    assert "no session logs" not in " ".join(texts(shown.window))


def test_agents_that_are_not_here_are_left_out(show: Show) -> None:
    assert [row.agent.id for row in show(setups.fresh()).window.found.rows()] == ["claude-code", "codex"]


def test_logs_that_cannot_be_read(show: Show) -> None:
    row = show(setups.unreadable_agent()).row("codex")
    assert row.error.isVisible()
    assert "No permission to open the folder sessions" in row.error.words()
    assert not row.found.isVisible()
    assert row.payer.isEnabled()


def test_a_failing_history_is_said_above(show: Show) -> None:
    window = show(setups.failing_engine()).window
    assert window.problems.isVisible()
    assert "The history cannot be written" in texts(window)


def test_reopened_when_all_is_said(show: Show, qtbot: QtBot) -> None:
    """It shows what stands, and Done changes nothing."""
    shown = show(setups.ordinary())
    assert all(row.done.isVisible() for row in shown.window.found.rows())
    assert "$100.00 an hour" in texts(shown.window)
    QTest.mouseClick(shown.window.finish, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert shown.asked == [FinishFirstRun()]


def test_a_reference_point_set_here_can_be_taken_back(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    form = shown.window.reference.form
    QTest.keyClicks(form.amount, "1000")
    QTest.mouseClick(form.send_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.window.reference.summary.isVisible, timeout=3000)
    QTest.mouseClick(shown.window.reference.change, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.isVisible, timeout=3000)
    assert shown.asked[1:] == [RemoveReference(1)]
    assert form.amount.text() == "1000"
    qtbot.waitUntil(form.amount.hasFocus, timeout=3000)


def test_one_with_a_past_is_changed_in_the_settings(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.ordinary())
    with qtbot.waitSignal(shown.window.settings_asked) as asked:
        QTest.mouseClick(shown.window.reference.change, Qt.MouseButton.LeftButton)
    assert asked.args == ["references"]
    with qtbot.waitSignal(shown.window.settings_asked) as asked:
        QTest.mouseClick(shown.window.settings, Qt.MouseButton.LeftButton)
    assert asked.args == ["agents"]


def test_a_missing_rate_is_named(show: Show) -> None:
    window = show(setups.missing_rate()).window
    assert any("rate for EUR" in words for words in texts(window))


def test_tab_walks_as_read_and_every_stop_has_a_name(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.fresh())
    window = shown.window
    claude, codex, form = shown.row("claude-code"), shown.row("codex"), window.reference.form
    plan = claude.plan
    order = [window.settings, claude.payer, plan.fee, plan.currency, plan.first_day, plan.send_button, codex.payer]
    order += [form.kind, form.amount, form.currency, form.send_button]
    key = window.accounts.form
    order += [key.key.edit, key.key.toggle, key.provider, window.not_now, window.finish]
    window.settings.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [focused()]
    while len(seen) < len(order):
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        if focused() is not seen[-1]:  # a date is walked from its day to its year
            seen.append(focused())
    assert seen == order
    for stop in order:
        name = stop.accessibleName() or (stop.text() if isinstance(stop, QAbstractButton) else "")
        assert name, stop
    assert claude.payer.accessibleName() == "Who pays for Claude Code"


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
@pytest.mark.parametrize("name", FIRST_SCENES)
def test_nothing_is_cut_off(name: str, direction: Qt.LayoutDirection, wide: bool, qtbot: QtBot) -> None:
    """Beside each other or stacked: every text stands inside the window, whole, or elided with a tooltip."""
    QApplication.setLayoutDirection(direction)
    try:
        window = FIRST_SCENES[name]().window
        qtbot.addWidget(window)
        window.open()
        window.resize(1000 if wide else window.minimumWidth(), 700)
        qtbot.wait(20)
        side_by_side = window.found.y() == window.reference.y()
        assert side_by_side == wide
        for label in window.findChildren(QLabel):
            if not label.isVisible():
                continue
            left = label.mapTo(window, QPoint(0, 0)).x()
            assert left >= 0, label.text()
            assert left + label.width() <= window.width(), label.text()
            assert label.textFormat() == Qt.TextFormat.PlainText or not label.text(), label.text()
            if not label.wordWrap():
                assert label.width() >= label.sizeHint().width() or label.toolTip(), label.text()
        for edit in window.findChildren(QLineEdit):
            if edit.isVisible():
                assert edit.mapTo(window, QPoint(edit.width(), 0)).x() <= window.width()
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_where_one_begins_is_in_sight(qtbot: QtBot) -> None:
    """On a screen too small for both cards the rate lies below the edge: one begins with the first payer instead."""
    window = FirstRun(FakeEngine([scenes.unassigned()]).submit)
    qtbot.addWidget(window)
    window.setMaximumSize(480, 320)
    window.show_setup(setups.fresh())
    window.open()
    qtbot.waitUntil(window.isActiveWindow, timeout=3000)
    assert window.reference.form.amount.visibleRegion().isEmpty()
    first = window.found.rows()[0].payer
    qtbot.waitUntil(lambda: QApplication.focusWidget() is first, timeout=3000)
    assert not first.visibleRegion().isEmpty()


# The card of accounts.


def test_a_key_is_added_here_and_another_after_it(show: Show, qtbot: QtBot) -> None:
    """Paste, Enter, Enter; then the window goes on, and a second key can follow."""
    shown = show(setups.empty())
    card = shown.window.accounts
    card.form.key.edit.setFocus()
    QTest.keyClicks(focused(), accounts.OPENAI_KEY)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(card.form.found.isVisible, timeout=3000)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.kept() == ["OpenAI"], timeout=3000)
    qtbot.waitUntil(lambda: focused() is shown.window.finish, timeout=3000)
    assert [type(one) for one in shown.asked] == [TryKey, AddAccount]
    assert not card.form.isVisible()
    assert card.form.key.edit.text() == ""
    QTest.mouseClick(card.another, Qt.MouseButton.LeftButton)
    assert focused() is card.form.key.edit
    shown.window.end()
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)


def test_enter_on_an_empty_key_is_for_the_window(show: Show) -> None:
    shown = show(setups.empty())
    shown.window.accounts.form.key.edit.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert focused() is shown.window.finish
    assert shown.asked == []


def test_done_looks_at_a_pasted_key_and_does_not_lose_it(show: Show, qtbot: QtBot) -> None:
    """What it can read is said before it is kept, so the window stays until it is added, or taken out."""
    shown = show(setups.empty())
    card = shown.window.accounts
    card.form.key.edit.setText(accounts.OPENAI_KEY)
    shown.window.end()
    qtbot.waitUntil(card.form.found.isVisible, timeout=3000)
    assert shown.window.isVisible()
    assert "not added yet" in shown.window.said.words()
    assert shown.asked == [TryKey("openai", Secret(accounts.OPENAI_KEY))]
    shown.window.end()
    qtbot.waitUntil(lambda: ended(shown), timeout=3000)
    assert [type(one) for one in shown.asked] == [TryKey, AddAccount, FinishFirstRun]


def test_closing_forgets_a_pasted_key(show: Show, qtbot: QtBot) -> None:
    shown = show(setups.empty())
    form = shown.window.accounts.form
    form.key.edit.setText(accounts.OPENAI_KEY)
    QTest.mouseClick(shown.window.not_now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.asked == [FinishFirstRun()], timeout=3000)
    assert form.key.edit.text() == ""


def test_escape_stops_waiting_before_it_closes(show: Show) -> None:
    shown = show(setups.empty(), silent=True)
    form = shown.window.accounts.form
    form.key.edit.setFocus()
    QTest.keyClicks(focused(), accounts.OPENAI_KEY)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert form.waiting.words() == "Asking OpenAI…"
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert shown.window.isVisible()
    assert not form.waiting.isVisible()
    assert form.key.text() == accounts.OPENAI_KEY
