"""The content of popover and window alike: one snapshot, in sections that have something to say."""

from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from tokentray.snapshot import Snapshot
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.sections import DaysSection, MonthSection, ProblemsSection, ReferenceHint, TodaySection
from tokentray.ui.sources import SourcesSection
from tokentray.ui.ways import THIS_MONTH, of_day
from tokentray.ui.widgets import GUTTER, SECONDARY, SectionRule, TextLabel

AGENTS, REFERENCES, ACCOUNTS = "agents", "references", "accounts"
"""Pages of the settings that windows lead to. An account's own id, "account:3", leads to it on its page."""
MARGIN = 20
_SECTION_GAP = 14
_COLUMN_GAP = 10


class _Content(QWidget):
    """What scrolls. Tells when its parts have asked for another size."""

    relaid = Signal()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.relaid.emit()
        return done


class SnapshotView(QWidget):
    """Shows a snapshot. It asks for things by signals, and does nothing itself."""

    refresh_asked = Signal()
    quit_asked = Signal()
    settings_asked = Signal(str)
    """The page to open, "" for the one last seen."""
    history_asked = Signal(object)
    """The Question that the history window is to open on, None for the one it showed last."""
    export_asked = Signal()
    """The window that exports a month is to open."""
    grown = Signal()
    """The height it would like may have changed; sent once its parts have been laid out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painted_for = -1
        # With their parent from the start: a layout fixes the least size of what is a window of its own.
        self._content = _Content(self)
        self.notice = TextLabel(self._content, wraps=True)
        self.today = TodaySection(self._content)
        self.reference = ReferenceHint(self._content)
        self.days = DaysSection(self._content)
        self.month = MonthSection(self._content)
        self.sources = SourcesSection(self._content)
        self.problems = ProblemsSection(self._content)
        self.history = TextButton("History")
        self.history.setToolTip("History (Ctrl+H)")
        self.export = TextButton("Export")
        self.export.setAccessibleName("Export a month")
        self.export.setToolTip("Export a month (Ctrl+E)")
        self.settings = TextButton("Settings")
        self.settings.setToolTip("Settings (Ctrl+,)")
        self.quit = TextButton("Quit")
        self.quit.setAccessibleName("Quit TokenTray")

        column = QVBoxLayout(self._content)
        column.setContentsMargins(MARGIN - GUTTER, MARGIN - 6, MARGIN - GUTTER, _SECTION_GAP - 2)
        column.setSpacing(_SECTION_GAP)
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.today)
        head.addWidget(self.reference)
        head.addWidget(self.days)
        column.addWidget(self.notice)
        column.addLayout(head)
        for section in (self.month, self.sources, self.problems):
            column.addWidget(section)
        column.addStretch(1)

        self._scroll = QScrollArea()
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus, and is no stop itself
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        # Palette roles instead of colours: the scroll area would paint itself in the colour of text fields.
        self._scroll.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self._scroll.setAccessibleName("TokenTray")

        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(MARGIN - GUTTER, 5, MARGIN - GUTTER, 6)
        foot.addWidget(self.history)
        foot.addSpacing(_COLUMN_GAP)
        foot.addWidget(self.export)
        foot.addSpacing(_COLUMN_GAP)
        foot.addWidget(self.settings)
        foot.addStretch(1)
        foot.addWidget(self.quit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(SectionRule(inset=0))
        whole.addWidget(self._foot)

        self.today.refresh.clicked.connect(self.refresh_asked)
        self.quit.clicked.connect(self.quit_asked)
        self.history.clicked.connect(lambda: self.history_asked.emit(None))
        self.export.clicked.connect(self.export_asked)
        self.days.bars.day_chosen.connect(lambda day: self.history_asked.emit(of_day(day)))
        self.month.chosen.connect(lambda: self.history_asked.emit(THIS_MONTH))
        self.sources.history_asked.connect(self.history_asked)
        self.settings.clicked.connect(lambda: self.settings_asked.emit(""))
        self.reference.set.clicked.connect(lambda: self.settings_asked.emit(REFERENCES))
        for payer in (self.today.payer, self.sources.payer):
            payer.clicked.connect(lambda: self.settings_asked.emit(AGENTS))
        self.sources.mend_asked.connect(self.settings_asked)
        self._content.relaid.connect(self.grown)
        self.notice.hide()
        for part in (self.reference, self.days, self.month, self.sources, self.problems):
            part.hide()
        self._paint_roles()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        nothing = snapshot.blank
        room = self.wished_width() - 2 * MARGIN
        self.today.show_snapshot(snapshot, room)
        self.reference.setVisible(not snapshot.has_reference and not nothing)
        if snapshot.days:
            self.days.show_days(snapshot.days, snapshot.quiet_text)
        self.days.setVisible(bool(snapshot.days) and not nothing)
        if not nothing:
            self.month.show_month(snapshot, room)
        self.month.setVisible(not nothing)
        # Where nobody has said who pays for anything, the total says of the rows what their heading would.
        self.sources.show_sources(snapshot.sources, snapshot.month_label, room, headed=snapshot.counts_spend)
        self.sources.setVisible(bool(snapshot.sources) and not nothing)
        self.problems.show_problems(snapshot.problems)
        self.problems.setVisible(bool(snapshot.problems))
        self._order_tabs()

    def show_notice(self, words: str) -> None:
        """A calm remark above everything, "" for none."""
        self.notice.set_words(words)
        self.notice.setVisible(bool(words))

    def wished_width(self) -> int:
        """About 360 pixels, more where the desktop's type is large."""
        return max(360, self.fontMetrics().horizontalAdvance("0") * 44)

    def wished_height(self, width: int) -> int:
        """The height at which nothing scrolls."""
        layout = self._content.layout()
        assert layout is not None
        if not self.isVisible():
            # Hidden windows keep the sizes they had: hand on what has changed, from the rows up. Never while it
            # is visible: this asks for a new layout, and a new layout asks for this height.
            sections = (self.today, self.reference, self.days, self.month, self.problems)
            for part in (*self.sources.parts(), *self.problems.rows(), *sections):
                part.updateGeometry()
        layout.activate()
        tall = layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
        return tall + 1 + self._foot.sizeHint().height()

    def set_scrolls(self, scrolls: bool) -> None:
        """Whether there may be a bar to scroll. It takes width, so a text may wrap once more and then need it."""
        policies = Qt.ScrollBarPolicy
        policy = policies.ScrollBarAsNeeded if scrolls else policies.ScrollBarAlwaysOff
        self._scroll.setVerticalScrollBarPolicy(policy)

    def focus_first(self) -> None:
        """Leave the keyboard on the window itself: the first Tab goes to the first stop."""
        self.setFocus()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_roles()

    def _paint_roles(self) -> None:
        """Give the role of explaining text a readable colour, again whenever the desktop changes its own."""
        palette = QGuiApplication.palette()
        if palette.cacheKey() == self._painted_for:
            return
        self._painted_for = palette.cacheKey()
        own = QPalette()
        own.setColor(SECONDARY, theme.current().secondary)
        self.setPalette(own)

    def _order_tabs(self) -> None:
        stops: list[QWidget] = [self.today.refresh, self.today.amount, self.today.payer, self.reference.set]
        stops += [self.days.bars, self.month.amount, *self.sources.stops(), self.history, self.export]
        stops += [self.settings, self.quit]
        for one, other in pairwise(stops):
            QWidget.setTabOrder(one, other)
