"""A row of words of which one holds: one stop of the Tab key, with the arrow keys inside."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tokentray.ui import theme
from tokentray.ui.buttons import QuietButton
from tokentray.ui.widgets import is_right_to_left, paint_focus

_INSET = 9


class Segment(QuietButton):
    """One of the words. leads_on: it asks for more before it holds, so that arrow keys come to it and no further."""

    def __init__(self, value: str, text: str, parent: QWidget, *, leads_on: bool = False) -> None:
        super().__init__(parent)
        self.value = value
        self.leads_on = leads_on
        self.setFont(theme.font())
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        # Room for the bold type of the one that holds, so that nothing moves when another does.
        wide = QFontMetrics(theme.font(1.0, QFont.Weight.DemiBold)).horizontalAdvance(self.text())
        return QSize(wide + 2 * _INSET, self.fontMetrics().height() + 10)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        back, forth = Qt.Key.Key_Left, Qt.Key.Key_Right
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            back, forth = forth, back
        step = {back: -1, Qt.Key.Key_Up: -1, forth: 1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        row = self.parentWidget()
        if step is not None and not event.modifiers() and isinstance(row, Segments):
            row.walk(self, step)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pointed = self.underMouse() and self.isEnabled()
        if self.isChecked() or pointed or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shades.rule if self.isChecked() or self.isDown() else shades.track)
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        ink = shades.text if self.isChecked() or pointed else shades.secondary
        self.paint_face(painter, ink if self.isEnabled() else theme.mix(shades.window, shades.text, 0.3))
        painter.end()
        if self.hasFocus():
            paint_focus(self, QRectF(self.rect()))

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        painter.setPen(ink)
        painter.setFont(theme.font(1.0, QFont.Weight.DemiBold if self.isChecked() else None))
        rtl = is_right_to_left(self.text())
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segments(QWidget):
    """The row."""

    chosen = Signal(str)
    """The value of the word that the person pressed, also where it held already."""

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], leads_on: Sequence[str] = ()) -> None:
        """name: what is chosen, for those who hear it. choices: value and text. leads_on: values that ask for more."""
        super().__init__()
        self.setAccessibleName(name)
        self.segments = {value: Segment(value, text, self, leads_on=value in leads_on) for value, text in choices}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for segment in self.segments.values():
            row.addWidget(segment)
            segment.setAccessibleName(f"{name}: {segment.text()}")
            segment.clicked.connect(lambda _=False, value=segment.value: self.chosen.emit(value))

    def value(self) -> str:
        """The one that holds."""
        return next((value for value, segment in self.segments.items() if segment.isChecked()), "")

    def show_value(self, value: str) -> None:
        """Have this one hold; nobody chose it."""
        self.segments[value].setChecked(True)
        # Qt gives the Tab key to whichever had the keyboard last.
        for segment in self.segments.values():
            kept = segment.isChecked() or segment.hasFocus()
            segment.setFocusPolicy(Qt.FocusPolicy.StrongFocus if kept else Qt.FocusPolicy.ClickFocus)

    def offer(self, values: Sequence[str]) -> None:
        """Let these alone be chosen; the others stay where they are, greyed."""
        for value, segment in self.segments.items():
            segment.setEnabled(value in values)

    def walk(self, from_: Segment, step: int) -> None:
        """The keyboard goes to the next word, which then holds."""
        shown = [segment for segment in self.segments.values() if segment.isEnabled()]
        place = shown.index(from_) + step
        if not 0 <= place < len(shown):
            return
        shown[place].setFocus(Qt.FocusReason.TabFocusReason)
        if not shown[place].leads_on:
            shown[place].click()
