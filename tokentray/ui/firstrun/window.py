"""The window of the first start. No wizard: cards, each done or left, and everything can be changed later."""

from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokentray.requests import Answer, FinishFirstRun
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.firstrun.accounts import AccountsCard
from tokentray.ui.firstrun.found import FoundCard
from tokentray.ui.firstrun.reference import ReferenceCard
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.dayedit import DayEdit
from tokentray.ui.forms.desk import Desk, Submit
from tokentray.ui.forms.ground import Ground, Scroll
from tokentray.ui.sections import ProblemsSection
from tokentray.ui.view import AGENTS, REFERENCES
from tokentray.ui.widgets import SectionRule, TextLabel

TITLE = "First start"
_MARGIN = 24
_LEAST_HEIGHT, _ROOMY_HEIGHT = 400, 660
"""Pixels; the latter while agents may still be found, so that the window need not grow under the hand."""
_SLACK = 16
"""Pixels beyond what the content asks for before it is shown: styles give some controls more when they are."""
_PATIENCE_MS = 250
_REFUSED = "Not everything could be set: see what is marked above."
_KEY_LEFT = "There is a key that is not added yet: what it can read is said first. Add it, or take it out."
_WIDE = 860
"""Pixels from which the cards stand side by side."""


class FirstRun(Ground):
    """Cards, and a foot with what ends it."""

    settings_asked = Signal(str)
    """The page of the settings to open."""
    closed = Signal()
    finished = Signal()
    """It was closed by Done, with all of it carried out."""

    def __init__(self, submit: Submit) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setWindowFlag(Qt.WindowType.Window)
        self.desk = Desk(submit, self)
        self._setup: Setup | None = None
        self._finishing = False
        self._refused = False
        self.is_open = False
        # What is stored is told within a few milliseconds: a window that is first empty and then grows would jump.
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._show)
        title = TextLabel(font=theme.font(1.5, QFont.Weight.DemiBold), wraps=True, gutter=False)
        title.set_words("Make the figures yours")
        about = TextLabel(secondary=True, wraps=True, gutter=False)
        about.set_words("Three questions. All can wait, and all of it can be changed in the settings at any time.")
        self.settings = TextButton("Settings", link=True)
        self.problems = ProblemsSection()
        self.found = FoundCard(self.desk)
        self.reference = ReferenceCard(self.desk)
        self.accounts = AccountsCard(self.desk)
        self.said = TextLabel(font=theme.font(0.92), secondary=True, wraps=True, gutter=False)
        self.not_now = TextButton("Not now")
        self.finish = Button("Done")
        self.finish.setDefault(True)
        self.finish.setToolTip("Sets what is chosen and typed above, and shows the figures")
        self._compose(title, about)
        self.show_problems(())
        self._fit_least()

        self.settings.clicked.connect(lambda: self.settings_asked.emit(AGENTS))
        self.reference.settings_asked.connect(lambda: self.settings_asked.emit(REFERENCES))
        self.reference.settled.connect(lambda: self.finish.setFocus(Qt.FocusReason.OtherFocusReason))
        self.accounts.settled.connect(lambda: self.finish.setFocus(Qt.FocusReason.OtherFocusReason))
        self.accounts.relaid.connect(self._order_tabs)
        self.desk.said.connect(self._on_said)
        self.not_now.clicked.connect(self.leave)
        self.finish.clicked.connect(self.end)
        QShortcut(QKeySequence("Ctrl+,"), self).activated.connect(self.settings.click)

    @property
    def has_setup(self) -> bool:
        """Whether it was ever told what is known."""
        return self._setup is not None

    def show_setup(self, setup: Setup) -> None:
        """Follow what is known now."""
        first = self._setup is None
        self._setup = setup
        self.show_problems(setup.problems)
        self.found.show_setup(setup)
        self.reference.show_setup(setup)
        self.accounts.show_setup(setup)
        self._order_tabs()
        self._fit_least()
        if first and self.focusWidget() in (None, self.finish):
            self._focus_first()
        if self._patience.isActive():
            self._show()

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """What is wrong, above the cards."""
        self.problems.show_problems(problems)
        self.problems.setVisible(bool(problems))
        self._gap.setVisible(bool(problems))
        if self._setup is None:
            self.found.empty.setVisible(not problems)

    def take_answer(self, answer: Answer) -> bool:
        """Hand an answer to who asked. Returns whether the question was from here."""
        if not self.desk.take(answer):
            return False
        if self._finishing:
            self._refused = self._refused or answer.problem is not None
            if not self.desk.waits():
                self._finishing = False
                if self._refused:
                    self._on_said(_REFUSED)
                else:
                    self._leave_done()
        return True

    def end(self) -> None:
        """Set what is chosen and typed and was not set yet; then close, unless some of it is refused."""
        if self._finishing:
            return
        self.found.send_rest()
        self.reference.send_rest()
        # A form keeps what is no date to itself.
        self._refused = any(edit.is_unread() for edit in self.findChildren(DayEdit) if edit.isVisible())
        if self.accounts.send_rest():
            self._on_said(_KEY_LEFT)
        elif self.desk.waits():
            self._finishing = True
        elif self._refused:
            self._on_said(_REFUSED)
        else:
            self._leave_done()

    def leave(self) -> None:
        """Close, and do not come back by itself; what was set stays, and nothing more is."""
        self.close()

    def open(self) -> None:
        """Show it as soon as there is something to show, or bring it to the front."""
        self.is_open = True
        if self.focusWidget() is None:
            self.finish.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._setup is None:
            self._patience.start()
        else:
            self._show()

    def _show(self) -> None:
        self._patience.stop()
        if not self.isVisible():
            screen = QGuiApplication.primaryScreen().availableGeometry()
            width = min(screen.width() * 9 // 10, max(940, self.fontMetrics().horizontalAdvance("0") * 116))
            self._turn(width)
            column = self._content.layout()
            assert column is not None
            tall = column.heightForWidth(width) + _SLACK + self._foot.sizeHint().height()
            settled = self._setup is not None and self._setup.agents and self._setup.progress is None
            least = _LEAST_HEIGHT if settled else _ROOMY_HEIGHT
            self.resize(width, min(screen.height() * 17 // 20, max(least, tall)))
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QTimer.singleShot(0, self, self._focus_in_sight)  # once it is laid out as tall as it became

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        super().closeEvent(event)
        if self.is_open:
            self.is_open = False
            self.desk.send(FinishFirstRun(), self, _on_finished)
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        enters = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enters and not isinstance(QApplication.focusWidget(), QAbstractButton):
            # The next one presses it: a key that was meant for another window must not settle anything.
            self.finish.setFocus(Qt.FocusReason.TabFocusReason)
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._turn(event.size().width())

    def _leave_done(self) -> None:
        self.leave()
        self.finished.emit()

    def _fit_least(self) -> None:
        """As narrow as the wider card allows: side by side they would keep the window from being stacked."""
        cards = max(card.minimumSizeHint().width() for card in (self.found, self.reference, self.accounts))
        wide = cards + 2 * _MARGIN + self._scroll.verticalScrollBar().sizeHint().width()
        self.setMinimumSize(max(wide, self.fontMetrics().horizontalAdvance("0") * 56), 260)

    def _turn(self, width: int) -> None:
        wide = width >= _WIDE
        self._cards.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _compose(self, title: TextLabel, about: TextLabel) -> None:
        self._content = content = QWidget()
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(about, 1)
        line.addWidget(self.settings, 0, Qt.AlignmentFlag.AlignTop)
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._cards.setSpacing(16)
        beside = QVBoxLayout()
        beside.setSpacing(16)
        beside.addWidget(self.reference)
        beside.addWidget(self.accounts, 1)
        self._cards.addWidget(self.found, 3)
        self._cards.addLayout(beside, 2)
        column = QVBoxLayout(content)
        column.setContentsMargins(_MARGIN, _MARGIN - 4, _MARGIN, _MARGIN - 4)
        column.setSpacing(0)
        column.addWidget(title)
        column.addSpacing(4)
        column.addLayout(line)
        column.addSpacing(16)
        column.addWidget(self.problems)
        self._gap = QWidget()
        self._gap.setFixedHeight(10)
        column.addWidget(self._gap)
        column.addLayout(self._cards)
        column.addStretch(1)
        self._foot = foot = QHBoxLayout()
        foot.setContentsMargins(_MARGIN, 10, _MARGIN, 12)
        foot.setSpacing(8)
        foot.addWidget(self.said, 1)
        foot.addWidget(self.not_now)
        foot.addWidget(self.finish)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self._scroll = Scroll(content)
        self._scroll.setAccessibleName(TITLE)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(SectionRule(inset=0))
        whole.addLayout(foot)

    def _on_said(self, words: str) -> None:
        self.said.set_words(words)
        if words and self.isVisible():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.said, words))

    def _focus_first(self) -> None:
        """On what cannot be guessed, else on the first payer that nobody has said."""
        unsaid = [row.payer for row in self.found.rows() if not row.agent.payer]
        if not self.reference.form.isHidden():
            start: QWidget = self.reference.form.amount
        else:
            start = unsaid[0] if unsaid else self.finish
        start.setFocus(Qt.FocusReason.OtherFocusReason)

    def _focus_in_sight(self) -> None:
        """Leave what lies below the edge of a small screen: whoever types must see where."""
        at = self.focusWidget()
        if self._scroll.isAncestorOf(at) and at.visibleRegion().isEmpty():
            unsaid = [row.payer for row in self.found.rows() if not row.agent.payer]
            in_sight = [payer for payer in unsaid if not payer.visibleRegion().isEmpty()]
            (in_sight[0] if in_sight else self.finish).setFocus(Qt.FocusReason.OtherFocusReason)

    def _order_tabs(self) -> None:
        stops = [self.settings, *self.found.stops(), *self.reference.stops()]
        stops += [*self.accounts.stops(), self.not_now, self.finish]
        for one, other in pairwise(stops):
            QWidget.setTabOrder(one, other)


def _on_finished(answer: Answer) -> None:
    """Nothing is left to say: the window is gone. Where it could not be kept, it comes back at the next start."""
    del answer
