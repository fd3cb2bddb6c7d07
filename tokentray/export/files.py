"""Writes an export to a file whole or not at all: what was there stays until the new one is complete."""

import errno
import os
import stat
import tempfile
from pathlib import Path

from tokentray.errors import TokenTrayError

_TITLE = "The export was not written"
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def write_private(path: Path, text: str) -> None:
    """Put `text` into a file as UTF-8, line ends as they are. A new file is for its owner only (0600).

    An existing file keeps its mode, and its content where anything fails; a link is followed. A device or
    pipe is written to as it is. Raises TokenTrayError.
    """
    data = text.encode("utf-8")
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
        _replace(target, data, 0o600 if mode is None else stat.S_IMODE(mode))
    except OSError as exc:
        raise problem(exc, path) from exc


def _replace(target: Path, data: bytes, mode: int) -> None:
    # In the same folder, for only there is a rename one step; mkstemp makes it 0600 from the start.
    handle, name = tempfile.mkstemp(prefix=".tokentray-", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def problem(exc: OSError, path: Path) -> TokenTrayError:
    """What kept a file from being written, and what to do about it."""
    if exc.errno in _FULL:
        return TokenTrayError(
            _TITLE,
            f"there is no room for {path}",
            "Free some space and try again; a file that was there is unchanged",
        )
    if exc.errno == errno.ENOENT:
        return TokenTrayError(_TITLE, f"there is no folder {path.parent}", "Create it, or choose another")
    if isinstance(exc, PermissionError) or exc.errno == errno.EROFS:
        return TokenTrayError(_TITLE, f"no permission to write {path}", "Choose another folder")
    return TokenTrayError(_TITLE, f"{path}: {exc.strerror or exc}")
