"""Opens what was written, in the program that the desktop has for it."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_path(path: Path) -> bool:
    """Open a file, or show a folder. Returns whether the desktop has a program for it."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
