"""The Qt binding itself, where one of its releases is known to be broken, and what `doctor` says of it."""

import sys

from PySide6 import __version__
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tokentray.ui.check import check


def test_calls_do_not_eat_none() -> None:
    """PySide6 6.12.0 takes one reference from None with every call that returns nothing. Before Python 3.12,
    where None lives for ever, the process dies of it after some five thousand such calls: within minutes.
    """
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        thing.setObjectName("a")
    lost = before - sys.getrefcount(None)
    python = sys.version.split()[0]
    assert lost < 500, f"PySide6 {__version__} cannot be used with Python {python}: take another"


def test_doctor_can_build_the_windows(qtbot: QtBot) -> None:
    assert check() == ""
