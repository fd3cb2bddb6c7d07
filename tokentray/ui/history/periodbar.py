"""The part of the bar on top that says which days are shown, and leads to others."""

from datetime import date

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tokentray.question import Period, Question, Span, View
from tokentray.report import Report
from tokentray.ui import theme
from tokentray.ui.buttons import QuietButton
from tokentray.ui.history.days import DaysPopup
from tokentray.ui.history.segments import Segments
from tokentray.ui.widgets import TextLabel

_SPANS = (
    (Span.DAYS_7, "7 days"),
    (Span.DAYS_30, "30 days"),
    (Span.MONTH, "Month"),
    (Span.YEAR, "Year"),
    (Span.ALL, "All"),
    (Span.CUSTOM, "Custom…"),
)
_ALL_SPANS = tuple(span for span, _ in _SPANS)


class Chevron(QuietButton):
    """‹ or ›, drawn, and turned with the window. forth: towards later days."""

    def __init__(self, name: str, tip: str, *, forth: bool) -> None:
        super().__init__()
        self._forth = forth
        self.setAccessibleName(name)
        self.setToolTip(tip)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        side = self.fontMetrics().height() + 10
        return QSize(side, side)

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        shades = theme.current()
        # Where there is nothing further it stays, so that a hand that presses on does not press something else.
        color = ink if self.isEnabled() else theme.mix(shades.window, shades.text, 0.3)
        pen = QPen(color, 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        to_the_right = self._forth != self.isRightToLeft()
        middle, wide = QPointF(self.rect().center()) + QPointF(0.5, 0.5), 3.0 if to_the_right else -3.0
        painter.drawPolyline(
            [middle + QPointF(-wide / 2, -5), middle + QPointF(wide / 2, 0), middle + QPointF(-wide / 2, 5)]
        )


class PeriodBar(QWidget):
    """The kinds of periods, ‹ ›, and the title of the days shown."""

    chosen = Signal(object)
    """A Period."""
    stepped = Signal(int)
    """To the period before (-1) or after (1) the one shown."""

    def __init__(self) -> None:
        super().__init__()
        self._question = Question()
        self._shown: tuple[date, date] | None = None
        self.earlier = Chevron("Earlier", "Earlier (Ctrl+Left)", forth=False)
        self.later = Chevron("Later", "Later (Ctrl+Right)", forth=True)
        self.title = TextLabel(font=theme.font(1.1, QFont.Weight.DemiBold), elides=True)
        self.spans = Segments("Period", [(str(span), text) for span, text in _SPANS], leads_on=(str(Span.CUSTOM),))
        self.days = DaysPopup(self)
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        # The title after all that is pressed, so that nothing moves by its length.
        line.addWidget(self.spans)
        line.addSpacing(8)
        line.addWidget(self.earlier)
        line.addWidget(self.later)
        line.addWidget(self.title, 1)
        line.addStretch()
        self.earlier.clicked.connect(lambda: self.stepped.emit(-1))
        self.later.clicked.connect(lambda: self.stepped.emit(1))
        self.spans.chosen.connect(self._on_span)
        self.days.chosen.connect(self.chosen)
        self.days.closed.connect(self._show_span)

    def put_beside(self, widget: QWidget) -> None:
        """Have a widget in the room that the title leaves."""
        self._line.insertWidget(self._line.indexOf(self.title) + 1, widget, 1)

    def show_question(self, question: Question) -> None:
        """What is asked for now, also while its answer is still being made."""
        self._question = question
        # Why compares a month with the one before, and nothing else.
        self.spans.offer((str(Span.MONTH),) if question.view is View.WHY else tuple(map(str, _ALL_SPANS)))
        self._show_span()

    def show_report(self, report: Report) -> None:
        """The days that are shown, and which lie beside them."""
        self._shown = report.days
        self.title.set_words(report.title)
        self.title.setMaximumWidth(self.title.wished_width())
        self.earlier.setAccessibleDescription(f"Shown: {report.title}" if report.title else "")
        self.later.setAccessibleDescription(self.earlier.accessibleDescription())
        self.earlier.setEnabled(report.earlier is not None)
        self.later.setEnabled(report.later is not None)

    def _show_span(self) -> None:
        span = Span.MONTH if self._question.view is View.WHY else self._question.period.span
        self.spans.show_value(str(span))

    def _on_span(self, value: str) -> None:
        span, period = Span(value), self._question.period
        if span is Span.CUSTOM:
            if self._shown is not None:
                self.days.open(self.spans.segments[value], *self._shown)
            else:
                self._show_span()
            return
        if span is not period.span and self._question.view is not View.WHY:
            self.chosen.emit(Period(span, _anchor(period) if span in (Span.MONTH, Span.YEAR) else None))
        else:  # pressed once more: to the one that holds today
            self.chosen.emit(Period(span))


def _anchor(period: Period) -> date | None:
    """A day in the month or year to go to from a period: its last one, None for today."""
    if period.span is Span.CUSTOM:
        return period.last
    return period.first
