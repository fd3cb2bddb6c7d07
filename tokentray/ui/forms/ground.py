"""What windows and pages with forms stand on: readable colours, also when the desktop changes them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from tokentray.ui import theme
from tokentray.ui.widgets import SECONDARY


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
        self.setPalette(own)


class Scroll(QScrollArea):
    """Lets what is taller than the window scroll, up and down only. It follows the keyboard."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        # Palette roles instead of colours: the scroll area would paint itself in the colour of text fields.
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        content.setAutoFillBackground(False)
