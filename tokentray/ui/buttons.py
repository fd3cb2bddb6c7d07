"""Buttons that keep quiet until the pointer or the keyboard comes to them."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from tokentray.ui import theme
from tokentray.ui.widgets import GUTTER, is_right_to_left, paint_focus


class QuietButton(QAbstractButton):
    """A button without a frame: its ground shows under the pointer, its ring with the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def setText(self, text: str) -> None:  # noqa: N802 (Qt's name)
        """Plain text: an ampersand in a name would have the next letter, with Alt, press the button."""
        super().setText(text)
        self.setShortcut(QKeySequence())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.rule if self.isDown() else shades.track)
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        self.paint_face(painter, shades.text if self.underMouse() else shades.secondary)
        painter.end()
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        """Draw what the button is for."""
        raise NotImplementedError


class TextButton(QuietButton):
    """A word to press. link: in the colour of what leads on, for one that stands in a line of text."""

    def __init__(self, text: str, parent: QWidget | None = None, *, factor: float = 1.0, link: bool = False) -> None:
        super().__init__(parent)
        self._link = link
        self.setFont(theme.font(factor))
        self.setText(text)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * GUTTER, metrics.height() + (4 if self._link else 8))

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        painter.setPen(theme.current().link if self._link else ink)
        painter.setFont(self.font())
        # In its own direction: a mark of question would otherwise stand before the first word.
        rtl = is_right_to_left(self.text())
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


def payer_button() -> TextButton:
    """What leads to the page on which the person says who pays."""
    button = TextButton("Who pays?", factor=0.88, link=True)
    button.setAccessibleName("Who pays? Say it in the settings")
    return button


class RefreshButton(QuietButton):
    """The round arrow. Drawn, since few fonts have one and icon themes colour it as they like."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(28, 28)
        self.setAccessibleName("Refresh")
        self.setToolTip("Refresh (Ctrl+R)")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(28, 28)

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        pen = QPen(ink, 1.7)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle = QRectF(self.rect()).center()
        painter.drawArc(QRectF(middle.x() - 5.5, middle.y() - 5.5, 11, 11), 40 * 16, 285 * 16)
        tip = QPainterPath(QPointF(middle.x() + 6.6, middle.y() - 6.2))
        tip.lineTo(middle.x() + 6.6, middle.y() - 1.2)
        tip.lineTo(middle.x() + 1.6, middle.y() - 1.2)
        tip.closeSubpath()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPath(tip)
