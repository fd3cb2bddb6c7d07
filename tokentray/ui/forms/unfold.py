"""A button with a form that opens in its place, framed by a hairline; nothing covers the window."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from tokentray.setup import Setup
from tokentray.ui import theme
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.form import Form

_INSET = 14


class Panel(QWidget):
    """A frame around what belongs together."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        box = QVBoxLayout(self)
        box.setContentsMargins(_INSET, _INSET, _INSET, _INSET)
        box.addWidget(content)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().rule, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class Unfold(QWidget):
    """A button that opens a form, which goes again once it was carried out or left."""

    opened = Signal()
    closed = Signal()

    def __init__(self, text: str, make: Callable[[], Form], parent: QWidget | None = None) -> None:
        """make: makes the form, at the first opening."""
        super().__init__(parent)
        self._make = make
        self._setup: Setup | None = None
        self._panel: Panel | None = None
        self.form: Form | None = None
        self.button = Button(text)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.button)
        self.button.clicked.connect(self.open)

    def is_open(self) -> bool:
        return self._panel is not None and not self._panel.isHidden()

    def show_setup(self, setup: Setup) -> None:
        """Keep the form up to date, and what it begins with."""
        self._setup = setup
        if self.form is not None and self.is_open():
            self.form.show_setup(setup)

    def open(self) -> None:
        """Show the form, empty, with the keyboard on its first field."""
        if self.is_open():
            return
        if self.form is None or self._panel is None:
            self.form = self._make()
            self.form.done.connect(self.close_form)
            self.form.cancelled.connect(self.close_form)
            self._panel = Panel(self.form)
            self._box.addWidget(self._panel)
        self.form.clear()
        if self._setup is not None:
            self.form.show_setup(self._setup)
        self.button.hide()
        self._panel.show()
        self.opened.emit()
        self.form.focus_first()
        bring_into_view(self._panel)

    def close_form(self) -> None:
        """Put the form away, with what was typed in it."""
        if self._panel is None or not self.is_open():
            return
        focus: QWidget | None = QApplication.focusWidget()
        held = focus is not None and self.isAncestorOf(focus)
        self.button.show()
        if held:
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._panel.hide()
        self.closed.emit()


def bring_into_view(widget: QWidget) -> None:
    """Scroll to a widget that was just shown, once it has been laid out."""
    QTimer.singleShot(0, widget, lambda: _bring_into_view(widget))


def _bring_into_view(widget: QWidget) -> None:
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if isinstance(above, QScrollArea) and widget.isVisible():
        above.ensureWidgetVisible(widget, 0, _INSET)
        focus: QWidget | None = QApplication.focusWidget()
        if focus is not None and widget.isAncestorOf(focus):
            above.ensureWidgetVisible(focus, 0, _INSET)
