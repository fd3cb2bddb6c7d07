"""Whether windows can be shown is asked of the display itself, before Qt is loaded."""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tokentray.ui.display import has_display


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":4077"}, "linux", False),
        ({"DISPLAY": "nonsense"}, "linux", False),
        ({"DISPLAY": "127.0.0.1:59000"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-99", "XDG_RUNTIME_DIR": "/nonexistent"}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "vnc:size=10x10"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, "linux", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_has_display(environ: dict[str, str], platform: str, expected: bool) -> None:
    """A name alone is no display: a terminal may outlive the session it was opened in."""
    assert has_display(environ, platform) is expected


def test_asking_imports_no_qt() -> None:
    """Qt ends the process where it cannot connect, so it must not be asked."""
    code = "import sys, tokentray.ui.display as d; d.has_display(); sys.exit('PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_display_that_answers() -> None:
    """A Wayland socket with somebody behind it."""
    # A socket's path must be short, which a test's own folder is not everywhere.
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(Path(folder) / "w-0"))
        environ = {"WAYLAND_DISPLAY": "w-0", "XDG_RUNTIME_DIR": folder}
        server.listen()
        assert has_display(environ, "linux")
        server.close()
        assert not has_display(environ, "linux")
