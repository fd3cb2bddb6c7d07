"""The word in the foot of the history window on what is wrong with its sources: a button that leads to the mend."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip

from tokentray.ui import theme
from tokentray.ui.buttons import QuietButton
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.history.health import Trouble
from tokentray.ui.sections import ProblemSign
from tokentray.ui.widgets import GUTTER, in_lines, tell_on_focus

_GAP = 5
_LEADS = "A click, or Enter, opens it in the settings"


class TroubleButton(QuietButton):
    """The gravest in a line, cut where there is little room, and how much more there is; hover and focus tell it all.

    What the settings do not mend is told in whole by a click.
    """

    def __init__(self) -> None:
        super().__init__()
        self._trouble: Trouble | None = None
        self.sign = ProblemSign(self)
        self.setFont(theme.font(SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        box = QHBoxLayout(self)
        box.setContentsMargins(GUTTER, 0, GUTTER, 0)
        box.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def page(self) -> str | None:
        """Of the settings, where the mend is; None where it is not there."""
        return self._trouble.page if self._trouble else None

    def show_trouble(self, trouble: Trouble | None) -> bool:
        """None for nothing. Returns whether it is news, that is other words than stood there."""
        if trouble == self._trouble:
            return False
        before, self._trouble = self._trouble, trouble
        self.setVisible(trouble is not None)
        if trouble is None:
            return False
        words = f"{trouble.words}{trouble.more_text}"
        self.setText(words)
        self.sign.show_grave(trouble.failed)
        self.setAccessibleName(words)
        whole = trouble.whole if trouble.page is None else f"{trouble.whole}\n{_LEADS}"
        self.setAccessibleDescription(whole)
        self.setToolTip(in_lines(whole))
        self.updateGeometry()
        self.update()
        return before is None or before.words != trouble.words

    def tell(self) -> None:
        """All of it at once, above the line."""
        QToolTip.showText(self.mapToGlobal(self.rect().topLeft()), self.toolTip(), self)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        tell_on_focus(self, event)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(self._before() + self.fontMetrics().horizontalAdvance(self.text()) + 1 + GUTTER, self._high())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(self._before() + GUTTER, self._high())

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        if self._trouble is None:
            return
        window_rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        before, after = (GUTTER, self._before()) if window_rtl else (self._before(), GUTTER)
        room = QRect(self.rect()).adjusted(before, 0, -after, 0)
        metrics = self.fontMetrics()
        more = self._trouble.more_text
        short = max(0, room.width() - metrics.horizontalAdvance(more))
        words = metrics.elidedText(self._trouble.words, Qt.TextElideMode.ElideRight, short) + more
        # Ours read left to right, whatever a name in them does.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setFont(self.font())
        painter.setPen(ink if self._trouble.page is None else theme.current().link)
        side = Qt.AlignmentFlag.AlignRight if window_rtl else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, words)

    def _before(self) -> int:
        return GUTTER + self.sign.sizeHint().width() + _GAP

    def _high(self) -> int:
        return max(self.sign.sizeHint().height(), self.fontMetrics().height() + 4)
