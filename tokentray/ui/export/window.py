"""The window that exports a month: what is chosen at its side, the month as it will be written, what came of it.

What was chosen is remembered once it has been exported with, not while somebody tries what there is.
"""

from datetime import date, timedelta
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from tokentray.charts.text import shown
from tokentray.engine.exporter import ExportProgress
from tokentray.engine.exporter import Preview as Previewed
from tokentray.export.job import Job, Outcome
from tokentray.requests import Answer, SetSetting
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.bridge import Exports
from tokentray.ui.export.choices import Choices, day_of
from tokentray.ui.export.notice import Notice
from tokentray.ui.export.opening import open_path
from tokentray.ui.export.preview import Preview
from tokentray.ui.export.result import Result, in_words
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.desk import Desk, Submit, without_commands
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.forms.fields import in_words as problem_words
from tokentray.ui.forms.folder import ChooseFolder, ask_folder
from tokentray.ui.forms.ground import Ground, Scroll
from tokentray.ui.forms.tabs import put_in_order, stops
from tokentray.ui.heard import announce
from tokentray.ui.sections import ProblemRow
from tokentray.ui.widgets import SectionRule, TextLabel

TITLE = "Export a month"
MARGIN = 20
_BETWEEN = 6
_WIDTH, _HEIGHT = 1180, 740
_SIDE = 340
"""Pixels that the choices are wide at most, at 100 %."""
_AGAIN_MS, _RETRY_MS = 1500, 3000
_LATE_MS = 300
"""After that it is said that the month is still read."""
_NOTHING = Problem(
    "There is nothing to export yet",
    "A month can be exported as soon as something of it was read.",
    "",
    grave=False,
)
_FOLDER, _FORMATS, _REDACT = "export.folder", "export.formats", "export.redact"


