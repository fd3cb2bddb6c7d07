"""A choice of several things, each a check box; at least one of them stays chosen where that is asked for."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.ui.forms.eliding import NameCheck


class Boxes(QWidget):
    """Check boxes under each other. A value is the words of those ticked, with commas between, in their order."""

    changed = Signal()
    """The person ticked one, or took a tick back."""

    def __init__(self, choices: Sequence[tuple[str, str]], *, least: int = 0) -> None:
        """choices: a word and what it is called. least: as many stay ticked, the last of them cannot be let go of."""
        super().__init__()
        self._least = least
        self.checks: dict[str, NameCheck] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        for word, name in choices:
            check = NameCheck()
            check.set_name(name)
            check.clicked.connect(lambda _ticked=False, word=word: self._on_clicked(word))
            self.checks[word] = check
            box.addWidget(check)

    def chosen(self) -> tuple[str, ...]:
        """The words of those ticked, in the order of the choices."""
        return tuple(word for word, check in self.checks.items() if check.isChecked())

    def line_height(self) -> int:
        """As forms.fields.OfLines."""
        return max(check.sizeHint().height() for check in self.checks.values())

    def text(self) -> str:
        return ",".join(self.chosen())

    def show_text(self, text: str) -> None:
        """Fill it in; not something that the person did."""
        words = set(text.split(","))
        for word, check in self.checks.items():
            check.setChecked(word in words)

    def _on_clicked(self, word: str) -> None:
        if len(self.chosen()) < self._least:
            self.checks[word].setChecked(True)
            return
        self.changed.emit()
