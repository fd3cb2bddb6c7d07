"""What popover and window show of a snapshot: words, order, names for those who hear it, and room for what is
long.
"""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tests.ui.scenes import SCENES
from tokentray.snapshot import Snapshot, Standing
from tokentray.ui import theme
from tokentray.ui.sources import HEADINGS
from tokentray.ui.view import AGENTS, REFERENCES, SnapshotView
from tokentray.ui.widgets import SECONDARY, TextLabel, decimal_tail, is_right_to_left

Show = Callable[[Snapshot], SnapshotView]


@pytest.fixture(name="show")
def show_fixture(qtbot: QtBot) -> Show:
    """A view that shows a snapshot, at the size it asks for. It lives as long as the test."""
    kept = []

    def show(snapshot: Snapshot) -> SnapshotView:
        view = SnapshotView()
        kept.append(view)
        qtbot.addWidget(view)
        view.show_snapshot(snapshot)
        width = view.wished_width()
        view.resize(width, view.wished_height(width))
        with qtbot.waitExposed(view):
            view.show()
        return view

    return show


def texts(view: SnapshotView) -> list[str]:
    return [label.words() for label in view.findChildren(TextLabel) if label.isVisible() and label.words()]


@pytest.mark.parametrize("name", SCENES)
def test_every_stop_has_a_name(name: str, show: Show) -> None:
    view = show(SCENES[name]())
    widgets = view.findChildren(QWidget)
    stops = [one for one in widgets if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert view.today.refresh in stops
    assert view.settings in stops
    assert view.quit in stops
    for widget in stops:
        assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()), widget


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_cut_off(name: str, show: Show) -> None:
    """Every text stands inside the view whole, but for what is elided on purpose and has a tooltip."""
    view = show(SCENES[name]())
    for label in view.findChildren(QLabel):
        if not label.isVisible():
            continue
        left = label.mapTo(view, QPoint(0, 0)).x()
        assert left >= 0
        assert left + label.width() <= view.width(), label.text()
        if not label.wordWrap():
            assert label.width() >= label.sizeHint().width() or label.toolTip(), label.text()
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_words_of_an_ordinary_day(show: Show) -> None:
    shown = texts(show(scenes.ordinary()))
    for words in (
        "Today",
        "as of 11:58",
        "≈ $11.97",
        "7 min of your time",
        "November",
    ):
        assert words in shown
    assert "≈ $212.80" in shown
    assert "2 h 08 min of your time" in shown
    assert shown.index("≈ $11.97") + 1 == shown.index("7 min of your time"), "the equivalent right under it"
    assert "worth at list price" not in shown, "it is spend"


def test_a_plan_says_its_fee_and_what_it_covered(show: Show) -> None:
    """The fee with its tag, without ≈, and the worth where others have their bar: no head is true of both."""
    view = show(scenes.ordinary())
    plan, codex = view.sources.rows()
    assert plan.amount.words() == "$6.67"
    assert plan.tag.words() == "plan"
    assert plan.worth.isVisible()
    assert plan.worth.words() == "worth ≈ $38.10"
    assert not plan.bar.isVisible()
    assert codex.bar.isVisible()
    assert view.sources.month.words() == ""
    assert "plan, today $6.67, worth ≈ $38.10, November $146.67, worth ≈ $512.30" in plan.accessibleName()


def test_nothing_is_called_spend_while_nobody_said_who_pays(show: Show, qtbot: QtBot) -> None:
    """The totals say what they are, once, and lead to where it is said; the rows need no heading."""
    view = show(scenes.unassigned())
    shown = texts(view)
    assert shown.count("worth at list price") == 2, "today and the month"
    assert "spend" not in " ".join(shown).lower()
    assert not view.sources.heading(Standing.UNASSIGNED).isVisible()
    assert not view.sources.payer.isVisible()
    assert "worth at list price" in view.today.amount.accessibleName()
    with qtbot.waitSignal(view.settings_asked) as asked:
        QTest.mouseClick(view.today.payer, Qt.MouseButton.LeftButton)
    assert asked.args == [AGENTS]


