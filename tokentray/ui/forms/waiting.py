"""What a form waits for, in words that change when it takes long. Nothing turns or blinks."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from tokentray.ui import theme
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.widgets import TextLabel

LONG_MS = 4000


class Waiting(TextLabel):
    """Hidden while nothing is waited for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
        self._then = ""
        self.long = QTimer(self, singleShot=True, interval=LONG_MS)
        self.long.timeout.connect(lambda: self._say(self._then))
        self.hide()

    def begin(self, words: str, when_long: str) -> None:
        """when_long: what to say once it takes longer than a person expects."""
        self._then = when_long
        self.long.start()
        self._say(words)

    def end(self) -> None:
        """It is over."""
        self.long.stop()
        self.hide()

    def _say(self, words: str) -> None:
        self.set_words(words)
        self.show()
        if self.isVisible():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))


def asking(host: str) -> tuple[str, str]:
    """While a provider is asked."""
    return f"Asking {host}…", f"Still asking {host}: it has a minute to answer."


def keeping(host: str) -> tuple[str, str]:
    """While a key is checked and put into the keyring. host: "" where nobody is asked."""
    first = f"Asking {host}, then keeping the key…" if host else "Keeping the key…"
    return first, "Waiting for the keyring: it may be asking you for its password."
