"""The settings window: pages in a list at the side. Changes apply at once, and the foot says what was done."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokentray.requests import Answer, Request
from tokentray.setup import Setup
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.desk import Desk, Submit
from tokentray.ui.forms.fields import SMALL, in_words
from tokentray.ui.forms.ground import Ground, Scroll
from tokentray.ui.forms.tabs import put_in_order, stops
from tokentray.ui.sections import ProblemRow
from tokentray.ui.settings import accounts, agents, charges, exports, money, network, plans, privacy, references
from tokentray.ui.settings.accounts import AccountsPage
from tokentray.ui.settings.agents import AgentsPage
from tokentray.ui.settings.charges import ChargesPage
from tokentray.ui.settings.declared import DeclaredPage
from tokentray.ui.settings.exports import ExportPage
from tokentray.ui.settings.money import MoneyPage
from tokentray.ui.settings.network import NetworkPage
from tokentray.ui.settings.page import MARGIN, Page, label
from tokentray.ui.settings.plans import PlansPage
from tokentray.ui.settings.privacy import PrivacyPage
from tokentray.ui.settings.references import ReferencesPage
from tokentray.ui.widgets import SectionRule

TITLE = "Settings"
ACCOUNTS, PRIVACY = accounts.TITLE, privacy.TITLE
AGENTS, PLANS, CHARGES, REFERENCES = agents.TITLE, plans.TITLE, charges.TITLE, references.TITLE
MONEY, APPEARANCE, REFRESHING, NETWORK = money.TITLE, "Appearance", "Refreshing", network.TITLE
EXPORT = exports.TITLE
_REFRESHING_TEXT = (
    "When logs are read, and when the providers of your accounts are asked: each at its own pace. Neither costs tokens."
)
_WIDTH, _HEIGHT = 800, 640
_NAME_INSET = 12


class SettingsWindow(Ground):
    """An ordinary window. It shows setups, and submits what the person changes."""

    refresh_asked = Signal()
    first_run_asked = Signal()
    closed = Signal()
    """It is no longer shown, so that no setup is wanted."""

    def __init__(self, submit: Submit) -> None:
        super().__init__()
        self.setWindowFlag(Qt.WindowType.Window)
        self.setWindowTitle(TITLE)
        self.desk = Desk(submit, self)
        self._setup: Setup | None = None
        self._makers: dict[str, Callable[[], Page]] = {
            ACCOUNTS: self._make_accounts,
            AGENTS: self._make_agents,
            PLANS: lambda: PlansPage(self.desk),
            CHARGES: lambda: ChargesPage(self.desk),
            REFERENCES: self._make_references,
            MONEY: lambda: MoneyPage(self.desk),
            APPEARANCE: lambda: DeclaredPage(APPEARANCE, "What the tray icon and the popover show.", self.desk),
            REFRESHING: lambda: DeclaredPage(REFRESHING, _REFRESHING_TEXT, self.desk),
            EXPORT: lambda: ExportPage(self.desk),
            NETWORK: lambda: NetworkPage(self.desk),
            PRIVACY: lambda: PrivacyPage(self.desk),
        }
        self.pages: dict[str, Page] = {}
        """Those that were looked at; a page is made when it is first shown."""
        self._scrolls: dict[str, Scroll] = {}
        self.nav = _Pages(list(self._makers))
        self.problems = QWidget()
        self._problem_rows: list[ProblemRow] = []
        self._problem_column = QVBoxLayout(self.problems)
        self._problem_column.setContentsMargins(MARGIN - 6, 12, MARGIN - 6, 0)
        self.stack = QStackedWidget()
        self.stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.said = label(factor=SMALL, secondary=True, elides=True)
        self.undo = TextButton("Undo", factor=SMALL, link=True)
        self._undo: Request | None = None
        self._order: list[QWidget] = []

        foot = QWidget()
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(MARGIN, 6, MARGIN - 6, 6)
        foot_row.addWidget(self.said, 1)
        foot_row.addWidget(self.undo)
        # It keeps its room, so that nothing moves when something is said.
        foot.setFixedHeight(self.undo.sizeHint().height() + 12)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.problems)
        right.addWidget(self.stack, 1)
        right.addWidget(SectionRule(inset=0))
        right.addWidget(foot)
        side = QVBoxLayout()
        side.setContentsMargins(8, 12, 8, 8)
        side.addWidget(self.nav)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(side)
        whole.addWidget(_SideRule())
        whole.addLayout(right, 1)

        self.problems.hide()
        self.undo.hide()
        self.undo.clicked.connect(self._on_undo)
        self.desk.said.connect(self._on_said)
        self.desk.undo_offered.connect(self._on_undo_offered)
        self.nav.currentTextChanged.connect(self._on_page)
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+R", self.refresh_asked.emit),
            ("Ctrl+W", self.close),
            ("Ctrl+Tab", lambda: self._turn(1)),
            ("Ctrl+Shift+Tab", lambda: self._turn(-1)),
            ("Ctrl+PgDown", lambda: self._turn(1)),
            ("Ctrl+PgUp", lambda: self._turn(-1)),
        )
        for key, slot in keys:
            QShortcut(QKeySequence(key), self).activated.connect(slot)

    @property
    def page(self) -> Page:
        """The one that is shown."""
        return self.pages[self.nav.currentItem().text()]

    def open(self, page: str = "") -> None:
        """Show it, or bring it to the front; on a page by its title, or on the one it was left on."""
        if page or self.nav.currentRow() < 0:
            self.show_page(page or ACCOUNTS)
        if not self.isVisible():
            room = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(_fitting(room, self.minimumSizeHint().width()).size())
            self.nav.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_page(self, title: str) -> None:
        """Turn to a page by its title."""
        self.nav.setCurrentRow(list(self._makers).index(title))

    def open_account(self, number: int) -> None:
        """Show it at an account, by its id."""
        self.open(ACCOUNTS)
        page = self.page
        if isinstance(page, AccountsPage):
            page.open_account(number)

    def show_setup(self, setup: Setup) -> None:
        """Follow what is known now."""
        self._setup = setup
        self._show_problems(setup)
        if self.nav.currentRow() >= 0:
            self._show_on_page()

    def take_answer(self, answer: Answer) -> bool:
        """What came of a request. Returns whether it was asked here."""
        return self.desk.take(answer)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        # A number that the person has just typed is told when its control is left.
        focus: QWidget | None = self.focusWidget()
        if focus is not None:
            focus.clearFocus()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        if not event.spontaneous():
            self.closed.emit()

    def _turn(self, step: int) -> None:
        count = self.nav.count()
        self.nav.setCurrentRow((self.nav.currentRow() + step) % count)
        self.nav.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_page(self, title: str) -> None:
        if title not in self.pages:
            page = self._makers[title]()
            page.relaid.connect(self._order_tabs)
            self.pages[title] = page
            self._scrolls[title] = Scroll(page)
            self._scrolls[title].setAccessibleName(title)
            self.stack.addWidget(self._scrolls[title])
        self._show_on_page()
        self.stack.setCurrentWidget(self._scrolls[title])
        self._order_tabs()
        self._on_said("")
        self._on_undo_offered(None)

    def _order_tabs(self) -> None:
        order = list(stops(self))
        if order != self._order:
            self._order = order
            put_in_order(order)

    def _show_on_page(self) -> None:
        if self._setup is None or self.page.setup is self._setup:
            return
        with self._scrolls[self.nav.currentItem().text()].steady():
            self.page.show_setup(self._setup)

    def _show_problems(self, setup: Setup) -> None:
        while len(self._problem_rows) < len(setup.problems):
            row = ProblemRow()
            self._problem_rows.append(row)
            self._problem_column.addWidget(row)
        for row, problem in zip(self._problem_rows, setup.problems, strict=False):
            row.show_problem(problem)
        for place, row in enumerate(self._problem_rows):
            row.setVisible(place < len(setup.problems))
        self.problems.setVisible(bool(setup.problems))

    def _on_said(self, words: str) -> None:
        self.said.set_words(words)
        if words and self.isVisible():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.said, words))

    def _on_undo_offered(self, request: Request | None) -> None:
        self._undo = request
        if request is None and self.undo.hasFocus():
            self.nav.setFocus(Qt.FocusReason.OtherFocusReason)
        self.undo.setVisible(request is not None)
        self._order_tabs()

    def _on_undo(self) -> None:
        request = self._undo
        if request is not None:
            self._on_undo_offered(None)  # once: a second press would put it back twice
            self.desk.send(request, self, self._on_undone)

    def _on_undone(self, answer: Answer) -> None:
        if answer.problem is not None:
            self._on_said(f"Not done. {in_words(answer.problem)}")

    def _make_accounts(self) -> Page:
        page = AccountsPage(self.desk)
        page.refresh_asked.connect(self.refresh_asked)
        return page

    def _make_agents(self) -> Page:
        page = AgentsPage(self.desk)
        page.first_run_asked.connect(self.first_run_asked)
        return page

    def _make_references(self) -> Page:
        page = ReferencesPage(self.desk)
        page.rates_asked.connect(self._on_rates_asked)
        return page

    def _on_rates_asked(self, currency: str) -> None:
        self.show_page(MONEY)
        page = self.page
        if isinstance(page, MoneyPage):
            page.open_rate(currency)


class _Pages(QListWidget):
    """The names of the pages, on the ground of the window."""

    def __init__(self, titles: list[str]) -> None:
        super().__init__()
        self.setAccessibleName("Pages of the settings")
        self.setFont(theme.font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setItemDelegate(_PageName(self))
        metrics, bold = self.fontMetrics(), theme.font(1.0, QFont.Weight.DemiBold)
        wide = max(QFontMetrics(bold).horizontalAdvance(title) for title in titles)
        for title in titles:
            item = QListWidgetItem(title)
            item.setSizeHint(QSize(wide + 2 * _NAME_INSET, metrics.height() + 14))
            self.addItem(item)
        self.setFixedWidth(wide + 2 * _NAME_INSET + 2)


class _PageName(QStyledItemDelegate):
    """Paints a page's name on a quiet ground where it is the one shown: the accent of some desktops is too light for
    the text that they put on it.
    """

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        shades = theme.current()
        states = QStyle.StateFlag
        box = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & states.State_Selected)
        if chosen or option.state & states.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.rule if chosen else shades.track)
            painter.drawRoundedRect(box, 6, 6)
        if chosen and option.state & states.State_HasFocus:
            painter.setPen(QPen(shades.accent, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.8, 0.8, -0.8, -0.8), 6, 6)
        painter.setPen(shades.text)
        painter.setFont(theme.font(1.0, QFont.Weight.DemiBold if chosen else None))
        side = Qt.AlignmentFlag.AlignLeft
        # A painter of a window that is turned would turn it once more, but for AlignAbsolute.
        if option.direction == Qt.LayoutDirection.RightToLeft:
            side = Qt.AlignmentFlag.AlignRight
        inside = box.adjusted(_NAME_INSET - 3, 0, -_NAME_INSET + 3, 0)
        painter.drawText(
            inside, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, str(index.data())
        )
        painter.restore()


class _SideRule(SectionRule):
    """The hairline between the list of pages and the page."""

    def __init__(self) -> None:
        super().__init__(inset=0)
        self.setMinimumHeight(0)
        self.setMaximumHeight(16_777_215)
        self.setFixedWidth(1)


def _fitting(room: QRect, least: int) -> QRect:
    """The size it opens with: comfortable, and inside the screen."""
    return QRect(0, 0, min(max(_WIDTH, least), room.width() * 9 // 10), min(_HEIGHT, room.height() * 9 // 10))
