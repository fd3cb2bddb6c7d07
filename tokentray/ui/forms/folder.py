"""A folder: typed, or chosen in the desktop's own dialog. Where none is named, the person's documents."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from tokentray.errors import UsageError
from tokentray.paths import documents_folder
from tokentray.ui import theme
from tokentray.ui.forms.controls import Button
from tokentray.ui.widgets import plain_tip

ChooseFolder = Callable[[QWidget, str, Callable[[str], None]], None]
"""Asks for a folder: a window, where to begin, and what to do with the answer. Nothing is done where the person thinks
better of it.
"""
_LETTERS, _LEAST_LETTERS = 34, 16


def ask_folder(parent: QWidget, start: str, then: Callable[[str], None]) -> None:
    """Ask in the desktop's own dialog. Comes back at once."""
    dialog = QFileDialog(parent, "Choose a folder", start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(then)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def documents() -> str:
    """Where files of the person's own go, "" where the system knows no such folder."""
    try:
        return str(documents_folder())
    except UsageError:
        return ""


class _Line(QLineEdit):
    """As wide as a path, where there is room."""

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(self.fontMetrics().averageCharWidth() * _LETTERS, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(self.fontMetrics().averageCharWidth() * _LEAST_LETTERS, super().minimumSizeHint().height())


class FolderEdit(QWidget):
    """A line with a button beside it."""

    chosen = Signal()
    """The person has ended typing, or chose a folder."""

    def __init__(self, choose: ChooseFolder = ask_folder) -> None:
        super().__init__()
        self._choose = choose
        self.line = _Line()
        self.line.setFont(theme.font())
        self.line.setMaxLength(1000)
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Paths read from left to right in every window.
        self.line.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.browse = Button("Browse…", name="Browse for a folder")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.line, 1)
        box.addWidget(self.browse)
        self.line.editingFinished.connect(self._on_finished)
        self.browse.clicked.connect(self._on_browse)

    def text(self) -> str:
        """What is typed, "" for the folder of documents."""
        return self.line.text().strip()

    def folder(self) -> Path:
        """The folder that is meant; not a full path where none was typed."""
        typed = self.text() or documents()
        try:
            return Path(typed).expanduser()
        except RuntimeError:  # a home folder that the system does not know
            return Path(typed)

    def show_folder(self, text: str) -> None:
        """Fill it in; not something that the person did."""
        self.line.setPlaceholderText(documents())
        self.line.setText(text)
        self.line.setCursorPosition(0)
        self._tell()

    def is_edited(self) -> bool:
        """Whether the person is in the middle of typing."""
        return self.line.isModified() and self.line.hasFocus()

    def settle(self) -> None:
        """What was typed was taken, so that it is no longer the person's alone."""
        self.line.setModified(False)

    def _on_finished(self) -> None:
        if self.line.isModified():
            self._tell()
            self.chosen.emit()

    def _on_browse(self) -> None:
        self._choose(self.window(), str(self.folder()), self._take)

    def _take(self, folder: str) -> None:
        self.line.setText(folder)
        self.line.setCursorPosition(0)
        self.line.setModified(True)
        self._tell()
        self.chosen.emit()

    def _tell(self) -> None:
        self.line.setToolTip(plain_tip(str(self.folder())))
