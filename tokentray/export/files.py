"""Writes an export to a file whole or not at all: what was there stays until the new one is complete."""

import hashlib
import os
import stat
from collections.abc import Container
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tokentray.errors import TokenTrayError
from tokentray.files import staged, why_not_written
from tokentray.paths import file_mark

_TITLE = "The export was not written"
_MOST_BESIDE = 99
_LARGEST = 200_000_000
"""Bytes: no month comes near it, so a larger file is not ours and need not be read."""


class Placed(NamedTuple):
    """path: the file that holds the export. kept: the first one of its name that was not ours to replace."""

    path: Path
    kept: Path | None = None


def file_name(month: date, name: str, redact: bool) -> str:
    """What the file of a month is called: "tokentray-2026-10.pdf"."""
    return f"tokentray-{month.isoformat()[:7]}{'-redacted' if redact else ''}.{name}"


def write_private_bytes(path: Path, data: bytes) -> None:
    """Put `data` into a file. A new file is for its owner only (0600).

    An existing file keeps its mode, and its content where anything fails; a link is followed. A device or
    pipe is written to as it is. Raises TokenTrayError.
    """
    try:
        target = Path(os.path.realpath(path))  # Path.resolve raises RuntimeError for a link in a circle
        try:
            mode: int | None = target.stat().st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and stat.S_ISDIR(mode):
            raise TokenTrayError(_TITLE, f"{path} is a folder", "Name a file in it")
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb", buffering=0) as device:
                device.write(data)
            return
        with staged(target, data, 0o600 if mode is None else stat.S_IMODE(mode)) as part:
            part.replace(target)
    except OSError as exc:
        raise problem(exc, path) from exc


def place(folder: Path, name: str, data: bytes, ours: Container[str]) -> Placed:
    """Put `data` into a file of a folder, and leave alone what others wrote or changed there.

    ours: digests of what we wrote, which may be replaced unless somebody made the file read-only. A file that is
    neither one of those nor what is to be written stays, and the export goes beside it as "name (2).pdf". Raises
    TokenTrayError.
    """
    stem, _, suffix = name.rpartition(".")
    wanted = digest(data)
    kept: Path | None = None
    number = 1
    for _ in range(_MOST_BESIDE):
        path = folder.joinpath(name if number == 1 else f"{stem} ({number}).{suffix}")
        try:
            mark = file_mark(path)
            found = _found(path)
            if found == wanted:
                return Placed(path, kept)
            target = Path(os.path.realpath(path))
            mode = stat.S_IMODE(target.stat().st_mode) if found else 0o600
            if found is not None and (found not in ours or not mode & stat.S_IWUSR):
                kept = kept or path
                number += 1
                continue
            with staged(target, data, mode) as part:
                # An editor may have saved since we looked: then it is looked at again.
                if file_mark(path) == mark:
                    part.replace(target)
                    return Placed(path, kept)
        except OSError as exc:
            raise problem(exc, path) from exc
    raise TokenTrayError(
        _TITLE, f"{folder} has too many files called {stem}", "Move them away, or choose another folder"
    )


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal: what a file is known again by."""
    return hashlib.sha256(data).hexdigest()


def _found(path: Path) -> str | None:
    """The digest of a file, "" of what can be none of ours, None where there is nothing. Raises OSError."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return "" if path.is_symlink() else None
    if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST:
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except PermissionError:
        return ""


def problem(exc: OSError, path: Path) -> TokenTrayError:
    """What kept a file from being written, and what to do about it."""
    return TokenTrayError(_TITLE, *why_not_written(exc, path, "Choose another folder"))
