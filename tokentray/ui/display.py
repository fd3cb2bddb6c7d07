"""Whether there is anything to show windows on. Imports no Qt, which would end the process where it cannot connect."""

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_PATIENCE_S = 2.0


def has_display(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window could be shown here.

    On Linux and the BSDs that takes an X or Wayland display that answers: an old terminal often names one that is
    gone. QT_QPA_PLATFORM counts where it names a platform that needs neither (offscreen, vnc, a bare framebuffer).
    Windows and macOS always have one.
    """
    if platform in ("win32", "darwin"):
        return True
    chosen = environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if chosen and not chosen.startswith(("xcb", "wayland")):
        return True
    return _wayland_answers(environ) or _x_answers(environ.get("DISPLAY", ""))


def _wayland_answers(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and _connects(str(Path(environ.get("XDG_RUNTIME_DIR", "")) / name))


def _x_answers(display: str) -> bool:
    """DISPLAY is [host]:number[.screen]; without a host, a socket of this machine."""
    match = re.fullmatch(r"(.*):(\d+)(?:\.\d+)?", display)
    if match is None:
        return False
    host, number = match[1], int(match[2])
    if host not in ("", "unix"):
        try:
            socket.create_connection((host, 6000 + number), _PATIENCE_S).close()
        except OSError:
            return False
        return True
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen
    return _connects(path) or (sys.platform == "linux" and _connects(f"\0{path}"))


def _connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PATIENCE_S)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
