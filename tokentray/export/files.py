"""Writes an export to a file whole or not at all: what was there stays until the new one is complete."""

import os
import stat
from pathlib import Path

from tokentray.errors import TokenTrayError
from tokentray.files import staged, why_not_written

_TITLE = "The export was not written"


def write_private(path: Path, text: str) -> None:
    """Put `text` into a file as UTF-8, line ends as they are; as write_private_bytes."""
    write_private_bytes(path, text.encode("utf-8"))


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


def problem(exc: OSError, path: Path) -> TokenTrayError:
    """What kept a file from being written, and what to do about it."""
    return TokenTrayError(_TITLE, *why_not_written(exc, path, "Choose another folder"))
