"""Unreachable objects are found on the main thread, whichever thread makes new ones."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tokentray.requests import Answer
from tokentray.ui.bridge import Bridge
from tokentray.ui.garbage import Garbage


class Marked:
    """Keeps itself alive, and says on which thread it is deleted."""

    def __init__(self, deleted_on: list[int]) -> None:
        self.itself = self
        self._deleted_on = deleted_on

    def __del__(self) -> None:
        self._deleted_on.append(threading.get_ident())


def work() -> None:
    """What would have Python look for garbage on the thread that does it, all generations of it."""
    kept = [[number] for number in range(300_000)]
    assert kept


@pytest.fixture(name="garbage")
def garbage_fixture(qtbot: QtBot) -> Iterator[Garbage]:
    del qtbot
    garbage = Garbage(rest_ms=5)
    yield garbage
    garbage.stop()
    gc.disable()  # as tests of windows have it


def test_what_is_unreachable_is_deleted_on_the_main_thread(garbage: Garbage, qtbot: QtBot) -> None:
    """What is let go of while another thread makes objects is not deleted by that thread, and deleted all the same."""
    deleted_on: list[int] = []
    for _ in range(100):
        Marked(deleted_on)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert deleted_on == []

    kept = [[number] for number in range(2_000)]
    garbage.look_soon()
    qtbot.waitUntil(lambda: len(deleted_on) == 100)
    del kept
    assert set(deleted_on) == {threading.get_ident()}


def test_what_was_put_aside_is_looked_at_as_well(garbage: Garbage, qtbot: QtBot) -> None:
    """Reports have what they stand on put aside, and with it what became unreachable meanwhile: not for ever."""
    deleted_on: list[int] = []
    Marked(deleted_on)
    gc.freeze()

    def looked() -> bool:
        garbage.look_soon()
        return bool(deleted_on)

    qtbot.waitUntil(looked)


def test_it_looks_after_what_was_told_and_rests_otherwise(garbage: Garbage, qtbot: QtBot) -> None:
    """An idle tray is not woken for it."""
    bridge = Bridge()
    garbage.follow(bridge)
    (timer,) = garbage.findChildren(QTimer)
    assert not timer.isActive()
    bridge.answered.emit(Answer(1, "done"))
    assert timer.isActive()
    qtbot.waitUntil(lambda: not timer.isActive())


def test_without_it_any_thread_deletes() -> None:
    """What it is for: else the thread that makes new objects deletes what is unreachable."""
    deleted_on: list[int] = []
    gc.enable()
    try:
        Marked(deleted_on)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        gc.disable()
    assert deleted_on
    assert threading.get_ident() not in deleted_on
