"""One tray for each data folder, over a real lock and a real local socket."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from tokentray.doorbell import LONGEST_MESSAGE, history_message, ring, socket_name, tell_refreshed
from tokentray.insight.question_json import to_text
from tokentray.paths import resolve
from tokentray.question import Question
from tokentray.ui.instance import Instance

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
        assert second.ask_first()
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
    first.refreshed.connect(lambda: asked.append(True))
    for message in (b"quit\n", b"history\n", b"show", b"show me\n", b"refreshed again\n", b"x" * 10_000):
        caller = QLocalSocket()
        caller.connectToServer(socket_name(tmp_path, tmp_path))
        assert caller.waitForConnected(1000)
        caller.write(message)
        caller.flush()
        qtbot.wait(50)
        caller.abort()
    assert not asked
    first.release()


def test_a_command_tells_that_it_has_read(qtbot: QtBot, tmp_path: Path) -> None:
    """It takes no Qt to ring, and shows no window."""
    first = Instance(tmp_path, tmp_path)
    assert first.claim()
    shown: list[bool] = []
    first.show_asked.connect(lambda: shown.append(True))
    with qtbot.waitSignal(first.refreshed, timeout=3000):
        tell_refreshed(resolve(str(tmp_path)))
    assert not shown
    first.release()


def ring_and_wait(qtbot: QtBot, first: Instance, folder: Path, message: bytes) -> object:
    """What the history window is asked for by a message."""
    with qtbot.waitSignal(first.history_asked, timeout=3000) as told:
        assert ring(resolve(str(folder)), message)
    return told.args[0]


def test_a_command_asks_for_the_history(qtbot: QtBot, tmp_path: Path) -> None:
    """A question as it was asked, of nearly 4 KiB at most; none for what the window showed last."""
    first = Instance(tmp_path, tmp_path)
    assert first.claim()
    assert ring_and_wait(qtbot, first, tmp_path, history_message("")) is None
    frame = len(history_message(to_text(Question(where=(("project", "x"),))))) - 1
    for name in ("مشروع\n", "x" * (LONGEST_MESSAGE - frame)):
        asked = Question(where=(("project", name),))
        assert ring_and_wait(qtbot, first, tmp_path, history_message(to_text(asked))) == asked
    first.release()


def test_a_second_start_asks_for_the_history_too(qtbot: QtBot, tmp_path: Path) -> None:
    """Where the tray came up between the bell and the start."""
    first, second = Instance(tmp_path, tmp_path), Instance(tmp_path, tmp_path)
    assert first.claim()
    with qtbot.waitSignal(first.history_asked, timeout=3000), qtbot.assertNotEmitted(first.show_asked):
        assert second.ask_first(history_message(to_text(Question())))
    first.release()


def test_a_question_that_is_not_understood_is_passed_over(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has why, without what was sent; the next one is answered."""
    caplog.set_level("INFO", "tokentray.ui.instance")
    first = Instance(tmp_path, tmp_path)
    assert first.claim()
    asked: list[object] = []
    first.history_asked.connect(asked.append)
    bad = (b"{", b"[]", b'{"by": ["colour"]}', b'{"view": "\xff"}', b"{} {}", b"null", b"[" * 4000)
    for number, question in enumerate(bad, 1):
        assert ring(resolve(str(tmp_path)), b"history " + question + b"\n")
        qtbot.waitUntil(lambda number=number: len(caplog.records) == number)  # type: ignore[misc] # a default for the loop
    assert not asked
    assert ring_and_wait(qtbot, first, tmp_path, history_message(to_text(Question()))) == Question()
    first.release()


def test_ringing_where_nobody_is(tmp_path: Path) -> None:
    """No tray, or a socket that a crash left: nothing happens, and at once."""
    begun = time.monotonic()
    tell_refreshed(resolve(str(tmp_path)))
    assert not ring(resolve(str(tmp_path)), history_message(""))
    left = socket.socket(socket.AF_UNIX)
    left.bind(socket_name(tmp_path, tmp_path))
    left.close()
    tell_refreshed(resolve(str(tmp_path)))
    assert time.monotonic() - begun < 0.2


@pytest.mark.skipif(os.name != "posix", reason="pipes of Windows refuse at once")
def test_ringing_where_nobody_answers(tmp_path: Path) -> None:
    """A tray that hangs, its queue full, holds a command up no longer than 0.2 s."""
    with socket.socket(socket.AF_UNIX) as silent, contextlib.ExitStack() as callers:
        silent.bind(socket_name(tmp_path, tmp_path))
        silent.listen(0)
        for _ in range(2):
            caller = callers.enter_context(socket.socket(socket.AF_UNIX))
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(socket_name(tmp_path, tmp_path))
        begun = time.monotonic()
        tell_refreshed(resolve(str(tmp_path)))
        assert time.monotonic() - begun < 0.4


def test_the_bell_needs_no_qt(tmp_path: Path) -> None:
    """The command line rings, and works where Qt is not installed."""
    code = "import sys, tokentray.doorbell; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="pipes of Windows have names of any length")
def test_a_long_folder_still_has_a_socket(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that no socket can have gives way to a short one, which both ends find."""
    with tempfile.TemporaryDirectory(prefix="tt") as short:
        monkeypatch.setenv("TMPDIR", short)
        deep = tmp_path / ("x" * 100)
        deep.mkdir()
        assert socket_name(deep, deep).startswith(short)
        first = Instance(deep, deep)
        assert first.claim()
        with qtbot.waitSignal(first.refreshed, timeout=3000):
            tell_refreshed(resolve(str(deep)))
        first.release()
