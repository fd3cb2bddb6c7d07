"""What windows with forms stand on: readable colours, also when the desktop changes them, and room to scroll."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, QMargins, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QScrollBar, QWidget
from shiboken6 import isValid

from tokentray.ui import theme
from tokentray.ui.widgets import SECONDARY

_LEAST_HEIGHT = 120
_LEAST_GAP = 8
"""Pixels between texts and the scroll bar."""
_TOLD_APART = 1.04
"""Contrast from which two grounds are two."""


class Ground(QWidget):
    """A widget whose explaining text, and that of all it holds, has a readable colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painted_for = -1
        self._paint_roles()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_roles()

    def _paint_roles(self) -> None:
        palette = QGuiApplication.palette()
        if palette.cacheKey() == self._painted_for:
            return
        self._painted_for = palette.cacheKey()
        own = QPalette()
        own.setColor(SECONDARY, theme.current().secondary)
        base, window = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Window)
        if theme.contrast(base, window) < _TOLD_APART:
            # Qt's GTK theme has one colour for both: in a dark one, fields could not be seen at all.
            own.setColor(QPalette.ColorRole.Base, theme.current().field)
        self.setPalette(own)


class _Bar(QScrollBar):
    """A scroll bar that keeps its place, and is not to be seen, while there is nothing to scroll."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self.rangeChanged.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        if self.maximum() > self.minimum():
            super().paintEvent(event)


class Scroll(QScrollArea):
    """Lets what is taller than the window scroll, up and down only. It follows the keyboard."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self._least = 0
        layout = content.layout()
        self._margins = layout.contentsMargins() if layout is not None else QMargins()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: texts would wrap anew whenever it came or went.
        self.setVerticalScrollBar(_Bar(self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setWidget(content)
        # Palette roles instead of colours: the scroll area would paint itself in the colour of text fields.
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        content.setAutoFillBackground(False)
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LayoutDirectionChange, QEvent.Type.StyleChange):
            self._make_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Have the window follow where its content has become wider than it was: it does not scroll sideways."""
        done = super().eventFilter(watched, event)
        if event.type() == QEvent.Type.LayoutRequest and watched is self._content:
            least = self.minimumSizeHint().width()
            if least != self._least:
                self._least = least
                self.updateGeometry()
        return done

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As wide as its content has to be, since it does not scroll sideways."""
        wide = self._content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(wide, _LEAST_HEIGHT)

    def _make_room(self) -> None:
        """Take the room of the scroll bar from the margin beside it, so that both margins look the same."""
        layout = self._content.layout()
        if layout is None:
            return
        bar, margins = self.verticalScrollBar().sizeHint().width(), QMargins(self._margins)
        if self.isRightToLeft():
            margins.setLeft(max(margins.left() - bar, _LEAST_GAP))
        else:
            margins.setRight(max(margins.right() - bar, _LEAST_GAP))
        layout.setContentsMargins(margins)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """While the content changes, keep in place on the screen what has the keyboard, or else what is on top."""
        anchor = self._anchor()
        before = self._height_of(anchor) if anchor else 0
        yield
        if anchor is None or not isValid(anchor) or not anchor.isVisible():
            return
        layout = self._content.layout()
        if layout is not None:
            layout.activate()
        # Gives the content its new height now, which is to happen in a later turn of the loop.
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))
        moved = self._height_of(anchor) - before
        if moved:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)

    def _anchor(self) -> QWidget | None:
        if not self.isVisible() or self.verticalScrollBar().value() == 0:
            return None
        focus: QWidget | None = QApplication.focusWidget()
        if focus is not None and self._content.isAncestorOf(focus):
            return focus
        return self._content.childAt(self._content.width() // 3, self.verticalScrollBar().value() + 1)

    def _height_of(self, widget: QWidget) -> int:
        return widget.mapTo(self._content, QPoint(0, 0)).y() - self.verticalScrollBar().value()
