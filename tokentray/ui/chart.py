"""The last days as bars. Hover or arrow keys name a day, a click or Enter opens it; the whole can also be heard."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokentray.snapshot import DayBar
from tokentray.ui import theme
from tokentray.ui.heard import name_roles
from tokentray.ui.ways import LEADS_ON
from tokentray.ui.widgets import GUTTER, in_full, in_lines, is_click, is_confirmed, known, paint_focus

_HEIGHT = 58
_INSET = GUTTER
"""Room for the ring of the keyboard focus."""
_FULL = 1000
"""A bar of the whole height, in permille."""
_TITLE = "Last 30 days"


class DayBars(QWidget):
    """Bars, the newest at the trailing end: the money, and fainter behind it what that bought. It calculates none."""

    named = Signal(str)
    """Words for the day that is pointed at, "" when none is."""
    day_chosen = Signal(object)
    """The date of a bar that was clicked, or that has the keyboard when Enter is pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._days: tuple[DayBar, ...] = ()
        self._current: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_TITLE)
        name_roles()

    def set_days(self, days: tuple[DayBar, ...]) -> None:
        """Show these days, oldest first."""
        if days == self._days:
            return
        self._days = days
        self.setAccessibleDescription("; ".join(f"{day.label} {day.amount.amount_text}" for day in days))
        kept = self._current if self._current is not None and self._current < len(days) else None
        self._point_at(kept, again=True)
        self.update()

    def current(self) -> DayBar | None:
        """The day that is pointed at."""
        return None if self._current is None else self._days[self._current]

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(300, _HEIGHT + 2 * _INSET)

    def bar_rect(self, index: int) -> QRectF:
        """Where a day's column is, whole height, the gap to its neighbour included."""
        wide = (self.width() - 2 * _INSET) / max(1, len(self._days))
        place = index
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            place = len(self._days) - 1 - index
        return QRectF(_INSET + place * wide, _INSET, wide, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, day in enumerate(self._days):
            column = self.bar_rect(index)
            gap = max(1.0, column.width() * 0.24)
            box = column.adjusted(gap / 2, 0, -gap / 2, 0)
            newest = index == len(self._days) - 1
            pointed = index == self._current
            if pointed:
                painter.fillRect(column, shades.track)
            ink = shades.accent if newest or pointed else shades.quiet_bar
            self._paint_bar(painter, box, day, ink, shades)
        painter.end()
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))

    def _paint_bar(self, painter: QPainter, box: QRectF, day: DayBar, ink: QColor, shades: theme.Colors) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if day.amount.list_cost is None and day.amount.unpriced_tokens and day.height_permille <= 0:
            # Used but without a price: an open square, since no bar would read as nothing used.
            side = min(box.width(), 6.0)
            painter.setPen(QPen(shades.secondary, 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(box.center().x() - side / 2, box.bottom() - side - 1, side, side))
            return
        if day.worth_permille > 0:
            # What it bought stands behind the money, fainter, so that a flat fee does not hide the days.
            self._paint_block(painter, box, day.worth_permille, theme.mix(shades.window, ink, 0.38))
        if day.height_permille <= 0:
            if day.worth_permille > 0:
                return
            painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), shades.rule)
            return
        self._paint_block(painter, box, day.height_permille, ink)

    def _paint_block(self, painter: QPainter, box: QRectF, permille: int, ink: QColor) -> None:
        """A bar that stands on its line: round on top only."""
        tall = max(2.0, box.height() * min(permille, _FULL) / _FULL)
        bar = QRectF(box.left(), box.bottom() - tall, box.width(), tall)
        shape = QPainterPath()
        shape.addRoundedRect(bar, 1.5, 1.5)
        foot = QPainterPath()
        foot.addRect(QRectF(bar.left(), bar.bottom() - min(2.0, tall), bar.width(), min(2.0, tall)))
        painter.setBrush(ink)
        painter.drawPath(shape.united(foot))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        self._point_at(self._at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        index = self._at(event.position())
        if index is not None and is_click(self, event):
            self.day_chosen.emit(self._days[index].day)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().leaveEvent(event)
        self._point_at(len(self._days) - 1 if self.hasFocus() and self._days else None)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        if self._current is None and self._days and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._point_at(len(self._days) - 1)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusOutEvent(event)
        self._point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        pointed = self.current()
        if pointed is not None and is_confirmed(event):
            self.day_chosen.emit(pointed.day)
            return
        back, forth = Qt.Key.Key_Left, Qt.Key.Key_Right
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            back, forth = forth, back
        last = len(self._days) - 1
        here = last if self._current is None else self._current
        goal = {back: here - 1, forth: here + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}.get(Qt.Key(event.key()))
        if goal is None or last < 0:
            super().keyPressEvent(event)
            return
        self._point_at(max(0, min(goal, last)))

    def _at(self, place: QPointF) -> int | None:
        for index in range(len(self._days)):
            column = self.bar_rect(index)
            if column.left() <= place.x() < column.right():
                return index
        return None

    def _point_at(self, index: int | None, *, again: bool = False) -> None:
        if index == self._current and not again:
            return
        self._current = index
        day = self.current()
        if day is None:
            self.setAccessibleName(_TITLE)
            self.setToolTip("")
            self.named.emit("")
        else:
            words = f"{day.label}   {in_full(day.amount)}"
            self.setAccessibleName(f"{_TITLE}: {day.label}, {in_full(day.amount)}")
            # The tip may lie over the words under the bars, so it repeats them.
            self.setToolTip(in_lines(f"{words}\n{known(day.amount, '')}\n{LEADS_ON}"))
            self.named.emit(words)
        self.update()
