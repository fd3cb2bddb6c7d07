"""One tray for each data folder, over a real lock and a real local socket."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from tokentray.ui.instance import Instance, socket_name

HELD = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tokentray.ui.instance import Instance
app = QCoreApplication([])
first = Instance(Path(sys.argv[1]), Path(sys.argv[1]))
assert first.claim()
print("ready", flush=True)
sys.stdin.read()
os._exit(9)
"""


def test_the_second_start_shows_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    """The first is asked to show; the second is not the first; once the first leaves, another may be."""
    first, second = Instance(tmp_path, tmp_path), Instance(tmp_path, tmp_path)
    assert first.claim()
    assert not second.claim()
    with qtbot.waitSignal(first.show_asked, timeout=3000):
        assert second.ask_first_to_show()
    first.release()
    assert second.claim()
    second.release()


def test_another_folder_is_another_tray(qtbot: QtBot, tmp_path: Path) -> None:
    """A demo runs beside the person's own tray."""
    one, other = Instance(tmp_path / "a", tmp_path), Instance(tmp_path / "b", tmp_path)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    assert one.claim()
    assert other.claim()
    one.release()
    other.release()


def test_what_a_crash_left_is_no_hindrance(qtbot: QtBot, tmp_path: Path) -> None:
    """A killed tray leaves its lock and its socket; the next start takes both over."""
    with subprocess.Popen(
        [sys.executable, "-c", HELD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        mine = Instance(tmp_path, tmp_path)
        assert not mine.claim()
        process.kill()
    assert mine.claim()
    mine.release()


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX systems")
def test_the_socket_is_the_persons_own(qtbot: QtBot, tmp_path: Path) -> None:
    """0700 or less, and nothing a stranger's message could do."""
    first = Instance(tmp_path, tmp_path)
    assert first.claim()
    assert stat.S_IMODE(Path(socket_name(tmp_path, tmp_path)).stat().st_mode) & 0o077 == 0
    asked: list[bool] = []
    first.show_asked.connect(lambda: asked.append(True))
    for message in (b"quit\n", b"show", b"show me\n", b"x" * 10_000):
        socket = QLocalSocket()
        socket.connectToServer(socket_name(tmp_path, tmp_path))
        assert socket.waitForConnected(1000)
        socket.write(message)
        socket.flush()
        qtbot.wait(50)
        socket.abort()
    assert not asked
    first.release()


def test_a_long_folder_still_has_a_socket(tmp_path: Path) -> None:
    """A path that no socket can have is replaced by a short name."""
    assert len(socket_name(tmp_path, Path("/" + "x" * 200))) < 40
