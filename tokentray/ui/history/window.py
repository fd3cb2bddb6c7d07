"""The history window: the bar on top, the chart, the table. It shows reports, and turns what the person does into the
next question.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractScrollArea, QHBoxLayout, QVBoxLayout, QWidget

from tokentray.charts.spec import BarChart
from tokentray.insight.deeper import as_usage, deeper, zoomed
from tokentray.question import Question, View
from tokentray.report import NoteFacts, Report, Row
from tokentray.requests import Answer, Request
from tokentray.snapshot import Snapshot
from tokentray.ui.bridge import Reports
from tokentray.ui.forms.desk import Desk, Submit
from tokentray.ui.forms.fields import in_words
from tokentray.ui.forms.ground import Ground
from tokentray.ui.forms.tabs import put_in_order, stops
from tokentray.ui.history import turns
from tokentray.ui.history.asking import Asking
from tokentray.ui.history.body import Body
from tokentray.ui.history.filterbox import FilterBox
from tokentray.ui.history.foot import BusyLine, Foot
from tokentray.ui.history.grouping import Grouping
from tokentray.ui.history.headline import Headline
from tokentray.ui.history.health import Health, health_of, while_read
from tokentray.ui.history.inturns import InTurns
from tokentray.ui.history.keys import KeysPopup
from tokentray.ui.history.notes import NoteForm, NotesBar
from tokentray.ui.history.periodbar import PeriodBar
from tokentray.ui.history.saving import Keeper
from tokentray.ui.history.topbar import TopBar
from tokentray.ui.history.trail import Trail
from tokentray.ui.history.views import TITLES
from tokentray.ui.state import HistoryState
from tokentray.ui.view import MARGIN
from tokentray.ui.widgets import GUTTER, SectionRule

_WIDTH, _HEIGHT = 1040, 740
_TRAIL_BESIDE_FROM = 880
"""Pixels of the window from which the trail stands beside the title of the period, and not in a line of its own."""
_BOUNDARY_STEP = 32


class HistoryWindow(Ground):
    """An ordinary window over a desk of reports."""

    settings_asked = Signal(str)
    export_asked = Signal(object)
    """A day of the month in view."""
    refresh_asked = Signal()
    closed = Signal()

    def __init__(self, reports: Reports, submit: Submit, state: HistoryState | None = None) -> None:
        """state: how it was left, None for the first time."""
        super().__init__()
        self.setWindowFlag(Qt.WindowType.Window)
        self.setWindowTitle("History")
        self._state = state or HistoryState()
        self._order: list[QWidget] = []
        self._health = Health()
        self.asking = Asking(reports, self)
        self.asking.left.update(self._state.questions)
        self.desk = Desk(submit, self)
        self.keeper = Keeper(self)
        self.top = TopBar()
        self.views, self.refresh = self.top.views, self.top.refresh
        self.period = PeriodBar()
        self.grouping = Grouping()
        self.trail = Trail()
        self.filter = FilterBox()
        self.busy = BusyLine()
        self.headline = Headline()
        self.form = NoteForm(self.desk)
        self.notes = NotesBar(self.desk)
        self.body = Body(self.keeper, self.form, self.notes)
        table = self.body.table
        # What lies in the scroll areas, not the areas: their scroll bars are painted where they have changed.
        self.in_turns = InTurns(
            ((self.body.chart,), (self.body.legend, *table.totals.parts(), *table.body.parts())), self
        )
        self.foot = Foot()
        self.keys_popup = KeysPopup(self)
        self._lay_out()
        self._join_bar()
        self._join_figures()
        self._join_notes()
        self._add_keys()
        self.body.table.restore_columns(self._state.columns)
        for part in self.findChildren(QAbstractScrollArea):
            part.viewport().installEventFilter(self)  # for the mouse's own buttons back and forward

    def open_on(self, question: Question | None) -> None:
        """Show it, or bring it to the front: on a question, or on what it showed last."""
        if question is not None or self.asking.report is None:
            self.asking.ask(question or self._state.question or Question())
        if not self.isVisible():
            self._place()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_report(self, report: object) -> None:
        """What came of a question; of one that is not asked any more, nothing is shown."""
        if isinstance(report, Report):
            self.asking.take(report)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say how well its sources are being read, where that is another than before."""
        health = health_of(snapshot)
        if health != self._health:
            self._health = health
            self.busy.show_progress(health.progress)
            self.foot.show_health(health)
            if health.progress is not None and self.asking.report is not None:
                self.body.show_empty(while_read(self.asking.report, health).empty_text)

    def take_answer(self, answer: Answer) -> bool:
        """What came of a request. Returns whether it was asked here."""
        return self.desk.take(answer)

    def history_changed(self, *, at_once: bool = False) -> None:
        """Something may have been written: show it. at_once: no more of it follows soon."""
        (self.asking.again if at_once else self.asking.history_changed)()

    def state(self) -> HistoryState:
        """How it is, to be remembered."""
        bare = {view: q._replace(picked=(), selected=None) for view, q in self.asking.left.items()}
        return HistoryState(
            geometry=bytes(self.saveGeometry().data()),
            splitter=bytes(self.body.splitter.saveState().data()),
            view=self.asking.question.view,
            questions=bare,
            columns=self.body.table.column_state(),
        )

    def event(self, event: QEvent) -> bool:
        """Nothing but to keep the interpreter while all of the window is laid out and painted: each part of it would
        have to wait for it anew while a report is made.
        """
        return super().event(event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802 (Qt's names)
        """The Tab key: what there is to come to changes with each answer, and is looked at when it is pressed."""
        holder: QWidget | None = self.focusWidget()
        if holder is None or holder.isVisibleTo(self):  # else it goes, and hands the keyboard to what followed it
            self._order_tabs()
        return super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Escape:
            self._ease()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        if not self._go_by_mouse(event):
            super().mousePressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent) and self._go_by_mouse(event):
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        beside = self.width() >= _TRAIL_BESIDE_FROM
        if beside is not self.period.isAncestorOf(self.trail):
            if beside:
                self.period.put_beside(self.trail)
            else:
                self._main.insertWidget(2, self.trail)
            self._order_tabs()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        super().closeEvent(event)
        self.asking.stop()
        self.closed.emit()

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(16)
        controls.addWidget(self.grouping, 1)
        controls.addWidget(self.filter)
        figures = QHBoxLayout()
        figures.setSpacing(10)
        figures.addWidget(self.headline, 1)
        figures.addWidget(self.filter.complaint, 0, Qt.AlignmentFlag.AlignTop)
        self._main = main = QVBoxLayout()
        main.setContentsMargins(MARGIN - GUTTER, 8, MARGIN - GUTTER, 4)
        main.setSpacing(6)
        main.addWidget(self.period)
        main.addLayout(controls)
        main.addWidget(self.trail)
        self.trail.hide()
        main.addWidget(self.busy)
        main.addLayout(figures)
        main.addWidget(self.body, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self.top)
        whole.addWidget(SectionRule(inset=0))
        whole.addLayout(main, 1)
        whole.addWidget(SectionRule(inset=0))
        whole.addWidget(self.foot)

    def _join_bar(self) -> None:
        asking = self.asking
        asking.changed.connect(self._on_changed)
        asking.answered.connect(self._on_answered)
        asking.busy_changed.connect(self._on_busy)
        self.views.chosen.connect(asking.turn)
        self.period.chosen.connect(lambda period: asking.ask(turns.with_period(asking.question, period)))
        self.period.stepped.connect(asking.step)
        self.grouping.measured.connect(lambda measure: asking.ask(turns.measured(asking.question, measure)))
        self.grouping.grouped.connect(lambda by: asking.ask(turns.grouped(asking.question, by)))
        self.grouping.split.connect(lambda into: asking.ask(turns.split(asking.question, into)))
        self.filter.typed.connect(lambda text: asking.ask(turns.filtered(asking.question, text)))
        self.trail.asked.connect(asking.ask)
        self.refresh.clicked.connect(self.refresh_asked)
        self.top.export.clicked.connect(self._ask_export)
        self.top.keys.clicked.connect(lambda: self.keys_popup.open(self))

    def _join_figures(self) -> None:
        asking, body = self.asking, self.body
        body.chart.named.connect(self.foot.name)
        body.chart.selected.connect(lambda bars: asking.ask(turns.selected(asking.question, bars)))
        body.chart.zoom_asked.connect(self._zoom)
        body.chart.deeper_asked.connect(self._go_deeper)
        body.legend.toggled.connect(lambda id_: asking.ask(turns.toggled(asking.question, id_)))
        body.legend.picked_asked.connect(self._pick)
        body.legend.deeper_asked.connect(self._go_deeper)
        body.table.named.connect(self.foot.name_in_full)
        body.table.picked_asked.connect(self._pick)
        body.table.deeper_asked.connect(self._go_deeper)
        body.table.sort_asked.connect(
            lambda column, descending: asking.ask(turns.ordered(asking.question, column, descending=descending))
        )
        body.remarked.connect(self.foot.say_otherwise)
        self.keeper.told.connect(self.foot.say)

    def _join_notes(self) -> None:
        self.notes.form_asked.connect(self._open_form)
        self.form.cancelled.connect(self._close_form)
        self.form.done.connect(lambda _: self._close_form())
        self.desk.said.connect(self.foot.say)
        self.desk.undo_offered.connect(self._on_undo_offered)
        self.foot.undone.connect(lambda request: self.desk.send(request, self, self._on_undone))
        self.foot.left.connect(lambda: self.body.table.body.setFocus(Qt.FocusReason.OtherFocusReason))
        self.foot.mend_asked.connect(self.settings_asked)

    def _add_keys(self) -> None:
        turned = -1 if self.isRightToLeft() else 1
        asking = self.asking
        bound: list[tuple[str, Callable[[], object]]] = [
            ("Ctrl+F", self.filter.take_keyboard),
            ("Ctrl+R", self.refresh_asked.emit),
            ("F5", self.refresh_asked.emit),
            ("Ctrl+E", self._ask_export),
            ("Ctrl+,", lambda: self.settings_asked.emit("")),
            ("Ctrl+W", self.close),
            ("F1", lambda: self.keys_popup.open(self)),
            ("Ctrl+Left", lambda: asking.step(-turned)),
            ("Ctrl+Right", lambda: asking.step(turned)),
            ("Alt+PgUp", lambda: asking.step(-1)),
            ("Alt+PgDown", lambda: asking.step(1)),
            ("Alt+Left", lambda: asking.go(-turned)),
            ("Alt+Right", lambda: asking.go(turned)),
            ("Ctrl+Shift+Up", lambda: self.body.move_boundary(-_BOUNDARY_STEP)),
            ("Ctrl+Shift+Down", lambda: self.body.move_boundary(_BOUNDARY_STEP)),
        ]
        for place, view in enumerate(View):
            bound.append((f"Ctrl+{place + 1}", partial(asking.turn, view)))
        for keys, slot in bound:
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _place(self) -> None:
        """Where it was, or in its own size, inside the screen."""
        if not (self._state.geometry and self.restoreGeometry(self._state.geometry)):
            room = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(min(_WIDTH, room.width() * 9 // 10), min(_HEIGHT, room.height() * 9 // 10))
        self.body.share_out(self._state.splitter)
        self.views.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_changed(self, question: Question) -> None:
        self.foot.let_go()
        self.views.show_view(question.view)
        self.period.show_question(question)
        self.filter.show_text(question.text)
        if question.view is not View.NOTES:
            self.body.show_form(False)

    def _on_answered(self, report: Report) -> None:
        self.setWindowTitle(", ".join(part for part in (TITLES[report.question.view], report.title) if part))
        self.in_turns.hold()
        self.keeper.show_report(report)
        self.period.show_report(report)
        self.grouping.show_report(report)
        self.trail.show_trail(report.trail)
        self.trail.setVisible(len(report.trail) > 1)
        self.filter.show_report(report)
        self.headline.show_report(report)
        self.notes.show_report(report)
        self.notes.choose(report.question.picked[0] if len(report.question.picked) == 1 else "")
        self.body.show_report(while_read(report, self._health))
        self.foot.show_as_of(report.as_of_text)

    def _on_busy(self, busy: bool) -> None:
        self.busy.show_busy(busy)
        self.foot.say_busy(busy)

    def _order_tabs(self) -> None:
        order = list(stops(self))
        if order != self._order:
            self._order = order
            put_in_order(order)

    def _ask_export(self) -> None:
        report = self.asking.report
        self.export_asked.emit(report.days[-1] if report is not None and report.days else None)

    def _row(self, id_: str) -> Row | None:
        report = self.asking.report
        return next((row for row in report.table.rows if row.id == id_), None) if report else None

    def _pick(self, ids: tuple[str, ...]) -> None:
        self.asking.ask(turns.picked(self.asking.question, ids))

    def _go_deeper(self, id_: str) -> None:
        """Into a row of the table, an item of the legend, or a part of a bar."""
        report, row = self.asking.report, self._row(id_)
        if report is None or row is None:
            return
        note = self.notes.note(id_)
        if note is not None:
            self._open_form(note)
            return
        # What lies deeper is told by the view that groups by anything.
        into = deeper(as_usage(report.question, report.days), row, report.days)
        if into is None:
            self.foot.say("Nothing lies deeper")
        else:
            self.asking.ask(into._replace(measure=self.asking.question.measure))

    def _zoom(self, bar: str) -> None:
        report = self.asking.report
        if report is None or not isinstance(report.chart, BarChart):
            return
        into = zoomed(report.question, bar, report.days)
        if into is not None:
            self.asking.ask(into._replace(measure=self.asking.question.measure))

    def _ease(self) -> None:
        """Esc takes back one thing after the other, and closes the window once there is nothing."""
        if self.asking.give_up():
            return
        eased = turns.eased(self.asking.question)
        if eased is not None:
            self.asking.ask(eased)
        else:
            self.close()

    def _go_by_mouse(self, event: QMouseEvent) -> bool:
        step = {Qt.MouseButton.BackButton: -1, Qt.MouseButton.ForwardButton: 1}.get(event.button())
        if step is not None:
            self.asking.go(step)
        return step is not None

    def _open_form(self, note: NoteFacts | None) -> None:
        report = self.asking.report
        if report is None or report.days is None:
            return
        self.form.begin(note, report.days[1], self.filter.names("project"))
        self.body.show_form(True)
        self._order_tabs()
        self.form.focus_first()

    def _close_form(self) -> None:
        holder: QWidget | None = self.focusWidget()
        held = holder is not None and self.form.isAncestorOf(holder)
        self.body.show_form(False)
        self._order_tabs()
        if held:
            self.notes.add.setFocus(Qt.FocusReason.OtherFocusReason)
        self.asking.again()

    def _on_undo_offered(self, request: Request | None) -> None:
        self.foot.offer(request)
        self._order_tabs()
        self.asking.again()

    def _on_undone(self, answer: Answer) -> None:
        if answer.problem is not None:
            self.foot.say(f"Not done. {in_words(answer.problem)}")
