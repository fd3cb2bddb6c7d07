"""Whether there is anything to show windows on. Imports no Qt, so that asking costs nothing."""

import os
import sys
from collections.abc import Mapping


def has_display(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window could be shown here.

    On Linux and the BSDs that takes an X or Wayland display; QT_QPA_PLATFORM counts where it names a platform
    that needs neither (offscreen, vnc, a bare framebuffer). Windows and macOS always have one.
    """
    if platform in ("win32", "darwin"):
        return True
    chosen = environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if chosen and not chosen.startswith(("xcb", "wayland")):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