class ExportWindow(Ground):
    """It shows previews, and asks for what is chosen to be written."""

    settings_asked = Signal(str)
    closed = Signal()

    def __init__(self, exporter: Exports, submit: Submit, choose_folder: ChooseFolder = ask_folder) -> None:
        super().__init__()
        self.setWindowFlag(Qt.WindowType.Window)
        self.setWindowTitle(TITLE)
        self._exporter = exporter
        self._setup: Setup | None = None
        self._wanted = ""
        """The month to begin with, "2026-10"; "" for the newest that is over."""
        self._asked: tuple[date, bool] | None = None
        self._has_month = False
        self._has_nothing = False
        """Whether it is known that there is nothing to choose among."""
        self._pressed = False
        """Whether the keyboard was on the button when it was pressed."""
        self.is_running = False
        """Whether files are being written."""
        self._order: list[QWidget] = []
        self.desk = Desk(submit, self)
        self.choices = Choices(choose_folder)
        self.notice = Notice()
        self.preview = Preview()
        self.reading = TextLabel(secondary=True)
        self.problem = ProblemRow()
        self.result = Result()
        self.said = TextLabel(font=theme.font(SMALL), secondary=True, elides=True, gutter=False)
        self.close_button = Button("Close")
        self.export = Button("Export")
        self.export.setDefault(True)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._look)
        self._late = QTimer(self, singleShot=True, interval=_LATE_MS)
        self._late.timeout.connect(lambda: self.reading.set_words("Reading the month…"))
        self._lay_out()
        self.choices.asked.connect(self._on_asked)
        self.choices.changed.connect(self._on_changed)
        self.result.opened.connect(self._on_opened)
        self.export.clicked.connect(self.run)
        self.close_button.clicked.connect(self.close)
        self.desk.said.connect(self._on_said)
        QShortcut(QKeySequence("Ctrl+W"), self).activated.connect(self.close)
        QShortcut(QKeySequence("Ctrl+,"), self).activated.connect(lambda: self.settings_asked.emit("Export"))
        self._follow()

    def open_on(self, month: date | None) -> None:
        """Show it, or bring it to the front: on a month, or on the newest that is over where it was not open."""
        if month is not None:
            self._turn_to(month)
        if not self.isVisible():
            room = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(min(_WIDTH, room.width() * 9 // 10), min(_HEIGHT, room.height() * 9 // 10))
            self.choices.month.setFocus(Qt.FocusReason.OtherFocusReason)
            self._late.start()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_setup(self, setup: Setup) -> None:
        """Follow what is remembered; with the first, the months can be asked for."""
        first, self._setup = self._setup is None, setup
        held = {state.key: state.text for state in setup.settings}
        self.choices.show_remembered(held[_FORMATS], held[_FOLDER], redact=held[_REDACT] == "true")
        if first:
            self._look()
        self._follow()

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """What is wrong, where it keeps all else from being known."""
        grave = next((problem for problem in problems if problem.grave), None)
        if self._setup is None and grave is not None:
            self._show_problem(grave)

    def take(self, told: object) -> None:
        """What the exporter tells."""
        if isinstance(told, Previewed):
            self._on_previewed(told)
        elif isinstance(told, ExportProgress) and self.is_running:
            self.result.show_progress(told.done, told.total)
        elif isinstance(told, Outcome):
            self._on_outcome(told)
        self._follow()

    def take_answer(self, answer: Answer) -> bool:
        """What came of a request. Returns whether it was asked here."""
        return self.desk.take(answer)

    def look_again(self) -> None:
        """Something may have been written to the history: show the month as it is now, once that has settled."""
        waits = 0 <= self._again.remainingTime() <= _AGAIN_MS
        if self._setup is not None and self.isVisible() and not waits:
            self._again.start(_AGAIN_MS)

    def run(self) -> None:
        """Write what is chosen, and remember it."""
        job = self._job()
        if job is None:
            return
        self._pressed = self.export.hasFocus()
        self.is_running = True
        self._remember()
        self.result.show_progress(0, len(job.formats))
        self._follow()
        self._exporter.run(job)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        super().closeEvent(event)
        self._again.stop()
        self.closed.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        self.said.set_words("")

    def _lay_out(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN - 8)
        column.addWidget(self.choices)
        self._scroll = Scroll(side)
        self._scroll.setAccessibleName("What to export")
        self._scroll.setMaximumWidth(max(_SIDE, self._scroll.minimumSizeHint().width() + MARGIN))
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        nothing = QWidget()
        beside = QVBoxLayout(nothing)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.problem)
        beside.addStretch(1)
        blank = QWidget()
        waits = QVBoxLayout(blank)
        waits.setContentsMargins(0, 0, 0, 0)
        waits.addWidget(self.reading)
        waits.addStretch(1)
        self._pages = QStackedWidget()
        for page in (blank, self.preview, nothing):
            self._pages.addWidget(page)
        shows = QVBoxLayout()
        shows.setContentsMargins(0, MARGIN - 4, 0, MARGIN - 8)
        shows.setSpacing(10)
        shows.addWidget(self.notice)
        shows.addWidget(self._pages, 1)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._scroll, 1)
        body.addSpacing(_BETWEEN)
        body.addLayout(shows, 2)
        body.addSpacing(MARGIN)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.said, 1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.export)
        below = QVBoxLayout()
        below.setContentsMargins(MARGIN, 10, MARGIN, 12)
        below.setSpacing(10)
        below.addWidget(self.result)
        below.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(body, 1)
        whole.addWidget(SectionRule(inset=0))
        whole.addLayout(below)

    def _turn_to(self, month: date) -> None:
        name = month.isoformat()[:7]
        self._wanted = name
        if self.choices.month.has_value(name):
            self.choices.month.show_value(name)
            self._on_asked()

    def _month(self) -> date | None:
        """The month that is chosen; before it is known which there are, the one to begin with."""
        name = self.choices.month.value() or self._wanted
        if name:
            return day_of(name)
        return None if self._setup is None else self._setup.today.replace(day=1) - timedelta(days=1)

    def _look(self) -> None:
        month = self._month()
        if month is not None:
            self._asked = (month.replace(day=1), self.choices.redact.isChecked())
            self._exporter.preview(*self._asked)

    def _on_asked(self) -> None:
        """Another preview is wanted. What came of the last export is no answer to it."""
        if not self.is_running:
            self.result.clear()
        self._on_said("")
        self.choices.tell_files()
        self._look()
        self._follow()

    def _on_changed(self) -> None:
        self._on_said("")
        self._follow()

    def _on_previewed(self, told: Previewed) -> None:
        if self._setup is None or (told.month.replace(day=1), told.redact) != self._asked:
            return
        if told.months or told.problem is None:
            self._show_months(told.months, self._setup.today.isoformat()[:7])
        chosen = self._month()
        if told.months and chosen is not None and chosen.replace(day=1) != self._asked[0]:
            self._look()  # there is nothing of the month that was asked for first
            return
        self._has_month = told.document is not None
        self._has_nothing = False
        if told.document is not None:
            self.notice.say(told.document.status, told.document.changed)
            self.preview.show_document(told.document)
            self._pages.setCurrentWidget(self.preview)
        else:
            nothing = told.problem is None or not (told.problem.grave or told.months)
            self._show_problem(_NOTHING if nothing or told.problem is None else told.problem)
            if not nothing and self.isVisible():
                self._again.start(_RETRY_MS)  # until it can be read

    def _show_months(self, months: tuple[str, ...], running: str) -> None:
        combo = self.choices.month
        self.choices.show_months(months, running)
        if not combo.has_value(combo.value()):
            over = [one for one in months if one < running]
            first = self._wanted if self._wanted in months else next(iter([*over, *months]), "")
            combo.show_value(first)
        self.choices.tell_files()

    def _show_problem(self, problem: Problem) -> None:
        self._has_month = False
        self._has_nothing = not self.choices.month.count()
        self.notice.say("", ())
        self.problem.show_problem(problem._replace(hint=without_commands(problem.hint)))
        self._pages.setCurrentIndex(2)
        announce(self, self.problem.accessibleName())

    def _on_outcome(self, outcome: Outcome) -> None:
        if not outcome.automatic:
            self.is_running = False
            self.result.show_outcome(outcome)
            self._follow()
            if self._pressed and self.isActiveWindow():
                self.export.setFocus(Qt.FocusReason.OtherFocusReason)
            announce(self, in_words(outcome))
        self._look()  # what is told of the month beside its figures may differ now

    def _on_opened(self, path: Path) -> None:
        if not open_path(path):
            self._on_said(f"No program of this desktop opens {shown(path.name)}")

    def _on_said(self, words: str) -> None:
        self.said.set_words(words)
        announce(self, words)

    def _job(self) -> Job | None:
        month, formats, folder = self.choices.month.value(), self.choices.formats.chosen(), self.choices.folder.folder()
        if not self._is_ready() or self._lacks():
            return None
        return Job(day_of(month), formats, folder, self.choices.redact.isChecked())

    def _is_ready(self) -> bool:
        """Whether there is a month to write, and nobody is writing."""
        return self._has_month and self._setup is not None and not self.is_running

    def _lacks(self) -> str:
        """What is to be chosen yet, "" for nothing."""
        if not self.choices.formats.chosen():
            return "Choose at least one format"
        if not self.choices.folder.folder().is_absolute():
            return "Name the folder by its full path"
        return ""

    def _follow(self) -> None:
        """Offer to export where everything is chosen, else say what is missing."""
        lacks = self._lacks() if self._is_ready() else ""
        self.export.setEnabled(self._is_ready() and not lacks)
        if lacks:
            self.said.set_words(lacks)
        # Not before it is known: the keyboard would have to leave for the next stop.
        self.choices.setEnabled(not self._has_nothing)
        order = list(stops(self))
        if order != self._order:
            self._order = order
            put_in_order(order)

    def _remember(self) -> None:
        assert self._setup is not None
        held = {state.key: state.text for state in self._setup.settings}
        wanted = {
            _FORMATS: self.choices.formats.text(),
            _FOLDER: self.choices.folder.text(),
            _REDACT: "true" if self.choices.redact.isChecked() else "false",
        }
        for key, text in wanted.items():
            if text != held[key]:
                self.desk.send(SetSetting(key, text), self, self._on_remembered, quiet=True)

    def _on_remembered(self, answer: Answer) -> None:
        if answer.problem is not None:
            self._on_said(f"Not remembered. {problem_words(answer.problem)}")
