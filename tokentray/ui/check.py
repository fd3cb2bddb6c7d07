"""Whether the windows can be built here, for `doctor`. Shows nothing: Qt's offscreen platform is used."""

import os
import sys


def check() -> str:
    """What is wrong, in one sentence; empty where all is well."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from PySide6 import __version__
        from PySide6.QtCore import QObject
        from PySide6.QtWidgets import QApplication

        from tokentray.snapshot import SnapshotState
        from tokentray.ui import icons
        from tokentray.ui.history.window import HistoryWindow
        from tokentray.ui.popover import Popover
    except ImportError as exc:
        return f"Qt cannot be loaded: {exc}"
    if _loses_none(QObject()):
        python = sys.version.split()[0]
        return f"PySide6 {__version__} crashes with Python {python}; another release is needed"
    application = QApplication.instance() or QApplication([sys.argv[0]])
    popover, history = Popover(), HistoryWindow(_NoReports(), lambda _: 0)
    picture = icons.icon(icons.IconSpec(SnapshotState.FRESH, None, 0))
    if picture.isNull() or popover.grab().isNull() or history.grab().isNull():
        return "nothing can be painted"
    del popover, history, application
    return ""


class _NoReports:
    """Answers nothing: the window is only built."""

    def ask(self, question: object) -> None:
        pass

    def listen(self, listener: object) -> None:
        pass

    def rest(self) -> None:
        pass


def _loses_none(thing: object) -> bool:
    """Whether calls that return nothing take a reference from None: PySide6 6.12.0 before Python 3.12.

    From 3.12 on None lives for ever. Before, the process dies of it after some thousand calls.
    """
    before = sys.getrefcount(None)
    for _ in range(100):
        thing.setObjectName("x")  # type: ignore[attr-defined] # a QObject; check() imports its class
    return sys.getrefcount(None) < before - 50
