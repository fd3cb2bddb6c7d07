"""The cards of the window: a heading, a line that says what it is for, and what can be set."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokentray.ui import theme
from tokentray.ui.widgets import TextLabel

MARGIN = 18


class Card(QWidget):
    """A part of the window that can be done or left alone."""

    def __init__(self, heading: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = TextLabel(font=theme.font(1.15, QFont.Weight.DemiBold), gutter=False)
        self.heading.set_words(heading)
        self.beside = TextLabel(font=theme.font(0.88), secondary=True, trailing=True, gutter=False)
        self.about = TextLabel(font=theme.font(0.92), secondary=True, wraps=True, gutter=False)
        self.about.set_words(words)
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addWidget(self.beside, 1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN)
        self.body.setSpacing(0)
        self.body.addLayout(head)
        self.body.addSpacing(3)
        self.body.addWidget(self.about)
        self.setAccessibleName(heading)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(shades.rule, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()


class DoneSign(QWidget):
    """A tick in a circle: this is said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(18, 18)
        self.setAccessibleName("Set")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.current().link, 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(QPointF(9, 9), 6.8, 6.8)
        tick = QPainterPath(QPointF(6, 9.2))
        tick.lineTo(8.2, 11.4)
        tick.lineTo(12.2, 6.9)
        painter.drawPath(tick)
        painter.end()
