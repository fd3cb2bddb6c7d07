"""Copies what the window shows to the clipboard, and saves it to files. Files are written on another thread: a folder
may lie on a slow disk or in a network.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QObject, QStandardPaths, QThreadPool, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from tokentray.errors import TokenTrayError
from tokentray.report import Report
from tokentray.ui.history import copying
from tokentray.ui.history.menus import add
from tokentray.ui.history.picture import image, svg_text

Choose = Callable[[QWidget, str, str, Callable[[Path], None]], None]
"""Asks where to save: a window, the suggested name, the kind of file ("CSV (*.csv)"), and what to do with the answer.
Nothing is done where the person thinks better of it.
"""


def ask_file(parent: QWidget, suggested: str, kind: str, then: Callable[[Path], None]) -> None:
    """Ask in the desktop's own dialog. Comes back at once."""
    dialog = QFileDialog(parent, "Save", suggested, kind)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(suggested).suffix[1:])
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


class _Carrier(QObject):
    """Brings word from the thread that writes."""

    told = Signal(str)


class Keeper(QObject):
    """Copies and saves the report that is shown."""

    told = Signal(str)
    """What came of it, a sentence: "Saved usage-2026-11.csv"; or what went wrong, and what to do."""

    def __init__(self, window: QWidget, choose_file: Choose = ask_file) -> None:
        super().__init__(window)
        self.places: Sequence[int] | None = None
        """The columns of the table as the person has them, None for as the view has them."""
        self._window = window
        self._choose = choose_file
        self._report: Report | None = None
        self._folder: Path | None = None

    def show_report(self, report: Report | None) -> None:
        """What is shown from now on."""
        self._report = report
        self.places = None

    @property
    def has_table(self) -> bool:
        return self._report is not None and bool(self._report.table.rows)

    @property
    def has_chart(self) -> bool:
        return self._report is not None and self._report.chart is not None

    def copy_text(self) -> None:
        if self._report is not None:
            self._copy(copying.table_text(self._report.table, self.places), "the table as text")

    def copy_csv(self) -> None:
        if self._report is not None:
            self._copy(copying.table_csv(self._report.table), "the table as CSV")

    def copy_markdown(self) -> None:
        if self._report is not None:
            self._copy(copying.table_markdown(self._report.table, self.places), "the table as Markdown")

    def copy_words(self, words: str) -> None:
        """Put a text of the caller's on the clipboard."""
        self._copy(words, "")

    def copy_picture(self) -> None:
        if self._report is not None and self._report.chart is not None:
            QGuiApplication.clipboard().setImage(image(self._report.chart))
            self.told.emit("Copied the chart as a picture")

    def save_csv(self) -> None:
        if self._report is not None:
            table = self._report.table
            self._save(".csv", "CSV (*.csv)", lambda: copying.table_csv(table).encode("utf-8"))

    def save_png(self) -> None:
        if self._report is not None and self._report.chart is not None:
            picture = image(self._report.chart)
            self._save(".png", "PNG (*.png)", lambda: _png(picture))

    def save_svg(self) -> None:
        if self._report is not None and self._report.chart is not None:
            text = svg_text(self._report.chart, self._report.spoken)
            self._save(".svg", "SVG (*.svg)", lambda: text.encode("utf-8"))

    def add_to(self, menu: QMenu) -> None:
        """Entries for whatever there is to copy and save."""
        if self.has_table:
            add(menu, "Copy table as text", self.copy_text)
            add(menu, "Copy table as CSV", self.copy_csv)
            add(menu, "Copy table as Markdown", self.copy_markdown)
            add(menu, "Save table as CSV…", self.save_csv)
        if self.has_table and self.has_chart:
            menu.addSeparator()
        if self.has_chart:
            add(menu, "Copy chart as picture", self.copy_picture)
            add(menu, "Save chart as PNG…", self.save_png)
            add(menu, "Save chart as SVG…", self.save_svg)

    def _copy(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.told.emit(f"Copied {what}" if what else "Copied")

    def _save(self, suffix: str, kind: str, make: Callable[[], bytes]) -> None:
        subject = self._report.subject if self._report is not None else ""
        name = (re.sub(r"[^\w.-]+", "-", subject).strip("-.") or "tokentray") + suffix
        folder = self._folder or _documents()
        self._choose(self._window, str(folder / name), kind, lambda path: self._write(path, make))

    def _write(self, path: Path, make: Callable[[], bytes]) -> None:
        self._folder = path.parent
        # By then the window may be closed, and this object gone.
        carrier = _Carrier(QCoreApplication.instance())
        carrier.told.connect(self.told)
        carrier.told.connect(carrier.deleteLater)
        QThreadPool.globalInstance().start(lambda: carrier.told.emit(_written(path, make)))


def _documents() -> Path:
    """Where files of the person's own go: home, where there is no folder for documents."""
    documents = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return documents if documents.is_absolute() and documents.is_dir() else Path.home()


def _written(path: Path, make: Callable[[], bytes]) -> str:
    """Write it, and say what came of it. A new file is for its owner only; one that was there keeps its mode."""
    from tokentray.export.files import write_private_bytes  # 75 ms that only saving need wait for

    try:
        write_private_bytes(path, make())
    except TokenTrayError as error:
        return ". ".join(part for part in (f"Not saved: {error.message}", error.hint) if part)
    return f"Saved {path.name}"


def _png(picture: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload] # the stubs want bytes, Qt a text
    return bytes(buffer.data().data())
