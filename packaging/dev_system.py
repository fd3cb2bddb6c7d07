"""System parts for packaging/dev.py: which Qt and the tests need, which are missing, and how to get them.

Standard library only. Nothing is installed but as root or in CI, and only by Debian's and Ubuntu's own tool.
"""

import ctypes
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LINUX = platform.system() == "Linux"
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_FONT_ENDINGS = {".ttf", ".otf", ".ttc", ".pfb"}


@dataclass(frozen=True)
class Part:
    """One thing of the system. name: a library, a program, or a folder, as found by `found`."""

    name: str
    found: Callable[[str], bool]
    debian: str
    arch: str = ""
    capability: str = ""  # what Fedora and openSUSE find the package by


def _library(soname: str, debian: str, arch: str) -> Part:
    return Part(soname, _loads, debian, arch, f"{soname}()(64bit)")


def _program(name: str, debian: str) -> Part:
    return Part(name, lambda program: shutil.which(program) is not None, debian)


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _any_font(_: str) -> bool:
    folders = [Path(folder).expanduser() for folder in _FONT_FOLDERS]
    return any(path.suffix in _FONT_ENDINGS for folder in folders for path in folder.rglob("*"))


QT = [
    _library("libGL.so.1", "libgl1", "libglvnd"),
    _library("libEGL.so.1", "libegl1", "libglvnd"),
    _library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    _library("libdbus-1.so.3", "libdbus-1-3", "dbus"),
    _library("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    _library("libfreetype.so.6", "libfreetype6", "freetype2"),
    _library("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Part("a font", _any_font, "fonts-dejavu-core", "ttf-dejavu", "font(dejavusans)"),
]
QT_X11 = [
    _library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    _library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    _library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    _library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    _library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
]
QT_WAYLAND = [_library("libwayland-cursor.so.0", "libwayland-cursor0", "wayland")]
VENV = Part(
    "ensurepip",
    lambda module: importlib.util.find_spec(module) is not None,
    f"python{sys.version_info.major}.{sys.version_info.minor}-venv",
)
KEYRING = [
    _program("gnome-keyring-daemon", "gnome-keyring"),
    _program("dbus-daemon", "dbus"),
    _program("gdbus", "libglib2.0-bin"),
]
DESKTOP = [
    *QT_X11,
    _program("Xvfb", "xvfb"),
    _program("dbus-daemon", "dbus"),
    _program("gdbus", "libglib2.0-bin"),
    _program("openbox", "openbox"),
    _program("xfce4-panel", "xfce4-panel"),
    _program("xfconf-query", "xfconf"),
    _program("dunst", "dunst"),
    _program("xdotool", "xdotool"),
    _program("import", "imagemagick"),
    _program("xprop", "x11-utils"),
    Part("/usr/share/dbus-1/services/org.a11y.Bus.service", lambda path: Path(path).exists(), "at-spi2-core"),
    Part("/usr/share/icons/hicolor/index.theme", lambda path: Path(path).exists(), "hicolor-icon-theme"),
    Part("/usr/share/icons/Adwaita/index.theme", lambda path: Path(path).exists(), "adwaita-icon-theme"),
]
READERS = [_program("pdftotext", "poppler-utils")]
"""What reads exported files once more; without it that test is skipped."""


def in_ci() -> bool:
    """CI=true or 1, as every hosted CI sets it."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def glibc_complaint() -> str:
    """Why the C library is no basis for Qt's wheels, or ""."""
    if not _LINUX:
        return ""
    name, version = platform.libc_ver()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name == "glibc" and numbers >= (2, 34):
        return ""
    have = f"{name} {version}".strip() or "another C library"
    return (
        f"PySide6 needs glibc 2.34 or newer and this system has {have}: "
        "use Debian 12, Ubuntu 22.04, RHEL 9, or a newer system."
    )


def missing(parts: Sequence[Part]) -> list[Part]:
    """Those that are not there; none outside Linux, where Qt's wheels carry all they need."""
    return [part for part in parts if not part.found(part.name)] if _LINUX else []


def install(parts: Sequence[Part]) -> None:
    """Install what is missing, where that is allowed; `advice` tells afterwards what is missing still."""
    gone = missing(parts)
    if gone:
        install_debian(_packages(gone))


def advice(parts: Sequence[Part]) -> str:
    """One line that says what is missing and how to get it, or ""."""
    gone = missing(parts)
    if not gone:
        return ""
    command = debian_command(_packages(gone)) if _is_debian() else _other_command(gone)
    return f"missing {', '.join(part.name for part in gone)}; get it with: {command}"


def _packages(parts: Sequence[Part]) -> list[str]:
    return sorted({part.debian for part in parts})


def debian_command(packages: Sequence[str]) -> str:
    """The one command for a person."""
    return f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def install_debian(packages: Sequence[str]) -> bool:
    """Install packages without a question: as root, or in CI by sudo. False where that did not work."""
    if not _is_debian() or shutil.which("apt-get") is None:
        return False
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    prefix = [] if root else ["sudo", "-n"]
    if prefix and not (in_ci() and shutil.which("sudo")):
        return False
    print(f"installing system packages: {' '.join(packages)}", flush=True)
    # env, since sudo drops variables; the time-out, since another apt-get may be at work
    apt = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=300",
    ]
    return _quiet([*apt, "update"]) and _quiet([*apt, "install", "-y", "--no-install-recommends", *packages])


def _quiet(command: Sequence[str]) -> bool:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def _distribution() -> set[str]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return set()
    return {release.get("ID", ""), *release.get("ID_LIKE", "").split()}


def _is_debian() -> bool:
    return bool(_distribution() & {"debian", "ubuntu"})


def _other_command(gone: Sequence[Part]) -> str:
    """What gets the parts on other systems, where that is known for each of them."""
    names = _distribution()
    capabilities = " ".join(f"'{part.capability}'" for part in gone)
    if all(part.capability for part in gone):
        if names & {"fedora", "rhel", "centos"}:
            return f"sudo dnf install {capabilities}"
        if names & {"suse", "opensuse"}:
            return f"sudo zypper install {capabilities}"
    if "arch" in names and all(part.arch for part in gone):
        return f"sudo pacman -S --needed {' '.join(sorted({part.arch for part in gone}))}"
    return "the system's package manager"
