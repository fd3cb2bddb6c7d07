"""A window is drawn beside the thread that makes its reports: what that asks of the interpreter is taken back."""

import gc
import sys
import threading
from pathlib import Path

import pytest

from tests.app.test_reports_desk import JULY, Asked, call, desk_over


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    call(tmp_path, 1, 400_200)
    return tmp_path


def join_all() -> None:
    for thread in [one for one in threading.enumerate() if one.name == "reports"]:
        thread.join(5)
        assert not thread.is_alive()


def test_while_reports_are_made(folder: Path) -> None:
    """Threads take turns more often, and nothing that was read is searched for cycles; at rest all is as before."""
    usual_s, kept = sys.getswitchinterval(), gc.get_freeze_count()
    asked = Asked(desk_over(folder))
    asked.answer(JULY)
    asked.answer(JULY._replace(by=("model",)))
    assert sys.getswitchinterval() < usual_s / 10
    assert gc.get_freeze_count() > kept
    asked.desk.rest()
    join_all()
    assert sys.getswitchinterval() == usual_s
    assert gc.get_freeze_count() == 0
    assert asked.desk.stop(2)


def test_one_thread_ends_while_the_next_begins(folder: Path) -> None:
    """However often the window is closed and opened again at once, the interpreter is left as it was found."""
    usual_s = sys.getswitchinterval()
    asked = Asked(desk_over(folder))
    for _ in range(40):
        asked.desk.ask(JULY)
        asked.desk.rest()
    asked.answer(JULY)
    assert sys.getswitchinterval() < usual_s / 10
    assert asked.desk.stop(2)
    join_all()
    assert sys.getswitchinterval() == usual_s
    assert gc.get_freeze_count() == 0
