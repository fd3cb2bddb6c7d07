"""The views as a quiet row of tabs."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar

from tokentray.question import View
from tokentray.ui import theme
from tokentray.ui.widgets import paint_focus

TITLES = {
    View.USAGE: "Usage",
    View.WHY: "Why",
    View.PRICES: "Prices",
    View.PLANS: "Plans",
    View.RECONCILE: "Reconcile",
    View.NOTES: "Notes",
}
_TIPS = {
    View.USAGE: "What was used, in any grouping",
    View.WHY: "Why a month differs from the one before",
    View.PRICES: "What you pay per million tokens",
    View.PLANS: "What your plans cost and what they are worth",
    View.RECONCILE: "What was billed beside what was counted",
    View.NOTES: "What it bought, in your own words",
}
_INSET = 11
_LINE = 2


class Views(QTabBar):
    """One tab for each view; the one shown has a line under it."""

    chosen = Signal(object)
    """The View that the person turned to. Not sent when one is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("View")
        self.setFont(theme.font())
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        for place, view in enumerate(View):
            self.addTab(TITLES[view])
            self.setTabToolTip(place, f"{_TIPS[view]} (Ctrl+{place + 1})")
        self.currentChanged.connect(self._on_current)

    def show_view(self, view: View) -> None:
        """Have its tab be the chosen one."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(list(View).index(view))
        self.blockSignals(blocked)
        self.update()

    def tabSizeHint(self, index: int) -> QSize:  # noqa: N802 (Qt's name)
        # By the bold type of the chosen one, so that no tab moves when another is.
        wide = QFontMetrics(theme.font(1.0, QFont.Weight.DemiBold)).horizontalAdvance(self.tabText(index))
        return QSize(wide + 2 * _INSET, self.fontMetrics().height() + 16)

    def minimumTabSizeHint(self, index: int) -> QSize:  # noqa: N802 (Qt's name)
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pointed = self.tabAt(self.mapFromGlobal(self.cursor().pos())) if self.underMouse() else -1
        for index in range(self.count()):
            box = QRectF(self.tabRect(index))
            chosen = index == self.currentIndex()
            painter.setPen(shades.text if chosen or index == pointed else shades.secondary)
            painter.setFont(theme.font(1.0, QFont.Weight.DemiBold if chosen else None))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.tabText(index))
            if chosen:
                line = QRectF(box.left() + _INSET - 2, box.bottom() - _LINE, box.width() - 2 * _INSET + 4, _LINE)
                painter.fillRect(line, shades.accent)
        painter.end()
        if self.hasFocus():
            paint_focus(self, QRectF(self.tabRect(self.currentIndex())).adjusted(1, 3, -1, -5))

    def _on_current(self, index: int) -> None:
        self.chosen.emit(list(View)[index])
