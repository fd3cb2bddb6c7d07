"""The socket of the tray over a data folder: where it is, and how a command without Qt rings there.

Only words that need no answer are sent; where no tray listens, or it does not take them at once, nothing happens.
"""

import hashlib
import os
import socket
import sys
from pathlib import Path

from tokentray.paths import Paths, runtime_folder

SHOW = b"show\n"
REFRESHED = b"refreshed\n"
HISTORY = b"history"
"""Alone on its line, or with a blank and a question as JSON behind it."""
LONGEST_MESSAGE = 4096
_PATIENCE_S = 0.2
_LONGEST_PATH = 100
"""A socket's path holds 108 bytes on Linux and 104 on macOS."""


def socket_name(folder: Path, runtime: Path) -> str:
    """The socket's full path: in the run-time folder, named after the data folder, so that demos stay apart.

    A pipe of that name on Windows; in the folder for temporary files where the path would be too long for a socket.
    """
    digest = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    name = f"tokentray-{digest}"
    if sys.platform == "win32":
        return rf"\\.\pipe\{name}"
    path = str(runtime / name)
    if len(path.encode("utf-8", "surrogateescape")) <= _LONGEST_PATH:
        return path
    return f"{os.environ.get('TMPDIR') or '/tmp'}/{name}"  # noqa: S108 - only its owner may use it, as any other


def history_message(question: str) -> bytes:
    """The message that opens the history window. question: as JSON on one line; "" for what it showed last."""
    return HISTORY + (b" " + question.encode() if question else b"") + b"\n"


def tell_refreshed(places: Paths) -> None:
    """Tell the tray over these folders that the history has changed. Returns within 0.2 s, and never fails."""
    ring(places, REFRESHED)  # where no tray is running, or it is just leaving, it reads what is stored when it starts


def ring(places: Paths, message: bytes) -> bool:
    """Send a message to the tray over these folders. False, within 0.2 s, where none takes it; never fails."""
    name = socket_name(places.data, runtime_folder(places))
    try:
        if sys.platform == "win32":
            with open(name, "wb", buffering=0) as pipe:  # noqa: PTH123 - a pipe's name is no path
                pipe.write(message)
            return True
        with socket.socket(socket.AF_UNIX) as bell:
            bell.settimeout(_PATIENCE_S)
            bell.connect(name)
            bell.sendall(message)
    except OSError:
        return False
    return True