def test_what_is_not_spend_stands_apart(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.part_said())
    shown = texts(view)
    order = ["Codex", "Invoice of a gateway", HEADINGS[Standing.ELSEWHERE], "pi", HEADINGS[Standing.UNASSIGNED]]
    order += ["Gemini CLI", "Amp"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert "+ ≈ $3.20 at list price, payer not said" in shown
    assert not view.today.payer.isVisible(), "the rows it is about have it"
    quiet = next(row for row in view.sources.rows() if row.name.words() == "pi")
    assert quiet.name.foregroundRole() == quiet.amount.foregroundRole() == SECONDARY
    with qtbot.waitSignal(view.settings_asked) as asked:
        QTest.keyClick(view.sources.payer, Qt.Key.Key_Return)
    assert asked.args == [AGENTS]


def test_a_row_moves_when_its_payer_is_said(show: Show) -> None:
    """Rows are used again, whatever they showed before."""
    view = show(scenes.part_said())
    view.show_snapshot(scenes.ordinary())
    assert [row.name.words() for row in view.sources.rows()] == ["Claude Max", "Codex"]
    assert not view.sources.heading(Standing.ELSEWHERE).isVisible()
    assert not view.sources.payer.isVisible()
    view.show_snapshot(scenes.employer_only())
    assert view.sources.heading(Standing.ELSEWHERE).isVisible()
    assert [row.name.words() for row in view.sources.rows()] == ["Claude Code"]


def test_a_wide_worth_goes_to_a_line_of_its_own(show: Show) -> None:
    view = show(scenes.large_plan())
    plan, codex = view.sources.rows()
    assert not plan.worth.isVisible()
    assert plan.worth_below.isVisible()
    assert plan.worth_below.words() == "worth ≈ $1,234,567.89"
    assert plan.name.width() >= 80
    assert plan.name.width() == codex.name.width()


def test_a_remark_is_no_failure(show: Show) -> None:
    view = show(scenes.remark())
    (row,) = view.problems.rows()
    assert not row.sign.grave
    assert "A setting is not used" in texts(view)
    both = scenes.one_failing()._replace(problems=(*scenes.remark().problems, *scenes.one_failing().problems))
    view.show_snapshot(both)
    assert [row.sign.grave for row in view.problems.rows()] == [True, False]
    blank = scenes.nothing_read()._replace(problems=scenes.remark().problems)
    view.show_snapshot(blank)
    assert "Nothing read yet" in texts(view)


def test_sections_with_nothing_to_say_are_absent(show: Show) -> None:
    view = show(scenes.ordinary())
    assert not view.reference.isVisible()
    assert not view.problems.isVisible()
    assert not view.notice.isVisible()
    empty = show(scenes.nothing_read())
    for section in (empty.days, empty.month, empty.sources, empty.problems, empty.reference):
        assert not section.isVisible()
    assert "Nothing read yet" in texts(empty)


def test_every_figure_says_how_it_is_known(show: Show) -> None:
    view = show(scenes.ordinary())
    plan, codex = view.sources.rows()
    for figure, known in (
        (view.today.amount, scenes.KNOWN),
        (view.month.amount, scenes.KNOWN),
        (plan, scenes.KNOWN_PLAN),
        (codex, scenes.KNOWN),
    ):
        for said in (figure.toolTip().replace("\n", " "), figure.accessibleDescription().replace("\n", " ")):
            assert known in said
            assert "As of 11:58" in said
    assert "November: $146.67, worth ≈ $512.30" in plan.toolTip()


def test_a_row_says_how_its_month_is_known_where_that_differs(show: Show) -> None:
    """A bill that came yesterday counts for the month, while today is still an estimate."""
    base = scenes.ordinary()
    codex = base.sources[1]._replace(month=base.sources[1].month._replace(known_text="Billed up to 21 Nov"))
    row = show(base._replace(sources=(codex,))).sources.rows()[0]
    assert "November: Billed up to 21 Nov" in row.toolTip()
    assert scenes.KNOWN in row.toolTip().replace("\n", " ")


def test_tab_walks_in_reading_order(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.part_said()._replace(has_reference=False))
    view.activateWindow()
    view.focus_first()
    seen = []
    for _ in range(17):
        QTest.keyClick(QApplication.focusWidget() or view, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    rows = view.sources.rows()
    order = [
        view.today.refresh,
        view.today.amount,
        view.reference.set,
        view.days.bars,
    ]
    order += [view.month.amount, *rows[:5], view.sources.payer, *rows[5:], view.history, view.export]
    order += [view.settings, view.quit]
    assert len(rows) == 7
    assert seen == order


def test_tab_comes_to_who_pays_under_the_total(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.unassigned())
    view.activateWindow()
    view.today.amount.setFocus()
    QTest.keyClick(view.today.amount, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view.today.payer
    QTest.keyClick(view.today.payer, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is view.days.bars


def test_a_long_name_is_elided_and_told(show: Show) -> None:
    row = show(scenes.long_name()).sources.rows()[0]
    assert row.name.text().endswith("…")
    assert row.name.toolTip() == scenes.LONG_NAME
    assert scenes.LONG_NAME in row.accessibleName()
    assert scenes.LONG_NAME in row.toolTip().replace("\n", " ")


def test_markup_is_shown_as_it_is(show: Show) -> None:
    base = scenes.ordinary()
    evil = base.sources[0]._replace(label="<b>bold</b>")
    row = show(base._replace(sources=(evil,))).sources.rows()[0]
    assert row.name.text() == "<b>bold</b>"


@pytest.mark.parametrize("name", ["twelve-sources", "very-large", "german", "ordinary", "part-said", "large-plan"])
def test_amounts_align_on_the_decimal_point(name: str, show: Show) -> None:
    points = set()
    view = show(SCENES[name]())
    for row in view.sources.rows():
        text = row.amount.words()
        if not any(char.isdigit() for char in text):
            continue
        end = row.amount.mapTo(view, QPoint(row.amount.width(), 0)).x() - row.amount.contentsMargins().right()
        points.add(end - row.tail_width())
    assert len(points) == 1


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("≈ $11.97", ".97"),
        ("≈ 1.311,97 €", ",97 €"),
        ("≈ $1,234,567", ""),
        ("≈ <$0.01", ".01"),
        ("≈ 12 €", " €"),
        ("not priced", "not priced"),
        ("", ""),
    ],
)
def test_where_the_decimal_point_is(text: str, tail: str) -> None:
    assert text[len(text) - decimal_tail(text) :] == tail


def test_a_failing_source_says_so_in_words(show: Show) -> None:
    view = show(scenes.one_failing())
    words = "\n".join(texts(view))
    assert "permission denied" in words
    assert "as of 09:12" in words
    assert "Codex could not be read" in words
    assert "≈ $5.30" in words, "its last amount stays"


def test_problems_go_when_mended(show: Show) -> None:
    view = show(scenes.one_failing())
    view.show_snapshot(scenes.ordinary())
    assert not view.problems.isVisible()
    assert "as of 09:12" not in texts(view)


def test_progress_counts_and_does_not_move_anything(show: Show) -> None:
    view = show(scenes.ordinary())
    before = view.wished_height(view.width())
    view.show_snapshot(scenes.reading_on())
    assert "876 of 1,190 files" in texts(view)
    assert view.wished_height(view.width()) == before


def test_bars_are_named_by_keys_and_pointer(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.ordinary())
    bars = view.days.bars
    view.activateWindow()
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.days.caption.words().startswith("Sun 22 Nov")
    QTest.keyClick(bars, Qt.Key.Key_Left)
    assert view.days.caption.words().startswith("Sat 21 Nov")
    assert "Sat 21 Nov" in bars.accessibleName()
    QTest.keyClick(bars, Qt.Key.Key_Home)
    assert view.days.caption.words().startswith("Sat 24 Oct")
    QTest.keyClick(bars, Qt.Key.Key_Left)
    assert view.days.caption.words().startswith("Sat 24 Oct")
    view.quit.setFocus()
    assert view.days.caption.words() == "Last 30 days"
    QTest.mouseMove(bars, bars.bar_rect(3).center().toPoint())
    qtbot.waitUntil(lambda: view.days.caption.words().startswith("Tue 27 Oct"), timeout=1000)


def test_bars_have_a_text_twin(show: Show) -> None:
    told = show(scenes.ordinary()).days.bars.accessibleDescription()
    assert told.count(";") == 29
    assert "Sun 22 Nov ≈ $8.99" in told


def test_the_way_to_a_reference_point(show: Show, qtbot: QtBot) -> None:
    """One quiet line, gone once there is one."""
    view = show(scenes.no_reference())
    assert view.reference.isVisible()
    with qtbot.waitSignal(view.settings_asked) as asked:
        QTest.mouseClick(view.reference.set, Qt.MouseButton.LeftButton)
    assert asked.args == [REFERENCES]
    view.show_snapshot(scenes.ordinary())
    assert not view.reference.isVisible()


def test_buttons_ask(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.ordinary())
    with qtbot.waitSignal(view.refresh_asked):
        QTest.mouseClick(view.today.refresh, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(view.refresh_asked):
        QTest.keyClick(view.today.refresh, Qt.Key.Key_Return)
    with qtbot.waitSignal(view.settings_asked) as asked:
        QTest.mouseClick(view.settings, Qt.MouseButton.LeftButton)
    assert asked.args == [""]
    with qtbot.waitSignal(view.quit_asked):
        QTest.keyClick(view.quit, Qt.Key.Key_Space)


def test_a_dark_desktop_is_followed_while_open(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.unassigned())
    old = QGuiApplication.palette()
    dark = QPalette(old)
    dark.setColor(QPalette.ColorRole.Window, QColor("#202020"))
    dark.setColor(QPalette.ColorRole.WindowText, QColor("#eeeeee"))
    try:
        QApplication.setPalette(dark)
        qtbot.waitUntil(lambda: theme.luminance(view.palette().color(SECONDARY)) > 0.2, timeout=1000)
        assert view.grab().toImage().pixelColor(2, 2).lightnessF() < 0.3
        told = view.today.note.palette().color(SECONDARY)
        assert theme.contrast(told, QColor("#202020")) >= theme.TEXT_CONTRAST
    finally:
        QApplication.setPalette(old)


def test_right_to_left_turns_the_rows_and_not_the_figures(show: Show) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        view = show(scenes.twelve_sources())
        row = view.sources.rows()[0]
        bar = row.bar.mapTo(row, QPoint(0, 0)).x()
        assert row.name.x() > row.amount.x() > bar
        assert row.amount.layoutDirection() == Qt.LayoutDirection.LeftToRight
        assert view.days.bars.bar_rect(29).x() < view.days.bars.bar_rect(0).x()
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_direction_of_a_text() -> None:
    assert not is_right_to_left("≈ $11.97")
    assert not is_right_to_left("123")
    assert is_right_to_left("≈ \u200f")
    assert is_right_to_left("שלום $5")


def test_the_same_snapshot_twice_changes_nothing(show: Show, qtbot: QtBot) -> None:
    view = show(scenes.ordinary())
    qtbot.wait(20)
    grown: list[bool] = []
    view.grown.connect(lambda: grown.append(True))
    view.show_snapshot(scenes.ordinary())
    qtbot.wait(20)
    assert not grown
    view.show_snapshot(scenes.twelve_sources())
    qtbot.waitUntil(lambda: bool(grown), timeout=1000)


@pytest.mark.parametrize("name", SCENES)
def test_height_is_the_same_whatever_was_shown_before(name: str, show: Show, qtbot: QtBot) -> None:
    fresh = show(SCENES[name]())
    used = show(scenes.ordinary())
    used.show_snapshot(SCENES[name]())
    qtbot.wait(20)
    assert used.wished_height(used.wished_width()) == fresh.wished_height(fresh.wished_width())


def test_tooltips_are_wrapped(show: Show) -> None:
    tip = show(scenes.unpriced_model()).today.amount.toolTip()
    assert max(len(line) for line in tip.splitlines()) <= 60
