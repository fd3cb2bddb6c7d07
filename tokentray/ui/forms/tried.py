"""What a key turned out to be: shown before it is kept, and whenever an account is checked."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokentray.setup import KeyTried
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms.fields import SMALL, Refusal
from tokentray.ui.forms.found import capitalised
from tokentray.ui.widgets import TextLabel

_HEADS = ("Reads", "Cannot", "Counts", "Advice")


class TriedView(QWidget):
    """The kind of key and whose, what it reads and what not, the part that is the person's own, and advice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), wraps=True, gutter=False)
        self.host = TextLabel(font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
        self.same = Refusal()
        self._rows: dict[str, tuple[TextLabel, TextLabel]] = {}
        self._grid = grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for place, head in enumerate(_HEADS):
            name = TextLabel(secondary=True, gutter=False)
            name.set_words(head)
            words = TextLabel(wraps=True, gutter=False)
            self._rows[head] = (name, words)
            grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, place, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.title)
        box.addWidget(self.host)
        box.addLayout(grid)
        box.addWidget(self.same)

    def show_tried(self, tried: KeyTried) -> None:
        """All that was found."""
        self.title.set_words(f"{tried.provider_name}: {tried.kind_text}" if tried.kind_text else tried.provider_name)
        self.host.set_words(f"Asked at {tried.host}" if tried.host else "")
        self.host.setVisible(bool(tried.host))
        texts = {
            "Reads": "\n".join(tried.reads),
            "Cannot": "\n".join(tried.cannot),
            "Counts": capitalised(tried.own_text),
            "Advice": tried.advice,
        }
        for head, text in texts.items():
            name, words = self._rows[head]
            words.set_words(text)
            name.setVisible(bool(text))
            words.setVisible(bool(text))
        same = f"“{tried.same_as}” sees the same" if tried.same_as else ""
        self.same.show_problem(Problem(same, "what both see counts once", "", grave=False) if same else None)

    def align(self, wide: int) -> None:
        """Have the texts begin where those of a form do, whose labels are so many pixels wide."""
        self._grid.setColumnMinimumWidth(0, wide)

    def words(self) -> str:
        """All that it says, for those who hear it."""
        shown = [self.title.words(), *(words.words() for _, words in self._rows.values()), self.same.words()]
        return ". ".join(part for part in shown if part)
