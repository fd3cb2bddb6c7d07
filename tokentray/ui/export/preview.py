"""The month as it will be written, to be read before it is. Nothing in it is fetched, and nothing leads anywhere."""

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QKeyEvent, QPalette, QTextOption
from PySide6.QtWidgets import QFrame, QTextBrowser

from tokentray.export.document import Document
from tokentray.export.preview_html import preview
from tokentray.ui import theme
from tokentray.ui.forms.fields import SMALL

_MARGIN = 14
_LEFT_TO_WINDOW = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class Preview(QTextBrowser):
    """A page to scroll. What must be known before it is handed in stands above it, in the window's own words."""

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFont(theme.font(SMALL))
        # Elsewhere than between words, a wide table would have its names broken into letters.
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Preview")
        self.document().setDocumentMargin(_MARGIN)

    def show_document(self, document: Document) -> None:
        """Show it. One of the same month stays where it was scrolled to."""
        before = self._document
        if document == before:
            return
        self._document = document
        place = self.verticalScrollBar().value() if before is not None and before.title == document.title else 0
        self._paint()
        self.verticalScrollBar().setValue(place)

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802 (Qt's name)
        """Nothing, whatever a name from a log may look like."""
        del kind, name
        return None

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._document is not None:
            place = self.verticalScrollBar().value()
            self._paint()
            self.verticalScrollBar().setValue(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() in _LEFT_TO_WINDOW:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _paint(self) -> None:
        assert self._document is not None
        base = self.palette().color(QPalette.ColorRole.Base)
        text = theme.readable(theme.current().text, base, 7.0)
        secondary = theme.readable(theme.mix(text, base, 0.38), base, 5.0)
        rule = theme.mix(base, text, 0.2)
        said = replace(self._document, status="", changed=())
        self.setHtml(preview(said, text.name(), secondary.name(), rule.name()))
