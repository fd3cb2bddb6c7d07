"""The line that a key is pasted into. It hides what it holds, and forgets it when told.

A line that shows its text also hands it to screen readers, to the clipboard and to a list of steps to undo. So this
one never shows it: who wants to compare it sees it painted below, and nothing but the eye can read it there.
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from tokentray.providers.looks import tidy
from tokentray.secret import Secret
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton

_LONGEST = 4000
"""Letters; longer than any key, so that one is refused as too long instead of being cut."""


class KeyEdit(QLineEdit):
    """The line itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(theme.font())
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setMaxLength(_LONGEST)
        hints = Qt.InputMethodHint
        self.setInputMethodHints(
            hints.ImhSensitiveData | hints.ImhHiddenText | hints.ImhNoPredictiveText | hints.ImhNoAutoUppercase
        )
        # A key reads from left to right in every window.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class _Painted(QWidget):
    """A text for the eye alone, broken wherever the line ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(theme.font().pointSizeF() if theme.font().pointSizeF() > 0 else font.pointSizeF())
        self.setFont(QFont(font))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_text(self, text: str) -> None:
        self._text = text
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 (Qt's name)
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 (Qt's name)
        return max(1, len(self.lines(width))) * self.fontMetrics().lineSpacing() + 4

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(120, self.heightForWidth(max(120, self.width())))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(0, self.fontMetrics().lineSpacing() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        painter = QPainter(self)
        painter.setPen(theme.current().text)
        metrics = self.fontMetrics()
        for place, line in enumerate(self.lines(self.width())):
            painter.drawText(1, 2 + metrics.ascent() + place * metrics.lineSpacing(), line)
        painter.end()

    def lines(self, width: int) -> list[str]:
        """The text as it is broken at a width in pixels."""
        letters = max(8, (width - 2) // max(1, QFontMetrics(self.font()).horizontalAdvance("M")))
        return [self._text[start : start + letters] for start in range(0, len(self._text), letters)]


class KeyBox(QWidget):
    """The line, the button that shows what it holds, and that text where it is shown."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, *, name: str = "key", tidies: bool = True) -> None:
        """name: of what is pasted. tidies: whether quotes and the like around it are no part of it."""
        super().__init__(parent)
        self._name = name
        self._tidies = tidies
        self.edit = KeyEdit()
        self.edit.setAccessibleName(name.capitalize())
        self.toggle = TextButton("Show", link=True)
        self.toggle.setMinimumWidth(max(TextButton(word).sizeHint().width() for word in ("Show", "Hide")))
        self.painted = _Painted()
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.edit, 1)
        line.addWidget(self.toggle)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(line)
        box.addWidget(self.painted)
        self._shows = False
        self._lay_out()
        self.edit.textChanged.connect(self._on_text)
        self.toggle.clicked.connect(self._on_toggle)

    def text(self) -> str:
        """What was pasted, of a key without what often comes with it, to look at; "" for none."""
        return tidy(self.edit.text()) if self._tidies else self.edit.text()

    def secret(self) -> Secret:
        """That, to hand on."""
        return Secret(self.text())

    def forget(self) -> None:
        """Hold nothing any more, also not for Undo, which `clear` would leave."""
        self.edit.setText("")
        self._shows = False
        self._lay_out()

    def setAccessibleDescription(self, text: str) -> None:  # noqa: N802 (Qt's name)
        """What is said of the field is said where the keyboard is."""
        self.edit.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        hint = super().sizeHint()
        return QSize(hint.width(), hint.height() if self._shows else self.edit.sizeHint().height())

    def _on_text(self) -> None:
        self._lay_out()
        self.changed.emit()

    def _on_toggle(self) -> None:
        self._shows = not self._shows
        self._lay_out()

    def _lay_out(self) -> None:
        self.toggle.setText("Hide" if self._shows else "Show")
        self.toggle.setAccessibleName(f"{self.toggle.text()} the {self._name}")
        self.painted.show_text(self.edit.text().strip() if self._shows else "")
        self.painted.setVisible(self._shows and bool(self.edit.text()))
