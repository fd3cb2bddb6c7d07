"""Files replaced whole or not at all, and a lock between processes. Knows nothing of what is in them."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_LOOK_AGAIN_S = 0.02


@contextlib.contextmanager
def staged(target: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A file beside `target`, written and on the disk, for the caller to put in its place by `replace`.

    It is gone afterwards where it was not. mode: permission bits. Raises OSError.
    """
    import tempfile  # 5 ms that only a writer need wait for

    # In the same folder, for only there is a rename one step; mkstemp makes it 0600 from the start.
    handle, name = tempfile.mkstemp(prefix=".tokentray-", suffix=".part", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        yield part
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path, patience_s: float) -> Iterator[None]:
    """Hold a lock file among all processes and threads; the system lets go of it where one dies.

    The file stays, for removing it would let two hold it. Raises TimeoutError after `patience_s`, else OSError.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        until = time.monotonic() + patience_s
        while not _try_lock(handle):
            if time.monotonic() > until:
                raise TimeoutError(errno.ETIMEDOUT, "another program keeps it locked", str(path))
            time.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        if exc.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True


def why_not_written(exc: OSError, path: Path, no_right: str) -> tuple[str, str]:
    """What kept a file from being written, and what to do about it. no_right: the hint where it may not be."""
    if exc.errno in _FULL:
        return f"there is no room for {path}", "Free some space and try again; a file that was there is unchanged"
    if exc.errno == errno.ENOENT:
        return f"there is no folder {path.parent}", "Create it, or choose another"
    if isinstance(exc, PermissionError) or exc.errno == errno.EROFS:
        return f"no permission to write {path}", no_right
    return f"{path}: {exc.strerror or exc}", ""
