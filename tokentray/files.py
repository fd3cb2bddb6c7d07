"""Files replaced whole or not at all, and a lock between processes. Knows nothing of what is in them."""

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""What folders answer that know no locks."""
_LOOK_AGAIN_S = 0.02
_PREFIX, _SUFFIX = ".tokentray-", ".part"
_LEFT_BEHIND = re.compile(f"{re.escape(_PREFIX)}[a-z0-9_]{{8}}({re.escape(_SUFFIX)})?")
"""Names of parts and of work folders, as tempfile makes them."""
_LEFT_AFTER_NS = 3600 * 10**9
"""No part that is being written lies untouched for so long."""


@contextlib.contextmanager
def staged(target: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A file beside `target`, written and on the disk, for the caller to put in its place by `replace`.

    It is gone afterwards where it was not, and so are parts there that a program which was ended left behind.
    mode: permission bits. Raises OSError.
    """
    import tempfile  # 5 ms that only a writer need wait for

    # In the same folder, for only there is a rename one step; mkstemp makes it 0600 from the start.
    handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            if sys.platform != "win32":
                with contextlib.suppress(OSError):  # some network folders know no locks: then its age must do
                    _try_lock(handle)
            file.write(data)
            file.flush()
            os.fsync(handle)
            part.chmod(mode)
            with contextlib.suppress(OSError):  # what others left must not keep a file from being written
                _sweep(part)
            if sys.platform == "win32":
                file.close()  # an open file can be neither moved there nor removed
            yield part
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def work_folder(target: Path, part: str) -> Iterator[Path]:
    """A private folder beside `target`, gone afterwards, for what cannot be written in one go. Raises OSError.

    part: how the names of all files in it begin. What a program which was ended left behind is removed here too.
    """
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=target.parent))
    try:
        with _held(folder):
            with contextlib.suppress(OSError):
                _sweep(folder, part)
            yield folder
    finally:
        _remove(folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder, as locked() holds a file, where the system knows that of folders."""
    if sys.platform == "win32":
        yield
    else:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with contextlib.suppress(OSError):
                _try_lock(handle)
            yield
        finally:
            os.close(handle)


def _sweep(made: Path, part: str = "") -> None:
    """Remove what a program of this person that was ended left beside `made`, which was made just now.

    part: how the names of all files in a folder of ours begin, "" for leaving folders alone. Ages are told by the clock
    of the folder, which may be another computer's. Raises OSError.
    """
    now = made.stat()
    with os.scandir(made.parent) as found:
        names = [one.name for one in found if _LEFT_BEHIND.fullmatch(one.name)]
    for name in names:
        path = made.with_name(name)
        with contextlib.suppress(OSError):
            about = path.lstat()
            touched = about.st_mtime_ns
            if stat.S_ISDIR(about.st_mode) and part and not name.endswith(_SUFFIX):
                inside = [*path.iterdir()]
                ours = all(one.name.startswith(part) for one in inside)
                touched = max([touched, *(one.lstat().st_mtime_ns for one in inside)])
            else:
                ours = stat.S_ISREG(about.st_mode) and name.endswith(_SUFFIX)
            old = now.st_mtime_ns - touched > _LEFT_AFTER_NS
            if ours and old and about.st_uid == now.st_uid and _is_let_go(path):
                _remove(path)


def _remove(path: Path) -> None:
    """A file, or a folder as far as that goes. Raises OSError for a file."""
    if path.is_dir():
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_let_go(path: Path) -> bool:
    """Whether no living program holds what it makes, even one that the computer slept through. Raises OSError."""
    if sys.platform == "win32":
        return True  # what is open cannot be removed
    else:
        access = os.O_RDONLY if path.is_dir() else os.O_RDWR  # some network folders lock what may be written only
        handle = os.open(path, access | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return _try_lock(handle)
        except OSError as exc:
            return exc.errno in _NO_LOCKS
        finally:
            os.close(handle)


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
    if exc.errno == errno.ENOTDIR:
        return f"{path.parent} is no folder", "Choose another"
    return f"{path}: {exc.strerror or exc}", "Try again; a file that was there is unchanged"
