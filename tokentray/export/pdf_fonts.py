"""Fonts of the system for characters that the shipped font lacks, found without a desktop.

Linux is asked by fontconfig's own program. macOS and Windows keep theirs in places that have not moved for years.
"""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont, TTLibError

DAMAGED = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError, TypeError, ValueError,
    TTLibError, struct.error,
)  # fmt: skip
"""What the libraries raise over a font that is not as it should be: they take fonts to be whole."""
_ASK_S = 5
_MOST_ASKED = 16
"""Characters that fontconfig is asked about, which takes some 20 ms each: as many writing systems in one month."""
_RESTRICTED = 0x0002
"""The bit of a font that forbids to put it into a file."""
_NEEDED = frozenset({"OS/2", "cmap", "head", "hhea", "hmtx", "maxp", "name", "post"})
_OUTLINES = frozenset({"glyf", "CFF "})
_ON_MACOS = (
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial.ttf",
    "/System/Library/Fonts/Supplemental/Devanagari Sangam MN.ttc",
    "/System/Library/Fonts/Supplemental/Bangla Sangam MN.ttc",
    "/System/Library/Fonts/Supplemental/Tamil Sangam MN.ttc",
    "/System/Library/Fonts/Supplemental/Thonburi.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/AppleSDGothicNeo.ttc",
    "/System/Library/Fonts/Apple Symbols.ttf",
    "/System/Library/Fonts/Supplemental/Zapf Dingbats.ttf",
)
_ON_WINDOWS = (
    *("segoeui.ttf", "arial.ttf", "Nirmala.ttc", "Nirmala.ttf", "LeelawUI.ttf", "msyh.ttc", "YuGothR.ttc"),
    *("msgothic.ttc", "malgun.ttf", "msjh.ttc", "simsun.ttc", "ebrima.ttf", "seguisym.ttf", "seguiemj.ttf"),
)


class SystemFont(NamedTuple):
    """A font that may be embedded. number: of it in a file of several. has: the characters it draws."""

    path: Path
    number: int
    has: frozenset[int]


def fonts_for(missing: set[int]) -> list[SystemFont]:
    """Fonts that together draw as many of these characters as the system can, those asked for first in front."""
    found: list[SystemFont] = []
    if not missing:
        return found
    if sys.platform in ("darwin", "win32"):
        for path in _well_known():
            if (font := _opened(path, 0)) and font.has & missing:
                found.append(font)
                missing = missing - font.has
            if not missing:
                break
        return found
    program = shutil.which("fc-match")
    seen: set[tuple[Path, int]] = set()
    asked = 0
    while missing and program and asked < _MOST_ASKED:
        char = min(missing)
        asked += 1
        place = _asked(program, char)
        font = _opened(*place) if place and place not in seen else None
        if place:
            seen.add(place)
        if font and font.has & missing:
            found.append(font)
            missing = missing - font.has
        missing = missing - {char}
    return found


def _well_known() -> Iterator[Path]:
    if sys.platform == "darwin":
        yield from map(Path, _ON_MACOS)
    else:
        yield from (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts" / name for name in _ON_WINDOWS)


def _asked(program: str, char: int) -> tuple[Path, int] | None:
    """The font that fontconfig would draw the character with; it may still lack it."""
    try:
        done = subprocess.run(
            [program, "--format=%{index} %{file}", f"sans-serif:charset={char:x}:outline=true"],
            capture_output=True, timeout=_ASK_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        index, _, file = done.stdout.decode().partition(" ")
        # the upper half of the number is a named instance of a variable font
        return Path(file), int(index) & 0xFFFF
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _opened(path: Path, index: int) -> SystemFont | None:
    """The font there, None for what is missing, damaged, without outlines or not allowed to be embedded."""
    if not path.is_file():
        return None
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            named = all(font[table] for table in _NEEDED) and font["name"].getBestFullName()
            outlines = any(table in font for table in _OUTLINES)
            if not named or not outlines or font["OS/2"].fsType & _RESTRICTED:
                return None
            return SystemFont(path, index, frozenset(font.getBestCmap() or ()))
    except DAMAGED:
        return None
