"""Whether the windows can be built here, for `doctor`. Shows nothing: it builds them on Qt's offscreen platform."""

import os
import sys


def check() -> str:
    """ "" where all is well, else what is wrong, in one sentence."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from PySide6 import __version__
        from PySide6.QtCore import QObject
        from PySide6.QtWidgets import QApplication

        from tokentray.model import SnapshotState
        from tokentray.ui import icons
        from tokentray.ui.popover import Popover
    except ImportError as exc:
        return f"Qt cannot be loaded: {exc}"
    if _loses_none(QObject()):
        return f"PySide6 {__version__} ends the program with Python {sys.version.split()[0]}; another release is needed"
    application = QApplication.instance() or QApplication([sys.argv[0]])
    popover = Popover()
    picture = icons.icon(icons.IconSpec(SnapshotState.FRESH, None, 0))
    if picture.isNull() or popover.grab().isNull():
        return "nothing can be painted"
    del popover, application
    return ""


def _loses_none(thing: object) -> bool:
    """Whether calls that return nothing take a reference from None, as with PySide6 6.12.0 before Python 3.12.

    From 3.12 on None lives for ever. Before, the process dies of it after some thousand calls.
    """
    before = sys.getrefcount(None)
    for _ in range(100):
        thing.setObjectName("x")  # type: ignore[attr-defined] # a QObject, whose class is only imported in check()
    return sys.getrefcount(None) < before - 50
