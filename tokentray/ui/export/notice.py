"""What is to be known of a month before it is handed in: that it is not the last word, or not as it was before."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.ui import theme
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.widgets import TextLabel, in_lines

_BAR = 3
_INSET = 12
_MOST = 3
"""Changes that are listed; the files list all of them."""


class Notice(QWidget):
    """Sentences beside a quiet bar. Hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.status = TextLabel(wraps=True, gutter=False)
        self.changed = TextLabel(wraps=True, gutter=False)
        self.details = TextLabel(font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
        box = QVBoxLayout(self)
        box.setContentsMargins(_INSET, 2, _INSET, 2)
        box.setSpacing(4)
        for label in (self.status, self.changed, self.details):
            box.addWidget(label)
        self.hide()

    def say(self, status: str, changed: Sequence[str]) -> None:
        """status: why it is not the last word, "". changed: what is not as it was exported before, the gist first."""
        gist, details = (changed[0], changed[1:]) if changed else ("", ())
        shown = list(details[:_MOST])
        if len(details) > _MOST:
            shown.append("More of it stands in the files.")
        self.status.set_words(status)
        self.changed.set_words(gist)
        self.details.set_words("\n".join(shown))
        self.details.setToolTip(in_lines("\n".join(details)) if len(details) > _MOST else "")
        for label in (self.status, self.changed, self.details):
            label.setVisible(bool(label.words()))
        self.setVisible(bool(status or changed))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        painter = QPainter(self)
        left = self.width() - _BAR if self.isRightToLeft() else 0
        painter.fillRect(QRectF(left, 0, _BAR, self.height()), theme.current().accent)
        painter.end()
